"""Learns from verdicts and outcomes which alerts are worth their trader's time."""
