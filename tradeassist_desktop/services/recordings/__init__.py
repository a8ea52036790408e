"""Sessions written down, by a click or by a schedule, and played again."""
