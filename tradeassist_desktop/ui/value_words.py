"""Values of operands as a trader reads them: each in its unit, prices in their instrument's decimals."""

from collections.abc import Callable, Mapping
from typing import Final

from tradeassist_desktop.domain.alerts import OperandValue
from tradeassist_desktop.ui import text

DecimalsOf = Callable[[str], int]
"""Returns how many decimals a symbol's prices have."""


def operand_text(operand: OperandValue, *, symbol: str, decimals_of: DecimalsOf) -> str:
    """Return what an operand reads, with its unit; why it reads nothing where it does not.

    Args:
        symbol: The rule's own.
    """
    if operand.value is None:
        return operand.missing or text.UNKNOWN
    in_unit = _IN_UNIT.get(operand.unit)
    if in_unit is not None:
        return in_unit(operand.value)
    return value_text(operand.value, decimals_of(operand.symbol or symbol))


def value_text(value: float | None, decimals: int) -> str:
    """Return a value in the instrument's decimals: whole for large counts, more decimals for tiny ones."""
    if value is not None and (abs(value) >= 1e6 or (abs(value) >= 1e5 and value.is_integer())):
        return text.number(value, 0)
    if value is not None and 0 < abs(value) < 10**-decimals:
        return f"{value:.3g}".replace("-", text.MINUS)
    return text.number(value, decimals)


def _plain(value: float) -> str:
    return value_text(value, 0 if value.is_integer() else 2)


def _size(value: float) -> str:
    if abs(value) >= 1_000 or value.is_integer():
        return text.number(value, 0)
    return f"{value:.4g}".replace("-", text.MINUS)  # parts of a coin


_IN_UNIT: Final[Mapping[str, Callable[[float], str]]] = {
    "percent": lambda value: f"{value_text(value, 2)} %",
    "seconds": lambda value: f"{_plain(value)} s",
    "size": _size,
    "number": _plain,
}
