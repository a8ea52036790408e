"""Rolls, splits and renames: found out, proposed, and carried over into the rules."""
