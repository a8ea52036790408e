"""Indicators over closed bars, by TA-Lib's streaming handles: bit-identical to its batch functions."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.engine.conditions import Argument
from tradeassist_desktop.engine.operands.bars import FIELD_INDEX
from tradeassist_desktop.engine.operands.specification import (
    BarOperand,
    Form,
    OperandSpec,
    Period,
    SessionStart,
    Source,
    Unit,
)


class TalibSeries:
    """One TA-Lib function over one bar field, O(1) a bar once it is known.

    Recursive functions start at the first bar given.

    Args:
        function: TA-Lib's name, such as ``SMA``.
        period: TA-Lib's ``timeperiod``.
        bars_needed: How many bars the first value takes; trying earlier would only cost.
    """

    __slots__ = ("_bars_needed", "_function", "_handle", "_history", "_index", "_period")

    def __init__(self, *, function: str, field: str, period: int, bars_needed: int) -> None:
        self._function = function
        self._index = FIELD_INDEX[field]
        self._period = period
        self._bars_needed = bars_needed
        self._history: list[float] = []
        self._handle: Any = None

    def update(self, bar: Bar) -> float | None:
        """Take the next closed bar."""
        value: Any = bar[self._index]
        if not isfinite(value):
            # A recording without volume: TA-Lib would raise, and nothing could be known.
            return None
        if self._handle is not None:
            return float(self._handle.update(value))
        self._history.append(float(value))
        return self._open() if len(self._history) >= self._bars_needed else None

    def _open(self) -> float | None:
        import numpy
        import talib
        from talib import stream

        try:
            self._handle = getattr(stream, self._function)(
                numpy.array(self._history), timeperiod=self._period
            )
        except talib.InsufficientHistory:  # type: ignore[attr-defined]  # not in its __all__
            return None
        self._history = []
        return float(self._handle.value)


def _make(function: str, extra_bars: int) -> Callable[[Mapping[str, Argument], SessionStart], BarOperand]:
    def make(arguments: Mapping[str, Argument], session_start: SessionStart) -> BarOperand:
        field, period = arguments["source"], arguments["bars"]
        assert isinstance(field, str)
        assert isinstance(period, float)
        return TalibSeries(
            function=function, field=field, period=int(period), bars_needed=int(period) + extra_bars
        )

    return make


def _series(
    name: str,
    function: str,
    unit: Unit,
    doc: str,
    *,
    minimum: int = 1,
    source: Source | None = None,
    extra_bars: int = 0,
) -> OperandSpec:
    return OperandSpec(
        name=name,
        form=Form.SERIES,
        unit=unit,
        doc=doc,
        parameters=(source or Source(), Period(minimum=minimum)),
        make=_make(function, extra_bars),
    )


_NAMED: Final = Source(name="source", default=None)

INDICATORS: Final = (
    _series("sma", "SMA", Unit.SOURCE, "Simple moving average"),
    _series("ema", "EMA", Unit.SOURCE, "Exponential moving average"),
    _series("rsi", "RSI", Unit.NUMBER, "Relative strength index, 0 to 100", minimum=2, extra_bars=1),
    _series("highest", "MAX", Unit.SOURCE, "Highest of the last bars", minimum=2, source=_NAMED),
    _series("lowest", "MIN", Unit.SOURCE, "Lowest of the last bars", minimum=2, source=_NAMED),
    _series("avg", "SMA", Unit.SOURCE, "Average over the last bars", source=_NAMED),
)
