"""A table of ready texts within a section of a panel: as high as its rows, up to a limit."""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.ui.models.text_rows import MARK_ROLE, TONE_ROLE, TextRows
from tradeassist_desktop.ui.theme import ROW_PX, Theme, ui_font
from tradeassist_desktop.ui.widgets.cells import CellDelegate, Index, draw_text
from tradeassist_desktop.ui.widgets.gauge import draw_mark
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable

_MARK_PX: Final = 8


class TextCells(CellDelegate):
    """Draws cells of texts, in the tone and with the mark that the model gives a row, if any."""

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme=theme, row_px=ROW_PX, parent=parent)
        self._font = ui_font(12)

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Draw one cell."""
        tokens = self.theme.tokens
        tones = {"quiet": tokens.text_3, "warn": tokens.warn}
        colour = tones.get(index.data(TONE_ROLE), tokens.text_1 if index.column() == 0 else tokens.text_2)
        side = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole)) & (
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignRight
        )
        mark = index.data(MARK_ROLE)
        if mark is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw_mark(painter, QRectF(rect.left() + _MARK_PX, rect.center().y() - 3, 7, 7), mark, tokens)
            rect = rect.adjusted(2 * _MARK_PX, 0, 0, 0)
        draw_text(
            painter,
            rect,
            index.data(Qt.ItemDataRole.DisplayRole),
            colour=colour,
            font=self._font,
            align=side,
        )


class TextTable(DeskTable):
    """Grows with its rows; scrolls within the section beyond ``most_rows``.

    Args:
        least_rows: For how many there is always room.
    """

    def __init__(
        self,
        *,
        model: TextRows,
        columns: Mapping[Any, ColumnSpec],
        theme: Theme,
        most_rows: int,
        least_rows: int = 1,
        parent: QWidget,
    ) -> None:
        super().__init__(model=model, columns=columns, parent=parent)
        self.setItemDelegate(TextCells(theme=theme, parent=self))
        self.grow_with_rows(least=least_rows, most=most_rows)
