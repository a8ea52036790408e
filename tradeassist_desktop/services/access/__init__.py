"""Who is at the desk, what they may do, and the lock between two of them."""
