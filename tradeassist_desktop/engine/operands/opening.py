"""The range of a session's first bars: ``opening_high(15)[1m]`` is the first quarter of an hour's high."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar
from tradeassist_desktop.engine.conditions import Argument
from tradeassist_desktop.engine.operands.bars import FIELD_INDEX
from tradeassist_desktop.engine.operands.specification import (
    BarOperand,
    Form,
    OperandSpec,
    Period,
    SessionStart,
    SessionStarts,
    Unit,
)

_MOST_OPENING_BARS: Final = 1_000


class OpeningRange:
    """One end of the range of a regular session's first bars.

    Unknown until the bar that ends the range, or a later one, has closed, and again from the first
    bar outside the regular session on: yesterday's range says nothing of today.

    Args:
        bars: How many bars after the session's start the range is over.
        pick: Chooses between two prices: ``max`` or ``min``.
    """

    __slots__ = ("_bars", "_extreme", "_index", "_pick", "_session_ns", "_session_start")

    def __init__(
        self, *, field: str, bars: int, pick: Callable[[float, float], float], session_start: SessionStart
    ) -> None:
        self._index = FIELD_INDEX[field]
        self._bars = bars
        self._pick = pick
        self._session_start = session_start
        self._session_ns: int | None = None
        self._extreme: float | None = None

    def update(self, bar: Bar) -> float | None:
        """Take the next closed bar."""
        session_ns = self._session_start(bar.start_ns)
        if session_ns is None:
            return None
        if session_ns != self._session_ns:
            self._session_ns = session_ns
            self._extreme = None
        over_ns = session_ns + self._bars * TIMEFRAMES[bar.timeframe]
        if bar.start_ns < over_ns:
            price = bar[self._index]
            assert isinstance(price, float | int)
            self._extreme = price if self._extreme is None else self._pick(self._extreme, price)
        return self._extreme if bar.end_ns >= over_ns else None

    def update_all(self, bars: Sequence[Bar]) -> list[float | None]:
        """Take many bars, and return the range's end after each."""
        return [self.update(bar) for bar in bars]

    def peek(self, bar: Bar) -> float | None:
        """Return the range's end with a bar that is still forming."""
        kept = self._session_ns, self._extreme
        value = self.update(bar)
        self._session_ns, self._extreme = kept
        return value


def _make(
    field: str, pick: Callable[[float, float], float]
) -> Callable[[Mapping[str, Argument], SessionStarts], BarOperand]:
    def make(arguments: Mapping[str, Argument], sessions: SessionStarts) -> BarOperand:
        bars = arguments["bars"]
        assert isinstance(bars, float)
        return OpeningRange(field=field, bars=int(bars), pick=pick, session_start=sessions.regular)

    return make


def _opening(field: str, pick: Callable[[float, float], float], which: str) -> OperandSpec:
    return OperandSpec(
        name=f"opening_{field}",
        form=Form.SERIES,
        unit=Unit.PRICE,
        doc=f"{which} of the regular session's first bars, once they are over",
        group="Indicators",
        parameters=(Period(maximum=_MOST_OPENING_BARS),),
        make=_make(field, pick),
    )


OPENING: Final = (_opening("high", max, "Highest price"), _opening("low", min, "Lowest price"))
