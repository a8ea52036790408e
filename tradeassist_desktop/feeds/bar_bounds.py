"""Which stretch of time a venue's bar is of, and whether its values can be true."""

from collections.abc import Callable
from math import isfinite
from typing import Final

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, Bar
from tradeassist_desktop.engine.calendars import sessions

_DAY_NS: Final = 86_400 * NS_PER_SECOND
_NOON_NS: Final = 17 * 3_600 * NS_PER_SECOND  # 12 or 13 o'clock in New York: no session is shorter
_MOST: Final = 1e12

Bounds = Callable[[int], tuple[int, int] | None]
"""Return the ``[start, end)`` of the bar that a venue stamps so; ``None`` where there is none."""


def bar_bounds(symbol: str, timeframe: str) -> Bounds:
    """Return the bounds of a symbol's bars: even ones, but a daily bar is of its regular session."""
    if timeframe != "1d":
        length_ns = TIMEFRAMES[timeframe]
        return lambda stamp_ns: None if stamp_ns % length_ns else (stamp_ns, stamp_ns + length_ns)
    calendar = sessions.regular(instrument_of(symbol).kind)

    def session(stamp_ns: int) -> tuple[int, int] | None:
        # A day is stamped with its midnight in Chicago or New York, which is the same day in UTC.
        stretch = calendar.at(stamp_ns - stamp_ns % _DAY_NS + _NOON_NS)
        return (stretch.start_ns, stretch.end_ns) if stretch.is_open else None

    return session


def is_sound(bar: Bar) -> bool:
    """Whether a bar's prices are finite, the right way round, and possible for its instrument."""
    prices = (bar.open, bar.high, bar.low, bar.close)
    if not all(isfinite(price) and abs(price) < _MOST for price in prices):
        return False
    if not (bar.low <= min(bar.open, bar.close) and bar.high >= max(bar.open, bar.close)):
        return False
    if not (isfinite(bar.volume) and bar.volume >= 0):
        return False
    return bar.low > 0 or not instrument_of(bar.symbol).must_be_positive
