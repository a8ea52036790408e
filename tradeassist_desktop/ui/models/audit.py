"""The audit log's entries, newest first, as far down as they have been looked at."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from tradeassist_desktop.domain.audit import RecordedEntry
from tradeassist_desktop.ui import audit_words, text
from tradeassist_desktop.ui.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex


class AuditColumn(IntEnum):
    """Columns, left to right."""

    TIME = 0
    WHO = 1
    ACT = 2
    WHAT = 3
    RESULT = 4
    SOURCE = 5
    VERSION = 6
    COUNT = 7
    DETAIL = 8


TITLES: Final = {
    AuditColumn.TIME: "Time",
    AuditColumn.WHO: "Who",
    AuditColumn.ACT: "Act",
    AuditColumn.WHAT: "What",
    AuditColumn.RESULT: "Result",
    AuditColumn.SOURCE: "Source",
    AuditColumn.VERSION: "Version",
    AuditColumn.COUNT: "Times",
    AuditColumn.DETAIL: "Detail",
}


class AuditModel(QAbstractTableModel):
    """Holds what it was given; a view that nears its end makes it want more.

    Args:
        now_ns: The wall clock: what is of today is shown without its date.
    """

    older_wanted = Signal()
    """The next page, below the last row, is to be read."""

    def __init__(self, *, now_ns: Callable[[], int], parent: QObject) -> None:
        super().__init__(parent)
        self._now_ns = now_ns
        self._rows: list[RecordedEntry] = []
        self._has_older = False
        self._is_waiting = False

    @property
    def newest(self) -> int:
        """The number of the first row; 0 where there is none."""
        return self._rows[0].number if self._rows else 0

    @property
    def oldest(self) -> int | None:
        """The number of the last row; ``None`` where there is none."""
        return self._rows[-1].number if self._rows else None

    @property
    def has_older(self) -> bool:
        """Whether there are further entries below the last row."""
        return self._has_older

    def show(self, rows: Sequence[RecordedEntry], *, has_older: bool) -> None:
        """Show the first page."""
        self.beginResetModel()
        self._rows = list(rows)
        self._has_older, self._is_waiting = has_older, False
        self.endResetModel()

    def add_older(self, rows: Sequence[RecordedEntry], *, has_older: bool) -> None:
        """Show the next page."""
        self._has_older, self._is_waiting = has_older, False
        if rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()

    def add_newer(self, rows: Sequence[RecordedEntry]) -> int:
        """Show what has come since, newest first; return how many of it were not shown yet."""
        fresh = [row for row in rows if row.number > self.newest]
        if fresh:
            self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
            self._rows[:0] = fresh
            self.endInsertRows()
        return len(fresh)

    def give_up_older(self) -> None:
        """Allow the next page to be asked for again: it could not be read."""
        self._is_waiting = False

    # --- Qt's questions

    def canFetchMore(self, parent: Index) -> bool:
        """Return whether there is another page that nobody reads yet."""
        return not parent.isValid() and self._has_older and not self._is_waiting

    def fetchMore(self, parent: Index) -> None:
        """Ask for the next page; it comes later."""
        if self.canFetchMore(parent):
            self._is_waiting = True
            self.older_wanted.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of entries read so far."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(AuditColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title, or its alignment."""
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[AuditColumn(section)]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_figure = section == AuditColumn.COUNT
            side = Qt.AlignmentFlag.AlignRight if is_figure else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, tooltip, or (``UserRole``) its entry."""
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._cell(row, AuditColumn(index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(audit_words.whole(row.number, row.entry))
        return None

    def _cell(self, row: RecordedEntry, column: AuditColumn) -> str:
        entry = row.entry
        if column is AuditColumn.TIME:
            return audit_words.when(entry.at_ns, now_ns=self._now_ns())
        if column is AuditColumn.ACT:
            return audit_words.ACTS[entry.act]
        if column is AuditColumn.RESULT:
            return audit_words.RESULTS[entry.result]
        if column is AuditColumn.COUNT:
            return f"{entry.count:,}" if entry.count != 1 else ""
        return {
            AuditColumn.WHO: entry.who or text.UNKNOWN,
            AuditColumn.WHAT: audit_words.about(entry.what),
            AuditColumn.SOURCE: entry.source,
            AuditColumn.VERSION: entry.version,
            AuditColumn.DETAIL: entry.detail,
        }[column]
