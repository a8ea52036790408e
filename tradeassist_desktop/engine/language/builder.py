"""Builds a condition bottom-up while its text is read; what is wrong is refused at its column."""

from typing import Any, Final

from lark import Token

from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.engine.conditions import (
    DURATION_UNITS,
    All,
    Argument,
    Arithmetic,
    Comparison,
    Condition,
    Crossing,
    Duration,
    Negative,
    Not,
    Number,
    Operand,
    Percent,
    Range,
    Some,
    Then,
    Touch,
    Value,
)
from tradeassist_desktop.engine.language.checker import (
    Refused,
    check_operand,
    not_an_output,
    shortened,
    unknown_qualifier,
)
from tradeassist_desktop.engine.language.printer import value_to_text
from tradeassist_desktop.engine.language.symbols import LONGEST_SYMBOL, is_bare
from tradeassist_desktop.engine.language.units import comparison_fault, sum_fault, unit_of_arithmetic
from tradeassist_desktop.engine.operands import is_output, unit_of
from tradeassist_desktop.engine.operands.specification import Unit

DEEPEST: Final = 50
LARGEST_NUMBER: Final = 1e15
MOST_COMPARISONS: Final = 200
MOST_STEPS: Final = 10
LONGEST_SEQUENCE_NS: Final = 7 * DURATION_UNITS["d"]

_Placed = tuple[Value, int, Unit | None, int]
"""A value, the column at which it starts, its unit (``None`` for a bare number), its depth."""

_Built = tuple[Condition, int, int]
"""A condition, its depth, and how many comparisons it has."""


