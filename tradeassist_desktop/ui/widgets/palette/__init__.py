"""The command palette: what can be done, every symbol, every rule, found by a few letters."""
