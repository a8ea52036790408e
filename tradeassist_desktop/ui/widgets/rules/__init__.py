"""What the Rules dock is made of."""
