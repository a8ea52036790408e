"""What an operand does when all prices of its symbol move by an amount, or are multiplied."""

from enum import StrEnum
from typing import Final

from tradeassist_desktop.engine.conditions import Operand
from tradeassist_desktop.engine.operands import unit_of, word_of
from tradeassist_desktop.engine.operands.specification import Unit


class Reaction(StrEnum):
    """How a value follows.

    ``LEVEL`` moves and is multiplied as prices are; ``DISTANCE`` between prices is multiplied, but
    does not move; ``SIZE`` is multiplied as volume is; ``RATIO`` does neither; ``UNSURE`` may do
    anything else: a sum since the first bar, a logarithm.
    """

    LEVEL = "level"
    DISTANCE = "distance"
    SIZE = "size"
    RATIO = "ratio"
    UNSURE = "unsure"


# fmt: off
_DISTANCES: Final = frozenset(
    (
        "spread", "net_change", "avgdev", "stddev", "atr", "trange", "adr", "macd", "macd_signal",
        "macd_hist", "macd.macd", "macd.macdsignal", "macd.macdhist", "macdext.macd",
        "macdext.macdsignal", "macdext.macdhist", "macdfix.macd", "macdfix.macdsignal",
        "macdfix.macdhist", "apo", "ao", "ac", "dpo", "mom", "qstick", "eri.bullpower",
        "eri.bearpower", "linearreg_slope", "minus_dm", "plus_dm",
    )
)
_RATIOS: Final = frozenset(
    (
        "bb_width", "stoch_k", "stoch_d", "supertrend.trend", "adx", "adxr", "aroon.aroondown",
        "aroon.aroonup", "aroonosc", "bop", "cci", "cmo", "cmou", "dx", "er", "imi", "kdj.k",
        "kdj.d", "kdj.j", "mfi", "minus_di", "plus_di", "rocp", "rocr", "rocr100", "rsi", "smi.smi",
        "smi.smisignal", "stoch.slowk", "stoch.slowd", "stochf.fastk", "stochf.fastd",
        "stochrsi.fastk", "stochrsi.fastd", "tsi", "ultosc", "vhf", "vortex.plusvi",
        "vortex.minusvi", "willr", "cmf", "rvol", "rvi", "massi", "ht_dcperiod", "ht_dcphase",
        "ht_sine.sine", "ht_sine.leadsine", "ht_trendmode", "correl", "percentrank", "maxindex",
        "minindex", "minmaxindex.minidx", "minmaxindex.maxidx",
    )
)
# fmt: on
_SIZES: Final = frozenset(("volume", "last_size", "bid_size", "ask_size"))


def reaction_of(operand: Operand) -> Reaction:
    """Return how the operand follows. The operand must be checked."""
    word = word_of(operand)
    if word in _DISTANCES:
        return Reaction.DISTANCE
    if word in _RATIOS or word.startswith("cdl"):
        return Reaction.RATIO
    unit = unit_of(operand)
    if unit is Unit.PRICE:
        return Reaction.LEVEL
    if unit in (Unit.PERCENT, Unit.SECONDS):
        return Reaction.RATIO
    if unit is Unit.SIZE and (word in _SIZES or (operand.arguments and "volume" in operand.arguments)):
        return Reaction.SIZE
    return Reaction.UNSURE
