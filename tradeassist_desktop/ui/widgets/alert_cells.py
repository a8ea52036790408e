"""How a row of the alerts list is drawn."""

from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.ui.models.alerts import AlertsColumn, AlertsModel, is_open
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ROW_PX, ui_font
from tradeassist_desktop.ui.widgets.cells import CellDelegate, Index, draw_text
from tradeassist_desktop.ui.widgets.priority_mark import draw_priority

_READ_FIRST: Final = (AlertsColumn.SYMBOL, AlertsColumn.RULE, AlertsColumn.VALUE)


class AlertCells(CellDelegate):
    """Draws one cell; what nobody has answered stands out.

    Args:
        model: Whose cells they are: asked by way of Qt, in a storm it would take as long as all drawing.
    """

    def __init__(self, *, context: PanelContext, model: AlertsModel, parent: QWidget) -> None:
        super().__init__(theme=context.theme, row_px=ROW_PX, parent=parent)
        self._model = model
        self._plain = ui_font(12)
        self._strong = ui_font(12, weight=QFont.Weight.DemiBold)

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Draw a cell's text, and in the first one the priority."""
        record = self._model.record(index.row())
        column = AlertsColumn(index.column())
        words = self._model.words(record, column)
        tokens = self.theme.tokens
        alert = record.alert
        is_new = is_open(record)
        colour = tokens.text_3 if alert.status is AlertStatus.SUPPRESSED else tokens.text_2
        if column is AlertsColumn.TIME:
            mark = QRectF(rect.left() + 10, rect.center().y() - 3.5, 8, 8)
            is_fired = alert.status is AlertStatus.FIRED
            ink = QColor(tokens.of_priority(alert.priority) if is_fired else tokens.text_3)
            draw_priority(painter, mark, alert.priority, ink, is_filled=is_new)
            rect = rect.adjusted(20, 0, 0, 0)
        if is_new and column in _READ_FIRST:
            colour = tokens.text_1
        if column is AlertsColumn.STATE and is_new:
            colour = tokens.of_priority(alert.priority)
        is_strong = is_new and column in (AlertsColumn.SYMBOL, AlertsColumn.STATE)
        align = Qt.AlignmentFlag.AlignRight if column is AlertsColumn.VALUE else Qt.AlignmentFlag.AlignLeft
        font = self._strong if is_strong else self._plain
        draw_text(painter, rect, words, colour=colour, font=font, align=align)
