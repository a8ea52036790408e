"""Brings alerts out of the program: the outbox, one worker a channel, leases, digests."""
