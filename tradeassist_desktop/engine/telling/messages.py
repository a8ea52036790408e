"""What an alert says: the rule's template filled in, or a sentence made of its condition."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from tradeassist_desktop.domain.alerts import Leg
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.engine.conditions import (
    All,
    Condition,
    Leaf,
    Not,
    Number,
    Percent,
    Some,
    Then,
    leaves,
    operands_of,
    sides,
)
from tradeassist_desktop.engine.language.printer import annotated, value_to_text
from tradeassist_desktop.engine.language.units import unit_of_value
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


def message_parts(symbol: str, condition: Condition, text: str | None = None) -> tuple[str, ...]:
    """Return the pieces of the default message, between which the left sides' values go.

    Args:
        text: The condition's canonical text, where it is known.
    """
    if text is not None and not isinstance(condition, All | Some | Not | Then):
        # The usual case, without a second writing of what is written already.
        left = value_to_text(sides(condition)[0])
        return f"{symbol} {left}", text[len(left) :]
    told = iter(_told(condition))
    return tuple(f"{symbol} {annotated(condition, lambda leaf: _MARK if next(told) else '')}".split(_MARK))


def default_message(
    parts: tuple[str, ...],
    symbol: str,
    condition: Condition,
    legs: tuple[Leg, ...],
    instrument_of: Callable[[str], Instrument],
) -> str:
    """Return the condition with its present values: ``/ES last 5530.25 crosses above 5530``.

    Of a sequence only the last step has them: what the earlier ones saw is past.

    Args:
        parts: What ``message_parts`` made of the symbol and the condition.
    """
    if not isinstance(condition, All | Some | Not | Then):
        value = _left_text(condition, legs[0], symbol, instrument_of)
        return f"{parts[0]}{parts[1]}" if value is None else f"{parts[0]} {value}{parts[1]}"
    pieces = [parts[0]]
    for (leaf, leg), part in zip(_told_of(condition, legs), parts[1:], strict=True):
        text = _left_text(leaf, leg, symbol, instrument_of)
        pieces.append(part if text is None else f" {text}{part}")
    return "".join(pieces)


def cleared_message(
    text: str,
    symbol: str,
    condition: Condition,
    legs: tuple[Leg, ...],
    instrument_of: Callable[[str], Instrument],
) -> str:
    """Return that a condition is no longer true: ``Cleared: /ES last > 5530 (now 5529.75)``.

    Args:
        text: The condition's canonical text.
    """
    texts = (_left_text(leaf, leg, symbol, instrument_of) for leaf, leg in _told_of(condition, legs))
    now = ", ".join(dict.fromkeys(filter(None, texts)))
    return f"Cleared: {symbol} {text}{f' (now {now})' if now else ''}"


def _told_of(condition: Condition, legs: tuple[Leg, ...]) -> Iterator[tuple[Leaf, Leg]]:
    for leaf, leg, is_told in zip(leaves(condition), legs, _told(condition), strict=True):
        if is_told:
            yield leaf, leg


def _told(condition: Condition) -> list[bool]:
    """Return, of each leaf left to right, whether it is in no earlier step of a sequence."""
    if isinstance(condition, All | Some):
        return [told for part in condition.parts for told in _told(part)]
    if isinstance(condition, Not):
        return _told(condition.part)
    if isinstance(condition, Then):
        *earlier, last = condition.steps
        return [False for step in earlier for _ in leaves(step)] + _told(last)
    return [True]


def _left_text(leaf: Leaf, leg: Leg, symbol: str, instrument_of: Callable[[str], Instrument]) -> str | None:
    """Return the left side's value; ``None`` where it is not known, or is written in the condition."""
    if leg.left is None or isinstance(sides(leaf)[0], Number | Percent):
        return None
    return value_text(leg.left, leaf, symbol, instrument_of)


def value_text(value: float, leaf: Leaf, symbol: str, instrument_of: Callable[[str], Instrument]) -> str:
    """Return the left side's value as its unit is read: prices with the instrument's decimals."""
    left = sides(leaf)[0]
    unit = unit_of_value(left)
    if unit is Unit.PRICE:
        first = next(operands_of(left))
        return price_text(value, instrument_of(first.symbol or symbol))
    if unit is Unit.PERCENT:
        return f"{value:.2f}%"
    number = f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"
    return f"{number} s" if unit is Unit.SECONDS else number


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
