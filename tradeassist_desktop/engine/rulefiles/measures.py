"""Arithmetic with one symbol's prices: what becomes of constants when those move or are multiplied."""

from dataclasses import dataclass
from math import isfinite
from typing import Final

from tradeassist_desktop.engine.conditions import (
    Arithmetic,
    Negative,
    Number,
    Operand,
    Percent,
    Value,
    operands_of,
)
from tradeassist_desktop.engine.language.printer import value_to_text
from tradeassist_desktop.engine.rulefiles.reactions import Reaction, reaction_of

Power = tuple[int, int]
"""How often a value holds a price of the symbol as a factor, and how often a size."""

_NONE: Final[Power] = (0, 0)
_POWERS: Final = {
    Reaction.LEVEL: (1, 0),
    Reaction.DISTANCE: (1, 0),
    Reaction.SIZE: (0, 1),
    Reaction.RATIO: _NONE,
}
_DIGITS: Final = 10


class Doubt(Exception):
    """It cannot be told for sure what a constant is to become; the message says why."""


@dataclass(frozen=True, slots=True)
class Move:
    """What happens to the prices of a symbol, in this order: multiplied, then moved.

    Args:
        symbol: Whose prices.
        own: Whether operands without a symbol are that symbol's.
        shift: What is added to each price.
        factor: What each price is multiplied with; sizes are divided by it.
        tick_size: What new levels are rounded to.
    """

    symbol: str
    own: bool
    shift: float = 0.0
    factor: float = 1.0
    tick_size: float = 0.01

    def is_of(self, operand: Operand) -> bool:
        """Whether an operand reads the symbol."""
        return operand.symbol == self.symbol or (operand.symbol is None and self.own)

    def multiplier(self, power: Power) -> float:
        """Return what a value of that power is multiplied with."""
        return self.factor ** (power[0] - power[1])


@dataclass(frozen=True, slots=True)
class Measure:
    """What a value is made of.

    Args:
        weight: How far it moves when the symbol's prices move by 1.
        power: ``None`` for a bare number, which takes the power of what it stands beside.
        constant: The number itself, of a bare one.
        is_bent: It does not move in proportion: a product or quotient of prices.
        has_term: A bare number is added to prices somewhere within.
        is_mixed: It reads another symbol's prices or sizes too.
    """

    weight: float = 0.0
    power: Power | None = None
    constant: float | None = None
    is_bent: bool = False
    has_term: bool = False
    is_mixed: bool = False


def measure(value: Value, move: Move) -> Measure:
    """Return what a value is made of.

    Raises:
        Doubt: it holds something that follows in an unknown way.
    """
    if isinstance(value, Number):
        return Measure(constant=value.value)
    if isinstance(value, Percent):
        return Measure(power=_NONE)
    if isinstance(value, Operand):
        reaction = reaction_of(value)
        if not move.is_of(value):
            return Measure(power=_NONE, is_mixed=reaction is not Reaction.RATIO)
        if reaction is Reaction.UNSURE:
            raise Doubt(f"{value_to_text(value)} follows prices in a way of its own")
        return Measure(weight=float(reaction is Reaction.LEVEL), power=_POWERS[reaction])
    if isinstance(value, Negative):
        inner = measure(value.value, move)
        constant = None if inner.constant is None else -inner.constant
        return Measure(-inner.weight, inner.power, constant, inner.is_bent, inner.has_term, inner.is_mixed)
    left, right = measure(value.left, move), measure(value.right, move)
    combined = _sum(value, left, right) if value.operator in "+-" else _product(value, left, right)
    if combined.is_bent and combined.power == _NONE and not combined.is_mixed:
        return Measure(power=_NONE)  # a ratio of the symbol's own prices
    return combined


def _sum(value: Arithmetic, left: Measure, right: Measure) -> Measure:
    sign = 1.0 if value.operator == "+" else -1.0
    if left.constant is not None and right.constant is not None:
        return Measure(constant=left.constant + sign * right.constant)
    if left.power is not None and right.power is not None and left.power != right.power:
        raise Doubt(f"{value_to_text(value)} mixes values that do not follow alike")
    is_term = left.power is None or right.power is None
    return Measure(
        weight=left.weight + sign * right.weight,
        power=right.power if left.power is None else left.power,
        is_bent=left.is_bent or right.is_bent,
        has_term=left.has_term or right.has_term or is_term,
        is_mixed=left.is_mixed or right.is_mixed,
    )


