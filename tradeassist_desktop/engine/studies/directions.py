"""Which way a condition looks: up, down, or neither."""

from enum import IntEnum
from typing import Final

from tradeassist_desktop.engine.conditions import (
    All,
    Comparison,
    Condition,
    Crossing,
    Not,
    Number,
    Operand,
    Percent,
    Some,
    Then,
    Value,
)
from tradeassist_desktop.engine.operands import unit_of
from tradeassist_desktop.engine.operands.specification import Unit


class Direction(IntEnum):
    """Which way a price is expected to go on; as a factor, it turns a return into a gain."""

    DOWN = -1
    UP = 1


_OPERATORS: Final = {
    ">": Direction.UP,
    ">=": Direction.UP,
    "<": Direction.DOWN,
    "<=": Direction.DOWN,
    "above": Direction.UP,
    "below": Direction.DOWN,
}
_PRICES: Final = frozenset(("last", "bid", "ask", "mid", "open", "high", "low", "close"))
# How wide or how strong a movement is says nothing of its way.
_WITHOUT_WAY: Final = frozenset(
    ("spread", "bb_width", "atr", "natr", "trange", "stddev", "var", "avgdev", "adx", "adxr", "dx", "correl")
)
_WAYWARD_UNITS: Final = frozenset((Unit.SIZE, Unit.SECONDS))


def direction_of(condition: Condition, symbol: str) -> Direction | None:
    """Return which way a condition on ``symbol`` looks; ``None`` where it looks neither way, or both.

    ``>`` and ``crosses above`` look up, ``<`` and ``crosses below`` down, seen from the side that is
    a price (``ema(20)[5m] < last`` looks up), else from the left. Sizes, ages, widths and other
    symbols look nowhere, nor do ranges, touches and crossings either way. Parts of a condition must
    agree; ``not`` turns round; of a sequence the last step that looks anywhere counts.
    """
    if isinstance(condition, Comparison | Crossing):
        return _of_leaf(condition, symbol)
    if isinstance(condition, Not):
        inner = direction_of(condition.part, symbol)
        return None if inner is None else Direction(-inner)
    if isinstance(condition, All | Some):
        found = {direction_of(part, symbol) for part in condition.parts} - {None}
        return found.pop() if len(found) == 1 else None
    if isinstance(condition, Then):
        for step in reversed(condition.steps):
            direction = direction_of(step, symbol)
            if direction is not None:
                return direction
    return None


def _of_leaf(leaf: Comparison | Crossing, symbol: str) -> Direction | None:
    word = leaf.operator if isinstance(leaf, Comparison) else leaf.direction
    direction = _OPERATORS.get(word)
    if direction is None:
        return None
    subject = leaf.left
    if isinstance(leaf.left, Number | Percent) or (_is_price(leaf.right) and not _is_price(leaf.left)):
        subject, direction = leaf.right, Direction(-direction)
    if not isinstance(subject, Operand) or subject.symbol not in (None, symbol):
        return None
    if subject.name in _WITHOUT_WAY or unit_of(subject) in _WAYWARD_UNITS:
        return None
    return direction


def _is_price(value: Value) -> bool:
    return isinstance(value, Operand) and value.name in _PRICES
