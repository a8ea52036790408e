"""The account: signing in, what is left of it, and warnings before it ends."""
