"""What the Watchlist dock is made of."""
