"""Schwab's field numbers, as the simulator writes them. The client has its own table."""

from collections.abc import Mapping
from typing import Final

EQUITIES: Final = "LEVELONE_EQUITIES"
FUTURES: Final = "LEVELONE_FUTURES"
OPTIONS: Final = "LEVELONE_OPTIONS"
FOREX: Final = "LEVELONE_FOREX"
CHART_EQUITY: Final = "CHART_EQUITY"
CHART_FUTURES: Final = "CHART_FUTURES"

FIELD_NUMBERS: Final[Mapping[str, Mapping[str, int]]] = {
    EQUITIES: {
        "bid": 1,
        "ask": 2,
        "last": 3,
        "bid_size": 4,
        "ask_size": 5,
        "volume": 8,
        "last_size": 9,
        "high": 10,
        "low": 11,
        "prev_close": 12,
        "description": 15,
        "open": 17,
        "net_change": 18,
        "exchange_name": 25,
        "security_status": 32,
        "quote_ms": 34,
        "trade_ms": 35,
    },
    FUTURES: {
        "bid": 1,
        "ask": 2,
        "last": 3,
        "bid_size": 4,
        "ask_size": 5,
        "volume": 8,
        "last_size": 9,
        "quote_ms": 10,
        "trade_ms": 11,
        "high": 12,
        "low": 13,
        "prev_close": 14,
        "description": 16,
        "open": 18,
        "net_change": 19,
        "exchange_name": 21,
        "security_status": 22,
        "tick_size": 25,
        "tick_amount": 26,
        "product": 27,
        "price_format": 28,
        "is_tradable": 30,
        "multiplier": 31,
        "is_active": 32,
        "settlement_price": 33,
        "active_symbol": 34,
        "expiration_ms": 35,
    },
    OPTIONS: {
        "description": 1,
        "bid": 2,
        "ask": 3,
        "last": 4,
        "high": 5,
        "low": 6,
        "prev_close": 7,
        "volume": 8,
        "expiration_year": 12,
        "multiplier": 13,
        "digits": 14,
        "open": 15,
        "bid_size": 16,
        "ask_size": 17,
        "last_size": 18,
        "net_change": 19,
        "strike": 20,
        "contract_type": 21,
        "underlying": 22,
        "expiration_month": 23,
        "expiration_day": 26,
        "security_status": 33,
        "quote_ms": 38,
        "trade_ms": 39,
        "exchange_name": 41,
        "last_trading_day_ms": 42,
    },
    FOREX: {
        "bid": 1,
        "ask": 2,
        "last": 3,
        "bid_size": 4,
        "ask_size": 5,
        "volume": 6,
        "last_size": 7,
        "quote_ms": 8,
        "trade_ms": 9,
        "high": 10,
        "low": 11,
        "prev_close": 12,
        "description": 14,
        "open": 15,
        "net_change": 16,
        "exchange_name": 18,
        "digits": 19,
        "security_status": 20,
        "tick_size": 21,
        "tick_amount": 22,
        "product": 23,
        "is_tradable": 25,
    },
}
"""Per level one service, the number of each thing the simulator knows of a symbol; 0 is the symbol itself."""

CHART_NUMBERS: Final[Mapping[str, Mapping[str, int]]] = {
    # The vendor's table has another order; this is the one on the wire.
    CHART_EQUITY: {
        "sequence": 1,
        "open": 2,
        "high": 3,
        "low": 4,
        "close": 5,
        "volume": 6,
        "start_ms": 7,
        "day": 8,
    },
    CHART_FUTURES: {"start_ms": 1, "open": 2, "high": 3, "low": 4, "close": 5, "volume": 6},
}
"""Per chart service, the number of each thing a minute's bar has."""

SERVICES: Final = (*FIELD_NUMBERS, *CHART_NUMBERS)
"""What can be subscribed."""

_LEVEL_ONE: Final[Mapping[str, str]] = {"FUTURE": FUTURES, "OPTION": OPTIONS, "FOREX": FOREX}
_CHARTS: Final[Mapping[str, str]] = {EQUITIES: CHART_EQUITY, FUTURES: CHART_FUTURES}


def level_one_of(main_type: str) -> str:
    """Return the level one service that carries an ``assetMainType``; shares and indices have one."""
    return _LEVEL_ONE.get(main_type, EQUITIES)


def chart_of(level_one: str) -> str | None:
    """Return the chart service beside a level one service; ``None`` for options and forex."""
    return _CHARTS.get(level_one)
