"""TA-Lib's overlap studies: averages, bands and stops in the scale of their source."""

from collections.abc import Mapping
from typing import Final

from tradeassist_desktop.engine.conditions import Argument
from tradeassist_desktop.engine.operands.functions.row import (
    HIGH_LOW,
    HIGH_LOW_CLOSE,
    ONE,
    ONE_AND_PERIODS,
    ONE_AND_VOLUME,
    Function,
    average,
    bars,
    factor,
    period,
)
from tradeassist_desktop.engine.operands.specification import LARGEST_FACTOR, Unit


def _most_below_least(arguments: Mapping[str, Argument]) -> str | None:
    least, most = arguments["minperiod"], arguments["maxperiod"]
    assert isinstance(least, float)
    assert isinstance(most, float)
    return None if least <= most else f"expected minperiod up to maxperiod, found {least:g} and {most:g}"


OVERLAP: Final = (
    Function(
        "ACCBANDS",
        HIGH_LOW_CLOSE,
        "Acceleration bands",
        settings=(bars(20, minimum=2),),
        outputs=("upperband", "middleband", "lowerband"),
        unit=Unit.PRICE,
    ),
    Function(
        "BBANDS",
        ONE,
        "Bollinger bands",
        settings=(
            bars(20, minimum=2),
            factor("nbdevup", 2.0, -LARGEST_FACTOR),
            factor("nbdevdn", 2.0, -LARGEST_FACTOR),
            average("matype", 0),
        ),
        outputs=("upperband", "middleband", "lowerband"),
        unit=Unit.SOURCE,
    ),
    Function("DEMA", ONE, "Double exponential moving average", settings=(bars(30),), unit=Unit.SOURCE),
    Function(
        "DONCHIAN",
        HIGH_LOW,
        "Donchian channel: highest high, lowest low and their middle",
        settings=(bars(20, minimum=2),),
        outputs=("upperband", "middleband", "lowerband"),
        unit=Unit.PRICE,
    ),
    Function("EMA", ONE, "Exponential moving average", settings=(bars(30),), unit=Unit.SOURCE),
    Function("HMA", ONE, "Hull moving average", settings=(bars(20),), unit=Unit.SOURCE),
    Function("HT_TRENDLINE", ONE, "Instantaneous trend line, by the Hilbert transform", unit=Unit.SOURCE),
    Function("KAMA", ONE, "Kaufman's adaptive moving average", settings=(bars(30),), unit=Unit.SOURCE),
    Function(
        "KC",
        HIGH_LOW_CLOSE,
        "Keltner channel: moving average and a multiple of atr around it",
        settings=(
            bars(20, minimum=2),
            period("atrperiod", 10),
            factor("nbdev", 2.0, -LARGEST_FACTOR),
        ),
        outputs=("upperband", "middleband", "lowerband"),
        unit=Unit.PRICE,
    ),
    Function(
        "MA",
        ONE,
        "Moving average of any kind",
        settings=(
            bars(30),
            average("matype", 0),
        ),
        unit=Unit.SOURCE,
    ),
    Function(
        "MAMA",
        ONE,
        "MESA adaptive moving average and the one that follows it",
        settings=(
            factor("fastlimit", 0.5, 0.01, 0.99),
            factor("slowlimit", 0.05, 0.01, 0.99),
        ),
        outputs=("mama", "fama"),
        unit=Unit.SOURCE,
    ),
    Function(
        "MAVP",
        ONE_AND_PERIODS,
        "Moving average whose number of bars is the second source",
        settings=(
            period("minperiod", 2),
            period("maxperiod", 30),
            average("matype", 0),
        ),
        unit=Unit.SOURCE,
        check=_most_below_least,
    ),
    Function(
        "MIDPOINT",
        ONE,
        "Middle of the highest and the lowest of the last bars",
        settings=(bars(14, minimum=2),),
        unit=Unit.SOURCE,
    ),
    Function(
        "MIDPRICE",
        HIGH_LOW,
        "Middle of the highest high and the lowest low of the last bars",
        settings=(bars(14, minimum=2),),
        unit=Unit.PRICE,
    ),
    Function("RMA", ONE, "Wilder's moving average", settings=(bars(30),), unit=Unit.SOURCE),
    Function(
        "SAR",
        HIGH_LOW,
        "Parabolic stop and reverse",
        settings=(
            factor("acceleration", 0.02),
            factor("maximum", 0.2),
        ),
        unit=Unit.PRICE,
    ),
    Function(
        "SAREXT",
        HIGH_LOW,
        "Parabolic stop and reverse, each side with its own steps; negative while short",
        settings=(
            factor("startvalue", 0.0, -LARGEST_FACTOR),
            factor("offsetonreverse", 0.0),
            factor("accelerationinitlong", 0.02),
            factor("accelerationlong", 0.02),
            factor("accelerationmaxlong", 0.2),
            factor("accelerationinitshort", 0.02),
            factor("accelerationshort", 0.02),
            factor("accelerationmaxshort", 0.2),
        ),
        unit=Unit.PRICE,
    ),
    Function("SMA", ONE, "Simple moving average", settings=(bars(30),), unit=Unit.SOURCE),
    Function(
        "SUPERTREND",
        HIGH_LOW_CLOSE,
        "SuperTrend line, and its direction: 1 or -1",
        settings=(
            bars(10, minimum=2),
            factor("multiplier", 3.0),
        ),
        outputs=("supertrend", "trend"),
        unit=Unit.PRICE,
        units={"trend": Unit.NUMBER},
    ),
    Function(
        "T3",
        ONE,
        "Tillson's triple exponential moving average",
        settings=(
            bars(5),
            factor("vfactor", 0.7, 0.0, 1.0),
        ),
        unit=Unit.SOURCE,
    ),
    Function("TEMA", ONE, "Triple exponential moving average", settings=(bars(30),), unit=Unit.SOURCE),
    Function("TRIMA", ONE, "Triangular moving average", settings=(bars(30),), unit=Unit.SOURCE),
    Function(
        "VWMA", ONE_AND_VOLUME, "Volume-weighted moving average", settings=(bars(30),), unit=Unit.SOURCE
    ),
    Function("WMA", ONE, "Weighted moving average", settings=(bars(30),), unit=Unit.SOURCE),
    Function("ZLEMA", ONE, "Zero-lag exponential moving average", settings=(bars(30),), unit=Unit.SOURCE),
)
