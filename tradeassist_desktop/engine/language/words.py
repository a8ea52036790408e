"""Conditions in plain words, for those who read a rule and did not write it."""

from typing import Final

from tradeassist_desktop.engine.conditions import (
    All,
    Arithmetic,
    Comparison,
    Condition,
    Crossing,
    Duration,
    Leaf,
    Negative,
    Not,
    Number,
    Operand,
    Percent,
    Range,
    Some,
    Then,
    Touch,
    Value,
)
from tradeassist_desktop.engine.language.printer import argument_to_text
from tradeassist_desktop.engine.operands import specification, word_of
from tradeassist_desktop.engine.operands.specification import Form

_COMPARISONS: Final = {
    ">": "is above",
    ">=": "is at or above",
    "<": "is below",
    "<=": "is at or below",
    "==": "is exactly",
    "!=": "is not",
}
_RANGES: Final = {
    "in": "is inside",
    "outside": "is outside",
    "enters": "enters",
    "exits": "exits",
}
_FIELDS: Final = {
    "last": "last price",
    "pct_change": "change since the close in percent",
    "net_change": "change since the close",
    "prev_close": "previous close",
    "last_size": "last size",
    "bid_size": "bid size",
    "ask_size": "ask size",
    "age": "seconds since the last trade",
}
_LENGTHS: Final = {"ms": "millisecond", "s": "second", "m": "minute", "h": "hour", "d": "day"}


def in_words(condition: Condition) -> str:
    """Return the condition in plain words: ``last price crosses above 5,530``."""
    if isinstance(condition, Some):
        return " or ".join(in_words(part) for part in condition.parts)
    if isinstance(condition, All):
        return " and ".join(_grouped(part, isinstance(part, Some)) for part in condition.parts)
    if isinstance(condition, Not):
        return f"not {_grouped(condition.part, not isinstance(condition.part, Not))}"
    if isinstance(condition, Then):
        steps = ", then ".join(in_words(step) for step in condition.steps)
        return f"({steps}) within {_length(condition.within.text)}"
    return _leaf(condition)


def _grouped(part: Condition, grouped: bool) -> str:
    return f"({in_words(part)})" if grouped else in_words(part)


def _leaf(leaf: Leaf) -> str:
    if isinstance(leaf, Range):
        return f"{_value(leaf.value)} {_RANGES[leaf.kind]} {_value(leaf.low)} to {_value(leaf.high)}"
    return f"{_value(leaf.left)} {_verb(leaf)} {_value(leaf.right)}"


def _verb(leaf: Comparison | Crossing | Touch) -> str:
    if isinstance(leaf, Comparison):
        return _COMPARISONS[leaf.operator]
    if isinstance(leaf, Touch):
        return "touches"
    return "crosses" if leaf.direction == "either" else f"crosses {leaf.direction}"


def _value(value: Value) -> str:
    if isinstance(value, Number):
        return f"{value.value:,.10g}"
    if isinstance(value, Percent):
        return f"{value.value:,.10g}%"
    if isinstance(value, Operand):
        return _operand(value)
    if isinstance(value, Negative):
        return f"minus {_part(value.value)}"
    return f"{_part(value.left)} {value.operator} {_part(value.right)}"


def _part(value: Value) -> str:
    return f"({_value(value)})" if isinstance(value, Arithmetic | Negative) else _value(value)


def _operand(operand: Operand) -> str:
    spec = specification(operand)
    symbol = "" if operand.symbol is None else f"{operand.symbol} "
    if spec is None or spec.form is Form.FIELD:
        return f"{symbol}{_FIELDS.get(operand.name, operand.name)}"
    arguments = operand.arguments or ()
    if spec.form is Form.HISTORY:
        field, duration = arguments
        assert isinstance(field, str)
        assert isinstance(duration, Duration)
        return f"{symbol}change of {_FIELDS.get(field, field)} in {_length(duration.text)}"
    bars = "" if operand.timeframe is None else f"{adjective(operand.timeframe)} "
    if spec.form is Form.BAR:
        which = _ago(f"{bars}bar", operand.ago) if operand.ago else f"of the last {bars}bar"
        return f"{symbol}{operand.name} {which}"
    written = ", ".join(argument_to_text(argument) for argument in arguments)
    of_bars = f" of {bars}bars" if bars else ""
    ago = f" {_ago('bar', operand.ago)}" if operand.ago else ""
    return f"{symbol}{word_of(operand)}({written}){of_bars}{ago}"


def _ago(bar: str, count: int) -> str:
    return f"{count:,} {bar}{'' if count == 1 else 's'} ago"


def adjective(timeframe: str) -> str:
    """Return a timeframe before the word "bar": ``15-minute``."""
    digits = timeframe.rstrip("smhd")
    return f"{digits}-{_LENGTHS[timeframe[len(digits) :]]}"


def _length(duration: str) -> str:
    digits = duration.rstrip("smhd")
    unit = _LENGTHS[duration[len(digits) :]]
    return f"{int(digits):,} {unit}{'' if int(digits) == 1 else 's'}"
