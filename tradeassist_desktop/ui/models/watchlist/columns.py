"""The watchlist's columns: titles, alignment, and what they are sorted by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from PySide6.QtCore import Qt

from tradeassist_desktop.ui.models.watchlist.row import WatchlistRow, pct_change


class WatchlistColumn(IntEnum):
    """Columns, left to right."""

    SYMBOL = 0
    LAST = 1
    CHANGE = 2
    PERCENT = 3
    QUOTE = 4
    VOLUME = 5
    TREND = 6
    AGE = 7
    LEVEL = 8


Key = float | str | None
"""What a row is sorted by; what is not known comes last either way."""


@dataclass(frozen=True, slots=True)
class ColumnWords:
    """What a column is called: above it, and where there is room."""

    title: str
    in_menu: str


WORDS: Final[Mapping[WatchlistColumn, ColumnWords]] = {
    WatchlistColumn.SYMBOL: ColumnWords("Symbol", "Symbol"),
    WatchlistColumn.LAST: ColumnWords("Last", "Last price"),
    WatchlistColumn.CHANGE: ColumnWords("Change", "Change since the close before"),
    WatchlistColumn.PERCENT: ColumnWords("% chg", "Change in percent"),
    WatchlistColumn.QUOTE: ColumnWords("Bid × ask", "Bid and ask"),
    WatchlistColumn.VOLUME: ColumnWords("Volume", "Volume"),
    WatchlistColumn.TREND: ColumnWords("30 m", "The last 30 minutes"),
    WatchlistColumn.AGE: ColumnWords("Age", "Age of the last trade"),
    WatchlistColumn.LEVEL: ColumnWords("To level", "Distance to the nearest armed level"),
}


def _spread(row: WatchlistRow) -> Key:
    quote = row.quote
    return None if quote is None or quote.bid is None or quote.ask is None else quote.ask - quote.bid


def _trend(row: WatchlistRow) -> Key:
    return row.trend[-1] / row.trend[0] - 1.0 if len(row.trend) > 1 and row.trend[0] else None


SORT_KEYS: Final[Mapping[WatchlistColumn, Callable[[WatchlistRow], Key]]] = {
    WatchlistColumn.SYMBOL: lambda row: row.symbol,
    WatchlistColumn.LAST: lambda row: None if row.quote is None else row.quote.last,
    WatchlistColumn.CHANGE: lambda row: None if row.quote is None else row.quote.net_change,
    WatchlistColumn.PERCENT: lambda row: None if row.quote is None else pct_change(row, row.quote),
    WatchlistColumn.QUOTE: _spread,
    WatchlistColumn.VOLUME: lambda row: None if row.quote is None else row.quote.volume,
    WatchlistColumn.TREND: _trend,
    WatchlistColumn.AGE: lambda row: row.age_ns,
    WatchlistColumn.LEVEL: lambda row: None if row.distance is None else abs(row.distance),
}


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column rows are sorted within their groups; as a setting, ``-percent`` is from the top."""

    column: WatchlistColumn
    is_descending: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.is_descending else ''}{self.column.name.lower()}"


def sort_of(setting: str) -> Sort | None:
    """Return the order that a setting names; ``None`` for the trader's own."""
    name = setting.removeprefix("-").upper()
    if name not in WatchlistColumn.__members__:
        return None
    return Sort(WatchlistColumn[name], setting.startswith("-"))


def next_sort(sort: Sort | None, column: WatchlistColumn) -> Sort | None:
    """Return the order after a click on a title: figures from the top, then from below, then none."""
    is_text = column in (WatchlistColumn.SYMBOL, WatchlistColumn.AGE, WatchlistColumn.LEVEL)
    first = Sort(column, is_descending=not is_text)
    if sort is None or sort.column is not column:
        return first
    return Sort(column, is_descending=is_text) if sort == first else None


def alignment(column: WatchlistColumn) -> Qt.AlignmentFlag:
    """Words stand left, figures right."""
    is_words = column in (WatchlistColumn.SYMBOL, WatchlistColumn.LEVEL)
    return Qt.AlignmentFlag.AlignLeft if is_words else Qt.AlignmentFlag.AlignRight
