"""Bars: built from trades, from recorded bars, or longer from shorter; and what is computed of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from math import isfinite
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar

if TYPE_CHECKING:
    from tradeassist_desktop.engine.instance import Instance
    from tradeassist_desktop.engine.operands.specification import BarOperand

BARS_KEPT: Final = 12_000
"""Closed bars kept of a series, so that a new rule's longest indicator starts warm."""

Bucket = Callable[[int], tuple[int, int] | None]
"""Return the ``[start, end)`` of the bar that holds an instant; ``None`` where there is no bar."""


def epoch_bucket(length_ns: int) -> Bucket:
    """Return the buckets of bars aligned to the epoch, UTC."""

    def bucket(now_ns: int) -> tuple[int, int]:
        start_ns = now_ns - now_ns % length_ns
        return start_ns, start_ns + length_ns

    return bucket


class BarStream:
    """One operand over the closed bars of one series: its value some bars ago."""

    __slots__ = ("_operand", "_past", "dependents", "value")

    def __init__(self, *, operand: BarOperand, ago: int) -> None:
        self._operand = operand
        self._past: deque[float | None] = deque(maxlen=ago + 1)
        self.value: float | None = None
        self.dependents: list[Instance] = []

    def take(self, bar: Bar) -> None:
        """Take the next closed bar."""
        value = self._operand.update(bar)
        past = self._past
        past.append(value if value is None or isfinite(value) else None)
        self.value = past[0] if len(past) == past.maxlen else None


class Series:
    """The bars of one symbol and timeframe.

    A root is fed trades (or recorded bars), any other the closed bars of its parent.

    Args:
        on_open: Called when a bar begins, so that its end gets onto the engine's agenda.
    """

    def __init__(
        self, *, symbol: str, timeframe: str, bucket: Bucket, on_open: Callable[[Series], None]
    ) -> None:
        self.symbol = symbol
        self.timeframe = timeframe
        self.length_ns = TIMEFRAMES[timeframe]
        self.parent: Series | None = None
        self.children: list[Series] = []
        self.history: deque[Bar] = deque(maxlen=BARS_KEPT)
        self.streams: dict[object, BarStream] = {}
        self.closers: dict[Instance, None] = {}
        self.is_open = False
        self.end_ns = 0
        self._bucket = bucket
        self._on_open = on_open
        self._start_ns = 0
        self._open = self._high = self._low = self._close = 0.0
        self._volume = 0.0

    def add_trade(self, now_ns: int, price: float, volume: float) -> None:
        """Take a trade into the forming bar; every bar that ended by ``now_ns`` must be closed."""
        if self.is_open:
            if price > self._high:
                self._high = price
            elif price < self._low:
                self._low = price
            self._close = price
            self._volume += volume
        else:
            self._begin(Bar(self.symbol, self.timeframe, now_ns, now_ns, price, price, price, price, volume))

    def add_bar(self, bar: Bar) -> None:
        """Take a shorter closed bar into the forming bar; one that does not fit into it is left out."""
        if self.is_open:
            if bar.start_ns < self._start_ns or bar.end_ns > self.end_ns:
                return
            self._high = max(self._high, bar.high)
            self._low = min(self._low, bar.low)
            self._close = bar.close
            self._volume += bar.volume
        else:
            self._begin(bar)

    def catch_up(self, bars: Iterable[Bar]) -> None:
        """Take shorter closed bars of the past, oldest first; the last may leave a bar forming."""
        for bar in bars:
            if self.is_open and bar.start_ns >= self.end_ns:
                self.warm(self._as_bar())
                self.is_open = False
            self.add_bar(bar)

    def close(self) -> Bar:
        """Close the forming bar and take it."""
        bar = self._as_bar()
        self.is_open = False
        self.take(bar)
        return bar

    def take(self, bar: Bar) -> None:
        """Take a closed bar: compute what is read of it, and hand it to longer series."""
        self.warm(bar)
        for child in self.children:
            child.add_bar(bar)

    def warm(self, bar: Bar) -> None:
        """Take a closed bar of the past, telling no longer series."""
        self.history.append(bar)
        for stream in self.streams.values():
            stream.take(bar)

    def dependents(self) -> list[Instance]:
        """Return the rules on ticks that read a bar of this series."""
        return [instance for stream in self.streams.values() for instance in stream.dependents]

    def stream(self, key: object, make: Callable[[], BarOperand], ago: int) -> BarStream:
        """Return the stream of that key, made and warmed by the kept bars if it is new."""
        if key not in self.streams:
            stream = self.streams[key] = BarStream(operand=make(), ago=ago)
            for bar in self.history:
                stream.take(bar)
        return self.streams[key]

    def forming(self) -> Bar | None:
        """Return the bar being built, its parent's forming bar included."""
        own = self._as_bar() if self.is_open else None
        part = self.parent.forming() if self.parent is not None else None
        if part is None:
            return own
        if own is None:
            bounds = self._bucket(part.start_ns)
            if bounds is None:
                return None
            return part._replace(timeframe=self.timeframe, start_ns=bounds[0], end_ns=bounds[1])
        if not own.start_ns <= part.start_ns < own.end_ns:
            return own
        return own._replace(
            high=max(own.high, part.high),
            low=min(own.low, part.low),
            close=part.close,
            volume=own.volume + part.volume,
        )

    def _begin(self, first: Bar) -> None:
        bounds = self._bucket(first.start_ns)
        if bounds is None or first.end_ns > bounds[1]:
            return
        if self.history and bounds[0] < self.history[-1].end_ns:
            return  # closed and kept before a restart; a repeated last trade must not make it anew
        self._start_ns, self.end_ns = bounds
        self._open, self._high, self._low, self._close = first.open, first.high, first.low, first.close
        self._volume = first.volume
        self.is_open = True
        self._on_open(self)

    def _as_bar(self) -> Bar:
        return Bar(
            self.symbol,
            self.timeframe,
            self._start_ns,
            self.end_ns,
            self._open,
            self._high,
            self._low,
            self._close,
            self._volume,
        )
