"""Every word that reads the market. A new one: one file, and one line in ``OPERANDS``."""

from typing import Final

from tradeassist_desktop.engine.conditions import Argument, Operand
from tradeassist_desktop.engine.operands.bars import BARS
from tradeassist_desktop.engine.operands.change import CHANGE
from tradeassist_desktop.engine.operands.fields import FIELDS
from tradeassist_desktop.engine.operands.indicators import INDICATORS
from tradeassist_desktop.engine.operands.specification import Form, OperandSpec, Source, Unit
from tradeassist_desktop.engine.operands.vwap import BAR_VWAP

OPERANDS: Final[tuple[OperandSpec, ...]] = (
    *FIELDS,
    CHANGE,
    *BARS,
    *INDICATORS,
    BAR_VWAP,
)

_BARE: Final = {spec.name: spec for spec in OPERANDS if spec.form is Form.FIELD}
_BARS: Final = {spec.name: spec for spec in OPERANDS if spec.form is Form.BAR}
_CALLED: Final = {spec.name: spec for spec in OPERANDS if spec.form in (Form.SERIES, Form.HISTORY)}


def specification(operand: Operand) -> OperandSpec | None:
    """Return what the operand's word stands for as it is written; ``None`` if it is no word.

    Without ``[tf]`` ``open high low volume`` are the session's, ``close`` the bar's.
    """
    if operand.arguments is not None:
        return _CALLED.get(operand.name)
    if operand.timeframe is None and operand.name in _BARE:
        return _BARE[operand.name]
    return _BARS.get(operand.name)


def completed_arguments(operand: Operand, spec: OperandSpec) -> dict[str, Argument]:
    """Return the arguments by name, left-out sources filled in. The operand must be checked."""
    given = list(operand.arguments or ())
    if len(given) < len(spec.parameters):
        optional = spec.parameters[0]
        assert isinstance(optional, Source)
        assert optional.default is not None
        given.insert(0, optional.default)
    return {parameter.name: argument for parameter, argument in zip(spec.parameters, given, strict=True)}


def unit_of(operand: Operand) -> Unit:
    """Return what the operand's values are in. The operand must be checked."""
    spec = specification(operand)
    assert spec is not None
    if spec.unit is not Unit.SOURCE:
        return spec.unit
    return Unit.SIZE if completed_arguments(operand, spec)["source"] == "volume" else Unit.PRICE


def reads_ticks(operand: Operand) -> bool:
    """Whether the operand changes with updates rather than with closed bars."""
    spec = specification(operand)
    assert spec is not None
    return spec.form in (Form.FIELD, Form.HISTORY)


__all__ = ["OPERANDS", "OperandSpec", "completed_arguments", "reads_ticks", "specification", "unit_of"]
