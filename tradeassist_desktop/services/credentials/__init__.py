"""The credentials as people see them: how each stands, and what can be done with it."""
