"""Decides: ticks in, alerts out. No I/O, no clock, no Qt."""
