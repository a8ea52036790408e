"""One of the desk's feeds: what it brings, and whether it can be believed when it is silent."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from tradeassist_desktop.domain.feed import Feed
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import Bar, Instrument, PastTold, SightLost, Tick, TradingStatus
from tradeassist_desktop.runtime.clock import Clock

MOST_HELD: Final = 200_000
"""Updates held back while a gap is repaired: after that many the present is more urgent."""
_RELEASED_AT_ONCE: Final = 1_000


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

    def on_past_told(self, told: PastTold) -> None:
        """Take that recorded updates begin to tell the past, or have told it."""
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

    def is_to_wait(self, line: "FeedLine") -> bool:
        """Whether what a line brings before it is live waits for a gap to be repaired."""
        ...

    def on_held(self, line: "FeedLine", ticks: Sequence[Tick]) -> None:
        """Hear what a line holds back; it will come as updates."""
        ...

    def on_full(self, line: "FeedLine") -> None:
        """Hear that a line cannot hold any more."""
        ...


class FeedLine:
    """The sink of one feed; several end in one market.

    ``symbols`` are those it is asked to bring: the ones its venue carries, of those no line
    before it does. ``heard_ns`` is when anything came of the feed last, on the monotonic clock;
    ``awaited`` are the symbols of which nothing has come since they were asked for, on this connection.

    While a gap is repaired a line holds its updates back, so that all is decided on in the order in
    which it happened.
    """

    def __init__(self, *, feed: Feed, market: LineMarket, clock: Clock) -> None:
        self._feed = feed
        self._market = market
        self._clock = clock
        self._held: deque[Tick] | None = None
        self._not_before_ns: dict[str, int] = {}
        self.heard_ns: int | None = None
        self.status = FeedStatus(name=feed.name)
        self.symbols: frozenset[str] = frozenset()
        self.awaited: set[str] = set()

    @property
    def name(self) -> str:
        """The feed's word."""
        return self._feed.name

    @property
    def is_seeing(self) -> bool:
        """Whether nothing heard means that nothing happened."""
        return self.status.state is FeedState.LIVE and self._held is None

    def carries(self, symbol: str) -> bool:
        """Whether the venue has such symbols."""
        return self._feed.carries(symbol)

    def subscribe(self, symbols: frozenset[str], first: frozenset[str]) -> None:
        """Want exactly these symbols from now on, those of ``first`` before the others."""
        self.awaited = (self.awaited & symbols) | (symbols - self.symbols)
        self.symbols = symbols
        self._feed.subscribe(symbols, first & symbols)

    def reconnect(self) -> None:
        """Have the feed try again after a refusal."""
        self._feed.reconnect()

    async def run(self) -> None:
        """Stream until cancelled, or to a replay's end."""
        await self._feed.run(self)

    # --- holding back

    def hold(self) -> None:
        """Keep updates back from now on; harmless while it does."""
        if self._held is None:
            self._held = deque()

    @property
    def is_holding(self) -> bool:
        """Whether updates wait, or would if there were any."""
        return self._held is not None

    @property
    def holds_any(self) -> bool:
        """Whether there is an update that waits."""
        return bool(self._held)

    def held(self) -> dict[str, list[Tick]]:
        """Return what is held back, by symbol, in order."""
        by_symbol: dict[str, list[Tick]] = {}
        for tick in self._held or ():
            by_symbol.setdefault(tick.symbol, []).append(tick)
        return by_symbol

    def forget_held(self) -> None:
        """Hold nothing back any longer; what was is lost."""
        self._held = None

    def not_before(self, newest_ns: dict[str, int]) -> None:
        """Know the newest stamps that were told of a gap.

        The first update after it may be the venue's word on what was last, with a stamp of the gap: it
        is taken as of the gap's end, or the engine would refuse it as late.
        """
        self._not_before_ns |= newest_ns

    async def release(self) -> None:
        """Pass on what was held back, a little at a time, and hold back no longer."""
        while self._held:
            batch = [self._held.popleft() for _ in range(min(_RELEASED_AT_ONCE, len(self._held)))]
            self._pass_on(batch)
            if self._held:  # else a feed that brings something at every turn would never be caught up with
                await asyncio.sleep(0)
        self._held = None

    # --- the feed's side

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Pass updates on, or hold them back."""
        self.heard_ns = self._clock.monotonic_ns()
        if self.awaited:
            self.awaited.difference_update(tick.symbol for tick in ticks)
        if self._held is None and self.status.state is not FeedState.LIVE and self._market.is_to_wait(self):
            self._held = deque()
        if self._held is None:
            self._pass_on(ticks)
            return
        self._held.extend(ticks)
        self._market.on_held(self, ticks)
        if len(self._held) >= MOST_HELD:
            self._market.on_full(self)

    def on_bar(self, bar: Bar) -> None:
        """Pass a recorded bar on."""
        self._market.on_bar(bar)

    def on_timer(self, utc_ns: int) -> None:
        """Pass a recorded call of the timer on."""
        self._market.on_timer(utc_ns)

    def on_sight_lost(self, lost: SightLost) -> None:
        """Pass a recorded loss of sight on."""
        self._market.on_sight_lost(lost)

    def on_past_told(self, told: PastTold) -> None:
        """Pass on that the past is told."""
        self._market.on_past_told(told)

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
        if previous.state is FeedState.LIVE and status.state is not FeedState.LIVE:
            self.awaited = set(self.symbols)
        if status.heartbeat_ns != previous.heartbeat_ns or (
            status.state is FeedState.LIVE and previous.state is not FeedState.LIVE
        ):
            self.heard_ns = self._clock.monotonic_ns()
        self._market.on_line(self, previous)

    def _pass_on(self, ticks: Sequence[Tick]) -> None:
        self._market.on_ticks(self._restamped(ticks) if self._not_before_ns else ticks)

    def _restamped(self, ticks: Sequence[Tick]) -> list[Tick]:
        restamped = []
        for tick in ticks:
            newest_ns = self._not_before_ns.get(tick.symbol)
            if newest_ns is not None and tick.event_ns >= newest_ns:
                del self._not_before_ns[tick.symbol]
            elif newest_ns is not None:
                tick = tick._replace(event_ns=newest_ns)  # noqa: PLW2901 - the tick as it is taken
            restamped.append(tick)
        return restamped


_TROUBLE: Final = (
    FeedState.REFUSED,
    FeedState.RECONNECTING,
    FeedState.STALE,
    FeedState.CONNECTING,
    FeedState.STOPPED,  # though something is asked of it
)


def least_trusted(lines: Sequence[FeedLine]) -> FeedStatus:
    """Return the status a trader must know of first: trouble before none, then the order of the lines.

    A line that is asked for nothing is in no trouble.
    """
    asked = [line.status for line in lines if line.symbols] or [lines[0].status]
    return min(asked, key=lambda status: _TROUBLE.index(status.state) if status.state in _TROUBLE else 99)