class Builder:
    """One method for each rule of the grammar, given what the rule's parts were built into."""

    def some(self, parts: list[Any]) -> _Built:
        """Return ``a or b or …``."""
        return _several(Some, parts)

    def all(self, parts: list[Any]) -> _Built:
        """Return ``a and b and …``."""
        return _several(All, parts)

    def opposite(self, parts: list[Any]) -> _Built:
        """Return ``not a``."""
        (condition, depth, comparisons), at = parts[1], parts[0]
        return Not(condition), _deeper(depth, at=_column(at)), comparisons

    def sequence(self, parts: list[Any]) -> _Built:
        """Return ``(a then b …) within 5m``."""
        steps, (_within, length) = parts[:-2:2], parts[-2:]
        if len(steps) > MOST_STEPS:
            at = _column(parts[2 * MOST_STEPS - 1])
            raise Refused(at, f"at most {MOST_STEPS} steps in a sequence, found {len(steps)}")
        within = _duration(length)
        if not DURATION_UNITS["s"] <= within.nanoseconds <= LONGEST_SEQUENCE_NS:
            raise Refused(_column(length), f"expected a duration of 1s to 7d, found {within.text}")
        depth, comparisons = _measure(steps, parts[1::2])
        return Then(tuple(step[0] for step in steps), within), depth, comparisons

    def comparison(self, parts: list[Any]) -> _Built:
        """Return ``left > right``."""
        left, operator, right = parts
        _check_pair(left, right)
        return Comparison(str(operator), left[0], right[0]), _leaf_depth(left, right), 1

    def crossing(self, parts: list[Any]) -> _Built:
        """Return ``left crosses above right``."""
        left, _crosses, way, right = parts
        _check_pair(left, right)
        direction = "either" if way is None else way.lower()
        return Crossing(direction, left[0], right[0]), _leaf_depth(left, right), 1

    def touch(self, parts: list[Any]) -> _Built:
        """Return ``left touches right``."""
        left, _touches, right = parts
        _check_pair(left, right)
        return Touch(left[0], right[0]), _leaf_depth(left, right), 1

    def range(self, parts: list[Any]) -> _Built:
        """Return ``value in low..high``."""
        value, kind, low, high = parts
        _check_pair(value, low)
        _check_pair(value, high)
        bounds = [bound[0].value for bound in (low, high) if isinstance(bound[0], Number | Percent)]
        if len(bounds) == 2 and bounds[0] > bounds[1]:
            raise Refused(low[1], f"expected the lower bound first, found {_found(low)}..{_found(high)}")
        return Range(kind.lower(), value[0], low[0], high[0]), _leaf_depth(value, low, high), 1

    def arithmetic(self, parts: list[Any]) -> _Placed:
        """Return ``left + right``."""
        left, operator, right = parts
        for each in (left, right):
            if isinstance(each[0], Percent):
                message = "a percentage can only be compared with, not calculated with"
                raise Refused(each[1], f"{message}, found {_found(each)}")
        fault = sum_fault(operator, left[2], right[2])
        if fault is not None:
            raise Refused(right[1], f"{fault}, found {_found(right)}")
        depth = max(left[3], right[3]) + 1
        if depth > DEEPEST:
            raise Refused(_column(operator), f"a calculation has at most {DEEPEST - 1} steps")
        unit = unit_of_arithmetic(operator, left[2], right[2])
        return Arithmetic(str(operator), left[0], right[0]), left[1], unit, depth

    def negative(self, parts: list[Any]) -> _Placed:
        """Return minus a value; a literal takes the sign itself."""
        minus, (literal, _, unit, depth) = parts
        column = _column(minus)
        if isinstance(literal, Number):
            return Number(-literal.value), column, unit, depth
        if isinstance(literal, Percent):
            return Percent(-literal.value), column, unit, depth
        return Negative(literal), column, unit, _deeper(depth, at=column)

    def number(self, parts: list[Any]) -> _Placed:
        """Return a bare number."""
        return Number(_number(parts[0])), _column(parts[0]), None, 1

    def percent(self, parts: list[Any]) -> _Placed:
        """Return ``2%``."""
        return Percent(_number(parts[0])), _column(parts[0]), Unit.PERCENT, 1

    def number_argument(self, parts: list[Any]) -> tuple[Argument, int]:
        """Return a number between parentheses."""
        return _number(parts[0]), _column(parts[0])

    def negative_argument(self, parts: list[Any]) -> tuple[Argument, int]:
        """Return a negative number between parentheses."""
        return -_number(parts[1]), _column(parts[0])

    def duration_argument(self, parts: list[Any]) -> tuple[Argument, int]:
        """Return a length of time between parentheses."""
        return _duration(parts[0]), _column(parts[0])

    def name_argument(self, parts: list[Any]) -> tuple[Argument, int]:
        """Return the name of a field between parentheses."""
        return parts[0].lower(), _column(parts[0])

    def arguments(self, parts: list[Any]) -> list[tuple[Argument, int]]:
        """Return what stood between parentheses."""
        return [argument for argument in parts if argument is not None]

    def timeframe(self, parts: list[Any]) -> str:
        """Return what stood between brackets."""
        timeframe = str(parts[0].lower())
        if timeframe not in TIMEFRAMES:
            expected = f"expected a timeframe of {' '.join(TIMEFRAMES)}"
            raise Refused(_column(parts[0]), f"{expected}, found {shortened(str(parts[0]))!r}")
        return timeframe

    def ago(self, parts: list[Any]) -> int:
        """Return how many bars ago."""
        bars = _number(parts[0])
        if not bars.is_integer():
            raise Refused(_column(parts[0]), f"expected a whole number of bars, found {parts[0]}")
        return int(bars)

    def operand(self, parts: list[Any]) -> _Placed:
        """Return a field or an indicator."""
        first, second, name, arguments, timeframe, ago = parts
        symbol, function = _qualifiers(first, second, name)
        operand = Operand(
            name=name.lower() if function is None else function[:-1].lower(),
            arguments=None if arguments is None else tuple([argument for argument, _ in arguments]),
            symbol=None if symbol is None else _symbol(symbol),
            timeframe=timeframe,
            ago=ago or 0,
            output=None if function is None else name.lower(),
        )
        column = _column(name if function is None else function)
        check_operand(operand, column, [at for _, at in arguments or ()])
        return operand, column if symbol is None else _column(symbol), unit_of(operand), 1


