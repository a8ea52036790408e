"""What a feed is, and where it puts what it brings."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from tradeassist_desktop.domain.health import FeedStatus
from tradeassist_desktop.domain.market import Bar, Instrument, PastTold, SightLost, Tick, TradingStatus

FetchBars = Callable[[str, str, int], Awaitable[Sequence[Bar]]]
"""Asks a venue for the newest closed bars of a symbol and timeframe, so many, oldest first.

Raises ``NotNow`` where another try may succeed, another ``TradeAssistError`` where it has none.
"""

FetchGap = Callable[[str, int, int], Awaitable[Sequence[Bar]]]
"""Asks a venue for a symbol's minute bars that overlap ``[from_ns, until_ns)``, oldest first.

The last one may still be forming; its values are those of the moment it was asked for. Empty
where nothing traded. Raises ``NotNow`` where the venue cannot be asked now, another
``TradeAssistError`` where it has none of this symbol.
"""


class FeedSink(Protocol):
    """Called by a feed on the event loop's thread; never waits."""

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Take decoded updates in arrival order."""
        ...

    def on_bar(self, bar: Bar) -> None:
        """Take a recorded bar. At one instant every bar comes before every tick."""
        ...

    def on_venue_bars(self, bars: Sequence[Bar]) -> None:
        """Take minute bars that the venue itself made, some time after they closed."""
        ...

    def on_timer(self, utc_ns: int) -> None:
        """Take a recorded call of the engine's timer, in its place among the updates."""
        ...

    def on_sight_lost(self, lost: SightLost) -> None:
        """Take a recorded loss of sight, in its place among the updates."""
        ...

    def on_past_told(self, told: PastTold) -> None:
        """Take that recorded updates begin to tell the past, or have told it."""
        ...

    def on_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Take what the feed knows of its symbols."""
        ...

    def on_trading(self, symbol: str, status: TradingStatus) -> None:
        """Hear that a symbol is halted, closed, or trades again."""
        ...

    def on_missed(self, symbol: str, from_ns: int, until_ns: int) -> None:
        """Hear that updates of a symbol between two instants were lost on a connection that holds."""
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

    def carries(self, symbol: str) -> bool:
        """Whether a symbol, by its spelling, is one of this venue's."""
        ...

    def subscribe(self, symbols: frozenset[str], first: frozenset[str] = frozenset()) -> None:
        """Want exactly these symbols from now on; may be called before and during ``run``.

        ``first`` are those of them that matter most, where the venue does not take all.
        """
        ...

    def reconnect(self) -> None:
        """Try again now, after a refusal or in a wait: the trader has signed in, or asks for it."""
        ...

    async def run(self, sink: FeedSink) -> None:
        """Stream into ``sink`` until cancelled; a replay returns at its end.

        A connection that breaks is the feed's own business: it reports and reconnects.
        """
        ...
