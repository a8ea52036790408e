"""How a row of the watchlist is told, cell by cell."""

from collections.abc import Callable
from typing import Final

from tradeassist_desktop.domain.market import InstrumentKind, Quote, TradingStatus
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.watchlist.columns import WatchlistColumn
from tradeassist_desktop.ui.models.watchlist.row import WatchlistRow, pct_change

_CLOSE_PERCENT: Final = 0.01
"""Below, a percentage of two decimals would say nothing: the price's own steps do."""


def cell(row: WatchlistRow, column: WatchlistColumn) -> str:
    """Return a cell's text."""
    quote = row.quote
    if column is WatchlistColumn.SYMBOL:
        return row.symbol
    if quote is None:
        is_said = column is WatchlistColumn.LAST and row.is_silent
        return "subscribed, no data" if is_said else text.UNKNOWN
    return _CELLS[column](row, quote)


def tooltip(row: WatchlistRow, column: WatchlistColumn) -> str:
    """Return what is told of a cell that the mouse rests on."""
    if row.quote is None:
        if row.is_silent:
            return f"{row.symbol} is subscribed, but nothing has come. Is it spelled as the feed spells it?"
        return f"{row.symbol}: waiting for the feed"
    if row.trading is not TradingStatus.NORMAL and column is WatchlistColumn.LEVEL:
        return f"{row.symbol} is {row.trading.value}, as its venue says; rules wait with what they know"
    if column is WatchlistColumn.LEVEL and row.level is not None:
        return f"Nearest armed level: {row.level.rule_name}"
    if column is WatchlistColumn.AGE:
        return f"Last trade {text.utc_time(row.quote.trade_ns)}"
    description = row.instrument.description
    return f"{row.symbol} · {description}" if description else row.symbol


def _bid_ask(row: WatchlistRow, quote: Quote) -> str:
    if quote.bid is None and quote.ask is None:
        return text.UNKNOWN
    return f"{text.price(quote.bid, row.instrument)} × {text.price(quote.ask, row.instrument)}"


def _age(row: WatchlistRow, quote: Quote) -> str:
    return text.age(row.age_ns)


def _level(row: WatchlistRow, quote: Quote) -> str:
    if row.trading is not TradingStatus.NORMAL:
        return f"{row.trading.value} {text.age(row.age_ns)}"
    if row.is_stale:
        return f"no data {text.age(row.age_ns)}" if row.age_ns else "no data"
    if row.level is None or row.distance is None:
        return text.UNKNOWN
    arrow = "▲" if row.distance >= 0 else "▼"
    level = text.price(row.level.price, row.instrument)
    if quote.last == row.level.price:
        return f"at {level}"
    is_close = abs(row.distance) < _CLOSE_PERCENT
    if quote.last is not None and (is_close or row.instrument.kind is InstrumentKind.INDICATOR):
        return f"{arrow} {text.price(abs(row.level.price - quote.last), row.instrument)} to {level}"
    return f"{arrow} {abs(row.distance):.2f} % to {level}"


_CELLS: Final[dict[WatchlistColumn, Callable[[WatchlistRow, Quote], str]]] = {
    WatchlistColumn.LAST: lambda row, quote: text.price(quote.last, row.instrument),
    WatchlistColumn.CHANGE: lambda row, quote: text.price(quote.net_change, row.instrument, signed=True),
    WatchlistColumn.PERCENT: lambda row, quote: text.percent(pct_change(row, quote)),
    WatchlistColumn.QUOTE: _bid_ask,
    WatchlistColumn.VOLUME: lambda row, quote: text.short(quote.volume),
    WatchlistColumn.TREND: lambda row, quote: "",
    WatchlistColumn.AGE: _age,
    WatchlistColumn.LEVEL: _level,
}
