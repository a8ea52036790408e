"""Schwab's field numbers, as the simulator writes them. The client has its own table."""

from collections.abc import Mapping
from typing import Final

EQUITIES: Final = "LEVELONE_EQUITIES"
FUTURES: Final = "LEVELONE_FUTURES"

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
    },
}
"""Per service, the number of each thing the simulator knows of a symbol; 0 is the symbol itself."""


def service_of(symbol: str) -> str:
    """Return the service that carries a symbol: futures begin with a slash."""
    return FUTURES if symbol.startswith("/") else EQUITIES
