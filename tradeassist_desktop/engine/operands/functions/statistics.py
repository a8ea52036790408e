"""TA-Lib's statistics."""

from typing import Final

from tradeassist_desktop.engine.operands.functions.row import ONE, TWO, Function, bars, factor
from tradeassist_desktop.engine.operands.specification import LARGEST_FACTOR, Unit

STATISTICS: Final = (
    Function("BETA", TWO, "Beta of the second source's returns to the first's", settings=(bars(5),)),
    Function("CORREL", TWO, "Pearson's correlation of two sources, -1 to 1", settings=(bars(30),)),
    Function(
        "LINEARREG",
        ONE,
        "End of the line fitted to the last bars",
        settings=(bars(14, minimum=2),),
        unit=Unit.SOURCE,
    ),
    Function(
        "LINEARREG_ANGLE",
        ONE,
        "Angle of the line fitted to the last bars, in degrees",
        settings=(bars(14, minimum=2),),
    ),
    Function(
        "LINEARREG_INTERCEPT",
        ONE,
        "Start of the line fitted to the last bars",
        settings=(bars(14, minimum=2),),
        unit=Unit.SOURCE,
    ),
    Function(
        "LINEARREG_SLOPE",
        ONE,
        "Slope of the line fitted to the last bars, per bar",
        settings=(bars(14, minimum=2),),
    ),
    Function(
        "PERCENTILE",
        ONE,
        "Percentile of the last bars, by nearest rank",
        settings=(
            bars(30, minimum=2),
            factor("percentile", 50.0, 0.0, 100.0),
        ),
        unit=Unit.SOURCE,
    ),
    Function(
        "PERCENTRANK",
        ONE,
        "Share of the last bars below the present one, 0 to 100",
        settings=(bars(100, minimum=2),),
    ),
    Function(
        "STDDEV",
        ONE,
        "Standard deviation, times a factor",
        settings=(
            bars(5, minimum=2),
            factor("nbdev", 1.0, -LARGEST_FACTOR),
        ),
    ),
    Function(
        "TSF",
        ONE,
        "Forecast for the next bar by the line fitted to the last ones",
        settings=(bars(14, minimum=2),),
        unit=Unit.SOURCE,
    ),
    Function(
        "VAR",
        ONE,
        "Variance",
        settings=(
            bars(5),
            factor("nbdev", 1.0, -LARGEST_FACTOR),
        ),
    ),
)
