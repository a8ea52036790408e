"""Conditions as canonical text, which reads back as the same condition."""

from collections.abc import Callable
from typing import Final

from tradeassist_desktop.engine.conditions import (
    All,
    Argument,
    Comparison,
    Condition,
    Crossing,
    Duration,
    Leaf,
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
from tradeassist_desktop.engine.language.symbols import is_bare
from tradeassist_desktop.engine.operands import is_output, word_of

_SUM, _PRODUCT, _FACTOR = 1, 2, 3
_PRECEDENCE: Final = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}


def to_text(condition: Condition) -> str:
    """Return the canonical text; parsing it gives the same condition."""
    return _condition(condition, leaf_to_text)


def annotated(condition: Condition, note: Callable[[Leaf], str]) -> str:
    """Return the canonical text with a note after the left side of each comparison."""
    return _condition(condition, lambda leaf: _leaf(leaf, note(leaf)))


def leaf_to_text(leaf: Leaf) -> str:
    """Return one comparison's canonical text."""
    return _leaf(leaf, "")


def value_to_text(value: Value) -> str:
    """Return one value's canonical text."""
    return _value(value, _SUM)


def argument_to_text(argument: Argument) -> str:
    """Return one argument's canonical text."""
    if isinstance(argument, Duration):
        return argument.text
    return number_to_text(argument) if isinstance(argument, float) else argument


def number_to_text(value: float) -> str:
    """Return the shortest text that reads back as the same number."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _condition(condition: Condition, write_leaf: Callable[[Leaf], str]) -> str:
    if isinstance(condition, Some):
        return " or ".join(_condition(part, write_leaf) for part in condition.parts)
    if isinstance(condition, All):
        return " and ".join(_grouped(part, write_leaf, isinstance(part, Some)) for part in condition.parts)
    if isinstance(condition, Not):
        # "not last > 5" would read back well, but not to a trader.
        return f"not {_grouped(condition.part, write_leaf, not isinstance(condition.part, Not))}"
    if isinstance(condition, Then):
        steps = " then ".join(_condition(step, write_leaf) for step in condition.steps)
        return f"({steps}) within {condition.within.text}"
    return write_leaf(condition)


def _grouped(part: Condition, write_leaf: Callable[[Leaf], str], grouped: bool) -> str:
    text = _condition(part, write_leaf)
    return f"({text})" if grouped else text


def _leaf(leaf: Leaf, note: str) -> str:
    if isinstance(leaf, Range):
        return f"{value_to_text(leaf.value)}{note} {leaf.kind} {_bounds(leaf)}"
    return f"{value_to_text(leaf.left)}{note} {_verb(leaf)} {value_to_text(leaf.right)}"


def _bounds(leaf: Range) -> str:
    return f"{value_to_text(leaf.low)}..{value_to_text(leaf.high)}"


def _verb(leaf: Comparison | Crossing | Touch) -> str:
    if isinstance(leaf, Comparison):
        return leaf.operator
    if isinstance(leaf, Touch):
        return "touches"
    return "crosses" if leaf.direction == "either" else f"crosses {leaf.direction}"


def _value(value: Value, precedence: int) -> str:
    if isinstance(value, Number):
        return number_to_text(value.value)
    if isinstance(value, Percent):
        return f"{number_to_text(value.value)}%"
    if isinstance(value, Operand):
        return _operand(value)
    if isinstance(value, Negative):
        return f"-{_value(value.value, _FACTOR)}"
    own = _PRECEDENCE[value.operator]
    text = f"{_value(value.left, own)} {value.operator} {_value(value.right, own + 1)}"
    return f"({text})" if own < precedence else text


def _operand(operand: Operand) -> str:
    symbol = ""
    if operand.symbol is not None:
        quoted = not is_bare(operand.symbol) or is_output(operand.symbol, operand.name)
        symbol = f'"{operand.symbol}".' if quoted else f"{operand.symbol}."
    arguments = ""
    if operand.arguments is not None:
        arguments = f"({', '.join(argument_to_text(argument) for argument in operand.arguments)})"
    timeframe = "" if operand.timeframe is None else f"[{operand.timeframe}]"
    ago = f" {operand.ago} ago" if operand.ago else ""
    return f"{symbol}{word_of(operand)}{arguments}{timeframe}{ago}"
