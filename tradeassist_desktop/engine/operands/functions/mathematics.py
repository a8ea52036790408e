"""TA-Lib's mathematics, bar by bar and over some bars."""

from typing import Final

from tradeassist_desktop.engine.operands.functions.row import ONE, TWO, Function, bars
from tradeassist_desktop.engine.operands.specification import Unit

OPERATORS: Final = (
    Function("ADD", TWO, "First source plus the second"),
    Function("CUMSUM", ONE, "Sum of the source since the first bar"),
    Function("DIV", TWO, "First source divided by the second"),
    Function("MAX", ONE, "Highest of the last bars", settings=(bars(30, minimum=2),), unit=Unit.SOURCE),
    Function(
        "MAXINDEX",
        ONE,
        "Number of the bar that holds the highest of the last bars, counted from the first",
        settings=(bars(30, minimum=2),),
    ),
    Function("MIN", ONE, "Lowest of the last bars", settings=(bars(30, minimum=2),), unit=Unit.SOURCE),
    Function(
        "MININDEX",
        ONE,
        "Number of the bar that holds the lowest of the last bars, counted from the first",
        settings=(bars(30, minimum=2),),
    ),
    Function(
        "MINMAX",
        ONE,
        "Lowest and highest of the last bars",
        settings=(bars(30, minimum=2),),
        outputs=("min", "max"),
        unit=Unit.SOURCE,
    ),
    Function(
        "MINMAXINDEX",
        ONE,
        "Numbers of the bars that hold the lowest and the highest of the last bars",
        settings=(bars(30, minimum=2),),
        outputs=("minidx", "maxidx"),
    ),
    Function("MULT", TWO, "First source times the second"),
    Function("SUB", TWO, "First source less the second"),
    Function("SUM", ONE, "Sum over the last bars", settings=(bars(30, minimum=2),)),
)

TRANSFORMS: Final = (
    Function("ACOS", ONE, "Arc cosine of the source; known from -1 to 1"),
    Function("ASIN", ONE, "Arc sine of the source; known from -1 to 1"),
    Function("ATAN", ONE, "Arc tangent of the source"),
    Function("CEIL", ONE, "Source rounded up to a whole number", unit=Unit.SOURCE),
    Function("COS", ONE, "Cosine of the source"),
    Function("COSH", ONE, "Hyperbolic cosine of the source"),
    Function("EXP", ONE, "e to the power of the source"),
    Function("FLOOR", ONE, "Source rounded down to a whole number", unit=Unit.SOURCE),
    Function("LN", ONE, "Natural logarithm of the source"),
    Function("LOG10", ONE, "Logarithm of the source to base 10"),
    Function("SIN", ONE, "Sine of the source"),
    Function("SINH", ONE, "Hyperbolic sine of the source"),
    Function("SQRT", ONE, "Square root of the source"),
    Function("TAN", ONE, "Tangent of the source"),
    Function("TANH", ONE, "Hyperbolic tangent of the source"),
)
