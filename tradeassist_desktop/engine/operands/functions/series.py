"""A TA-Lib function over closed bars, by its streaming handle: bit-identical to the batch function."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from math import isfinite
from operator import itemgetter
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
        fields: The bar fields it reads, in TA-Lib's order; at least one.
        settings: TA-Lib's parameters, in its order.
        bars_needed: How many bars the first value takes; trying earlier would only cost.
    """

    __slots__ = (
        "_advance",
        "_bars_needed",
        "_function",
        "_history",
        "_indices",
        "_inputs_of",
        "_peek",
        "_pick",
        "_settings",
    )

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
        first = self._indices[0]
        # The slice of one: an item alone would not come as a tuple.
        self._inputs_of = itemgetter(*self._indices) if fields[1:] else itemgetter(slice(first, first + 1))
        self._settings = tuple(settings)
        self._pick = pick
        self._bars_needed = bars_needed
        self._history: list[Sequence[Any]] = []
        self._advance: Callable[..., Any] | None = None
        self._peek: Callable[..., Any] | None = None

    def update(self, bar: Bar) -> float | None:
        """Take the next closed bar; not finite where the function is not defined."""
        inputs: tuple[Any, ...] = self._inputs_of(bar)
        # One call for all: a sum is finite only where every part is.
        if not isfinite(sum(inputs)):
            return None
        if self._advance is not None:
            return self._pick(self._advance(*inputs))
        self._history.append(inputs)
        return self._first() if len(self._history) >= self._bars_needed else None

    def update_all(self, bars: Sequence[Bar]) -> list[float | None]:
        """Take many bars, and return the value after each: several times as fast as one by one."""
        if self._advance is not None or self._history:
            return [self.update(bar) for bar in bars]
        if not bars:
            return []
        import numpy

        # Columns, not rows: a list for each bar would keep the garbage collector busy.
        whole = numpy.array([[bar[index] for bar in bars] for index in self._indices], dtype=float)
        known = numpy.isfinite(whole).all(axis=0).nonzero()[0]
        values: list[float | None] = [None] * len(bars)
        opened = None
        if len(known) >= self._bars_needed:
            opened = self._open(whole if len(known) == len(bars) else whole[:, known], filled=True)
        if opened is None:
            self._history = whole[:, known].T.tolist()
            return values
        handle, answers = opened
        self._advance, self._peek = handle.update, handle.peek
        begin = handle.out_range.begidx
        outputs = answers if isinstance(answers, tuple) else (answers,)
        columns = [each[begin:].tolist() for each in outputs]
        rows = zip(*columns, strict=True) if len(columns) > 1 else columns[0]
        for number, row in zip(known[begin:].tolist(), rows, strict=True):
            values[number] = self._pick(row)
        return values

    def peek(self, bar: Bar) -> float | None:
        """Return the value with a bar that is still forming; unknown where the function is not defined."""
        inputs: tuple[Any, ...] = self._inputs_of(bar)
        if not isfinite(sum(inputs)):
            return None
        if self._peek is not None:
            return self._pick(self._peek(*inputs))
        if len(self._history) + 1 < self._bars_needed:
            return None
        import numpy

        opened = self._open(numpy.array([*self._history, inputs], dtype=float).T, filled=False)
        return None if opened is None else self._pick(opened[1])

    def _first(self) -> float | None:
        import numpy

        opened = self._open(numpy.array(self._history, dtype=float).T, filled=False)
        if opened is None:
            return None
        handle, value = opened
        self._advance, self._peek = handle.update, handle.peek
        self._history = []
        return self._pick(value)

    def _open(self, inputs: Any, *, filled: bool) -> tuple[Any, Any] | None:
        """Return a handle on inputs, and its value there or, ``filled``, every value up to there."""
        # Late: importing TA-Lib costs more than showing the window.
        import numpy
        import talib
        from talib import stream

        columns = map(numpy.ascontiguousarray, inputs)
        kind = getattr(stream, self._function)
        try:
            if filled:
                handle, values = kind.open_and_fill(*columns, *self._settings)
                return handle, values
            handle = kind(*columns, *self._settings)
        except talib.InsufficientHistory:  # type: ignore[attr-defined]  # not in its __all__
            return None
        return handle, handle.value


@lru_cache(maxsize=4_096)
def lookback(function: str, settings: tuple[float, ...]) -> int:
    """Return how many bars a TA-Lib function takes before its first value."""
    described = _described(function)
    described.set_parameters(dict(zip(described.parameters, settings, strict=True)))
    bars = described.lookback
    assert isinstance(bars, int)
    return bars


@cache
def _described(function: str) -> Any:
    # Making one costs four times as much as asking it; there are no more of them than functions.
    from talib import abstract

    return abstract.Function(function)  # type: ignore[attr-defined]  # left out of its stubs
