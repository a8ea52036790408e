"""Secrets by name, from the first keeper that has them: memory, OS keyring, environment."""
