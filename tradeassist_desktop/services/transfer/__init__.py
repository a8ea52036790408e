"""Rules and symbols from files, and into them."""
