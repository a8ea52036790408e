"""What values are in, and what may stand beside what."""

from typing import Final

from tradeassist_desktop.engine.conditions import Arithmetic, Negative, Number, Operand, Percent, Value
from tradeassist_desktop.engine.operands import unit_of
from tradeassist_desktop.engine.operands.specification import Unit

_IN_WORDS: Final = {
    Unit.PRICE: "a price",
    Unit.SIZE: "a size (volume)",
    Unit.PERCENT: "a percentage",
    Unit.SECONDS: "seconds",
}
"""The units that do not mix, as a user reads them; ``None`` and ``NUMBER`` go with anything."""


def unit_of_value(value: Value) -> Unit | None:
    """Return what a value is in: ``None`` for bare numbers, ``NUMBER`` for mixtures and for no unit."""
    if isinstance(value, Operand):
        return unit_of(value)
    if isinstance(value, Percent):
        return Unit.PERCENT
    if isinstance(value, Negative):
        return unit_of_value(value.value)
    if isinstance(value, Arithmetic):
        return unit_of_arithmetic(value.operator, unit_of_value(value.left), unit_of_value(value.right))
    assert isinstance(value, Number)
    return None


def unit_of_arithmetic(operator: str, left: Unit | None, right: Unit | None) -> Unit | None:
    """Return the unit of a result whose sides go together.

    A bare number takes the unit of what it is added to, and scales what it multiplies; a number
    divided by anything but a number has no unit of ours, and neither has a product of two units.
    """
    if operator in "+-":
        return Unit.NUMBER if Unit.NUMBER in (left, right) else left or right
    if right is None:
        return left
    if left is None and operator == "*":
        return right
    return Unit.NUMBER


def sum_fault(operator: str, left: Unit | None, right: Unit | None) -> str | None:
    """Return why two values can't be added or subtracted, ``None`` if they can."""
    if operator not in "+-" or left == right or left not in _IN_WORDS or right not in _IN_WORDS:
        return None
    verb, preposition = ("add", "to") if operator == "+" else ("subtract", "from")
    return (
        f"cannot {verb} {_IN_WORDS[right]} {preposition} {_IN_WORDS[left]}; "
        f"expected {_IN_WORDS[left]} or a number"
    )


def comparison_fault(left: Unit | None, right: Unit | None) -> str | None:
    """Return why two values can't be compared, ``None`` if they can."""
    if left == right or left not in _IN_WORDS or right not in _IN_WORDS:
        return None
    return f"cannot compare {_IN_WORDS[left]} with {_IN_WORDS[right]}; expected {_IN_WORDS[left]} or a number"
