"""The watchlist: one row a symbol, read from the market at the table's beat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from tradeassist_desktop.domain.market import (
    NS_PER_MS,
    NS_PER_SECOND,
    Instrument,
    InstrumentKind,
    Quote,
    TradingStatus,
)
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.tips import plain_tip

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

Index = QModelIndex | QPersistentModelIndex

FLASH_NS: Final = 150 * NS_PER_MS
STALE_NS: Final = 30 * NS_PER_SECOND
_MIME: Final = "application/x-tradeassist-symbol"


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


TITLES: Final = {
    WatchlistColumn.SYMBOL: "Symbol",
    WatchlistColumn.LAST: "Last",
    WatchlistColumn.CHANGE: "Change",
    WatchlistColumn.PERCENT: "% chg",
    WatchlistColumn.QUOTE: "Bid × ask",
    WatchlistColumn.VOLUME: "Volume",
    WatchlistColumn.TREND: "30 min",
    WatchlistColumn.AGE: "Age",
    WatchlistColumn.LEVEL: "To level",
}


@dataclass(frozen=True, slots=True)
class WatchlistRow:
    """What one row shows.

    ``flash`` is 1 or −1 for 150 ms after the last price rose or fell, else 0. ``distance`` is
    the nearest armed level less the last price, in percent of the last price. A symbol that does
    not trade is not stale: its silence is right.
    """

    symbol: str
    instrument: Instrument
    quote: Quote | None
    trend: Sequence[float]
    age_ns: int | None
    is_stale: bool
    is_silent: bool
    flash: int
    level: PriceLevel | None
    distance: float | None
    trading: TradingStatus = TradingStatus.NORMAL

    def cell(self, column: WatchlistColumn) -> str:
        """Return a cell's text."""
        quote = self.quote
        if column is WatchlistColumn.SYMBOL:
            return self.symbol
        if quote is None:
            is_said = column is WatchlistColumn.LAST and self.is_silent
            return "subscribed, no data" if is_said else text.UNKNOWN
        return _CELLS[column](self, quote)


def pct_change(row: WatchlistRow, quote: Quote) -> float | None:
    """Return the change in percent; ``None`` where that means nothing: $TICK swings around 0."""
    return None if row.instrument.kind is InstrumentKind.INDICATOR else quote.pct_change


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
        return f"no data {text.age(row.age_ns)}"
    if row.level is None or row.distance is None:
        return text.UNKNOWN
    arrow = "▲" if row.distance >= 0 else "▼"
    level = text.price(row.level.price, row.instrument)
    if row.instrument.kind is InstrumentKind.INDICATOR and quote.last is not None:
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


