"""Condition text into a condition, or a refusal that says where and what could stand there."""

import re
from functools import lru_cache
from typing import Any, Final

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args

from tradeassist_desktop.domain.errors import BadInput, Fault
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
    operands,
    sides,
)
from tradeassist_desktop.engine.language.checker import (
    Refused,
    check_operand,
    is_known_word,
    not_an_output,
    unknown_qualifier,
    unknown_word,
)
from tradeassist_desktop.engine.language.grammar import GRAMMAR, TERMINALS
from tradeassist_desktop.engine.language.symbols import LONGEST_SYMBOL, is_bare
from tradeassist_desktop.engine.language.units import comparison_fault, sum_fault, unit_of_arithmetic
from tradeassist_desktop.engine.operands import is_output, unit_of
from tradeassist_desktop.engine.operands.specification import Unit

LONGEST_TEXT: Final = 4_000
DEEPEST: Final = 50
LARGEST_NUMBER: Final = 1e15
MOST_STEPS: Final = 10
LONGEST_SEQUENCE_NS: Final = 7 * DURATION_UNITS["d"]

# A word that is no symbol, neither within one nor in quotes.
_WORD: Final = re.compile(r"""(?:"[^"]*"|[/$][A-Za-z0-9]+|[A-Za-z0-9]+)\.(?!\.)|(?<![\w/$"])([A-Za-z_]\w*)""")

_Placed = tuple[Value, int, Unit | None]
"""A value, the column at which it starts, and its unit (``None`` for a bare number)."""


def parse(text: str) -> Condition:
    """Return the condition that ``text`` means.

    Raises:
        BadInput: with one fault, its ``place`` empty and its column that of the text.
    """
    try:
        return _parse(text)
    except Refused as error:
        raise BadInput([Fault(place="", message=error.message, column=error.column)]) from None


@lru_cache(maxsize=16_384)
def _parse(text: str) -> Condition:
    if len(text) > LONGEST_TEXT:
        raise Refused(LONGEST_TEXT + 1, f"longer than {LONGEST_TEXT} characters")
    if not text.strip():
        raise Refused(1, "expected a condition such as last > 100, found nothing")
    _check_nesting(text)
    try:
        condition: Condition = parser().parse(text)  # type: ignore[assignment]  # Lark types it as a tree
    except UnexpectedInput as error:
        raise _refusal(text, error) from None
    if _depth_exceeds(condition):
        raise Refused(1, f"nested more than {DEEPEST} deep")
    if not any(True for _ in operands(condition)):
        raise Refused(1, "expected at least one field or indicator, found only numbers")
    return condition


@lru_cache(maxsize=1)
def parser() -> Lark:
    """Return the parser, made at first use."""
    return Lark(GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=True)


def expected_words(error: UnexpectedInput) -> list[str]:
    """Return what could stand where the parser stopped, as a user reads it."""
    if isinstance(error, UnexpectedToken):
        terminals = set(error.accepts or error.expected)
    elif isinstance(error, UnexpectedCharacters):
        terminals = set(error.allowed or ())
    else:
        terminals = set()
    if {"NUMBER", "NAME"} <= terminals:
        terminals -= {"NUMBER", "NAME", "SYMBOL", "MINUS", "LPAR"}
        return ["a number, a field or an indicator", *_in_order(terminals)]
    if "COMPARE" in terminals:
        # A value has ended here; what could make it longer would hide what is missing.
        terminals -= {"PLUS", "MINUS", "TIMES", "OVER", "PERCENT", "LPAR", "LSQB", "NUMBER", "RPAR"}
    return _in_order(terminals)


def _in_order(terminals: set[str]) -> list[str]:
    return [words for name, words in TERMINALS.items() if name in terminals]


