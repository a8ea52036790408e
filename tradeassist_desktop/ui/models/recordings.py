"""The recordings that are kept, newest first."""

from collections.abc import Sequence
from enum import IntEnum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tradeassist_desktop.domain.recordings import KeptRecording
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.tips import plain_tip

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

Index = QModelIndex | QPersistentModelIndex


class RecordingsColumn(IntEnum):
    """Columns, left to right."""

    BEGUN = 0
    LENGTH = 1
    FILE = 2
    ROWS = 3
    SIZE = 4


TITLES: Final = {
    RecordingsColumn.BEGUN: "Begun",
    RecordingsColumn.LENGTH: "Length",
    RecordingsColumn.FILE: "File",
    RecordingsColumn.ROWS: "Rows",
    RecordingsColumn.SIZE: "Size",
}
_NUMBERS: Final = (RecordingsColumn.ROWS, RecordingsColumn.SIZE)


class RecordingsModel(QAbstractTableModel):
    """Rows are files; the one being written tells its rows and size as they grow."""

    def __init__(self, *, desk: "Desk", parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._kept: tuple[KeptRecording, ...] = ()

    @property
    def kept(self) -> tuple[KeptRecording, ...]:
        """The files, in their order."""
        return self._kept

    def show(self, kept: Sequence[KeptRecording]) -> None:
        """Show these."""
        fresh = tuple(kept)
        if [each.file for each in fresh] != [each.file for each in self._kept]:
            self.beginResetModel()
            self._kept = fresh
            self.endResetModel()
        elif fresh:
            self._kept = fresh
            self.dataChanged.emit(self.index(0, 0), self.index(len(fresh) - 1, len(RecordingsColumn) - 1))

    # --- Qt's questions

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of recordings."""
        return 0 if parent.isValid() else len(self._kept)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(RecordingsColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title, or its alignment."""
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[RecordingsColumn(section)]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(RecordingsColumn(section))
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, tooltip, or (``UserRole``) its recording."""
        kept = self._kept[index.row()]
        column = RecordingsColumn(index.column())
        if role == Qt.ItemDataRole.UserRole:
            return kept
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._cell(kept, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_tooltip(kept))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def _cell(self, kept: KeptRecording, column: RecordingsColumn) -> str:
        state = self._desk.recordings.state
        is_written = kept.file == state.file
        if column is RecordingsColumn.FILE:
            return PurePath(
                kept.file.name.removesuffix(".gz")
            ).stem  # how it is packed tells nobody which one it is
        if column is RecordingsColumn.SIZE:
            return text.size(state.size_bytes if is_written else kept.size_bytes)
        if column is RecordingsColumn.ROWS:
            rows = state.rows if is_written else kept.rows
            return text.UNKNOWN if rows is None else f"{rows:,}"
        if is_written:
            now_ns = self._desk.clock.now_ns()
            begun_ns = state.since_ns
            length = "recording" if column is RecordingsColumn.LENGTH else ""
            return length or text.clock_time(begun_ns, now_ns=now_ns)
        if kept.first_ns is None or kept.last_ns is None:
            return text.UNKNOWN
        if column is RecordingsColumn.LENGTH:
            return text.duration(kept.last_ns - kept.first_ns)
        begun = text.local(kept.first_ns)
        is_this_year = begun.year == text.local(self._desk.clock.now_ns()).year
        return f"{begun:%d %b %H:%M}" if is_this_year else f"{begun:%d %b %Y %H:%M}"


def _alignment(column: RecordingsColumn) -> int:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _tooltip(kept: KeptRecording) -> str:
    lines = [str(kept.file)]
    if kept.first_ns is not None:
        lines.append(f"{text.utc_time(kept.first_ns)} to {text.utc_time(kept.last_ns)}")
    if kept.symbols:
        lines.append(", ".join(kept.symbols[:20]))
    lines.append("Recorded by schedule" if kept.is_scheduled else "Recorded by you")
    return "\n".join(lines)