def _several(kind: type[All | Some], parts: list[Any]) -> _Built:
    built, tokens = parts[::2], parts[1::2]
    depth, comparisons = _measure(built, tokens)
    flat: list[Condition] = []
    for condition, _, _ in built:
        flat.extend(condition.parts if isinstance(condition, kind) else (condition,))
    return kind(tuple(flat)), depth, comparisons


def _measure(built: list[_Built], tokens: list[Token]) -> tuple[int, int]:
    """Return the depth of what holds all of ``built``, and its comparisons; ``tokens`` stand between."""
    depth = _deeper(max([each[1] for each in built]), at=_column(tokens[0]))
    comparisons = built[0][2]
    for each, before in zip(built[1:], tokens, strict=False):
        comparisons += each[2]
        if comparisons > MOST_COMPARISONS:
            raise Refused(_column(before), f"at most {MOST_COMPARISONS} comparisons in a condition")
    return depth, comparisons


def _deeper(depth: int, *, at: int) -> int:
    # What is built is walked by recursion later: its depth must stay far from Python's own limit.
    if depth >= DEEPEST:
        raise Refused(at, f"nested more than {DEEPEST} deep")
    return depth + 1


def _leaf_depth(*sides: _Placed) -> int:
    deepest = max(sides, key=lambda side: side[3])
    return _deeper(deepest[3], at=deepest[1])


def _qualifiers(first: Token | None, second: Token | None, name: Token) -> tuple[Token | None, Token | None]:
    """Return the symbol and the function before a word, ``aroon.`` in ``/ES.aroon.aroonup(14)``."""
    if second is not None:
        if not is_output(second[:-1], name):
            raise Refused(_column(second), not_an_output(second[:-1], name))
        return first, second
    if first is not None and is_output(first[:-1], name):
        # A symbol of that name must be quoted: "MINMAX".min(30).
        return None, first
    return first, None


def _number(token: Token) -> float:
    value = float(token)
    if not value <= LARGEST_NUMBER:
        raise Refused(_column(token), f"expected a number up to {LARGEST_NUMBER:g}, found {shortened(token)}")
    return value


def _column(token: Token) -> int:
    assert token.start_pos is not None
    return token.start_pos + 1


def _duration(token: Token) -> Duration:
    duration = Duration(str(token.lower()))
    try:
        _ = duration.nanoseconds
    except ValueError:
        expected = "expected a duration such as 90s, 5m, 1h or 2d"
        raise Refused(_column(token), f"{expected}, found {shortened(token)}") from None
    return duration


def _symbol(token: Token) -> str:
    symbol = str(token)[:-1]
    if symbol.startswith('"'):
        symbol = symbol[1:-1]
    elif not is_bare(symbol):
        raise Refused(_column(token), unknown_qualifier(symbol))
    if len(symbol) > LONGEST_SYMBOL:
        raise Refused(_column(token), f"a symbol has at most {LONGEST_SYMBOL} characters")
    if any("\ud800" <= character <= "\udfff" for character in symbol):
        # Half a character, as text fields may give: it could be neither stored nor sent.
        raise Refused(_column(token), f"expected a symbol, found {symbol!r}")
    return symbol


def _check_pair(left: _Placed, right: _Placed) -> None:
    for one, other in ((left, right), (right, left)):
        if isinstance(one[0], Percent) and other[2] is not Unit.PERCENT:
            message = "a percentage can only be compared with change, roc or pct_change"
            raise Refused(one[1], f"{message}, found {_found(one)} beside {_found(other)}")
    fault = comparison_fault(left[2], right[2])
    if fault is not None:
        raise Refused(right[1], f"{fault}, found {_found(right)}")


def _found(placed: _Placed) -> str:
    return shortened(value_to_text(placed[0]))