class WatchlistModel(QAbstractTableModel):
    """Rows are rebuilt only where the count of updates, or the second, has changed."""

    move_wanted = Signal(str, int)
    """A row was dropped: symbol, and its new place."""

    def __init__(self, *, desk: "Desk", parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._seen: dict[str, int] = {}
        self._flash: dict[str, tuple[int, int]] = {}
        self._levels: dict[str, tuple[PriceLevel, ...]] = {}
        self._second = 0
        self._rows: list[WatchlistRow] = []
        self.reload(desk.watchlist.symbols)

    def reload(self, symbols: Sequence[str]) -> None:
        """Show these symbols."""
        self.beginResetModel()
        self._levels = {symbol: self._desk.rules.levels(symbol) for symbol in symbols}
        self._rows = [self._read(symbol, None) for symbol in symbols]
        self._seen = {symbol: self._desk.market.updates(symbol) for symbol in symbols}
        self.endResetModel()

    def refresh(self) -> None:
        """Look at the market; tell the view which rows differ."""
        market = self._desk.market
        now_ns = self._desk.clock.monotonic_ns()
        second = now_ns // NS_PER_SECOND
        is_new_second, self._second = second != self._second, second
        for position, row in enumerate(self._rows):
            symbol = row.symbol
            updates = market.updates(symbol)
            is_flash_over = row.flash != 0 and now_ns - self._flash[symbol][1] >= FLASH_NS
            if updates == self._seen[symbol] and not is_flash_over and not is_new_second:
                continue
            self._seen[symbol] = updates
            fresh = self._read(symbol, row)
            if fresh == row:
                continue
            self._rows[position] = fresh
            self.dataChanged.emit(self.index(position, 0), self.index(position, len(WatchlistColumn) - 1))

    def refresh_levels(self) -> None:
        """Ask the rules for their lines anew."""
        self._levels = {row.symbol: self._desk.rules.levels(row.symbol) for row in self._rows}

    def row(self, position: int) -> WatchlistRow:
        """Return what a row shows."""
        return self._rows[position]

    def position(self, symbol: str) -> int | None:
        """Return where a symbol stands, or ``None``."""
        return next((i for i, row in enumerate(self._rows) if row.symbol == symbol), None)

    # --- Qt's questions

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of symbols."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(WatchlistColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title, or its alignment."""
        if orientation is Qt.Orientation.Vertical:
            return None
        column = WatchlistColumn(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(alignment(column) | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, tooltip, or (``UserRole``) its whole row."""
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        column = WatchlistColumn(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.cell(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_tooltip(row, column))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be dragged; a row can be dropped between others."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        """Rows are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Only our own rows can be dropped."""
        return [_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Carry the symbol of the dragged row."""
        carried = QMimeData()
        carried.setData(_MIME, QByteArray(self._rows[indexes[0].row()].symbol.encode()))
        return carried

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Ask for the move; the list itself changes when the market's watchlist has."""
        symbol = bytes(data.data(_MIME).data()).decode()
        source = self.position(symbol)
        if source is None:
            return False
        target = row if row >= 0 else parent.row() if parent.isValid() else len(self._rows)
        self.move_wanted.emit(symbol, target)
        return True

    # --- reading

    def _read(self, symbol: str, before: WatchlistRow | None) -> WatchlistRow:
        market = self._desk.market
        quote = market.quote(symbol)
        now_ns = self._desk.clock.monotonic_ns()
        last = quote.last if quote is not None else None
        last_before = before.quote.last if before is not None and before.quote is not None else None
        if last is not None and last_before is not None and last != last_before:
            self._flash[symbol] = (1 if last > last_before else -1, now_ns)
        direction, flashed_ns = self._flash.get(symbol, (0, 0))
        level, distance = _nearest(self._levels.get(symbol, ()), last)
        event_now_ns = market.event_now_ns()
        newest_ns = quote.event_ns if quote is not None else None
        traded_ns = quote.trade_ns or quote.event_ns if quote is not None else None
        trading = market.trading(symbol)
        is_silent_for_long = newest_ns is not None and event_now_ns - newest_ns > STALE_NS
        is_stale = is_silent_for_long and trading is TradingStatus.NORMAL
        since_ns = newest_ns if is_stale else traded_ns
        age_ns = max(0, event_now_ns - since_ns) // NS_PER_SECOND * NS_PER_SECOND if since_ns else None
        return WatchlistRow(
            symbol=symbol,
            instrument=market.instrument(symbol),
            quote=quote,
            trend=tuple(market.sparkline(symbol)),
            age_ns=age_ns,
            is_stale=is_stale,
            is_silent=market.is_silent(symbol),
            flash=direction if now_ns - flashed_ns < FLASH_NS else 0,
            level=level,
            distance=distance,
            trading=trading,
        )


def alignment(column: WatchlistColumn) -> Qt.AlignmentFlag:
    """Words stand left, figures right."""
    is_words = column in (WatchlistColumn.SYMBOL, WatchlistColumn.LEVEL)
    return Qt.AlignmentFlag.AlignLeft if is_words else Qt.AlignmentFlag.AlignRight


def _nearest(levels: Sequence[PriceLevel], last: float | None) -> tuple[PriceLevel | None, float | None]:
    armed = [level for level in levels if level.is_armed]
    if last is None or not last or not armed:
        return None, None
    level = min(armed, key=lambda level: abs(level.price - last))
    return level, 100.0 * (level.price - last) / abs(last)


def _tooltip(row: WatchlistRow, column: WatchlistColumn) -> str:
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
