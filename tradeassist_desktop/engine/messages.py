"""What an alert says: the rule's template filled in, or a sentence made of its condition."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from tradeassist_desktop.domain.alerts import Leg
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.engine.conditions import Condition, Leaf, Number, Operand, Percent, leaves, sides
from tradeassist_desktop.engine.language.checker import unit_of_value
from tradeassist_desktop.engine.language.printer import annotated
from tradeassist_desktop.engine.operands.specification import Unit

PLACEHOLDERS: Final = ("name", "symbol", "last", "bid", "ask", "value", "condition", "time", "priority")
UNKNOWN: Final = "–"
_MARK: Final = "\0"
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def unknown_placeholders(template: str) -> list[str]:
    """Return the names in braces that no message can fill in."""
    return [name for name in _PLACEHOLDER.findall(template) if name not in PLACEHOLDERS]


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the template with its placeholders replaced, each once and nothing else."""
    return _PLACEHOLDER.sub(lambda match: values.get(match.group(1), match.group(0)), template)


def message_parts(symbol: str, condition: Condition) -> tuple[str, ...]:
    """Return the pieces of the default message, between which the left sides' values go."""
    return tuple(f"{symbol} {annotated(condition, lambda leaf: _MARK)}".split(_MARK))


def default_message(
    parts: tuple[str, ...],
    symbol: str,
    condition: Condition,
    legs: tuple[Leg, ...],
    instrument_of: Callable[[str], Instrument],
) -> str:
    """Return the condition with its present values: ``/ES last 5530.25 crosses above 5530``.

    Args:
        parts: What ``message_parts`` made of the symbol and the condition.
    """
    pieces = [parts[0]]
    for leaf, leg, part in zip(leaves(condition), legs, parts[1:], strict=True):
        if leg.left is not None and not isinstance(sides(leaf)[0], Number | Percent):
            pieces.append(f" {value_text(leg.left, leaf, symbol, instrument_of)}")
        pieces.append(part)
    return "".join(pieces)


def value_text(value: float, leaf: Leaf, symbol: str, instrument_of: Callable[[str], Instrument]) -> str:
    """Return the left side's value as its unit is read: prices with the instrument's decimals."""
    left = sides(leaf)[0]
    unit = unit_of_value(left)
    if unit is Unit.PRICE:
        of = left.symbol if isinstance(left, Operand) and left.symbol is not None else symbol
        return price_text(value, instrument_of(of))
    return f"{value:.2f}%" if unit is Unit.PERCENT else f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"


def price_text(price: float | None, instrument: Instrument) -> str:
    """Return a price with its instrument's decimals."""
    return UNKNOWN if price is None else f"{price:.{instrument.decimals}f}"


def leftmost_true(condition: Condition, legs: tuple[Leg, ...]) -> tuple[Leaf, Leg] | None:
    """Return the first comparison that is true, with its values; ``None`` if none is."""
    for leaf, leg in zip(leaves(condition), legs, strict=True):
        if leg.is_true:
            return leaf, leg
    return None


def time_text(event_ns: int) -> str:
    """Return an instant as UTC text to the second."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=event_ns // 1000)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
