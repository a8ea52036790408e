"""The prices that a rule's condition names, for whoever draws its symbol's chart."""

from collections.abc import Iterator

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.engine.conditions import Number, Value, leaves, operands_of, sides
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.language.units import unit_of_value
from tradeassist_desktop.engine.operands.specification import Unit


def levels_of(condition: str, symbol: str) -> tuple[float, ...]:
    """Return the literals that a price of ``symbol`` is compared with, left to right, each once.

    Args:
        condition: Its text; what is none has no levels.
        symbol: The rule's own.
    """
    try:
        parsed = parse(condition)
    except BadInput:
        return ()
    found = (level for leaf in leaves(parsed) for level in _literals(sides(leaf), symbol))
    return tuple(dict.fromkeys(found))


def _literals(values: tuple[Value, ...], symbol: str) -> Iterator[float]:
    if any(_is_price_of(value, symbol) for value in values):
        yield from (value.value for value in values if isinstance(value, Number))


def _is_price_of(value: Value, symbol: str) -> bool:
    # An average is near the price, a difference of two prices is not; both are in its unit.
    of = list(operands_of(value))
    is_own = len(of) == 1 and of[0].symbol in (None, "", symbol)
    return is_own and unit_of_value(value) is Unit.PRICE
