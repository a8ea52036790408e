"""The indicators with names of their own, beside TA-Lib's: each one output, each with few parameters."""

from typing import Any, Final

from tradeassist_desktop.engine.operands.functions.row import (
    HIGH_LOW_CLOSE,
    ONE,
    Function,
    Setting,
    bars,
    factor,
    function_operand,
    period,
)
from tradeassist_desktop.engine.operands.functions.series import Pick, only, output
from tradeassist_desktop.engine.operands.specification import (
    LARGEST_FACTOR,
    OperandSpec,
    Period,
    Source,
    Unit,
)

_GROUP: Final = "Indicators"

_MACD: Final = Function(
    "MACD",
    ONE,
    "",
    settings=(
        period("fast", 12, minimum=2),
        period("slow", 26, minimum=2),
        period("signal", 9),
    ),
)
_BANDS: Final = Function("BBANDS", ONE, "", unit=Unit.SOURCE)
_BAND_SETTINGS: Final[tuple[Setting, ...]] = (
    bars(20, minimum=2),
    factor("deviations", 2.0, -LARGEST_FACTOR),
)
_STOCHASTIC: Final = Function("STOCH", HIGH_LOW_CLOSE, "")
_K_SETTINGS: Final[tuple[Setting, ...]] = (bars(5), period("smooth", 3))
_D_SETTINGS: Final[tuple[Setting, ...]] = (*_K_SETTINGS, period("average", 3))
_NAMED: Final = (Source(default=None),)
_SIMPLE: Final = 0
_NO_SMOOTHING: Final = 1


def _width(bands: Any) -> float:
    upper, middle, lower = bands
    # A middle of 0 has no relative width: not a number, so that the value is unknown.
    return float((upper - lower) / middle) if middle else float("nan")


def _both_sides(given: tuple[float, ...]) -> tuple[float, ...]:
    count, deviations = given
    return count, deviations, deviations, _SIMPLE


def _slow_k(given: tuple[float, ...]) -> tuple[float, ...]:
    count, smooth = given
    # %K does not depend on %D, but TA-Lib knows neither before both are known.
    return count, smooth, _SIMPLE, _NO_SMOOTHING, _SIMPLE


def _slow_d(given: tuple[float, ...]) -> tuple[float, ...]:
    count, smooth, averaged = given
    return count, smooth, _SIMPLE, averaged, _SIMPLE


def _macd(name: str, index: int, doc: str) -> OperandSpec:
    return function_operand(_MACD, name=name, group=_GROUP, pick=output(index), doc=doc)


def _band(name: str, pick: Pick, doc: str, unit: Unit = Unit.SOURCE) -> OperandSpec:
    return function_operand(
        _BANDS,
        name=name,
        group=_GROUP,
        pick=pick,
        unit=unit,
        doc=doc,
        parameters=_BAND_SETTINGS,
        arrange=_both_sides,
    )


def _of_named(name: str, function: str, minimum: int, doc: str) -> OperandSpec:
    return function_operand(
        Function(function, _NAMED, doc, settings=(Period(minimum=minimum),), unit=Unit.SOURCE),
        name=name,
        group=_GROUP,
        pick=only,
    )


INDICATORS: Final = (
    _of_named("avg", "SMA", 1, "Average over the last bars"),
    _of_named("highest", "MAX", 2, "Highest of the last bars"),
    _of_named("lowest", "MIN", 2, "Lowest of the last bars"),
    _macd("macd", 0, "Moving average convergence/divergence: its line"),
    _macd("macd_signal", 1, "Moving average convergence/divergence: its signal"),
    _macd("macd_hist", 2, "Moving average convergence/divergence: line less signal"),
    _band("bb_upper", output(0), "Bollinger's upper band"),
    _band("bb_middle", output(1), "Bollinger's middle band"),
    _band("bb_lower", output(2), "Bollinger's lower band"),
    _band("bb_width", _width, "Width of Bollinger's bands, as a fraction of the middle", Unit.NUMBER),
    function_operand(
        _STOCHASTIC,
        name="stoch_k",
        group=_GROUP,
        pick=output(0),
        doc="Slow stochastic %K, 0 to 100",
        parameters=_K_SETTINGS,
        arrange=_slow_k,
    ),
    function_operand(
        _STOCHASTIC,
        name="stoch_d",
        group=_GROUP,
        pick=output(1),
        doc="Slow stochastic %D, 0 to 100",
        parameters=_D_SETTINGS,
        arrange=_slow_d,
    ),
)
