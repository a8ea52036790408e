"""Bars: built from trades, from recorded bars, or longer from shorter; and what is computed of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar
from tradeassist_desktop.engine.market.streams import Derived, MovingLevel, Stream

if TYPE_CHECKING:
    from tradeassist_desktop.engine.instance import Instance
    from tradeassist_desktop.engine.operands.specification import BarOperand

BARS_KEPT: Final = 12_000
"""Closed bars kept of a series, so that a new rule's longest indicator starts warm."""

_SETTLING: Final = 10
"""Times its first value's bars after which a recursive indicator no longer shows where it began."""

Bucket = Callable[[int], tuple[int, int] | None]
"""Return the ``[start, end)`` of the bar that holds an instant; ``None`` where there is no bar."""


def epoch_bucket(length_ns: int) -> Bucket:
    """Return the buckets of bars aligned to the epoch, UTC."""

    def bucket(now_ns: int) -> tuple[int, int]:
        start_ns = now_ns - now_ns % length_ns
        return start_ns, start_ns + length_ns

    return bucket


Stale = dict[Derived | MovingLevel, None]
"""What must be computed anew once all bars of an instant have closed."""


def refresh(stale: Stale, now_ns: int, touched: list[Instance]) -> None:
    """Compute what hangs on bars just closed; put whom that concerns into ``touched``."""
    moved: dict[Stream, None] = {}
    for each in stale:
        if isinstance(each, Derived):
            each.refresh(now_ns, touched)
        elif each.move(now_ns, touched):
            moved[each.stream] = None
    for stream in moved:
        stream.put_moving()


class BarStream(Stream):
    """One operand over the closed bars of one series: its value some bars ago.

    ``fault`` is why a value could not be computed, if one could not.

    Args:
        make: Makes the operand, and makes it anew when older bars come.
        bars_needed: How many closed bars its first value takes.
    """

    __slots__ = ("_make", "_operand", "_past", "bars_needed", "bars_taken", "derivations", "fault")

    def __init__(self, *, make: Callable[[], BarOperand], bars_needed: int, ago: int) -> None:
        super().__init__()
        self._make = make
        self._operand = make()
        self._past: deque[float | None] | None = deque(maxlen=ago + 1) if ago else None
        self.bars_needed = bars_needed + ago
        self.bars_taken = 0
        self.fault: str | None = None
        self.derivations: Stale = {}

    def take(self, bar: Bar, touched: list[Instance], stale: Stale) -> None:
        """Take the next closed bar."""
        self.bars_taken += 1
        try:
            value, self.fault = self._operand.update(bar), None
        except Exception as error:
            # A formula that fails is unknown, and says so; the others go on.
            value, self.fault = None, f"{type(error).__name__}: {error}"
        self._put(self._after(value), touched, stale)

    def take_anew(self, bars: Sequence[Bar], touched: list[Instance], stale: Stale) -> None:
        """Forget all and take these closed bars, oldest first."""
        self._operand = self._make()
        if self._past is not None:
            self._past.clear()
        self.bars_taken = len(bars)
        value = None
        self.fault = None
        try:
            values = self._operand.update_all(bars)
        except Exception as error:
            values, self.fault = [], f"{type(error).__name__}: {error}"
        for each in values[-1:] if self._past is None else values[-(self._past.maxlen or 1) :]:
            value = self._after(each)
        self._put(value, touched, stale)

    def _after(self, value: float | None) -> float | None:
        """Note the operand's newest value; return that of ``ago`` bars before."""
        if value is not None and not isfinite(value):
            value = None
        past = self._past
        if past is None:
            return value
        past.append(value)
        return past[0] if len(past) == past.maxlen else None

    def _put(self, value: float | None, touched: list[Instance], stale: Stale) -> None:
        if value != self.value:
            self.set(value, touched)
            stale.update(self.derivations)


