"""Every function of TA-Lib, one row each: what it reads, its parameters, its outputs, its unit."""

from typing import Final

from tradeassist_desktop.engine.operands.functions.cycles import CYCLES
from tradeassist_desktop.engine.operands.functions.mathematics import OPERATORS, TRANSFORMS
from tradeassist_desktop.engine.operands.functions.momentum import MOMENTUM
from tradeassist_desktop.engine.operands.functions.overlap import OVERLAP
from tradeassist_desktop.engine.operands.functions.patterns import PATTERNS
from tradeassist_desktop.engine.operands.functions.prices import PRICES, VOLATILITY, VOLUME
from tradeassist_desktop.engine.operands.functions.row import Function, operands_of_function
from tradeassist_desktop.engine.operands.functions.statistics import STATISTICS

FUNCTIONS: Final[dict[str, tuple[Function, ...]]] = {
    "Overlap studies": OVERLAP,
    "Momentum indicators": MOMENTUM,
    "Volume indicators": VOLUME,
    "Volatility indicators": VOLATILITY,
    "Cycle indicators": CYCLES,
    "Price transforms": PRICES,
    "Statistic functions": STATISTICS,
    "Math transforms": TRANSFORMS,
    "Math operators": OPERATORS,
    "Candle patterns": PATTERNS,
}
"""By group, in the order in which a trader looks for them."""

TALIB: Final = tuple(
    spec
    for group, functions in FUNCTIONS.items()
    for function in functions
    for spec in operands_of_function(function, group)
)
"""One operand for each function, or for each output of a function that has several."""

OUTPUTS: Final = {
    function.name.lower(): function.outputs
    for functions in FUNCTIONS.values()
    for function in functions
    if function.outputs
}
"""The outputs of the functions that have several."""

__all__ = ["FUNCTIONS", "OUTPUTS", "TALIB", "Function"]
