"""One of the desk's feeds: what it brings, and whether it can be believed when it is silent."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from tradeassist_desktop.domain.feed import Feed
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import Bar, Instrument, SightLost, Tick, TradingStatus


class LineMarket(Protocol):
    """Where all lines end; never waits."""

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Take updates, in the order in which they are to be evaluated."""
        ...

    def on_bar(self, bar: Bar) -> None:
        """Take a recorded bar."""
        ...

    def on_timer(self, utc_ns: int) -> None:
        """Take a recorded call of the engine's timer."""
        ...

    def on_sight_lost(self, lost: SightLost) -> None:
        """Take a recorded loss of sight."""
        ...

    def on_venue_bars(self, bars: Sequence[Bar]) -> None:
        """Take minute bars that a venue made itself."""
        ...

    def on_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Take what a feed knows of its symbols."""
        ...

    def on_trading(self, symbol: str, status: TradingStatus) -> None:
        """Hear that a symbol is halted, closed, or trades again."""
        ...

    def on_missed(self, line: "FeedLine", symbol: str, from_ns: int, until_ns: int) -> None:
        """Hear that updates of a symbol were lost on a connection that holds."""
        ...

    def on_line(self, line: "FeedLine", previous: FeedStatus) -> None:
        """Hear that a line's status is no longer what it was."""
        ...


class FeedLine:
    """The sink of one feed; several end in one market.

    ``symbols`` are those it is asked to bring: the ones its venue carries, of those no line
    before it does.
    """

    def __init__(self, *, feed: Feed, market: LineMarket) -> None:
        self._feed = feed
        self._market = market
        self.status = FeedStatus(name=feed.name)
        self.symbols: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The feed's word."""
        return self._feed.name

    @property
    def is_seeing(self) -> bool:
        """Whether nothing heard means that nothing happened."""
        return self.status.state is FeedState.LIVE

    def carries(self, symbol: str) -> bool:
        """Whether the venue has such symbols."""
        return self._feed.carries(symbol)

    def subscribe(self, symbols: frozenset[str]) -> None:
        """Want exactly these symbols from now on."""
        self.symbols = symbols
        self._feed.subscribe(symbols)

    def reconnect(self) -> None:
        """Have the feed try again after a refusal."""
        self._feed.reconnect()

    async def run(self) -> None:
        """Stream until cancelled, or to a replay's end."""
        await self._feed.run(self)

    # --- the feed's side

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Pass updates on."""
        self._market.on_ticks(ticks)

    def on_bar(self, bar: Bar) -> None:
        """Pass a recorded bar on."""
        self._market.on_bar(bar)

    def on_timer(self, utc_ns: int) -> None:
        """Pass a recorded call of the timer on."""
        self._market.on_timer(utc_ns)

    def on_sight_lost(self, lost: SightLost) -> None:
        """Pass a recorded loss of sight on."""
        self._market.on_sight_lost(lost)

    def on_venue_bars(self, bars: Sequence[Bar]) -> None:
        """Pass the venue's own bars on."""
        self._market.on_venue_bars(bars)

    def on_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Pass on what is known of symbols."""
        self._market.on_instruments(instruments)

    def on_trading(self, symbol: str, status: TradingStatus) -> None:
        """Pass a halt on, or its end."""
        self._market.on_trading(symbol, status)

    def on_missed(self, symbol: str, from_ns: int, until_ns: int) -> None:
        """Tell which line has lost updates."""
        self._market.on_missed(self, symbol, from_ns, until_ns)

    def on_status(self, status: FeedStatus) -> None:
        """Keep the state, and tell what it was."""
        previous, self.status = self.status, status
        self._market.on_line(self, previous)


_TROUBLE = (FeedState.REFUSED, FeedState.RECONNECTING, FeedState.STALE, FeedState.CONNECTING)


def least_trusted(lines: Sequence[FeedLine]) -> FeedStatus:
    """Return the status a trader must know of first: trouble before none, then the order of the lines.

    A line that is asked for nothing is in no trouble.
    """
    asked = [line.status for line in lines if line.symbols] or [lines[0].status]
    return min(asked, key=lambda status: _TROUBLE.index(status.state) if status.state in _TROUBLE else 99)