def _refusal(text: str, error: UnexpectedInput) -> Refused:
    at = error.pos_in_stream
    # "last crosses abve 5530" stops the parser at its end, where it could still have become "5530 ago".
    # What the trader must mend is the word before, which means nothing.
    for word in _WORD.finditer(text, 0, len(text) if at is None else at):
        if word[1] is not None and not is_known_word(word[1].lower()):
            return Refused(word.start(1) + 1, unknown_word(word[1].lower()))
    if isinstance(error, UnexpectedToken) and error.token.type == "THEN":
        return Refused(
            _column(error.token), "a sequence stands in parentheses, with its time: (A then B) within 5m"
        )
    is_end = (
        at is None or at >= len(text) or (isinstance(error, UnexpectedToken) and error.token.type == "$END")
    )
    found = "the end" if is_end or at is None else repr(_word_at(text, at))
    column = len(text.rstrip()) + 1 if is_end or at is None else at + 1
    return Refused(column, f"expected {', '.join(expected_words(error))}; found {found}")


def _word_at(text: str, at: int) -> str:
    end = at + 1
    if text[at].isalnum():
        while end < len(text) and (text[end].isalnum() or text[end] in "._"):
            end += 1
    return text[at : min(end, at + 30)]


def _check_nesting(text: str) -> None:
    depth = 0
    for at, character in enumerate(text):
        if character == "(":
            depth += 1
            if depth > DEEPEST:
                raise Refused(at + 1, f"nested more than {DEEPEST} deep")
        elif character == ")":
            depth -= 1


def _depth_exceeds(condition: Condition) -> bool:
    # A stack of its own: a chain of 2,000 "not" must end in a message, not in RecursionError.
    stack: list[tuple[Condition | Value, int]] = [(condition, 1)]
    while stack:
        node, depth = stack.pop()
        if depth > DEEPEST:
            return True
        if isinstance(node, All | Some):
            stack.extend((part, depth + 1) for part in node.parts)
        elif isinstance(node, Not):
            stack.append((node.part, depth + 1))
        elif isinstance(node, Then):
            stack.extend((step, depth + 1) for step in node.steps)
        elif isinstance(node, Negative):
            stack.append((node.value, depth + 1))
        elif isinstance(node, Arithmetic):
            stack.extend(((node.left, depth + 1), (node.right, depth + 1)))
        elif isinstance(node, Comparison | Crossing | Range | Touch):
            stack.extend((side, depth + 1) for side in sides(node))
    return False


def _number(token: Token) -> float:
    value = float(token)
    if not value <= LARGEST_NUMBER:
        raise Refused(_column(token), f"expected a number up to {LARGEST_NUMBER:g}, found {token}")
    return value


def _column(token: Token) -> int:
    assert token.start_pos is not None
    return token.start_pos + 1


