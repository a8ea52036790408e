"""The watchlist as a table: read from the market at the table's beat."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui.models.watchlist.carrying import MIME, carried, read_carried
from tradeassist_desktop.ui.models.watchlist.columns import WORDS, Sort, WatchlistColumn, alignment
from tradeassist_desktop.ui.models.watchlist.lines import GroupHead, Line, lines_of, place_before
from tradeassist_desktop.ui.models.watchlist.reading import RowReader
from tradeassist_desktop.ui.models.watchlist.row import WatchlistRow
from tradeassist_desktop.ui.models.watchlist.words import cell, tooltip
from tradeassist_desktop.ui.tips import plain_tip

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

Index = QModelIndex | QPersistentModelIndex


class WatchlistModel(QAbstractTableModel):
    """Rows are rebuilt only where the count of updates, or the second, has changed."""

    move_wanted = Signal(object, str, int)
    """Rows were dropped: a tuple of symbols, the group, and the place in it."""
    group_move_wanted = Signal(str, str)
    """A group's head was dropped: its name, and that of the group it is to follow (empty for none)."""

    def __init__(self, *, desk: "Desk", sort: Sort | None = None, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._reader = RowReader(desk=desk)
        self._sort = sort
        self._seen: dict[str, int] = {}
        self._second = 0
        self._lines: list[Line] = []
        self._positions: dict[str, int] = {}
        self.reload()

    @property
    def sort_order(self) -> Sort | None:
        """What rows are sorted by; ``None`` is the trader's own order."""
        return self._sort

    def reload(self) -> None:
        """Show the watchlist as it is now."""
        self.beginResetModel()
        symbols = self._desk.watchlist.symbols
        self._reader.read_levels(symbols)
        rows = {symbol: self._reader.read(symbol, None) for symbol in symbols}
        self._seen = {symbol: self._desk.market.updates(symbol) for symbol in symbols}
        self._take(lines_of(self._desk.watchlist.groups, rows, self._sort))
        self.endResetModel()

    def refresh(self) -> None:
        """Look at the market; tell the view which rows differ."""
        market = self._desk.market
        second = self._desk.clock.monotonic_ns() // NS_PER_SECOND
        is_new_second, self._second = second != self._second, second
        for position, row in enumerate(self._lines):
            if isinstance(row, GroupHead):
                continue
            updates = market.updates(row.symbol)
            is_flash_over = self._reader.is_flash_over(row)
            if updates == self._seen[row.symbol] and not is_flash_over and not is_new_second:
                continue
            self._seen[row.symbol] = updates
            fresh = self._reader.read(row.symbol, row)
            if fresh == row:
                continue
            self._lines[position] = fresh
            self.dataChanged.emit(self.index(position, 0), self.index(position, len(WatchlistColumn) - 1))

    def refresh_levels(self) -> None:
        """Ask the rules for their lines anew."""
        self._reader.read_levels(self._desk.watchlist.symbols)

    def sort_by(self, sort: Sort | None) -> None:
        """Have rows in this order within their groups."""
        self._sort = sort
        self.resort(is_asked_for=True)
        last = len(WatchlistColumn) - 1
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)

    def resort(self, *, is_asked_for: bool = False) -> None:
        """Put rows in order anew, where it is one that the market changes; what is selected stays so."""
        if self._sort is None and not is_asked_for:
            return
        rows = {line.symbol: line for line in self._lines if not isinstance(line, GroupHead)}
        groups = self._desk.watchlist.groups
        if not is_asked_for and any(
            symbol not in rows for group in groups if not group.is_collapsed for symbol in group.symbols
        ):
            return  # the list has just changed, and is about to be shown anew
        rows |= {s: self._reader.read(s, None) for g in groups for s in g.symbols if s not in rows}
        lines = lines_of(groups, rows, self._sort)
        if [_name(line) for line in lines] == [_name(line) for line in self._lines]:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        names = [_name(self._lines[index.row()]) for index in before]
        self._take(lines)
        places = {_name(line): position for position, line in enumerate(lines)}
        self.changePersistentIndexList(
            before,
            [
                self.index(places[name], index.column()) if name in places else QModelIndex()
                for name, index in zip(names, before, strict=True)
            ],
        )
        self.layoutChanged.emit()

    # --- reading

    def line(self, position: int) -> Line:
        """Return what stands at a position: a row, or the head of a group."""
        return self._lines[position]

    def row(self, position: int) -> WatchlistRow:
        """Return what a row shows that is no head."""
        line = self._lines[position]
        assert isinstance(line, WatchlistRow)
        return line

    def position(self, symbol: str) -> int | None:
        """Return where a symbol stands; ``None`` where it is not shown."""
        return self._positions.get(symbol)

    def head_position(self, group: str) -> int | None:
        """Return where the head of a group stands."""
        return next(
            (at for at, line in enumerate(self._lines) if isinstance(line, GroupHead) and line.name == group),
            None,
        )

    # --- Qt's questions

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(WatchlistColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title with an arrow where it is sorted by, its alignment, or what it means."""
        if orientation is Qt.Orientation.Vertical:
            return None
        column = WatchlistColumn(section)
        if role == Qt.ItemDataRole.DisplayRole:
            if self._sort is None or self._sort.column is not column:
                return WORDS[column].title
            return f"{WORDS[column].title} {'▾' if self._sort.is_descending else '▴'}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(alignment(column) | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(
                f"{WORDS[column].in_menu}. Click to sort by it; the third click is your own order."
            )
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, tooltip, or (``UserRole``) its whole line."""
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return line
        column = WatchlistColumn(index.column())
        if isinstance(line, GroupHead):
            if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                return line.name if column is WatchlistColumn.SYMBOL else ""
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell(line, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(tooltip(line, column))
        return None

    # --- dragging

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Lines can be dragged, and dropped between others or onto the head of a group."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        is_head = isinstance(self._lines[index.row()], GroupHead)
        return flags | Qt.ItemFlag.ItemIsDropEnabled if is_head else flags

    def supportedDropActions(self) -> Qt.DropAction:
        """Rows are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Only lines of this list can be dropped."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Carry the dragged lines, from the top."""
        return carried([self._lines[row] for row in sorted({index.row() for index in indexes})])

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Ask for the move; the list itself changes when the market's watchlist has."""
        what = read_carried(data)
        if what is None:
            return False
        groups = self._desk.watchlist.groups
        onto = self._lines[parent.row()] if parent.isValid() else None
        if isinstance(onto, GroupHead):
            group, place = onto.name, onto.count
        else:
            position = row if row >= 0 else parent.row() if parent.isValid() else len(self._lines)
            group, place = place_before(self._lines, position, groups)
        if what.group:
            self.group_move_wanted.emit(what.group, group)
        else:
            self.move_wanted.emit(what.symbols, group, place)
        return True

    def _take(self, lines: list[Line]) -> None:
        self._lines = lines
        self._positions = {
            line.symbol: position for position, line in enumerate(lines) if not isinstance(line, GroupHead)
        }


def _name(line: Line) -> tuple[str, str]:
    return ("group", line.name) if isinstance(line, GroupHead) else ("symbol", line.symbol)
