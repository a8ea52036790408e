"""Schwab's field numbers: how an item of each service is decoded, and what is asked for."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field
from msgspec.structs import fields

EQUITIES: Final = "LEVELONE_EQUITIES"
FUTURES: Final = "LEVELONE_FUTURES"


class EquityItem(Struct, gc=False):
    """An item of ``LEVELONE_EQUITIES``: a share, fund or index, and what came of it.

    The rest is ``None``. Times are milliseconds since 1970.
    """

    key: str
    bid: float | None = field(name="1", default=None)
    ask: float | None = field(name="2", default=None)
    last: float | None = field(name="3", default=None)
    bid_size: float | None = field(name="4", default=None)
    ask_size: float | None = field(name="5", default=None)
    volume: float | None = field(name="8", default=None)
    last_size: float | None = field(name="9", default=None)
    high: float | None = field(name="10", default=None)
    low: float | None = field(name="11", default=None)
    prev_close: float | None = field(name="12", default=None)
    description: str | None = field(name="15", default=None)
    open: float | None = field(name="17", default=None)
    quote_ms: int | None = field(name="34", default=None)
    trade_ms: int | None = field(name="35", default=None)


class FutureItem(Struct, gc=False):
    """An item of ``LEVELONE_FUTURES``; as ``EquityItem`` but for the numbers, and with its price step."""

    key: str
    bid: float | None = field(name="1", default=None)
    ask: float | None = field(name="2", default=None)
    last: float | None = field(name="3", default=None)
    bid_size: float | None = field(name="4", default=None)
    ask_size: float | None = field(name="5", default=None)
    volume: float | None = field(name="8", default=None)
    last_size: float | None = field(name="9", default=None)
    quote_ms: int | None = field(name="10", default=None)
    trade_ms: int | None = field(name="11", default=None)
    high: float | None = field(name="12", default=None)
    low: float | None = field(name="13", default=None)
    prev_close: float | None = field(name="14", default=None)
    description: str | None = field(name="16", default=None)
    open: float | None = field(name="18", default=None)
    tick_size: float | None = field(name="25", default=None)


Item = EquityItem | FutureItem

ITEMS: Final[Mapping[str, type[EquityItem] | type[FutureItem]]] = {EQUITIES: EquityItem, FUTURES: FutureItem}
"""By service; a further service is one struct and one line here."""

REQUESTED: Final[Mapping[str, str]] = {
    service: ",".join(["0", *(spec.encode_name for spec in fields(item) if spec.name != "key")])
    for service, item in ITEMS.items()
}
"""Per service, the value of a subscription's ``fields``."""


def service_of(symbol: str) -> str:
    """Return the service that carries a symbol, by its spelling."""
    return FUTURES if symbol.startswith("/") else EQUITIES
