"""Which kind a condition is: its shape, recognised, and the view it opens in."""

from typing import Final

from tradeassist_desktop.engine.conditions import (
    All,
    Arithmetic,
    Comparison,
    Condition,
    Crossing,
    Number,
    Operand,
    Percent,
    Range,
    Some,
)
from tradeassist_desktop.engine.kinds.kinds import (
    MOST_PARTS,
    Crossover,
    Kind,
    MultiCondition,
    RateOfChange,
    Simple,
    Threshold,
    VolumeSpike,
)

EXPRESSION: Final = "expression"
"""The name of what has no form."""


def kind_of(condition: Condition) -> Kind | None:
    """Return the form a condition opens in; ``None`` for an expression."""
    if isinstance(condition, All | Some):
        parts = tuple(_simple(part) for part in condition.parts)
        known = tuple(part for part in parts if part is not None)
        if len(known) < len(parts) or len(parts) > MOST_PARTS:
            return None
        return MultiCondition("all" if isinstance(condition, All) else "any", known)
    return _simple(condition)


def kind_name(condition: Condition) -> str:
    """Return the name of the form a condition opens in, or ``expression``."""
    view = kind_of(condition)
    return EXPRESSION if view is None else view.name


def _simple(condition: Condition) -> Simple | None:
    for look in (_volume_spike, _rate_of_change, _crossover, _threshold):
        view = look(condition)
        if view is not None and not view.faults():
            return view
    return None


def _volume_spike(condition: Condition) -> Simple | None:
    if not isinstance(condition, Comparison) or not isinstance(condition.right, Arithmetic):
        return None
    bar, factor, average = condition.left, condition.right.left, condition.right.right
    if not isinstance(bar, Operand) or not isinstance(factor, Number) or not isinstance(average, Operand):
        return None
    if bar.timeframe is None or average.arguments is None or len(average.arguments) != 2:
        return None
    bars = average.arguments[1]
    if not isinstance(bars, float) or not bars.is_integer():
        return None
    view = VolumeSpike(bar.timeframe, factor.value, int(bars), average.ago, bar.symbol, condition.operator)
    return view if view.condition() == condition else None


def _rate_of_change(condition: Condition) -> Simple | None:
    if not isinstance(condition, Comparison) or not isinstance(condition.right, Number | Percent):
        return None
    move = condition.left
    if not isinstance(move, Operand) or not move.arguments or move.name not in ("change", "roc"):
        return None
    *source, over = move.arguments
    field = source[0] if source else None
    if isinstance(over, float):
        over = int(over)
    if not isinstance(field, str | None) or isinstance(over, str):
        return None
    view = RateOfChange(field, over, condition.operator, condition.right, move.timeframe, move.symbol)
    return view if view.condition() == condition else None


def _crossover(condition: Condition) -> Simple | None:
    if not isinstance(condition, Crossing) or not isinstance(condition.left, Operand):
        return None
    if not isinstance(condition.right, Operand | Number | Percent):
        return None
    return Crossover(condition.left, condition.direction, condition.right)


def _threshold(condition: Condition) -> Simple | None:
    if isinstance(condition, Comparison) and isinstance(condition.left, Operand):
        if isinstance(condition.right, Number | Percent):
            return Threshold(condition.left, condition.operator, condition.right)
    elif isinstance(condition, Range) and isinstance(condition.value, Operand):
        low, high = condition.low, condition.high
        if isinstance(low, Number | Percent) and isinstance(high, Number | Percent):
            return Threshold(condition.value, condition.kind, low, high)
    return None
