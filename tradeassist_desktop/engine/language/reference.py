"""Every word of the language with what it means, as plain data: for help, completers and the guide."""

from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.engine.language.grammar import KEYWORD_DOCS
from tradeassist_desktop.engine.operands import OPERANDS, OperandSpec
from tradeassist_desktop.engine.operands.specification import Form, Parameter, Unit

KEYWORD_GROUP: Final = "Logic and comparison"
_UNITS: Final = {unit: unit.value for unit in Unit} | {Unit.SOURCE: "as its source"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word.

    Args:
        signature: As it is written, with the names of its parameters.
        example: As it may stand in a condition.
        unit: What its values are in; empty for words that have none.
        parameters: One line for each: its name, what it may be, what it is if left out.
    """

    group: str
    word: str
    signature: str
    example: str
    unit: str
    parameters: tuple[str, ...]
    doc: str


def reference() -> tuple[Word, ...]:
    """Return every word, those of one group together."""
    keywords = tuple(
        Word(KEYWORD_GROUP, word, word, example, "", (), doc) for word, (doc, example) in KEYWORD_DOCS.items()
    )
    return (*keywords, *(_word(spec) for spec in OPERANDS))


def _word(spec: OperandSpec) -> Word:
    signature = f"{spec.name}[timeframe]" if spec.form is Form.BAR else spec.signature
    parameters = tuple(_parameter(parameter) for parameter in spec.parameters)
    return Word(spec.group, spec.name, signature, spec.example, _UNITS[spec.unit], parameters, spec.doc)


def _parameter(parameter: Parameter) -> str:
    if parameter.default is None:
        return f"{parameter.name}: {parameter.limits}"
    default = parameter.default if isinstance(parameter.default, str) else f"{parameter.default:g}"
    return f"{parameter.name}: {parameter.limits}; {default} if left out"
