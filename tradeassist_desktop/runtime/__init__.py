"""Mechanisms that know nothing of markets: clock, bus, back-off, supervision."""
