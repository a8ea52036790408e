"""Fields of a form as plain data, and how what was typed into one is read.

Forms of the kinds and parameters of the templates are both made of these: the window draws
them, the command line lists them, and ``read_fields`` checks what was entered.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES
from tradeassist_desktop.engine.conditions import Comparison, Duration, Number, Operand, Percent, duration_ns
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.language.symbols import LONGEST_SYMBOL

LARGEST_NUMBER: Final = 1e12

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,13}(?:\.[0-9]{1,30})?")
_LEVEL: Final = re.compile(r"[+-]?[0-9]{1,16}(?:\.[0-9]{1,30})?(?:e[+-]?[0-9]{1,3})?")
_WORD: Final = re.compile(r"[A-Za-z_]{1,30}")
_BARS: Final = re.compile(r"([0-9]{1,6}) bars?")
_LONGEST_TEXT: Final = 500


class FieldType(StrEnum):
    """What a field takes; ``read_fields`` gives it back as the type named here.

    ``number`` a float, ``whole`` an int, ``choice``, ``timeframe`` and ``symbol`` a text
    (an empty symbol ``None``), ``duration`` nanoseconds, ``level`` a ``Number`` or ``Percent``,
    ``operand`` an ``Operand``, ``value`` either of the last two, ``word`` a field's name, ``span``
    a ``Duration`` or a number of bars.
    """

    NUMBER = "number"
    WHOLE = "whole"
    CHOICE = "choice"
    TIMEFRAME = "timeframe"
    SYMBOL = "symbol"
    DURATION = "duration"
    LEVEL = "level"
    OPERAND = "operand"
    VALUE = "value"
    WORD = "word"
    SPAN = "span"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field.

    Args:
        label: As the form names it.
        default: As it would be typed; empty where there is none.
        minimum: Of numbers, and of durations in seconds; bounds are inclusive.
        unit: What a number is in, as shown behind it.
        choices: What a choice may be, each with the words a user reads for it.
        optional: Whether it may be left empty.
    """

    name: str
    label: str
    type: FieldType
    help: str
    default: str = ""
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    optional: bool = False

    @property
    def limits(self) -> str:
        """Return what may be entered, in words: ``2 to 500 bars``."""
        if self.choices:
            return ", ".join(value for value, _ in self.choices)
        if self.type is FieldType.DURATION:
            assert self.minimum is not None and self.maximum is not None
            return f"{_seconds_to_text(self.minimum)} to {_seconds_to_text(self.maximum)}"
        if self.minimum is None or self.maximum is None:
            return _LIMITS[self.type]
        least, most = number_to_text(float(self.minimum)), number_to_text(float(self.maximum))
        return f"{least} to {most} {self.unit}".rstrip()


def read_fields(fields: Sequence[FormField], entered: Mapping[str, object]) -> dict[str, Any]:
    """Return what was entered, by name and typed; a field left out has its default.

    Args:
        entered: Texts as typed; numbers and truth values are taken as they would be written.

    Raises:
        BadInput: with every fault, placed by the field's name.
    """
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    known = {field.name for field in fields}
    for name in entered:
        if name not in known:
            expected = ", ".join(sorted(known)) or "none"
            faults.append(Fault(name[:100], f"unknown; expected one of {expected}"))
    for field in fields:
        text = _text(entered.get(field.name, field.default))
        if field.type is not FieldType.SYMBOL:
            text = text.strip()
        try:
            values[field.name] = _read(field, text)
        except ValueError as error:
            faults.append(Fault(field.name, str(error)))
        except BadInput as error:
            faults.extend(Fault(field.name, fault.message, fault.column) for fault in error.faults)
    if faults:
        raise BadInput(faults)
    return values


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_to_text(float(value)) if abs(value) < LARGEST_NUMBER * 10 else str(value)[:60]
    return value if isinstance(value, str) else f"a {type(value).__name__}"


def _read(field: FormField, text: str) -> Any:
    if not text:
        if field.optional:
            return None
        raise ValueError(f"expected {field.limits}, found nothing")
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"longer than {_LONGEST_TEXT} characters")
    return _READERS[field.type](field, text)


def _number(field: FormField, text: str) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else None
    if value is None or not _in_limits(field, value):
        raise ValueError(f"expected {field.limits}, found {text[:60]!r}")
    return value


