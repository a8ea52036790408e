"""The table of where a rule would have fired; a row leads the chart there."""

from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.services.testing.preview import Firing
from tradeassist_desktop.ui.models.firings import FAVOURABLE_ROLE, FiringsColumn, FiringsModel
from tradeassist_desktop.ui.theme import ROW_PX, Theme, ui_font
from tradeassist_desktop.ui.widgets.cells import CellDelegate, Index, draw_text
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable

_COLUMNS: Final = {
    FiringsColumn.TIME: ColumnSpec(112, stretch=1),
    FiringsColumn.SYMBOL: ColumnSpec(64, rank=4),
    FiringsColumn.VALUE: ColumnSpec(74, stretch=1),
    FiringsColumn.AFTER_5M: ColumnSpec(82, rank=3, stretch=1),
    FiringsColumn.AFTER_15M: ColumnSpec(82, rank=1, stretch=1),
    FiringsColumn.AFTER_60M: ColumnSpec(82, rank=2, stretch=1),
}


class _Cells(CellDelegate):
    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme=theme, row_px=ROW_PX, parent=parent)
        self._font = ui_font(12)

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Draw one cell."""
        tokens = self.theme.tokens
        is_favourable = index.data(FAVOURABLE_ROLE)
        colour = tokens.text_1 if index.column() == FiringsColumn.TIME else tokens.text_2
        if is_favourable is not None:
            colour = tokens.up if is_favourable else tokens.down
        side = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole)) & (
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignRight
        )
        words = index.data(Qt.ItemDataRole.DisplayRole)
        draw_text(painter, rect, words, colour=colour, font=self._font, align=side)


class FiringsTable(DeskTable):
    """Rows are firings, newest first."""

    chosen = Signal(object)
    """The ``Firing`` that was clicked, or reached by the keys."""

    def __init__(self, *, model: FiringsModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(model=model, columns=_COLUMNS, parent=parent)
        self._firings = model
        self.setObjectName("firings")
        self.setAccessibleName("Where the rule would have fired")
        self.setItemDelegate(_Cells(theme=theme, parent=self))
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)
        theme.changed.connect(self.viewport().update)

    def _choose(self, index: Index) -> None:
        firing: Firing = self._firings.firing(index.row())
        self.chosen.emit(firing)
