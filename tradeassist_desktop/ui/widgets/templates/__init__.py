"""Templates as cards: chosen, filled in, looked at, and made a rule."""
