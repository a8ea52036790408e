"""Volume-weighted average price over closed bars since the session's start."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Final

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.engine.conditions import Argument
from tradeassist_desktop.engine.operands.specification import (
    BarOperand,
    Form,
    OperandSpec,
    SessionStart,
    SessionStarts,
    Unit,
)


class BarVwap:
    """Σ(typical price × volume) / Σ volume of the session's bars; unknown before any volume.

    The typical price is (high + low + close) / 3. A bar belongs to the session that holds its
    start; bars outside every session continue the sums.
    """

    __slots__ = ("_session_ns", "_session_start", "_turnover", "_volume")

    def __init__(self, *, session_start: SessionStart) -> None:
        self._session_start = session_start
        self._session_ns: int | None = None
        self._turnover = 0.0
        self._volume = 0.0

    def update(self, bar: Bar) -> float | None:
        """Take the next closed bar."""
        session_ns = self._session_start(bar.start_ns)
        if session_ns is not None and session_ns != self._session_ns:
            self._session_ns = session_ns
            self._turnover = self._volume = 0.0
        if not isfinite(bar.volume):
            return None
        self._turnover += (bar.high + bar.low + bar.close) / 3.0 * bar.volume
        self._volume += bar.volume
        return self._turnover / self._volume if self._volume > 0.0 else None

    def update_all(self, bars: Sequence[Bar]) -> list[float | None]:
        """Take many bars, and return the average after each."""
        return [self.update(bar) for bar in bars]

    def peek(self, bar: Bar) -> float | None:
        """Return the average with a bar that is still forming."""
        kept = self._session_ns, self._turnover, self._volume
        value = self.update(bar)
        self._session_ns, self._turnover, self._volume = kept
        return value


def _make(arguments: Mapping[str, Argument], sessions: SessionStarts) -> BarOperand:
    return BarVwap(session_start=sessions.whole)


BAR_VWAP: Final = OperandSpec(
    name="vwap",
    form=Form.SERIES,
    unit=Unit.PRICE,
    doc="Volume-weighted average price of the session's closed bars",
    group="Indicators",
    make=_make,
)
