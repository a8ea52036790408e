"""Carries rules over to another contract, another name of a share, or the other side of a split."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import Rearm, Rule
from tradeassist_desktop.engine.conditions import (
    Arithmetic,
    Comparison,
    Condition,
    Leaf,
    Negative,
    Number,
    Operand,
    Range,
    Value,
    operands,
    with_leaves,
)
from tradeassist_desktop.engine.language import parse, to_text
from tradeassist_desktop.engine.language.printer import leaf_to_text, number_to_text
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.rulefiles.measures import Doubt, Move, follow, measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What happens to a symbol.

    Args:
        new_symbol: What stands for it from now on; the same symbol for a split.
        shift: What the new prices are above the old ones: a roll.
        factor: New price by old: 0.5 for a split of 2 for 1. Sizes are divided by it.
        tick_size: The new prices' smallest step; new levels are on it.
    """

    symbol: str
    new_symbol: str
    shift: float = 0.0
    factor: float = 1.0
    tick_size: float = 0.01


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A rule before and after.

    Args:
        changes: What reads otherwise, old and new text of each.
        doubts: Why it is left to its trader, comparison by comparison; the rule is unchanged then.
        notes: What the trader may want to reword by hand.
    """

    before: Rule
    after: Rule
    changes: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def symbols_of(rule: Rule) -> frozenset[str]:
    """Return the symbols a rule is on and those its condition names; of one that cannot be read the first."""
    try:
        named = {operand.symbol for operand in operands(parse(rule.when)) if operand.symbol is not None}
    except BadInput:
        named = set()
    return frozenset(rule.symbols) | named


def adjust(rule: Rule, adjustment: Adjustment) -> Adjusted:
    """Return what a rule becomes.

    Levels are moved or multiplied, distances multiplied, volumes divided; percentages, oscillators
    and prices set in proportion to each other stay. A rule with a constant of which that cannot be
    told is left whole: half a change would be another rule.
    """
    try:
        condition = parse(rule.when)
    except BadInput as error:
        return Adjusted(before=rule, after=rule, doubts=(str(error),))
    own = adjustment.symbol in rule.symbols
    move = Move(adjustment.symbol, own, adjustment.shift, adjustment.factor, adjustment.tick_size)
    doubts: list[str] = []
    changes: list[tuple[str, str]] = []
    old_numbers: list[str] = []

    def carry(leaf: Leaf) -> Leaf:
        try:
            moved = _follow(leaf, move)
        except Doubt as doubt:
            doubts.append(f"{leaf_to_text(leaf)}: {doubt}")
            return leaf
        if (
            moved != leaf
            and own
            and len(rule.symbols) > 1
            and any(operand.symbol is None for operand in operands(leaf))
        ):
            doubts.append(f"{leaf_to_text(leaf)}: the rule is on {len(rule.symbols)} symbols with one level")
            return leaf
        renamed = _map_values(moved, lambda value: _renamed(value, adjustment))
        if renamed != leaf:
            changes.append((leaf_to_text(leaf), leaf_to_text(renamed)))
        if moved != leaf:
            old_numbers.extend(_numbers(leaf))
        return renamed

    new_condition = with_leaves(condition, carry)
    if doubts:
        return Adjusted(before=rule, after=rule, doubts=tuple(doubts))
    when = to_text(new_condition) if new_condition != condition else rule.when
    symbols = tuple(
        dict.fromkeys(
            adjustment.new_symbol if symbol == adjustment.symbol else symbol for symbol in rule.symbols
        )
    )
    if symbols != rule.symbols:
        changes.insert(0, (", ".join(rule.symbols), ", ".join(symbols)))
    rearm = _rearm(rule, condition, move)
    if rearm != rule.rearm:
        changes.append(
            (f"rearm {number_to_text(rule.rearm.amount)}", f"rearm {number_to_text(rearm.amount)}")
        )
    after = replace(
        rule,
        name=_name(rule, when, adjustment),
        symbols=symbols,
        when=when,
        rearm=rearm,
        message=_reworded(rule.message, adjustment),
    )
    try:
        meaning_of(after)
    except BadInput as error:
        return Adjusted(before=rule, after=rule, doubts=(str(error),))
    notes = tuple(
        f"its message still says {number}"
        for number in dict.fromkeys(old_numbers)
        if re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", rule.message)
    )
    return Adjusted(before=rule, after=after, changes=tuple(changes), notes=notes)


def _follow(leaf: Leaf, move: Move) -> Leaf:
    if isinstance(leaf, Range):
        value, low = follow(leaf.value, leaf.low, move)
        _, high = follow(leaf.value, leaf.high, move)
        return Range(leaf.kind, value, low, high)
    left, right = follow(leaf.left, leaf.right, move)
    return replace(leaf, left=left, right=right)


def _rearm(rule: Rule, condition: Condition, move: Move) -> Rearm:
    """Return the distance by which a level must be left, multiplied as the level is."""
    if not rule.rearm.amount or rule.rearm.is_percent or move.factor == 1.0:
        return rule.rearm
    if not isinstance(condition, Comparison) or not any(move.is_of(each) for each in operands(condition)):
        return rule.rearm
    powers = [measure(side, move).power for side in (condition.left, condition.right)]
    power = next((power for power in powers if power is not None), (0, 0))
    return Rearm(round(rule.rearm.amount * move.multiplier(power), 10))


def _name(rule: Rule, when: str, adjustment: Adjustment) -> str:
    """Return a rule's name: the new text of one named by its text, else with the new symbol in it."""
    if rule.name == f"{adjustment.symbol} {' '.join(rule.when.split())}"[:100]:
        return f"{adjustment.new_symbol} {when}"[:100]
    return _reworded(rule.name, adjustment)[:100]


def _reworded(text: str, adjustment: Adjustment) -> str:
    # A symbol within a longer word is another symbol.
    pattern = rf"(?<![\w/$.]){re.escape(adjustment.symbol)}(?!\w)"
    return re.sub(pattern, lambda _: adjustment.new_symbol, text)


def _renamed(value: Value, adjustment: Adjustment) -> Value:
    if isinstance(value, Operand) and value.symbol == adjustment.symbol:
        return replace(value, symbol=adjustment.new_symbol)
    if isinstance(value, Negative):
        return Negative(_renamed(value.value, adjustment))
    if isinstance(value, Arithmetic):
        return Arithmetic(value.operator, _renamed(value.left, adjustment), _renamed(value.right, adjustment))
    return value


def _map_values(leaf: Leaf, change: Callable[[Value], Value]) -> Leaf:
    if isinstance(leaf, Range):
        return Range(leaf.kind, change(leaf.value), change(leaf.low), change(leaf.high))
    return replace(leaf, left=change(leaf.left), right=change(leaf.right))


def _numbers(leaf: Leaf) -> list[str]:
    sides = (leaf.low, leaf.high) if isinstance(leaf, Range) else (leaf.left, leaf.right)
    return [number_to_text(side.value) for side in sides if isinstance(side, Number)]
