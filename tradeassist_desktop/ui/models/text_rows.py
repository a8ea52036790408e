"""A small table of ready texts, for lists that need no model of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.gauge import Level

Index = QModelIndex | QPersistentModelIndex

TONE_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
MARK_ROLE: Final = TONE_ROLE + 1


@dataclass(frozen=True, slots=True)
class TextRow:
    """One row.

    Args:
        key: The same while the row is about the same thing.
        tone: ``""``, ``quiet`` or ``warn``.
        mark: Stands before the first cell.
    """

    key: str
    cells: tuple[str, ...]
    tooltip: str = ""
    tone: str = ""
    mark: Level | None = None


class TextRows(QAbstractTableModel):
    """Shows what it was given last.

    Args:
        titles: Of the columns, left to right.
        figures: Columns that stand right.
    """

    def __init__(
        self, *, titles: Sequence[str], figures: frozenset[int] = frozenset(), parent: QObject
    ) -> None:
        super().__init__(parent)
        self._titles = tuple(titles)
        self._figures = figures
        self._rows: tuple[TextRow, ...] = ()

    def show(self, rows: Sequence[TextRow]) -> None:
        """Show these rows; a selection stays where the keys do."""
        before, fresh = self._rows, tuple(rows)
        if [row.key for row in before] != [row.key for row in fresh]:
            self.beginResetModel()
            self._rows = fresh
            self.endResetModel()
            return
        self._rows = fresh
        for place, (old, new) in enumerate(zip(before, fresh, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(self._titles) - 1))

    def row(self, place: int) -> TextRow:
        """Return a row."""
        return self._rows[place]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title, or its alignment."""
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, alignment, tooltip, (``TONE_ROLE``) tone or (``MARK_ROLE``) mark."""
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.cells[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(row.tooltip or row.cells[index.column()])
        if role == MARK_ROLE:
            return row.mark if index.column() == 0 else None
        return row.tone if role == TONE_ROLE else None

    def _alignment(self, column: int) -> int:
        side = Qt.AlignmentFlag.AlignRight if column in self._figures else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)
