"""The watchlist's rows: what each shows, in which order, and how they are dragged."""
