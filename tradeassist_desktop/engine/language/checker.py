"""What the grammar can't say: known words, their arguments, units. Errors carry columns."""

import difflib
from typing import Final

from tradeassist_desktop.engine.conditions import (
    Argument,
    Arithmetic,
    Duration,
    Negative,
    Number,
    Operand,
    Percent,
    Value,
)
from tradeassist_desktop.engine.language.grammar import KEYWORDS
from tradeassist_desktop.engine.operands import OPERANDS, specification, unit_of
from tradeassist_desktop.engine.operands.specification import (
    BAR_FIELDS,
    MOST_BARS,
    Form,
    Length,
    OperandSpec,
    Parameter,
    Period,
    Source,
    TickField,
    Unit,
)

_WORDS: Final = tuple(dict.fromkeys(spec.name for spec in OPERANDS))
_TICK_FIELDS: Final = tuple(spec.name for spec in OPERANDS if spec.form is Form.FIELD)


class Refused(Exception):
    """The text means nothing the engine could run; ``column`` counts from 1."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


def check_operand(operand: Operand, column: int, argument_columns: list[int]) -> None:
    """Refuse unknown words, wrong arguments, bars where there are none.

    Raises:
        Refused: at the word, or at the argument that is wrong.
    """
    spec = specification(operand)
    if spec is None:
        raise Refused(column, _unknown(operand))
    if spec.form in (Form.FIELD, Form.HISTORY):
        if operand.timeframe is not None:
            raise Refused(column, f"{spec.name} is not made of bars, it takes no [{operand.timeframe}]")
        if operand.ago:
            example = f"; {spec.name}[5m] would be" if spec.name in BAR_FIELDS else ""
            raise Refused(column, f"{spec.name} is not made of bars, it has no value some bars ago{example}")
    if operand.ago > MOST_BARS:
        raise Refused(column, f"at most {MOST_BARS} bars ago, found {operand.ago}")
    if operand.arguments is not None:
        _check_arguments(spec, operand.arguments, column, argument_columns)


def _unknown(operand: Operand) -> str:
    same_name = [spec for spec in OPERANDS if spec.name == operand.name]
    if same_name:
        ways = " or ".join(dict.fromkeys(spec.signature for spec in same_name))
        timeframe = "" if operand.timeframe is None else f"[{operand.timeframe}]"
        written = operand.name if operand.arguments is None else f"{operand.name}(…)"
        return f"expected {ways}, found {written}{timeframe}"
    return unknown_word(operand.name)


def is_known_word(word: str) -> bool:
    """Return whether a word, in lower case, has a meaning anywhere in a condition."""
    return word in _WORDS or word in KEYWORDS


def unknown_word(word: str) -> str:
    """Return the refusal of a word nobody knows, with the nearest one that is known."""
    near = difflib.get_close_matches(word, (*_WORDS, *KEYWORDS), n=1)
    hint = f"; did you mean {near[0]}?" if near else f", such as {', '.join(_WORDS[:3])}, sma(20)"
    return f"expected a number, a field or an indicator, found {word!r}{hint}"


def _check_arguments(
    spec: OperandSpec, arguments: tuple[Argument, ...], column: int, columns: list[int]
) -> None:
    parameters = spec.parameters
    first = parameters[0] if parameters else None
    if isinstance(first, Source) and first.default is not None and len(arguments) < len(parameters):
        parameters = parameters[1:]
    if len(arguments) != len(parameters):
        raise Refused(column, f"expected {spec.signature}, found {len(arguments)} arguments")
    for parameter, argument, at in zip(parameters, arguments, columns, strict=True):
        problem = _problem(parameter, argument)
        if problem is not None:
            raise Refused(at, problem)


def _problem(parameter: Parameter, argument: Argument) -> str | None:
    if isinstance(parameter, Period):
        limits = f"{parameter.minimum} to {parameter.maximum}"
        if not isinstance(argument, float) or not argument.is_integer():
            return f"expected a whole number of bars, {limits}, found {_written(argument)}"
        if not parameter.minimum <= argument <= parameter.maximum:
            return f"expected a number of bars of {limits}, found {argument:g}"
    elif isinstance(parameter, Source):
        if argument not in BAR_FIELDS:
            return f"expected {' '.join(BAR_FIELDS)}, found {_written(argument)}"
    elif isinstance(parameter, TickField):
        if argument not in _TICK_FIELDS or argument == "age":
            return f"expected a tick field such as last, found {_written(argument)}"
    else:
        assert isinstance(parameter, Length)
        if not isinstance(argument, Duration):
            return f"expected a duration such as 5m, found {_written(argument)}"
        if not parameter.minimum_ns <= argument.nanoseconds <= parameter.maximum_ns:
            return f"expected a duration of 1s to 1d, found {argument.text}"
    return None


def _written(argument: Argument) -> str:
    if isinstance(argument, Duration):
        return argument.text
    return f"{argument:g}" if isinstance(argument, float) else repr(argument)


def unit_of_value(value: Value) -> Unit | None:
    """Return what a value is in; ``None`` for bare numbers and mixtures."""
    if isinstance(value, Operand):
        return unit_of(value)
    if isinstance(value, Percent):
        return Unit.PERCENT
    if isinstance(value, Negative):
        return unit_of_value(value.value)
    if isinstance(value, Arithmetic):
        left, right = unit_of_value(value.left), unit_of_value(value.right)
        if left is None or right is None:
            scaled = isinstance(value.left, Number) or isinstance(value.right, Number)
            return (left or right) if scaled else None
        return left if left == right and value.operator in "+-" else None
    return None


def check_percent(value: Value, column: int, other: Value) -> None:
    """Refuse ``2%`` beside anything that is not in percent.

    Raises:
        Refused: at the percentage.
    """
    if not isinstance(value, Percent) or isinstance(other, Percent):
        return
    if unit_of_value(other) is not Unit.PERCENT:
        raise Refused(column, "a percentage can only be compared with change, roc or pct_change")
