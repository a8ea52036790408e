"""A rule with one of its levels nearer, or farther, than its trader wrote it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.conditions import (
    All,
    Comparison,
    Condition,
    Crossing,
    Leaf,
    Not,
    Number,
    Operand,
    Percent,
    Range,
    Some,
    Then,
    Value,
)
from tradeassist_desktop.engine.language import parse, to_text
from tradeassist_desktop.engine.language.printer import leaf_to_text, number_to_text

_STEPS: Final = (5, 10, 20, 30, 50, 75, 100, 200, 300, 400, 500, 600, 800, 1_000, 1_500, 2_000, 3_000, 5_000)
_BASIS_POINTS: Final = 10_000
_DIGITS: Final = 6
_UPWARDS: Final = (">", ">=", "above")
_DOWNWARDS: Final = ("<", "<=", "below")
_MIRRORED: Final = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "above": "below", "below": "above"}


# How much nearer a level is tried, as shares of itself.
NEARER: Final = tuple(step / _BASIS_POINTS for step in _STEPS)
FARTHER: Final = tuple(-share for share in NEARER)


@dataclass(frozen=True, slots=True)
class MovedLevel:
    """A rule whose condition has one other number.

    Args:
        text: The comparison it is in, as it was.
        before: The level as written.
        after: The level as moved; ``is_percent`` if both are percentages.
        eased: How much nearer it is, as a share of itself; below 0 is farther.
    """

    rule: Rule
    text: str
    before: float
    after: float
    is_percent: bool
    eased: float

    @property
    def level(self) -> str:
        """Return the new level as it stands in the rule."""
        return number_to_text(self.after) + ("%" if self.is_percent else "")


def moved_levels(rule: Rule, shares: tuple[float, ...], *, tick_size: float = 0.0) -> Iterator[MovedLevel]:
    """Yield the rule with each of its levels moved by each share of itself.

    A level is a number that an operand is compared with by ``>``, ``<``, ``crosses above`` or
    ``crosses below``, also within ``and``, ``or`` and ``then``. What is under a ``not``, a crossing
    either way and a level of 0 have no nearer or farther.

    Args:
        shares: How much nearer, as shares of the level; below 0 is farther.
        tick_size: What levels larger than it by a hundred times are rounded to; 0 for nothing.
    """
    condition = parse(rule.when)
    for place, (leaf, is_turned) in enumerate(_standing(condition)):
        found = None if is_turned else _level_of(leaf)
        if found is None:
            continue
        level, sign = found
        for share in shares:
            moved = _rounded(level.value - sign * share * abs(level.value), tick_size)
            if moved == level.value:
                continue
            changed = _with_leaf(condition, place, _with_level(leaf, replace(level, value=moved)))
            yield MovedLevel(
                rule=replace(rule, when=to_text(changed)),
                text=leaf_to_text(leaf),
                before=level.value,
                after=moved,
                is_percent=isinstance(level, Percent),
                eased=share,
            )


def _level_of(leaf: Leaf) -> tuple[Number | Percent, int] | None:
    """Return a leaf's level, and 1 where the value has to rise to it, -1 where it has to fall."""
    if not isinstance(leaf, Comparison | Crossing):
        return None
    word = leaf.operator if isinstance(leaf, Comparison) else leaf.direction
    level, other = leaf.right, leaf.left
    if isinstance(leaf.left, Number | Percent):
        level, other, word = leaf.left, leaf.right, _MIRRORED.get(word, "")
    if not isinstance(level, Number | Percent) or not isinstance(other, Operand) or not level.value:
        return None
    if word in _UPWARDS:
        return level, 1
    return (level, -1) if word in _DOWNWARDS else None


def _with_level(leaf: Leaf, level: Value) -> Leaf:
    assert not isinstance(leaf, Range)
    is_left = isinstance(leaf.left, Number | Percent)
    return replace(leaf, left=level) if is_left else replace(leaf, right=level)


def _with_leaf(condition: Condition, place: int, new: Leaf) -> Condition:
    """Return a condition with another leaf at a place, counted from left to right."""
    count = -1

    def walk(part: Condition) -> Condition:
        nonlocal count
        if isinstance(part, All | Some):
            return type(part)(tuple(walk(each) for each in part.parts))
        if isinstance(part, Not):
            return Not(walk(part.part))
        if isinstance(part, Then):
            return Then(tuple(walk(each) for each in part.steps), part.within)
        count += 1
        return new if count == place else part

    return walk(condition)


def _standing(condition: Condition, *, is_turned: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """Yield the leaves from left to right, and whether each stands under a ``not``."""
    if isinstance(condition, All | Some):
        for part in condition.parts:
            yield from _standing(part, is_turned=is_turned)
    elif isinstance(condition, Not):
        yield from _standing(condition.part, is_turned=not is_turned)
    elif isinstance(condition, Then):
        for step in condition.steps:
            yield from _standing(step, is_turned=is_turned)
    else:
        yield condition, is_turned


def _rounded(value: float, tick_size: float) -> float:
    if tick_size > 0 and abs(value) >= 100 * tick_size:
        value = round(value / tick_size) * tick_size
    return round(value, _DIGITS)
