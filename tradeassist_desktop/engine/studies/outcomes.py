"""What the price did after each firing: return and excursions, found in one pass over the data."""

import heapq
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Final

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Instrument, Tick
from tradeassist_desktop.engine.calendars import sessions
from tradeassist_desktop.engine.studies.directions import Direction

HORIZONS: Final[dict[str, int | None]] = {
    "1m": TIMEFRAMES["1m"],
    "5m": TIMEFRAMES["5m"],
    "15m": TIMEFRAMES["15m"],
    "60m": TIMEFRAMES["1h"],
    "close": None,
}
"""How long after a firing is looked, in nanoseconds; ``close`` is the end of the session it fell into."""


@dataclass(frozen=True, slots=True)
class Move:
    """How far a price went from that at a firing until some time after it, in percent of the former.

    Args:
        change: At that time: the last price at or before it.
        highest: The highest in between, at least 0.
        lowest: The lowest in between, at most 0.
    """

    change: float
    highest: float
    lowest: float

    def gain(self, direction: Direction) -> float:
        """Return the change seen in the direction of the firing."""
        return direction * self.change

    def favourable(self, direction: Direction) -> float:
        """Return the maximum favourable excursion, at least 0."""
        return self.highest if direction is Direction.UP else -self.lowest

    def adverse(self, direction: Direction) -> float:
        """Return the maximum adverse excursion, at least 0."""
        return -self.lowest if direction is Direction.UP else self.highest


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one firing.

    Args:
        price: The last price known when it fired; ``None`` if there was none.
        moves: One for each of ``HORIZONS``, in order; ``None`` where the data ends before, there
            was no price, or (``close``) no session was on.
    """

    alert_id: str
    event_ns: int
    price: float | None
    moves: tuple[Move | None, ...]


class _Watch:
    """Firings of one moment whose outcome is not known yet: by alert id, whom to tell."""

    __slots__ = ("event_ns", "from_index", "high", "low", "moves", "open_horizons", "price", "tells")

    def __init__(self, event_ns: int, price: float, from_index: int) -> None:
        self.event_ns = event_ns
        self.price = price
        self.from_index = from_index
        self.high = self.low = price
        self.moves: list[Move | None] = [None] * len(HORIZONS)
        self.open_horizons = len(HORIZONS)
        self.tells: list[tuple[str, Callable[[Outcome], None]]] = []

    def settle(self, horizon: int, move: Move | None) -> None:
        self.moves[horizon] = move
        self.open_horizons -= 1
        if not self.open_horizons:
            moves = tuple(self.moves)
            for alert_id, tell in self.tells:
                tell(Outcome(alert_id, self.event_ns, self.price, moves))


class _Extremes:
    """The most extreme price since any of the last ones: a falling (or rising) staircase of the path.

    A price that a later one has passed can be the most extreme of no stretch that goes on to now, so it
    is forgotten: on a wandering path little is kept.
    """

    __slots__ = ("_indices", "_prices", "_sign")

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._indices: deque[int] = deque()
        self._prices: deque[float] = deque()

    def add(self, index: int, price: float) -> None:
        signed = self._sign * price
        indices, prices = self._indices, self._prices
        while prices and prices[-1] <= signed:
            prices.pop()
            indices.pop()
        indices.append(index)
        prices.append(signed)

    def since(self, index: int) -> float | None:
        """Return the most extreme of the prices numbered ``index`` or higher; ``None`` if there is none."""
        at = bisect_left(self._indices, index)
        return None if at == len(self._indices) else self._sign * self._prices[at]

    def forget_before(self, index: int) -> None:
        while self._indices and self._indices[0] < index:
            self._indices.popleft()
            self._prices.popleft()


class PriceWatch:
    """One symbol's price, and the firings that wait to see what becomes of it.

    The price is ``last``; until one has come, the middle of bid and ask. What the engine refuses (late
    or impossible) does not count here either. Cost per update is constant, whatever is open; what
    is kept is the firings still open and the staircases of the path since the oldest of them. ``newest_ns``
    is the time of the newest update, minus infinity before the first.
    """

    def __init__(self, *, instrument: Instrument) -> None:
        self._floor = 0.0 if instrument.must_be_positive else -inf
        self._regular = sessions.regular(instrument.kind)
        self._whole = sessions.whole(instrument.kind)
        self._open: deque[_Watch] = deque()
        self._due: list[tuple[int, int, int, _Watch]] = []
        self._due_count = 0
        self._index = 0
        self._highs = _Extremes(1)
        self._lows = _Extremes(-1)
        self._has_traded = False
        self._bid: float | None = None
        self._ask: float | None = None
        self._price: float | None = None
        self._bars_end_ns = -inf
        self._next_due_ns = inf
        self.newest_ns = -inf

    def on_tick(self, tick: Tick) -> None:
        """Take an update; firings whose time was over before it are settled first."""
        event_ns, last = tick.event_ns, tick.last
        if event_ns < self.newest_ns:
            return
        self.newest_ns = event_ns
        if event_ns > self._next_due_ns:
            self._settle_before(event_ns)
        if last is not None and self._floor < last < inf:
            self._has_traded = True
            # A price that has not moved is on the path of every open firing already, or its base.
            if last != self._price:
                self._take(last, last, last)
            return
        bid, ask = tick.bid, tick.ask
        if bid is not None and self._floor < bid < inf:
            self._bid = bid
        if ask is not None and self._floor < ask < inf:
            self._ask = ask
        if not self._has_traded and self._bid is not None and self._ask is not None:
            middle = (self._bid + self._ask) / 2.0
            self._take(middle, middle, middle)

    def on_bar(self, bar: Bar) -> None:
        """Take a recorded bar; of one in which a firing fell, only the close came after it."""
        if not self._floor < min(bar.open, bar.high, bar.low, bar.close) or bar.start_ns < self._bars_end_ns:
            return
        if not bar.high < inf or bar.end_ns < self.newest_ns:
            return
        self.newest_ns = bar.end_ns
        if bar.end_ns > self._next_due_ns:
            self._settle_before(bar.end_ns)
        self._bars_end_ns = bar.end_ns
        self._has_traded = True
        self._take(bar.close, bar.high, bar.low)
        for watch in reversed(self._open):
            if watch.event_ns <= bar.start_ns:
                break
            watch.from_index = self._index
            watch.high = max(watch.high, bar.close)
            watch.low = min(watch.low, bar.close)

    def fire(self, alert_id: str, event_ns: int, tell: Callable[[Outcome], None]) -> None:
        """Begin to watch what follows a firing; ``tell`` is called once, when all of it is known."""
        if self._price is None or not self._price:
            tell(Outcome(alert_id, event_ns, self._price, (None,) * len(HORIZONS)))
            return
        newest = self._open[-1] if self._open else None
        if newest is not None and newest.event_ns == event_ns and newest.from_index == self._index:
            newest.tells.append((alert_id, tell))
            return
        watch = _Watch(event_ns, self._price, self._index)
        watch.tells.append((alert_id, tell))
        self._open.append(watch)
        for horizon, length_ns in enumerate(HORIZONS.values()):
            ends_ns = self._close_ns(event_ns) if length_ns is None else event_ns + length_ns
            if ends_ns is None:
                watch.settle(horizon, None)
            else:
                self._due_count += 1
                heapq.heappush(self._due, (ends_ns, self._due_count, horizon, watch))
        self._next_due_ns = self._due[0][0]  # a minute from now is always among them

    def finish(self) -> None:
        """Settle what the data reaches; what lies beyond its end is unknown."""
        while self._due:
            ends_ns, _, horizon, watch = heapq.heappop(self._due)
            watch.settle(horizon, self._move(watch) if ends_ns <= self.newest_ns else None)

    def _settle_before(self, event_ns: int) -> None:
        due = self._due
        while due and due[0][0] < event_ns:
            _, _, horizon, watch = heapq.heappop(due)
            watch.settle(horizon, self._move(watch))
        self._next_due_ns = due[0][0] if due else inf
        self._forget()

    def _take(self, price: float, high: float, low: float) -> None:
        self._price = price
        if self._open:
            self._highs.add(self._index, high)
            self._lows.add(self._index, low)
            self._index += 1

    def _forget(self) -> None:
        """Let go of the path that no open firing needs."""
        while self._open and not self._open[0].open_horizons:
            self._open.popleft()
        oldest = self._open[0].from_index if self._open else self._index
        self._highs.forget_before(oldest)
        self._lows.forget_before(oldest)

    def _move(self, watch: _Watch) -> Move:
        assert self._price is not None
        highest, lowest = self._highs.since(watch.from_index), self._lows.since(watch.from_index)
        high = watch.high if highest is None else max(watch.high, highest)
        low = watch.low if lowest is None else min(watch.low, lowest)
        base, unit = watch.price, abs(watch.price) / 100.0
        return Move((self._price - base) / unit, (high - base) / unit, (low - base) / unit)

    def _close_ns(self, event_ns: int) -> int | None:
        for calendar in (self._regular, self._whole):
            stretch = calendar.at(event_ns)
            if stretch.is_open:
                return stretch.end_ns
        return None
