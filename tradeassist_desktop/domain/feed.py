"""What a feed is, and where it puts what it brings."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from tradeassist_desktop.domain.health import FeedStatus
from tradeassist_desktop.domain.market import Bar, Instrument, Tick

FetchBars = Callable[[str, str, int], Awaitable[Sequence[Bar]]]
"""Asks a venue for the newest closed bars of a symbol and timeframe, so many, oldest first.

Raises ``TradeAssistError`` where it has none.
"""


class FeedSink(Protocol):
    """Called by a feed on the event loop's thread; never waits."""

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Take decoded updates in arrival order."""
        ...

    def on_bar(self, bar: Bar) -> None:
        """Take a recorded bar. At one instant every bar comes before every tick."""
        ...

    def on_timer(self, utc_ns: int) -> None:
        """Take a recorded call of the engine's timer, in its place among the updates."""
        ...

    def on_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Take what the feed knows of its symbols."""
        ...

    def on_status(self, status: FeedStatus) -> None:
        """Take the feed's state, each time it changes."""
        ...


class Feed(Protocol):
    """A source of market data."""

    @property
    def name(self) -> str:
        """The word settings and the status bar use."""
        ...

    def subscribe(self, symbols: frozenset[str]) -> None:
        """Want exactly these symbols from now on; may be called before and during ``run``."""
        ...

    async def run(self, sink: FeedSink) -> None:
        """Stream into ``sink`` until cancelled; a replay returns at its end.

        A connection that breaks is the feed's own business: it reports and reconnects.
        """
        ...
