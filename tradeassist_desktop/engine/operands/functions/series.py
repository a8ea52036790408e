"""A TA-Lib function over closed bars, by its streaming handle: bit-identical to the batch function."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.engine.operands.bars import FIELD_INDEX

Pick = Callable[[Any], float]
"""Return the wanted value of what a handle answers."""

only: Final[Pick] = float


def output(index: int) -> Pick:
    """Return a pick of one output of several."""
    return lambda values: float(values[index])


class FunctionSeries:
    """One TA-Lib function, O(1) a bar once it is known.

    Path-dependent and recursive functions start at the first bar given. A bar of which an input
    is not finite (a recording without volume) is no bar to the function: the value is unknown
    there, and goes on at the next bar as if that one had not been.

    Args:
        function: TA-Lib's name, such as ``SMA``.
        fields: The bar fields it reads, in TA-Lib's order.
        settings: TA-Lib's parameters, in its order.
        bars_needed: How many bars the first value takes; trying earlier would only cost.
    """

    __slots__ = ("_bars_needed", "_function", "_handle", "_history", "_indices", "_pick", "_settings")

    def __init__(
        self,
        *,
        function: str,
        fields: Sequence[str],
        settings: Sequence[float],
        pick: Pick,
        bars_needed: int,
    ) -> None:
        self._function = function
        self._indices = tuple(FIELD_INDEX[field] for field in fields)
        self._settings = tuple(settings)
        self._pick = pick
        self._bars_needed = bars_needed
        self._history: list[list[Any]] = []
        self._handle: Any = None

    def update(self, bar: Bar) -> float | None:
        """Take the next closed bar; not finite where the function is not defined."""
        inputs: list[Any] = [bar[index] for index in self._indices]
        for value in inputs:
            if not isfinite(value):
                return None
        if self._handle is not None:
            return self._pick(self._handle.update(*inputs))
        self._history.append(inputs)
        return self._open() if len(self._history) >= self._bars_needed else None

    def _open(self) -> float | None:
        # Late: importing TA-Lib costs more than showing the window.
        import numpy
        import talib
        from talib import stream

        series = numpy.array(self._history, dtype=float).T
        try:
            handle = getattr(stream, self._function)(*map(numpy.ascontiguousarray, series), *self._settings)
        except talib.InsufficientHistory:  # type: ignore[attr-defined]  # not in its __all__
            return None
        self._handle = handle
        self._history = []
        return self._pick(handle.value)


@lru_cache(maxsize=4_096)
def lookback(function: str, settings: tuple[float, ...]) -> int:
    """Return how many bars a TA-Lib function takes before its first value."""
    from talib import abstract

    described: Any = abstract.Function(function)  # type: ignore[attr-defined]  # left out of its stubs
    described.set_parameters(dict(zip(described.parameters, settings, strict=True)))
    bars = described.lookback
    assert isinstance(bars, int)
    return bars
