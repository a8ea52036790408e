"""Schwab's field numbers: how an item of each service is decoded, and what is asked for."""

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct, field
from msgspec.structs import fields

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import InstrumentKind

EQUITIES: Final = "LEVELONE_EQUITIES"
FUTURES: Final = "LEVELONE_FUTURES"
OPTIONS: Final = "LEVELONE_OPTIONS"
FOREX: Final = "LEVELONE_FOREX"
CHART_EQUITY: Final = "CHART_EQUITY"
CHART_FUTURES: Final = "CHART_FUTURES"

# What no price and no size can be is refused while it is decoded: it costs nothing there.
Price = Annotated[float, Meta(gt=-1e12, lt=1e12)]
Size = Annotated[float, Meta(ge=0.0, lt=1e15)]
Milliseconds = Annotated[int, Meta(ge=0, lt=9 * 10**12)]


class EquityItem(Struct, gc=False):
    """An item of ``LEVELONE_EQUITIES``: a share, fund or index, and what came of it.

    The rest is ``None``. Times are milliseconds since 1970. ``key`` to ``status``, ``contract`` and
    ``delayed`` are in every item; ``contract`` is what a symbol stands for, in futures only.
    """

    key: str
    bid: Price | None = field(name="1", default=None)
    ask: Price | None = field(name="2", default=None)
    last: Price | None = field(name="3", default=None)
    bid_size: Size | None = field(name="4", default=None)
    ask_size: Size | None = field(name="5", default=None)
    volume: Size | None = field(name="8", default=None)
    last_size: Size | None = field(name="9", default=None)
    high: Price | None = field(name="10", default=None)
    low: Price | None = field(name="11", default=None)
    prev_close: Price | None = field(name="12", default=None)
    description: str | None = field(name="15", default=None)
    open: Price | None = field(name="17", default=None)
    status: str | None = field(name="32", default=None)
    quote_ms: Milliseconds | None = field(name="34", default=None)
    trade_ms: Milliseconds | None = field(name="35", default=None)
    cusip: str | None = None
    delayed: bool | None = None

    contract = None


class FutureItem(Struct, gc=False):
    """An item of ``LEVELONE_FUTURES``; as ``EquityItem`` but for the numbers and the contract's terms."""

    key: str
    bid: Price | None = field(name="1", default=None)
    ask: Price | None = field(name="2", default=None)
    last: Price | None = field(name="3", default=None)
    bid_size: Size | None = field(name="4", default=None)
    ask_size: Size | None = field(name="5", default=None)
    volume: Size | None = field(name="8", default=None)
    last_size: Size | None = field(name="9", default=None)
    quote_ms: Milliseconds | None = field(name="10", default=None)
    trade_ms: Milliseconds | None = field(name="11", default=None)
    high: Price | None = field(name="12", default=None)
    low: Price | None = field(name="13", default=None)
    prev_close: Price | None = field(name="14", default=None)
    description: str | None = field(name="16", default=None)
    open: Price | None = field(name="18", default=None)
    status: str | None = field(name="22", default=None)
    tick_size: Price | None = field(name="25", default=None)
    contract: str | None = field(name="34", default=None)
    expires_ms: Milliseconds | None = field(name="35", default=None)
    delayed: bool | None = None


class OptionItem(Struct, gc=False):
    """An item of ``LEVELONE_OPTIONS``; as ``EquityItem`` but for the numbers."""

    key: str
    description: str | None = field(name="1", default=None)
    bid: Price | None = field(name="2", default=None)
    ask: Price | None = field(name="3", default=None)
    last: Price | None = field(name="4", default=None)
    high: Price | None = field(name="5", default=None)
    low: Price | None = field(name="6", default=None)
    prev_close: Price | None = field(name="7", default=None)
    volume: Size | None = field(name="8", default=None)
    open: Price | None = field(name="15", default=None)
    bid_size: Size | None = field(name="16", default=None)
    ask_size: Size | None = field(name="17", default=None)
    last_size: Size | None = field(name="18", default=None)
    status: str | None = field(name="33", default=None)
    quote_ms: Milliseconds | None = field(name="38", default=None)
    trade_ms: Milliseconds | None = field(name="39", default=None)
    delayed: bool | None = None

    contract = None


