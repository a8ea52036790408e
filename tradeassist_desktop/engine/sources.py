"""What a rule's values are read from: streams shared with other rules, and arithmetic over them."""

import operator
from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum
from typing import Final

from tradeassist_desktop.engine.conditions import (
    Arithmetic,
    Duration,
    Negative,
    Number,
    Operand,
    Percent,
    Value,
    operands_of,
)
from tradeassist_desktop.engine.market.bars import BarStream
from tradeassist_desktop.engine.market.book import Book
from tradeassist_desktop.engine.market.history import Change
from tradeassist_desktop.engine.market.streams import Derived, MovingLevel, Read, Stream
from tradeassist_desktop.engine.operands import completed_arguments, reads_ticks, specification
from tradeassist_desktop.engine.operands.specification import Form
from tradeassist_desktop.engine.readers import (
    AgeReader,
    Calculation,
    Constant,
    Negation,
    Reader,
    SideReader,
    StreamReader,
)
from tradeassist_desktop.engine.shared import Key, Shared

_OPERATIONS: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class Changes(IntEnum):
    """When a value may change: never, when a bar closes, with any update, with time alone."""

    NEVER = 0
    ON_BARS = 1
    ON_UPDATES = 2
    WITH_TIME = 3


def is_age(operand: Operand) -> bool:
    """Whether the operand is the age of a symbol's last trade."""
    return operand.name == "age" and operand.arguments is None


def changes(value: Value) -> Changes:
    """Return when the value may change."""
    most = Changes.NEVER
    for operand in operands_of(value):
        if is_age(operand):
            return Changes.WITH_TIME
        most = max(most, Changes.ON_UPDATES if reads_ticks(operand) else Changes.ON_BARS)
    return most


class Sources:
    """Finds, for one rule on one symbol, the streams its values are read from.

    ``keys`` collects what of ``shared`` the rule uses.

    Args:
        symbols: All symbols the rule names.
        timeframe: The rule's own, for operands of bars that name none.
        book_of: Returns a symbol's book, made if there was none.
    """

    def __init__(
        self,
        *,
        symbol: str,
        symbols: frozenset[str],
        timeframe: str,
        book_of: Callable[[str], Book],
        shared: Shared,
    ) -> None:
        self._symbol = symbol
        self._symbols = symbols
        self._timeframe = timeframe
        self._book_of = book_of
        self._shared = shared
        self.keys: dict[Key, None] = {}

    def book(self, operand: Operand) -> Book:
        """Return the book of the symbol an operand reads."""
        return self._book_of(operand.symbol or self._symbol)

    def side(self, left: Value, right: Value) -> Derived:
        """Return on which side of ``right`` ``left`` is: -1, 0 or 1."""
        key = "side", *(self._resolved(value) for value in (left, right))
        read = SideReader(self.reader(left), self.reader(right)).read
        return self._expression(key, read, left, right)

    def moving_level(self, key: Key, stream: Stream, value: Value) -> MovingLevel:
        """Return a level made of closed bars, on a stream that is called ``key``."""
        read = self.reader(value).read
        return self._shared.moving_level(
            key, stream, self._resolved(value), read, self._bar_streams(value), self.keys
        )

    def stream(self, value: Value) -> tuple[Key, Stream]:
        """Return the stream of a value that is not constant, and what it is called by."""
        key = self._resolved(value)
        if isinstance(value, Operand):
            return key, self.operand_stream(value)
        return key, self._expression(key, self.reader(value).read, value)

    def _expression(self, key: Key, read: Read, *values: Value) -> Derived:
        updates: set[str] = set()
        for value in values:
            for operand in operands_of(value):
                spec = specification(operand)
                assert spec is not None
                if spec.form is Form.FIELD:
                    updates.add(operand.symbol or self._symbol)
                elif spec.form is Form.HISTORY:
                    updates |= self._symbols  # it changes between the updates of its own symbol too
        bar_streams = [stream for value in values for stream in self._bar_streams(value)]
        return self._shared.expression(key, read, sorted(updates), bar_streams, self.keys)

    def _bar_streams(self, value: Value) -> list[BarStream]:
        streams = [self.operand_stream(operand) for operand in operands_of(value)]
        return [stream for stream in streams if isinstance(stream, BarStream)]

    def operand_stream(self, operand: Operand) -> Stream:
        """Return the stream of an operand other than ``age``."""
        spec = specification(operand)
        assert spec is not None
        symbol = operand.symbol or self._symbol
        if spec.form is Form.FIELD:
            return self._shared.field(symbol, operand.name, self.keys)
        arguments = completed_arguments(operand, spec)
        if spec.form is Form.HISTORY:
            field, duration = arguments["field"], arguments["duration"]
            assert isinstance(field, str)
            assert isinstance(duration, Duration)
            return self._shared.change(symbol, field, duration.nanoseconds, self._symbols, self.keys)
        assert spec.make is not None
        make, sessions = spec.make, self._book_of(symbol).session_starts()
        return self._shared.bars(
            symbol,
            operand.timeframe or self._timeframe,
            (spec.form, operand.name, operand.output, tuple(arguments.items())),
            lambda: make(arguments, sessions),
            spec.bars_needed(arguments),
            operand.ago,
            self.keys,
        )

    def _resolved(self, value: Value) -> Value:
        """Return the value with its symbol and timeframe written out, equal for all rules that mean it."""
        if isinstance(value, Negative):
            return Negative(self._resolved(value.value))
        if isinstance(value, Arithmetic):
            return Arithmetic(value.operator, self._resolved(value.left), self._resolved(value.right))
        if not isinstance(value, Operand):
            return value
        timeframe = None if reads_ticks(value) else value.timeframe or self._timeframe
        return replace(value, symbol=value.symbol or self._symbol, timeframe=timeframe)

    def reader(self, value: Value) -> Reader:
        """Return what reads a value whenever it is needed."""
        if isinstance(value, Number | Percent):
            return Constant(value.value)
        if isinstance(value, Negative):
            return Negation(self.reader(value.value))
        if isinstance(value, Arithmetic):
            return Calculation(_OPERATIONS[value.operator], self.reader(value.left), self.reader(value.right))
        if is_age(value):
            return AgeReader(self._book_of(value.symbol or self._symbol))
        stream = self.operand_stream(value)
        return stream if isinstance(stream, Change) else StreamReader(stream)