class Series:
    """The bars of one symbol and timeframe.

    A root is fed trades (or recorded bars), any other the closed bars of its parent.

    Args:
        on_open: Called when a bar begins, so that its end gets onto the engine's agenda.
    """

    __slots__ = (
        "_bucket",
        "_on_open",
        "children",
        "close",
        "due",
        "end_ns",
        "high",
        "history",
        "is_open",
        "length_ns",
        "low",
        "open",
        "parent",
        "start_ns",
        "streams",
        "symbol",
        "timeframe",
        "volume",
    )

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
        self.due: set[Instance] = set()
        self.is_open = False
        self.start_ns = self.end_ns = 0
        self.open = self.high = self.low = self.close = self.volume = 0.0
        self._bucket = bucket
        self._on_open = on_open

    def begin(self, now_ns: int, price: float, volume: float) -> None:
        """Begin a bar with a trade; every bar that ended by ``now_ns`` must be closed."""
        self._begin(Bar(self.symbol, self.timeframe, now_ns, now_ns, price, price, price, price, volume))

    def add_bar(self, bar: Bar) -> None:
        """Take a shorter closed bar into the forming bar; one that does not fit into it is left out."""
        if self.is_open:
            if bar.start_ns < self.start_ns or bar.end_ns > self.end_ns:
                return
            self.high = max(self.high, bar.high)
            self.low = min(self.low, bar.low)
            self.close = bar.close
            self.volume += bar.volume
        else:
            self._begin(bar)

    def composed(self, bars: Iterable[Bar]) -> tuple[list[Bar], Bar | None]:
        """Return what shorter bars of the past, oldest first, come to: closed bars, and the last, forming."""
        builder = Series(
            symbol=self.symbol, timeframe=self.timeframe, bucket=self._bucket, on_open=lambda series: None
        )
        closed: list[Bar] = []
        for bar in bars:
            if builder.is_open and bar.start_ns >= builder.end_ns:
                closed.append(builder.as_bar())
                builder.is_open = False
            builder.add_bar(bar)
        return closed, builder.as_bar() if builder.is_open else None

    def catch_up(self, bars: Iterable[Bar]) -> None:
        """Take shorter closed bars of the past, oldest first; the last may leave a bar forming."""
        closed, forming = self.composed(bars)
        if closed:
            self.put_history(closed, [], {})
        if forming is not None:
            self.resume(forming)

    def close_bar(self, touched: list[Instance], stale: Stale) -> Bar:
        """Close the forming bar and take it."""
        bar = self.as_bar()
        self.is_open = False
        self.take(bar, touched, stale)
        return bar

    def take(self, bar: Bar, touched: list[Instance], stale: Stale) -> None:
        """Take a closed bar: compute what is read of it, and hand it to longer series."""
        self.history.append(bar)
        for stream in self.streams.values():
            stream.take(bar, touched, stale)
        for child in self.children:
            child.add_bar(bar)

    def resume(self, bar: Bar) -> None:
        """Go on with a bar that was forming before a restart."""
        self.is_open = False
        self._begin(bar)

    def put_history(self, bars: Sequence[Bar], touched: list[Instance], stale: Stale) -> None:
        """Take closed bars of the past, oldest first, in place of those known."""
        self.history = deque(bars, maxlen=BARS_KEPT)
        for stream in self.streams.values():
            stream.take_anew(self.history, touched, stale)

    def bars_missing(self) -> int:
        """Return how many more closed bars of the past its operands could use.

        What is recursive goes on getting better with bars before those it cannot do without.
        """
        most = max((stream.bars_needed for stream in self.streams.values()), default=0)
        wanted = min(BARS_KEPT, _SETTLING * most) if most else 0
        return max(0, wanted - len(self.history))

    def add_stream(self, key: object, stream: BarStream) -> None:
        """Have a stream computed from now on, warmed by the kept bars."""
        self.streams[key] = stream
        if self.history:
            stream.take_anew(self.history, [], {})

    def drop_stream(self, key: object) -> None:
        """Nobody reads the stream any longer."""
        del self.streams[key]

    def forming(self) -> Bar | None:
        """Return the bar being built, its parent's forming bar included."""
        own = self.as_bar() if self.is_open else None
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
        self.start_ns, self.end_ns = bounds
        self.open, self.high, self.low, self.close = first.open, first.high, first.low, first.close
        self.volume = first.volume
        self.is_open = True
        self._on_open(self)

    def as_bar(self) -> Bar:
        """Return the forming bar as far as its own trades or shorter bars tell."""
        return Bar(
            self.symbol,
            self.timeframe,
            self.start_ns,
            self.end_ns,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
        )
