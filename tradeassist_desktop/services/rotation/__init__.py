"""Replaces secrets by new ones before they run out or grow old, and survives a kill at each step of it."""
