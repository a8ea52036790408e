"""What stands on either side of a comparison, read from streams at each evaluation."""

from collections.abc import Callable
from math import isfinite
from typing import NamedTuple, Protocol

from tradeassist_desktop.engine.conditions import Operand
from tradeassist_desktop.engine.market.book import NEVER, Book
from tradeassist_desktop.engine.market.streams import Stream


class Reader(Protocol):
    """One side of a comparison."""

    def read(self, now_ns: int) -> float | None:
        """Return the value now, ``None`` where it is not known."""
        ...


class Constant:
    """A number."""

    __slots__ = ("_value",)

    def __init__(self, value: float) -> None:
        self._value = value

    def read(self, now_ns: int) -> float | None:
        """Return the number."""
        return self._value


class StreamReader:
    """A stream's present value."""

    __slots__ = ("stream",)

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def read(self, now_ns: int) -> float | None:
        """Return the value."""
        return self.stream.value


class AgeReader:
    """Seconds since a symbol's last trade; unknown before the first."""

    __slots__ = ("book",)

    def __init__(self, book: Book) -> None:
        self.book = book

    def read(self, now_ns: int) -> float | None:
        """Return the age; never negative."""
        trade_ns = self.book.trade_ns
        return None if trade_ns == NEVER else max(0, now_ns - trade_ns) / 1e9


class Negation:
    """Minus a value."""

    __slots__ = ("value",)

    def __init__(self, value: Reader) -> None:
        self.value = value

    def read(self, now_ns: int) -> float | None:
        """Return the negative."""
        value = self.value.read(now_ns)
        return None if value is None else -value


class Calculation:
    """Arithmetic of two values; what is not finite is unknown."""

    __slots__ = ("_operate", "left", "right")

    def __init__(self, operate: Callable[[float, float], float], left: Reader, right: Reader) -> None:
        self._operate = operate
        self.left = left
        self.right = right

    def read(self, now_ns: int) -> float | None:
        """Return the result."""
        left, right = self.left.read(now_ns), self.right.read(now_ns)
        if left is None or right is None:
            return None
        try:
            result = self._operate(left, right)
        except (ZeroDivisionError, OverflowError):
            return None
        return result if isfinite(result) else None


class SideReader:
    """On which side of another value one is: -1 below, 0 level, 1 above."""

    __slots__ = ("_left", "_right")

    def __init__(self, left: Reader, right: Reader) -> None:
        self._left = left
        self._right = right

    def read(self, now_ns: int) -> float | None:
        """Return the side."""
        left, right = self._left.read(now_ns), self._right.read(now_ns)
        return None if left is None or right is None else float((left > right) - (left < right))


class OperandReader(NamedTuple):
    """One operand of a comparison with what reads it.

    ``side`` is 0 for an operand that is the left side by itself, 1 for the right one, else ``None``.
    ``unit`` is what its values are in.
    """

    text: str
    operand: Operand
    reader: Reader
    side: int | None
    unit: str
