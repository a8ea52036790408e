"""What a condition text means: a tree of frozen values, equal where the meaning is written equally."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Number:
    """A literal, in the unit of what it is compared with. Carries its own minus sign."""

    value: float


@dataclass(frozen=True, slots=True)
class Percent:
    """A literal followed by ``%``; ``value`` is 2 for ``2%``."""

    value: float


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as an argument: ``5m``."""

    text: str

    @property
    def nanoseconds(self) -> int:
        """Return the length."""
        return duration_ns(self.text)


Argument = float | str | Duration
"""A period or factor, the name of a bar or tick field, or a length of time."""


@dataclass(frozen=True, slots=True)
class Operand:
    """Something that is read from the market.

    Args:
        output: Which output of a function that has several: ``aroonup`` in ``aroon.aroonup(14)``.
        arguments: ``None`` where there were no parentheses (``vwap`` and ``vwap()`` differ).
        symbol: ``None`` stands for the rule's own.
        timeframe: ``None`` stands for the rule's own, for operands made of bars.
        ago: How many bars earlier; 0 is the last closed one.
    """

    name: str
    arguments: tuple[Argument, ...] | None = None
    symbol: str | None = None
    timeframe: str | None = None
    ago: int = 0
    output: str | None = None


@dataclass(frozen=True, slots=True)
class Negative:
    """Unary minus of anything but a literal."""

    value: "Value"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left operator right``, the operator one of ``+ - * /``."""

    operator: str
    left: "Value"
    right: "Value"


Value = Number | Percent | Operand | Negative | Arithmetic


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left operator right``, the operator one of ``> >= < <= == !=``."""

    operator: str
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Crossing:
    """``left crosses … right``; ``direction`` is ``above``, ``below`` or ``either``."""

    direction: str
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Range:
    """``value kind low..high``; ``kind`` is ``in``, ``outside``, ``enters`` or ``exits``."""

    kind: str
    value: Value
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class Touch:
    """``left touches right``."""

    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class All:
    """Every part; at least two, none of them an ``All`` itself."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part; at least two, none of them a ``Some`` itself."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of ``part``; unknown stays unknown."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Then:
    """``(A then B) within 5m``: each step at a later evaluation, the last at most ``within`` after the first.

    At least two steps, in order.
    """

    steps: tuple["Condition", ...]
    within: Duration


Leaf = Comparison | Crossing | Range | Touch
Condition = Leaf | All | Some | Not | Then

DURATION_UNITS: Final = {
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}


def duration_ns(text: str) -> int:
    """Return a length written as digits and a unit (``90s``, ``5m``), in nanoseconds.

    Raises:
        ValueError: it is not written so.
    """
    digits = text.rstrip("mshd")
    unit = DURATION_UNITS.get(text[len(digits) :])
    if unit is None or not digits.isascii() or not digits.isdigit() or len(digits) > 12:
        raise ValueError(f"expected a duration such as 90s, 5m, 1h or 2d, found {text!r}")
    return int(digits) * unit


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield the comparisons of a condition from left to right."""
    if isinstance(condition, All | Some):
        for part in condition.parts:
            yield from leaves(part)
    elif isinstance(condition, Not):
        yield from leaves(condition.part)
    elif isinstance(condition, Then):
        for step in condition.steps:
            yield from leaves(step)
    else:
        yield condition


def sides(leaf: Leaf) -> tuple[Value, ...]:
    """Return the values a leaf compares, left to right."""
    if isinstance(leaf, Range):
        return (leaf.value, leaf.low, leaf.high)
    return (leaf.left, leaf.right)


def operands(condition: Condition) -> Iterator[Operand]:
    """Yield every operand of a condition from left to right, repeated ones too."""
    for leaf in leaves(condition):
        for side in sides(leaf):
            yield from operands_of(side)


def operands_of(value: Value) -> Iterator[Operand]:
    """Yield every operand of a value from left to right."""
    if isinstance(value, Operand):
        yield value
    elif isinstance(value, Negative):
        yield from operands_of(value.value)
    elif isinstance(value, Arithmetic):
        yield from operands_of(value.left)
        yield from operands_of(value.right)


def with_leaves(condition: Condition, change: Callable[[Leaf], Leaf]) -> Condition:
    """Return the condition with each comparison replaced by what ``change`` makes of it."""
    if isinstance(condition, All | Some):
        return type(condition)(tuple(with_leaves(part, change) for part in condition.parts))
    if isinstance(condition, Not):
        return Not(with_leaves(condition.part, change))
    if isinstance(condition, Then):
        return Then(tuple(with_leaves(step, change) for step in condition.steps), condition.within)
    return change(condition)


def is_momentary(leaf: Leaf) -> bool:
    """Whether the leaf is true for one evaluation only."""
    return isinstance(leaf, Crossing | Touch) or (
        isinstance(leaf, Range) and leaf.kind in ("enters", "exits")
    )


def has_momentary(condition: Condition) -> bool:
    """Whether any part of the condition is true for one evaluation only."""
    if isinstance(condition, All | Some):
        return any(has_momentary(part) for part in condition.parts)
    if isinstance(condition, Not):
        return has_momentary(condition.part)
    return isinstance(condition, Then) or is_momentary(condition)
