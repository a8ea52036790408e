"""Every word that reads the market. A new one: one file, and one line in ``OPERANDS``."""

from typing import Final

from tradeassist_desktop.engine.conditions import Argument, Operand
from tradeassist_desktop.engine.operands.bars import BARS
from tradeassist_desktop.engine.operands.change import CHANGE
from tradeassist_desktop.engine.operands.fields import FIELDS
from tradeassist_desktop.engine.operands.functions import OUTPUTS, TALIB
from tradeassist_desktop.engine.operands.indicators import INDICATORS
from tradeassist_desktop.engine.operands.opening import OPENING
from tradeassist_desktop.engine.operands.specification import Form, OperandSpec, Source, Unit
from tradeassist_desktop.engine.operands.vwap import BAR_VWAP

OPERANDS: Final[tuple[OperandSpec, ...]] = (
    *FIELDS,
    CHANGE,
    *BARS,
    *INDICATORS,
    BAR_VWAP,
    *OPENING,
    *TALIB,
)

_BARE: Final = {spec.name: spec for spec in OPERANDS if spec.form is Form.FIELD}
_BARS: Final = {spec.name: spec for spec in OPERANDS if spec.form is Form.BAR}
_CALLED: Final = {spec.name: spec for spec in OPERANDS if spec.form in (Form.SERIES, Form.HISTORY)}


def specification(operand: Operand) -> OperandSpec | None:
    """Return what the operand's word stands for as it is written; ``None`` if it is no word.

    Without ``[tf]`` ``open high low volume`` are the session's, ``close`` the bar's.
    """
    if operand.arguments is not None:
        return _CALLED.get(word_of(operand))
    if operand.output is not None:
        return None
    if operand.timeframe is None and operand.name in _BARE:
        return _BARE[operand.name]
    return _BARS.get(operand.name)


def word_of(operand: Operand) -> str:
    """Return the operand's word as the table has it: ``rsi``, ``aroon.aroonup``."""
    return operand.name if operand.output is None else f"{operand.name}.{operand.output}"


def is_output(function: str, word: str) -> bool:
    """Whether ``function.word``, in any case, is one output of a function that has several."""
    return word.lower() in OUTPUTS.get(function.lower(), ())


def completed_arguments(operand: Operand, spec: OperandSpec) -> dict[str, Argument]:
    """Return the arguments by name, left-out ones filled in. The operand must be checked."""
    return spec.complete(operand.arguments or ())


def unit_of(operand: Operand) -> Unit:
    """Return what the operand's values are in. The operand must be checked."""
    spec = specification(operand)
    assert spec is not None
    if spec.unit is not Unit.SOURCE:
        return spec.unit
    source = next(parameter for parameter in spec.parameters if isinstance(parameter, Source))
    return Unit.SIZE if completed_arguments(operand, spec)[source.name] == "volume" else Unit.PRICE


def reads_ticks(operand: Operand) -> bool:
    """Whether the operand changes with updates rather than with closed bars."""
    spec = specification(operand)
    assert spec is not None
    return spec.form in (Form.FIELD, Form.HISTORY)


__all__ = [
    "OPERANDS",
    "OUTPUTS",
    "OperandSpec",
    "completed_arguments",
    "is_output",
    "reads_ticks",
    "specification",
    "unit_of",
    "word_of",
]
