"""The price levels of a condition: which there are, and a rule with one of them moved."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.conditions import (
    Condition,
    Leaf,
    Number,
    Operand,
    Range,
    Value,
    leaves,
    sides,
    with_leaves,
)
from tradeassist_desktop.engine.language import parse, to_text
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.language.units import unit_of_value
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.operands.specification import Unit

_DISTANCES: Final = ("net_change", "spread")
_NUMBER: Final = re.compile(r"(?<![\w.])(?<!\d,)(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\w|[.,]\d)")


def price_levels(condition: Condition, symbol: str) -> list[tuple[str, float]]:
    """Return the constants compared with a price, each with the symbol whose price that is, each once.

    Args:
        symbol: The rule's own.
    """
    found = [level for leaf in leaves(condition) for level in _levels_of(leaf, symbol)]
    return list(dict.fromkeys(found))


def why_fixed(rule: Rule, symbol: str) -> str | None:
    """Return why a level on a symbol's prices cannot be moved alone; ``None`` where it can."""
    if len(rule.symbols) > 1 and symbol in rule.symbols:
        return f"“{rule.name}” has one level for its {len(rule.symbols)} symbols: change it in the editor."
    return None


def with_level(rule: Rule, symbol: str, old: float, new: float) -> Rule:
    """Return the rule with a level on a symbol's prices moved; its name and message say the new one.

    Raises:
        BadInput: it has no such level, or none that can be moved alone, or says nothing sound with it.
    """
    fixed = why_fixed(rule, symbol)
    if fixed is not None:
        raise BadInput([Fault("when", fixed)])
    condition = parse(rule.when)
    own = rule.symbols[0]
    if (symbol, old) not in price_levels(condition, own):
        raise BadInput([Fault("when", f"“{rule.name}” has no level at {number_to_text(old)} any more.")])

    def move(leaf: Leaf) -> Leaf:
        return _moved(leaf, old, new) if (symbol, old) in _levels_of(leaf, own) else leaf

    when = to_text(with_leaves(condition, move))
    is_named_by_text = rule.name == f"{own} {' '.join(rule.when.split())}"[:100]
    name = f"{own} {when}" if is_named_by_text else _reworded(rule.name, old, new)
    after = replace(rule, when=when, name=name[:100], message=_reworded(rule.message, old, new))
    meaning_of(after)
    return after


def _levels_of(leaf: Leaf, symbol: str) -> list[tuple[str, float]]:
    priced = [side for side in sides(leaf) if isinstance(side, Operand) and unit_of_value(side) is Unit.PRICE]
    if len(priced) != 1 or priced[0].name in _DISTANCES:
        return []
    of = priced[0].symbol or symbol
    return [(of, side.value) for side in sides(leaf) if isinstance(side, Number)]


def _moved(leaf: Leaf, old: float, new: float) -> Leaf:
    def side(value: Value) -> Value:
        return Number(new) if value == Number(old) else value

    if isinstance(leaf, Range):
        return Range(leaf.kind, leaf.value, side(leaf.low), side(leaf.high))
    return replace(leaf, left=side(leaf.left), right=side(leaf.right))


def _reworded(text: str, old: float, new: float) -> str:
    """Return a text whose numbers that say the old price say the new one, written alike."""

    def put(found: re.Match[str]) -> str:
        written = found.group()
        if float(written.replace(",", "")) != old:
            return written
        exponent = Decimal(number_to_text(new)).as_tuple().exponent
        needed = -exponent if isinstance(exponent, int) else 0
        decimals = max(len(written.partition(".")[2]), needed)
        return f"{new:,.{decimals}f}" if "," in written else f"{new:.{decimals}f}"

    return _NUMBER.sub(put, text)
