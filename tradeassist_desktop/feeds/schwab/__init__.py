"""Schwab: its sign-in, its data service, its streamer; the feed that joins them."""
