"""The table all panels use: dense rows, quiet lines, columns that make room for each other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final, TypeVar

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QModelIndex, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from tradeassist_desktop.ui.theme import ROW_PX, SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.cells import CellDelegate

C = TypeVar("C", bound=IntEnum)

_MOST_MEASURED: Final = 200
_PADDING_PX: Final = 24


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """How wide a column is, in pixels, and when it goes.

    Args:
        rank: 0 always stays; where the table is too narrow the highest rank goes first.
        stretch: Share of the room that is left over; 0 keeps the width.
        fits: Where what stands in it is narrower, so is the column: others have the room.
    """

    width: int
    rank: int = 0
    stretch: int = 0
    fits: bool = False


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
        self._are_spanned = False
        self._columns: Mapping[int, ColumnSpec] = {int(column): spec for column, spec in columns.items()}
        self._specs = self._columns
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
        if any(spec.fits for spec in self._specs.values()):
            for changed in (model.modelReset, model.rowsInserted, model.dataChanged):
                changed.connect(self._fit)
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells, past styles and style sheets: by Qt's way these take half of a repaint's time."""
        cells = self.itemDelegate()
        # Where something dragged would fall only Qt can show.
        is_dragged_over = self.state() is QAbstractItemView.State.DraggingState
        if not isinstance(cells, CellDelegate) or is_dragged_over:
            super().paintEvent(event)
            return
        first, last = self.rowAt(event.rect().top()), self.rowAt(event.rect().bottom())
        if first < 0:
            return
        last = last if last >= 0 else self.model().rowCount() - 1
        places = [(self.columnViewportPosition(c), self.columnWidth(c)) for c in self._columns]
        top, height = self.rowViewportPosition(first), self.rowHeight(first)
        painter = QPainter(self.viewport())
        for row in range(first, last + 1):
            self._paint_row(painter, cells, row, places, top=top, height=height)
            top += height
        painter.end()

    def _paint_row(
        self,
        painter: QPainter,
        cells: CellDelegate,
        row: int,
        places: Sequence[tuple[int, int]],
        *,
        top: int,
        height: int,
    ) -> None:
        model = self.model()
        is_selected = self.selectionModel().isSelected(model.index(row, 0))
        after_span = 0
        for column, (left, _) in enumerate(places):
            if column < after_span:
                continue
            after_span = column + (self.columnSpan(row, column) if self._are_spanned else 1)
            width = sum(each for _, each in places[column:after_span])
            if width:  # of a hidden column it is 0
                rect = QRect(left, top, width, height)
                cells.paint_cell(painter, rect, model.index(row, column), is_selected)

    def setSpan(self, row: int, column: int, row_span: int, column_span: int) -> None:
        """Let a cell take the place of its neighbours."""
        self._are_spanned = True
        super().setSpan(row, column, row_span, column_span)

    def clearSpans(self) -> None:
        """Let every cell have its own place."""
        self._are_spanned = False
        super().clearSpans()

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

    def stay_where_read(self) -> None:
        """Leave the rows in sight where they are as others come above them; at the top the new ones show."""
        self.model().rowsInserted.connect(self._scroll_along)

    def _scroll_along(self, _: QModelIndex, first: int, last: int) -> None:
        if self.rowViewportPosition(first) < 0:
            self.updateGeometries()  # else the bar ends where the rows of before did
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + sum(map(self.rowHeight, range(first, last + 1))))

    def selectRow(self, row: int) -> None:
        """Select this row alone: Qt's own would ask which keys are held, as those that lead to a dock are."""
        flags = QItemSelectionModel.SelectionFlag
        chosen = flags.ClearAndSelect | flags.Rows
        self.selectionModel().setCurrentIndex(self.model().index(row, 0), chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave letters to the window: they are commands, and one that rests must not move the selection."""
        typed = event.text()
        is_held = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if typed.strip() and typed.isprintable() and not is_held:
            event.ignore()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out anew."""
        super().resizeEvent(event)
        self.share_width(self.viewport().width())

    def _fit(self, *_: object) -> None:
        """Measure what stands in columns that fit it, and share the width out anew."""
        rows = range(min(self.model().rowCount(), _MOST_MEASURED))
        self._columns = {
            column: replace(spec, width=min(spec.width, self._width_of(column, rows))) if spec.fits else spec
            for column, spec in self._specs.items()
        }
        self.share_width(self.viewport().width())

    def _width_of(self, column: int, rows: Iterable[int]) -> int:
        model, metrics = self.model(), self.fontMetrics()
        words = [model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)]
        words += [model.index(row, column).data() for row in rows]
        return max(metrics.horizontalAdvance(str(each)) for each in words) + _PADDING_PX

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
