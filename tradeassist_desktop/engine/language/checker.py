"""What the grammar can't say: known words, their arguments. Errors carry columns."""

from typing import Final

from tradeassist_desktop.engine.conditions import Argument, Duration, Operand
from tradeassist_desktop.engine.language.advice import VALUES, meant
from tradeassist_desktop.engine.language.grammar import KEYWORDS
from tradeassist_desktop.engine.operands import OPERANDS, OUTPUTS, specification, word_of
from tradeassist_desktop.engine.operands.specification import (
    AVERAGES,
    BAR_FIELDS,
    MOST_BARS,
    Average,
    Factor,
    Form,
    Length,
    OperandSpec,
    Parameter,
    Period,
    Source,
    TickField,
)

_WORDS: Final = tuple(dict.fromkeys(spec.name for spec in OPERANDS))
_KNOWN: Final = frozenset((*_WORDS, *KEYWORDS, *(each for outputs in OUTPUTS.values() for each in outputs)))
_TICK_FIELDS: Final = tuple(spec.name for spec in OPERANDS if spec.form is Form.FIELD)
_LONGEST_WORD: Final = 40
_LONGEST_TICKER: Final = 5


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
    same_name = [spec for spec in OPERANDS if spec.name == word_of(operand)]
    if same_name:
        ways = " or ".join(dict.fromkeys(spec.signature for spec in same_name))
        timeframe = "" if operand.timeframe is None else f"[{operand.timeframe}]"
        written = word_of(operand) if operand.arguments is None else f"{word_of(operand)}(…)"
        is_named_only = operand.arguments is None and same_name[0].signature != same_name[0].name
        example = f", such as {same_name[0].example}" if is_named_only else ""
        return f"expected {ways}{example}, found {written}{timeframe}"
    if operand.name in OUTPUTS:
        return f"expected {_outputs(operand.name)}, found {operand.name}"
    if operand.symbol is not None and operand.symbol.lower() in OUTPUTS:
        return not_an_output(operand.symbol, operand.name)
    return unknown_word(operand.name)


def _outputs(function: str) -> str:
    dotted = [f"{function}.{each}" for each in OUTPUTS[function]]
    ways = [spec.signature for spec in OPERANDS if spec.name in dotted]
    return " or ".join(ways)


def not_an_output(function: str, word: str) -> str:
    """Return the refusal of ``function.word`` after a symbol, which must be one output of a function."""
    if function.lower() in OUTPUTS:
        return f"expected {_outputs(function.lower())}, found {shortened(f'{function}.{word}')}"
    return f"expected one symbol before a field or an indicator, found {shortened(function)} as a second"


def unknown_qualifier(word: str) -> str:
    """Return the refusal of an unquoted symbol that has to be quoted."""
    if word.lower() in OUTPUTS:
        return f"expected {_outputs(word.lower())}, or the symbol in quotes"
    return f'expected a symbol such as AAPL, /ES or $VIX, or one in quotes: "{shortened(word)}".last'


def known_words() -> tuple[str, ...]:
    """Return every word that may stand in a condition."""
    return (*_WORDS, *KEYWORDS)


def is_known_word(word: str) -> bool:
    """Return whether a word, in lower case, has a meaning anywhere in a condition."""
    return word in _KNOWN


def unknown_word(word: str) -> str:
    """Return the refusal of a word where a value has to stand, with what may have been meant."""
    if word in KEYWORDS:
        return f"expected a number, a field or an indicator, found {word!r}"
    known = () if len(word) > _LONGEST_WORD else known_words()
    hint = meant(word, known, VALUES) or f", such as {', '.join(_WORDS[:3])}, sma(20)"
    if hint.startswith(",") and word.isalpha() and len(word) <= _LONGEST_TICKER:
        hint += f"; if it is a symbol, write {word.upper()}.last"
    return f"expected a number, a field or an indicator, found {shortened(word)!r}{hint}"


def shortened(word: str) -> str:
    """Return a word as a message shows it: not a thousand characters of it."""
    return word if len(word) <= _LONGEST_WORD else f"{word[:_LONGEST_WORD]}…"


def _check_arguments(
    spec: OperandSpec, arguments: tuple[Argument, ...], column: int, columns: list[int]
) -> None:
    parameters = spec.parameters_of(arguments)
    if parameters is None:
        count = len(arguments)
        found = f"{count} argument" if count == 1 else f"{count} arguments"
        raise Refused(column, f"expected {spec.signature}, found {found}")
    for parameter, argument, at in zip(parameters, arguments, columns, strict=True):
        problem = _problem(parameter, argument)
        if problem is not None:
            raise Refused(at, problem)
    if spec.check is not None:
        problem = spec.check(spec.complete(arguments))
        if problem is not None:
            raise Refused(column, problem)


def _problem(parameter: Parameter, argument: Argument) -> str | None:
    if isinstance(parameter, Period):
        if not isinstance(argument, float) or not argument.is_integer():
            return f"expected a whole number of bars, {parameter.limits}, found {_written(argument)}"
        if not parameter.minimum <= argument <= parameter.maximum:
            return f"expected a number of bars of {parameter.limits}, found {argument:g}"
    elif isinstance(parameter, Factor):
        if not isinstance(argument, float) or not parameter.minimum <= argument <= parameter.maximum:
            return f"expected {parameter.name} as a number of {parameter.limits}, found {_written(argument)}"
    elif isinstance(parameter, Average):
        if not isinstance(argument, float) or argument not in range(len(AVERAGES)):
            kinds = f"0 to {len(AVERAGES) - 1} (0 {AVERAGES[0]}, 1 {AVERAGES[1]})"
            return f"expected {parameter.name} as a kind of average, {kinds}, found {_written(argument)}"
    elif isinstance(parameter, Source):
        if argument not in BAR_FIELDS:
            return f"expected {parameter.limits}, found {_written(argument)}"
    elif isinstance(parameter, TickField):
        if argument not in _TICK_FIELDS or argument == "age":
            return f"expected a tick field such as last, found {_written(argument)}"
    else:
        assert isinstance(parameter, Length)
        if not isinstance(argument, Duration):
            return f"expected a duration such as 5m, found {_written(argument)}"
        if not parameter.minimum_ns <= argument.nanoseconds <= parameter.maximum_ns:
            return f"expected a duration of {parameter.limits}, found {argument.text}"
    return None


def _written(argument: Argument) -> str:
    if isinstance(argument, Duration):
        return argument.text
    return f"{argument:g}" if isinstance(argument, float) else repr(shortened(argument))
