"""Small pieces that panels are made of."""
