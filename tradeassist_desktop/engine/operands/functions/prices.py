"""TA-Lib's functions of prices, ranges and volume."""

from typing import Final

from tradeassist_desktop.engine.operands.functions.row import (
    CLOSE_VOLUME,
    HIGH_LOW,
    HIGH_LOW_CLOSE,
    HIGH_LOW_CLOSE_VOLUME,
    HIGH_LOW_VOLUME,
    ONE,
    ONE_AND_VOLUME,
    OPEN_HIGH_LOW_CLOSE,
    VOLUME_ALONE,
    Function,
    average,
    bars,
    period,
)
from tradeassist_desktop.engine.operands.specification import Unit

PRICES: Final = (
    Function(
        "AVGDEV",
        ONE,
        "Mean absolute deviation from the average",
        settings=(bars(14, minimum=2),),
        unit=Unit.SOURCE,
    ),
    Function("AVGPRICE", OPEN_HIGH_LOW_CLOSE, "(open + high + low + close) / 4", unit=Unit.PRICE),
    Function(
        "HA",
        OPEN_HIGH_LOW_CLOSE,
        "Heikin-Ashi candles",
        outputs=("haopen", "hahigh", "halow", "haclose"),
        unit=Unit.PRICE,
    ),
    Function("MEDPRICE", HIGH_LOW, "(high + low) / 2", unit=Unit.PRICE),
    Function("TYPPRICE", HIGH_LOW_CLOSE, "(high + low + close) / 3", unit=Unit.PRICE),
    Function("WCLPRICE", HIGH_LOW_CLOSE, "(high + low + 2 close) / 4", unit=Unit.PRICE),
)

VOLATILITY: Final = (
    Function("ADR", HIGH_LOW, "Average of high less low", settings=(bars(14),)),
    Function("ATR", HIGH_LOW_CLOSE, "Average true range, by Wilder's average", settings=(bars(14),)),
    Function(
        "CVI",
        HIGH_LOW,
        "Chaikin's volatility: rate of change of the average range, in percent",
        settings=(
            bars(10, minimum=2),
            period("rocperiod", 10),
        ),
        unit=Unit.PERCENT,
    ),
    Function(
        "MASSI",
        HIGH_LOW,
        "Mass index: widening of the range",
        settings=(
            period("fastperiod", 9, minimum=2),
            period("slowperiod", 25, minimum=2),
        ),
    ),
    Function(
        "NATR",
        HIGH_LOW_CLOSE,
        "Average true range in percent of the close",
        settings=(bars(14),),
        unit=Unit.PERCENT,
    ),
    Function(
        "RVI",
        ONE,
        "Relative volatility index, 0 to 100",
        settings=(
            bars(14),
            period("stddevperiod", 10, minimum=2),
        ),
    ),
    Function("TRANGE", HIGH_LOW_CLOSE, "True range: high less low, gaps included"),
)

VOLUME: Final = (
    Function("AD", HIGH_LOW_CLOSE_VOLUME, "Chaikin's accumulation/distribution line", unit=Unit.SIZE),
    Function(
        "ADOSC",
        HIGH_LOW_CLOSE_VOLUME,
        "Chaikin's oscillator: short less long average of ad",
        settings=(
            period("fastperiod", 3, minimum=2),
            period("slowperiod", 10, minimum=2),
        ),
        unit=Unit.SIZE,
    ),
    Function("CMF", HIGH_LOW_CLOSE_VOLUME, "Chaikin's money flow, -1 to 1", settings=(bars(20, minimum=2),)),
    Function("EFI", CLOSE_VOLUME, "Elder's force index", settings=(bars(13),)),
    Function("MARKETFI", HIGH_LOW_VOLUME, "Market facilitation index: range per unit of volume"),
    Function("NVI", CLOSE_VOLUME, "Negative volume index"),
    Function("OBV", ONE_AND_VOLUME, "On-balance volume", unit=Unit.SIZE),
    Function("PVI", CLOSE_VOLUME, "Positive volume index"),
    Function(
        "PVO",
        VOLUME_ALONE,
        "Short less long average of volume, in percent of the long one",
        settings=(
            period("fastperiod", 12, minimum=2),
            period("slowperiod", 26, minimum=2),
            average("matype", 1),
        ),
        unit=Unit.PERCENT,
    ),
    Function("PVT", CLOSE_VOLUME, "Price volume trend", unit=Unit.SIZE),
    Function("RVOL", VOLUME_ALONE, "Volume against its average, as a ratio", settings=(bars(20),)),
)
"""All but ``VWAP``, which has no sessions: the name is the session's own."""
