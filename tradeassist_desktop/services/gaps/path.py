"""Makes updates of a gap's bars: the way a price may have gone through them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_MS, Bar, Quote, Tick

_BEFORE_END_NS: Final = 1 * NS_PER_MS
_OPEN, _FIRST, _SECOND, _CLOSE = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of one symbol on both sides of a gap.

    Args:
        quote: The last of before.
        forming: The minute in which the gap began, as far as it was seen; ``None`` where nothing
            traded in it.
        after: The first updates since, in order.
    """

    quote: Quote
    forming: Bar | None = None
    after: Sequence[Tick] = ()


def gap_path(
    bars: Sequence[Bar], seen: Seen, *, since_ns: int, until_ns: int, received_ns: int
) -> list[Tick]:
    """Return trades in ``[since_ns, until_ns]`` that make these minute bars, in order.

    A bar is walked as TradingView's broker emulator does: its open, then the extreme that is nearer to
    it, the other one, its close; at the bar's start, a third and two thirds of it, and just before
    its end. Of the minute in which the gap began only what was not seen: extremes beyond those
    seen, then the close. Of the minute in which it ended, extremes beyond what came after the gap.

    The session's volume grows with the bars, its high and low with the prices, never beyond what came
    after. Where it has begun anew meanwhile, or is not known, they are left out: the bars say
    nothing of sessions.

    Args:
        bars: Oldest first; may reach beyond the gap on either side.
        received_ns: When the bars came.
    """
    symbol = seen.quote.symbol
    end_ns = until_ns
    if seen.after:
        end_ns = max(since_ns, min(until_ns, seen.after[0].event_ns))
    session = _Session(seen)
    path: list[Tick] = []
    for bar in bars:
        if bar.end_ns <= since_ns or bar.start_ns >= max(end_ns, since_ns + 1):
            continue
        points = _points(bar, seen, since_ns=since_ns, end_ns=end_ns)
        session.begin(bar, len(points))
        from_ns, to_ns = max(bar.start_ns, since_ns), min(bar.end_ns, end_ns)
        third_ns = max(0, to_ns - from_ns) // 3
        for place, price in points:
            at_ns = from_ns + place * third_ns if place != _CLOSE else max(from_ns, to_ns - _BEFORE_END_NS)
            at_ns = min(at_ns, max(end_ns, since_ns))
            volume, high, low = session.trade(price)
            path.append(
                Tick(
                    symbol,
                    at_ns,
                    received_ns,
                    last=price,
                    volume=volume,
                    high=high,
                    low=low,
                    trade_ns=at_ns,
                )
            )
    return path


def _points(bar: Bar, seen: Seen, *, since_ns: int, end_ns: int) -> list[tuple[int, float]]:
    """Return the prices of a bar that were not seen, each with its place in it."""
    forming = seen.forming
    if forming is not None and forming.start_ns != bar.start_ns:
        forming = None
    started_at = bar.open if forming is None else forming.close
    low, high = (bar.low, bar.high) if forming is None else (forming.low, forming.high)
    has_low, has_high = forming is None or bar.low < low, forming is None or bar.high > high
    has_close = True
    if end_ns < bar.end_ns:
        since = [tick.last for tick in seen.after if tick.last is not None and tick.event_ns < bar.end_ns]
        if since:
            has_low, has_high = has_low and bar.low < min(since), has_high and bar.high > max(since)
            has_close = False  # it is a price of after the gap, which comes by itself
    extremes = [price for price, is_new in ((bar.high, has_high), (bar.low, has_low)) if is_new]
    extremes.sort(key=lambda price: (abs(price - started_at), price))
    walk = [(_OPEN, bar.open)] if forming is None else []
    walk += zip((_FIRST, _SECOND), extremes, strict=False)
    if has_close:
        walk.append((_CLOSE, bar.close))
    before = None if forming is None else forming.close
    points: list[tuple[int, float]] = []
    for place, price in walk:
        if price != before:  # the same price again is no news
            points.append((place, price))
        before = price
    return points


class _Session:
    """The session's volume, high and low along the way."""

    def __init__(self, seen: Seen) -> None:
        quote = seen.quote
        self._volume = quote.volume
        self._high, self._low = quote.high, quote.low
        self._forming = seen.forming
        self._most = next((tick.volume for tick in seen.after if tick.volume is not None), None)
        if self._volume is not None and self._most is not None and self._most < self._volume:
            self._volume = self._high = self._low = None
        self._step = 0.0

    def begin(self, bar: Bar, trades: int) -> None:
        """Spread a bar's volume, or what was not seen of it, over its trades."""
        volume = bar.volume
        if self._forming is not None and self._forming.start_ns == bar.start_ns:
            volume -= self._forming.volume
        self._step = max(0.0, volume) / trades if trades else 0.0

    def trade(self, price: float) -> tuple[float | None, float | None, float | None]:
        """Return what a trade at this price tells of the session: volume, a new high, a new low."""
        high = low = None
        if self._high is not None and price > self._high:
            high = self._high = price
        if self._low is not None and price < self._low:
            low = self._low = price
        if self._volume is not None:
            self._volume += self._step
            if self._most is not None:
                self._volume = min(self._volume, self._most)
        return self._volume, high, low
