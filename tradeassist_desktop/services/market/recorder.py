"""Where market data notes down what it tells the engine."""

from collections.abc import Iterable
from typing import Protocol

from tradeassist_desktop.domain.market import MarketEvent


class Recorder(Protocol):
    """Notes what the engine is told, in order; never waits."""

    def note(self, events: Iterable[MarketEvent]) -> None:
        """Take note of updates, calls of the timer and losses of sight."""
        ...
