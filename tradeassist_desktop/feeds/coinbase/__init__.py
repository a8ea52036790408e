"""Coinbase Exchange: its trades and heartbeats, its data service; no account is needed."""