def _flat(kind: type[All | Some], parts: tuple[Condition, ...]) -> tuple[Condition, ...]:
    flat: list[Condition] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return tuple(flat)


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Builds the condition bottom-up while the text is read; values carry their column."""

    def some(self, *parts: Any) -> Condition:
        return Some(_flat(Some, parts[::2]))

    def all(self, *parts: Any) -> Condition:
        return All(_flat(All, parts[::2]))

    def opposite(self, _not: Token, part: Condition) -> Condition:
        return Not(part)

    def sequence(self, *parts: Any) -> Condition:
        steps, (_within, length) = parts[:-2:2], parts[-2:]
        if len(steps) > MOST_STEPS:
            at = _column(parts[2 * MOST_STEPS - 1])
            raise Refused(at, f"at most {MOST_STEPS} steps in a sequence, found {len(steps)}")
        within = _duration(length)
        if not DURATION_UNITS["s"] <= within.nanoseconds <= LONGEST_SEQUENCE_NS:
            raise Refused(_column(length), f"expected a duration of 1s to 7d, found {within.text}")
        return Then(steps, within)

    def comparison(self, left: _Placed, operator: Token, right: _Placed) -> Condition:
        _check_pair(left, right)
        return Comparison(str(operator), left[0], right[0])

    def crossing(self, left: _Placed, _crosses: Token, way: Token | None, right: _Placed) -> Condition:
        _check_pair(left, right)
        return Crossing("either" if way is None else way.lower(), left[0], right[0])

    def touch(self, left: _Placed, _touches: Token, right: _Placed) -> Condition:
        _check_pair(left, right)
        return Touch(left[0], right[0])

    def range(self, value: _Placed, kind: Token, low: _Placed, high: _Placed) -> Condition:
        _check_pair(value, low)
        _check_pair(value, high)
        least, most = low[0], high[0]
        bounds = [bound.value for bound in (least, most) if isinstance(bound, Number | Percent)]
        if len(bounds) == 2 and bounds[0] > bounds[1]:
            raise Refused(low[1], "expected the lower bound first")
        return Range(kind.lower(), value[0], low[0], high[0])

    def arithmetic(self, left: _Placed, operator: Token, right: _Placed) -> _Placed:
        for value, column, _ in (left, right):
            if isinstance(value, Percent):
                raise Refused(column, "a percentage can only be compared with, not calculated with")
        fault = sum_fault(operator, left[2], right[2])
        if fault is not None:
            raise Refused(right[1], fault)
        unit = unit_of_arithmetic(operator, left[2], right[2])
        return Arithmetic(str(operator), left[0], right[0]), left[1], unit

    def negative(self, minus: Token, value: _Placed) -> _Placed:
        literal, _, unit = value
        if isinstance(literal, Number):
            return Number(-literal.value), _column(minus), unit
        if isinstance(literal, Percent):
            return Percent(-literal.value), _column(minus), unit
        return Negative(literal), _column(minus), unit

    def number(self, token: Token) -> _Placed:
        return Number(_number(token)), _column(token), None

    def percent(self, token: Token, _percent: Token) -> _Placed:
        return Percent(_number(token)), _column(token), Unit.PERCENT

    def number_argument(self, token: Token) -> tuple[Argument, int]:
        return _number(token), _column(token)

    def negative_argument(self, minus: Token, token: Token) -> tuple[Argument, int]:
        return -_number(token), _column(minus)

    def duration_argument(self, token: Token) -> tuple[Argument, int]:
        return _duration(token), _column(token)

    def name_argument(self, token: Token) -> tuple[Argument, int]:
        return token.lower(), _column(token)

    def arguments(self, *given: tuple[Argument, int] | None) -> list[tuple[Argument, int]]:
        return [argument for argument in given if argument is not None]

    def timeframe(self, token: Token) -> str:
        if token.lower() not in TIMEFRAMES:
            raise Refused(
                _column(token), f"expected a timeframe of {' '.join(TIMEFRAMES)}, found {str(token)!r}"
            )
        return token.lower()

    def ago(self, count: Token, _ago: Token) -> int:
        bars = _number(count)
        if not bars.is_integer():
            raise Refused(_column(count), f"expected a whole number of bars, found {count}")
        return int(bars)

    def operand(
        self,
        first: Token | None,
        second: Token | None,
        name: Token,
        arguments: list[tuple[Argument, int]] | None,
        timeframe: str | None,
        ago: int | None,
    ) -> _Placed:
        symbol, function = _qualifiers(first, second, name)
        operand = Operand(
            name=name.lower() if function is None else function[:-1].lower(),
            arguments=None if arguments is None else tuple(argument for argument, _ in arguments),
            symbol=None if symbol is None else _symbol(symbol),
            timeframe=timeframe,
            ago=ago or 0,
            output=None if function is None else name.lower(),
        )
        column = _column(name if function is None else function)
        check_operand(operand, column, [at for _, at in arguments or ()])
        return operand, column if symbol is None else _column(symbol), unit_of(operand)


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


def _duration(token: Token) -> Duration:
    duration = Duration(token.lower())
    try:
        _ = duration.nanoseconds
    except ValueError as error:
        raise Refused(_column(token), str(error)) from None
    return duration


def _symbol(token: Token) -> str:
    symbol = str(token)[:-1]
    if symbol.startswith('"'):
        symbol = symbol[1:-1]
    elif not is_bare(symbol):
        raise Refused(_column(token), unknown_qualifier(symbol))
    if len(symbol) > LONGEST_SYMBOL:
        raise Refused(_column(token), f"a symbol has at most {LONGEST_SYMBOL} characters")
    return symbol


def _check_pair(left: _Placed, right: _Placed) -> None:
    for one, other in ((left, right), (right, left)):
        if isinstance(one[0], Percent) and other[2] is not Unit.PERCENT:
            raise Refused(one[1], "a percentage can only be compared with change, roc or pct_change")
    fault = comparison_fault(left[2], right[2])
    if fault is not None:
        raise Refused(right[1], fault)