def _whole(field: FormField, text: str) -> int:
    value = _number(field, text)
    if not value.is_integer():
        raise ValueError(f"expected a whole number, {field.limits}, found {text!r}")
    return int(value)


def _in_limits(field: FormField, value: float) -> bool:
    least = -LARGEST_NUMBER if field.minimum is None else field.minimum
    most = LARGEST_NUMBER if field.maximum is None else field.maximum
    return least <= value <= most


def _chosen(field: FormField, text: str) -> str:
    if text not in (value for value, _ in field.choices):
        raise ValueError(f"expected one of {field.limits}, found {text[:60]!r}")
    return text


def _timeframe(field: FormField, text: str) -> str:
    if text not in TIMEFRAMES:
        raise ValueError(f"expected one of {' '.join(TIMEFRAMES)}, found {text[:60]!r}")
    return text


def _symbol(field: FormField, text: str) -> str:
    if len(text) > LONGEST_SYMBOL or '"' in text:
        raise ValueError(f"expected a symbol of up to {LONGEST_SYMBOL} characters, found {text[:60]!r}")
    return text


def _duration(field: FormField, text: str) -> int:
    nanoseconds = duration_ns(text)
    if not _in_limits(field, nanoseconds / NS_PER_SECOND):
        raise ValueError(f"expected {field.limits}, found {text}")
    return nanoseconds


def _level(field: FormField, text: str) -> Number | Percent:
    digits = text.removesuffix("%").rstrip()
    if not _LEVEL.fullmatch(digits):
        raise ValueError(f"expected a number, or a percentage such as 2%, found {text[:60]!r}")
    return (Percent if text.endswith("%") else Number)(float(digits))


def _operand(field: FormField, text: str) -> Operand:
    try:
        condition = parse(f"{text} > 0")
    except BadInput as error:
        fault = error.faults[0]
        if fault.column is None or fault.column <= len(text):
            raise
        # The comparison was not typed: where it stands, the text ends too early.
        raise ValueError(fault.message.replace("found '>'", "found the end")) from None
    if not isinstance(condition, Comparison) or not isinstance(condition.left, Operand):
        raise ValueError(f"expected one field or indicator such as last or rsi(14)[5m], found {text[:60]!r}")
    if condition.right != Number(0.0):
        raise ValueError(f"expected one field or indicator, found a comparison: {text[:60]!r}")
    return condition.left


def _value(field: FormField, text: str) -> Operand | Number | Percent:
    return _level(field, text) if text[0] in "+-.0123456789" else _operand(field, text)


def _word(field: FormField, text: str) -> str:
    if not _WORD.fullmatch(text):
        raise ValueError(f"expected the name of a field such as last, found {text[:60]!r}")
    return text.lower()


def _span(field: FormField, text: str) -> Duration | int:
    bars = _BARS.fullmatch(text)
    if bars is not None:
        return int(bars[1])
    duration = Duration(text.lower())
    try:
        _ = duration.nanoseconds
    except ValueError:
        raise ValueError(f"expected {field.limits}, found {text[:60]!r}") from None
    return duration


def _seconds_to_text(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % length == 0:
            return f"{seconds // length:g}{unit}"
    return f"{seconds:g}s"


_READERS: Final[Mapping[FieldType, Callable[[FormField, str], Any]]] = {
    FieldType.NUMBER: _number,
    FieldType.WHOLE: _whole,
    FieldType.CHOICE: _chosen,
    FieldType.TIMEFRAME: _timeframe,
    FieldType.SYMBOL: _symbol,
    FieldType.DURATION: _duration,
    FieldType.LEVEL: _level,
    FieldType.OPERAND: _operand,
    FieldType.VALUE: _value,
    FieldType.WORD: _word,
    FieldType.SPAN: _span,
}

_LIMITS: Final[Mapping[FieldType, str]] = {
    FieldType.NUMBER: "a number",
    FieldType.WHOLE: "a whole number",
    FieldType.TIMEFRAME: " ".join(TIMEFRAMES),
    FieldType.SYMBOL: "a symbol",
    FieldType.LEVEL: "a number, or a percentage such as 2%",
    FieldType.OPERAND: "a field or an indicator",
    FieldType.VALUE: "a number, a field or an indicator",
    FieldType.WORD: "the name of a field",
    FieldType.SPAN: "a duration such as 5m, or a number of bars such as 3 bars",
}
