"""Each product's UTC day: its open, high, low and the close before it.

Coinbase's tickers tell rolling figures of 24 hours, which are no session's. A day is known from
its daily candle, and goes on with the trades that come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Tick

_DAY_NS: Final = TIMEFRAMES["1d"]


@dataclass(slots=True)
class _Day:
    """A product's newest day, as far as its trades were heard.

    ``is_known`` once it is also known what came before them.
    """

    number: int
    event_ns: int
    last: float
    high: float
    low: float
    is_known: bool = False


class Days:
    """Adds to ticks what they change of their session."""

    def __init__(self) -> None:
        self._days: dict[str, _Day] = {}

    def apply(self, tick: Tick, at_ns: int) -> Tick:
        """Return a tick with the session's fields it moves: all at the first trade of a day.

        Args:
            at_ns: When it was, as far as its stamp can be believed.
        """
        price = tick.last
        if price is None:
            return tick
        number = at_ns // _DAY_NS
        day = self._days.get(tick.symbol)
        if day is None:
            self._days[tick.symbol] = _Day(number, at_ns, price, price, price)
            return tick
        day.event_ns = max(day.event_ns, at_ns)
        if number > day.number:
            before, day.number, day.is_known = day.last, number, True
            day.last = day.high = day.low = price
            return tick._replace(open=price, high=price, low=price, prev_close=before)
        day.last = price
        if price > day.high:
            day.high = price
            return tick._replace(high=price) if day.is_known else tick
        if price < day.low:
            day.low = price
            return tick._replace(low=price) if day.is_known else tick
        return tick

    def learn(self, symbol: str, candles: Sequence[Bar], received_ns: int) -> Tick | None:
        """Take a product's newest daily candles, oldest first; return its session as an update.

        ``None`` while no trade of it was heard, or where its newest day is not among them.
        """
        day = self._days.get(symbol)
        if day is None:
            return None
        by_number = {bar.start_ns // _DAY_NS: bar for bar in candles}
        today, before = by_number.get(day.number), by_number.get(day.number - 1)
        if today is None:
            return None
        day.high, day.low, day.is_known = max(day.high, today.high), min(day.low, today.low), True
        return Tick(
            symbol,
            day.event_ns,
            received_ns,
            open=today.open,
            high=day.high,
            low=day.low,
            prev_close=None if before is None else before.close,
        )
