"""The table all panels use: dense rows, quiet lines, columns that make room for each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from tradeassist_desktop.ui.theme import ROW_PX, SMALL_PX, ui_font

C = TypeVar("C", bound=IntEnum)


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """How wide a column is, in pixels, and when it goes.

    Args:
        rank: 0 always stays; where the table is too narrow the highest rank goes first.
        stretch: Share of the room that is left over; 0 keeps the width.
    """

    width: int
    rank: int = 0
    stretch: int = 0


class DeskTable(QTableView):
    """A read-only table that never scrolls sideways: it drops its least needed columns.

    Args:
        columns: By column number, all of them.
    """

    def __init__(
        self,
        *,
        model: QAbstractItemModel,
        columns: Mapping[C, ColumnSpec],
        row_px: int = ROW_PX,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._columns: Mapping[int, ColumnSpec] = {int(column): spec for column, spec in columns.items()}
        self.setModel(model)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(row_px)
        rows.setDefaultSectionSize(row_px)
        rows.hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setFixedHeight(ROW_PX)
        header.setFont(ui_font(SMALL_PX))
        header.setMinimumSectionSize(16)

    def grow_with_rows(self, *, least: int, most: int) -> None:
        """Be as high as the rows there are; beyond ``most`` they scroll.

        Args:
            least: For how many there is always room: an empty state wants some.
        """

        def fit() -> None:
            rows = max(least, min(most, self.model().rowCount()))
            self.setFixedHeight((rows + 1) * self.verticalHeader().defaultSectionSize() + 2)

        self.model().modelReset.connect(fit)
        fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out anew."""
        super().resizeEvent(event)
        self.share_width(self.viewport().width())

    def columns_for(self, room: int) -> Sequence[int]:
        """Return the columns to show in so many pixels."""
        return fitting(self._columns, room)

    def share_width(self, room: int) -> None:
        """Show the columns that fit, and stretch those that want more."""
        shown = self.columns_for(room)
        spare = max(0, room - sum(self._columns[column].width for column in shown))
        shares = sum(self._columns[column].stretch for column in shown)
        for column, spec in self._columns.items():
            self.setColumnHidden(column, column not in shown)
            extra = spare * spec.stretch // shares if shares else 0
            self.setColumnWidth(column, spec.width + extra)


def fitting(columns: Mapping[int, ColumnSpec], room: int) -> Sequence[int]:
    """Return the columns that fit into so many pixels; the least needed go first."""
    shown = sorted(columns, key=lambda column: columns[column].rank)
    while sum(columns[column].width for column in shown) > room and columns[shown[-1]].rank > 0:
        shown.pop()
    return sorted(shown)
