"""The trader's rules: kept, checked, switched, changed with a way back, and handed to the engine."""

from tradeassist_desktop.services.rules.rules import Rules

__all__ = ["Rules"]