def _product(value: Arithmetic, left: Measure, right: Measure) -> Measure:
    is_quotient = value.operator == "/"
    if left.constant is not None and right.constant is not None:
        if is_quotient and not right.constant:
            raise Doubt(f"{value_to_text(value)} divides by zero")
        return Measure(
            constant=left.constant / right.constant if is_quotient else left.constant * right.constant
        )
    (a, b), (c, d) = left.power or _NONE, right.power or _NONE
    scale: float | None = None
    if right.constant is not None:
        scale = 1.0 / right.constant if is_quotient and right.constant else right.constant
    elif left.constant is not None and not is_quotient:
        scale = left.constant
    weight = left.weight or right.weight
    return Measure(
        weight=0.0 if scale is None else scale * weight,
        power=(a - c, b - d) if is_quotient else (a + c, b + d),
        is_bent=left.is_bent or right.is_bent or (scale is None and bool(left.weight or right.weight)),
        has_term=left.has_term or right.has_term,
        is_mixed=left.is_mixed or right.is_mixed,
    )


def follow(left: Value, right: Value, move: Move) -> tuple[Value, Value]:
    """Return both sides of a comparison so that it says of the new prices what it said of the old.

    Raises:
        Doubt: that cannot be told.
    """
    if not any(move.is_of(operand) for side in (left, right) for operand in operands_of(side)):
        return left, right
    if move.factor != 1.0:
        left, right = _multiplied(left, right, move)
    return _moved(left, right, move) if move.shift else (left, right)


def _multiplied(left: Value, right: Value, move: Move) -> tuple[Value, Value]:
    measures = measure(left, move), measure(right, move)
    power = measures[0].power or measures[1].power or _NONE
    if any(each.power is not None and each.power != power for each in measures):
        raise Doubt("its sides do not follow alike")
    is_level = power == (1, 0) and 1.0 in (abs(measures[0].weight), abs(measures[1].weight))
    return tuple(  # type: ignore[return-value]  # of two, as given
        _on_tick(_scaled(side, power, move), move) if is_level else _scaled(side, power, move)
        for side in (left, right)
    )


def _scaled(value: Value, power: Power, move: Move) -> Value:
    """Return a value of that power with its bare numbers multiplied as it is."""
    if isinstance(value, Number):
        return _number(value.value * move.multiplier(power))
    if isinstance(value, Negative):
        return Negative(_scaled(value.value, power, move))
    if not isinstance(value, Arithmetic):
        return value
    if value.operator in "+-":
        return Arithmetic(value.operator, _scaled(value.left, power, move), _scaled(value.right, power, move))
    # A bare factor stays what it is; what it multiplies follows by its own power.
    left, right = (
        side if (own := measure(side, move).power) is None else _scaled(side, own, move)
        for side in (value.left, value.right)
    )
    return Arithmetic(value.operator, left, right)


def _moved(left: Value, right: Value, move: Move) -> tuple[Value, Value]:
    of_left, of_right = measure(left, move), measure(right, move)
    if of_left.is_bent or of_right.is_bent:
        raise Doubt("a product of prices does not move as they do")
    weight = of_left.weight - of_right.weight
    if not weight:
        return left, right
    if of_right.constant is not None:
        return left, _at(of_right.constant + weight * move.shift, weight, move)
    if of_left.constant is not None:
        return _at(of_left.constant - weight * move.shift, weight, move), right
    if any(each.has_term or each.is_mixed for each in (of_left, of_right)):
        raise Doubt("no side of it is a plain level")
    return left, right  # it sets prices of one symbol in proportion


def _at(level: float, weight: float, move: Move) -> Value:
    number = _number(level)
    return _on_tick(number, move) if abs(weight) == 1.0 else number


def _on_tick(value: Value, move: Move) -> Value:
    if not isinstance(value, Number) or move.tick_size <= 0.0:
        return value
    return _number(round(value.value / move.tick_size) * move.tick_size)


def _number(value: float) -> Number:
    if not isfinite(value):
        raise Doubt("its numbers are too large")
    return Number(round(value, _DIGITS))
