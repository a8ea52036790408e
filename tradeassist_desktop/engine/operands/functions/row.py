"""What is written down of one TA-Lib function, and the operands that follow from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.engine.conditions import Argument
from tradeassist_desktop.engine.operands.functions.series import FunctionSeries, Pick, lookback, only, output
from tradeassist_desktop.engine.operands.specification import (
    Average,
    BarOperand,
    Factor,
    Form,
    OperandSpec,
    Parameter,
    Period,
    SessionStarts,
    Source,
    Unit,
)

Input = str | Source
"""A bar field that a function always reads, or one that the user chooses."""

Setting = Period | Factor | Average

ONE: Final[tuple[Input, ...]] = (Source(),)
ONE_AND_VOLUME: Final[tuple[Input, ...]] = (Source(), "volume")
TWO: Final[tuple[Input, ...]] = (
    Source(name="source", default="high"),
    Source(name="second_source", default="low"),
)
ONE_AND_PERIODS: Final[tuple[Input, ...]] = (
    Source(name="source", default=None),
    Source(name="periods", default=None),
)
OPEN_CLOSE: Final[tuple[Input, ...]] = ("open", "close")
HIGH_LOW: Final[tuple[Input, ...]] = ("high", "low")
HIGH_LOW_CLOSE: Final[tuple[Input, ...]] = ("high", "low", "close")
OPEN_HIGH_LOW_CLOSE: Final[tuple[Input, ...]] = ("open", "high", "low", "close")
HIGH_LOW_CLOSE_VOLUME: Final[tuple[Input, ...]] = ("high", "low", "close", "volume")
HIGH_LOW_VOLUME: Final[tuple[Input, ...]] = ("high", "low", "volume")
CLOSE_VOLUME: Final[tuple[Input, ...]] = ("close", "volume")
VOLUME_ALONE: Final[tuple[Input, ...]] = ("volume",)


@dataclass(frozen=True, slots=True)
class Function:
    """One TA-Lib function.

    Args:
        name: TA-Lib's own.
        settings: Its parameters in its order, under its names (``timeperiod`` is ``bars``).
        outputs: Their names in its order where there are several, else empty.
        unit: Of all outputs but those in ``units``.
        units: Of single outputs.
        check: See ``OperandSpec``.
    """

    name: str
    inputs: tuple[Input, ...]
    doc: str
    settings: tuple[Setting, ...] = ()
    outputs: tuple[str, ...] = ()
    unit: Unit = Unit.NUMBER
    units: Mapping[str, Unit] | None = None
    check: Callable[[Mapping[str, Argument]], str | None] | None = None


def bars(default: int, *, minimum: int = 1) -> Period:
    """Return TA-Lib's ``timeperiod``."""
    return Period(minimum=minimum, default=float(default))


def period(name: str, default: int, *, minimum: int = 1) -> Period:
    """Return a number of bars of several."""
    return Period(name=name, minimum=minimum, default=float(default))


def factor(name: str, default: float, minimum: float = 0.0, maximum: float | None = None) -> Factor:
    """Return a number that is no count."""
    if maximum is None:
        return Factor(name=name, default=default, minimum=minimum)
    return Factor(name=name, default=default, minimum=minimum, maximum=maximum)


def average(name: str, default: int) -> Average:
    """Return TA-Lib's ``matype``."""
    return Average(name=name, default=float(default))


def operands_of_function(function: Function, group: str) -> tuple[OperandSpec, ...]:
    """Return the operands by which a function is written."""
    name = function.name.lower()
    if not function.outputs:
        return (function_operand(function, name=name, group=group, pick=only),)
    return tuple(
        function_operand(
            function,
            name=f"{name}.{each}",
            group=group,
            pick=output(index),
            unit=(function.units or {}).get(each, function.unit),
        )
        for index, each in enumerate(function.outputs)
    )


def function_operand(
    function: Function,
    *,
    name: str,
    group: str,
    pick: Pick,
    unit: Unit | None = None,
    doc: str = "",
    parameters: tuple[Setting, ...] | None = None,
    arrange: Callable[[tuple[float, ...]], tuple[float, ...]] | None = None,
) -> OperandSpec:
    """Return an operand computed by a TA-Lib function.

    Args:
        doc: The function's own if empty.
        parameters: Those that are written; the function's own if ``None``.
        arrange: Returns the function's parameters from those written; needed with ``parameters``.
    """
    written = function.settings if parameters is None else parameters
    sources = tuple(each for each in function.inputs if isinstance(each, Source))

    def settings_of(arguments: Mapping[str, Argument]) -> tuple[float, ...]:
        given = tuple(_setting(parameter, arguments[parameter.name]) for parameter in written)
        return given if arrange is None else arrange(given)

    def needs(arguments: Mapping[str, Argument]) -> int:
        return lookback(function.name, settings_of(arguments)) + 1

    def make(arguments: Mapping[str, Argument], sessions: SessionStarts) -> BarOperand:
        return FunctionSeries(
            function=function.name,
            fields=[_field(each, arguments) for each in function.inputs],
            settings=settings_of(arguments),
            pick=pick,
            bars_needed=needs(arguments),
        )

    return OperandSpec(
        name=name,
        form=Form.SERIES,
        unit=function.unit if unit is None else unit,
        doc=doc or function.doc,
        group=group,
        parameters=(*sources, *written),
        make=make,
        needs=needs,
        check=function.check,
    )


def _setting(parameter: Parameter, argument: Argument) -> float:
    assert isinstance(argument, float)
    # TA-Lib's handles take whole numbers for counts and kinds, and nothing else.
    return argument if isinstance(parameter, Factor) else int(argument)


def _field(each: Input, arguments: Mapping[str, Argument]) -> str:
    field = arguments[each.name] if isinstance(each, Source) else each
    assert isinstance(field, str)
    return field