class ForexItem(Struct, gc=False):
    """An item of ``LEVELONE_FOREX``; as ``EquityItem`` but for the numbers, and with its price step."""

    key: str
    bid: Price | None = field(name="1", default=None)
    ask: Price | None = field(name="2", default=None)
    last: Price | None = field(name="3", default=None)
    bid_size: Size | None = field(name="4", default=None)
    ask_size: Size | None = field(name="5", default=None)
    volume: Size | None = field(name="6", default=None)
    last_size: Size | None = field(name="7", default=None)
    quote_ms: Milliseconds | None = field(name="8", default=None)
    trade_ms: Milliseconds | None = field(name="9", default=None)
    high: Price | None = field(name="10", default=None)
    low: Price | None = field(name="11", default=None)
    prev_close: Price | None = field(name="12", default=None)
    description: str | None = field(name="14", default=None)
    open: Price | None = field(name="15", default=None)
    status: str | None = field(name="20", default=None)
    tick_size: Price | None = field(name="21", default=None)
    delayed: bool | None = None

    contract = None


class EquityChartItem(Struct, gc=False):
    """An item of ``CHART_EQUITY``: a minute's bar, in the order of the wire and not of the vendor's table."""

    key: str
    sequence: int | None = field(name="1", default=None)
    open: Price | None = field(name="2", default=None)
    high: Price | None = field(name="3", default=None)
    low: Price | None = field(name="4", default=None)
    close: Price | None = field(name="5", default=None)
    volume: Size | None = field(name="6", default=None)
    start_ms: Milliseconds | None = field(name="7", default=None)


class FutureChartItem(Struct, gc=False):
    """An item of ``CHART_FUTURES``: a minute's bar."""

    key: str
    start_ms: Milliseconds | None = field(name="1", default=None)
    open: Price | None = field(name="2", default=None)
    high: Price | None = field(name="3", default=None)
    low: Price | None = field(name="4", default=None)
    close: Price | None = field(name="5", default=None)
    volume: Size | None = field(name="6", default=None)


Item = EquityItem | FutureItem | OptionItem | ForexItem
ChartItem = EquityChartItem | FutureChartItem

ITEMS: Final[Mapping[str, type[Item]]] = {
    EQUITIES: EquityItem,
    FUTURES: FutureItem,
    OPTIONS: OptionItem,
    FOREX: ForexItem,
}
"""By service; a further service is one struct and one line here."""

CHART_ITEMS: Final[Mapping[str, type[ChartItem]]] = {
    CHART_EQUITY: EquityChartItem,
    CHART_FUTURES: FutureChartItem,
}
"""By service that brings bars."""

SERVICES: Final = (*ITEMS, *CHART_ITEMS)
"""In the order in which they are subscribed: prices first."""

WORDS: Final[Mapping[str, str]] = {
    EQUITIES: "shares and indices",
    FUTURES: "futures",
    OPTIONS: "options",
    FOREX: "currencies",
    CHART_EQUITY: "bars of shares",
    CHART_FUTURES: "bars of futures",
}
"""What a service brings, for the trader."""

_NOT_NUMBERED: Final = frozenset({"key", "cusip", "delayed"})  # sent without being asked for

REQUESTED: Final[Mapping[str, str]] = {
    service: ",".join(["0", *(spec.encode_name for spec in fields(item) if spec.name not in _NOT_NUMBERED)])
    for service, item in {**ITEMS, **CHART_ITEMS}.items()
}
"""Per service, the value of a subscription's ``fields``."""

_BY_KIND: Final[Mapping[InstrumentKind, str]] = {
    InstrumentKind.FUTURE: FUTURES,
    InstrumentKind.OPTION: OPTIONS,
    InstrumentKind.FOREX: FOREX,
}
_CHARTS: Final[Mapping[InstrumentKind, str]] = {
    InstrumentKind.EQUITY: CHART_EQUITY,
    InstrumentKind.ETF: CHART_EQUITY,
    InstrumentKind.FUTURE: CHART_FUTURES,
}


def service_of(symbol: str) -> str:
    """Return the service that carries a symbol, by its spelling."""
    return _BY_KIND.get(instrument_of(symbol).kind, EQUITIES)


def chart_service_of(symbol: str) -> str | None:
    """Return the service that carries a symbol's bars; ``None`` where there is none."""
    return _CHARTS.get(instrument_of(symbol).kind)
