"""Draws the cells of the desk's tables: quick, on the grid, from the theme's tokens."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPen,
    QPolygonF,
    QStaticText,
    QTransform,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tradeassist_desktop.ui.theme import Theme, mix

Index = QModelIndex | QPersistentModelIndex
PADDING_PX = 6
_MOST_READY: Final = 8192
_SHARES: Final = {Qt.AlignmentFlag.AlignLeft: 0.0, Qt.AlignmentFlag.AlignRight: 1.0}


class CellDelegate(QStyledItemDelegate):
    """Paints ground, selection and focus alike everywhere; subclasses draw what is in a cell.

    Styles and style sheets are not asked per cell: at ten repaints a second they would cost
    more than the market does.
    """

    def __init__(self, *, theme: Theme, row_px: int, parent: QObject) -> None:
        super().__init__(parent)
        self.theme = theme
        self._row_px = row_px

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the row's height; widths are the table's business."""
        return QSize(0, self._row_px)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground, then the cell."""
        self.paint_cell(painter, option.rect, index, bool(option.state & QStyle.StateFlag.State_Selected))

    def paint_cell(self, painter: QPainter, rect: QRect, index: Index, is_selected: bool) -> None:
        """Draw the ground, then the cell, as ``paint`` does."""
        ground = self.ground(index, is_selected)
        if ground is not None:
            painter.fillRect(rect, ground)
        if is_selected and index.column() == 0:
            painter.fillRect(
                QRect(rect.left(), rect.top(), 2, rect.height()), QColor(self.theme.tokens.accent)
            )
        painter.save()
        self.draw(painter, rect, index)
        painter.restore()

    def ground(self, index: Index, is_selected: bool) -> QColor | None:
        """Return the colour behind a cell, or ``None`` for the table's own."""
        if is_selected:
            return mix(self.theme.tokens.surface_1, self.theme.tokens.accent, 0.18)
        return None

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Draw what is in the cell."""
        raise NotImplementedError


def draw_text(
    painter: QPainter,
    rect: QRect,
    text: str,
    *,
    colour: str | QColor,
    font: QFont | None = None,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    padding: int = PADDING_PX,
) -> None:
    """Draw one line of text, elided where it does not fit."""
    if font is None:
        font = painter.font()
    else:
        painter.setFont(font)
    painter.setPen(QColor(colour))
    room = rect.width() - 2 * padding
    ready, width, height = _laid_out(text, room, font)
    left = rect.left() + padding + (room - width) * _SHARES.get(align, 0.5)
    painter.drawStaticText(QPointF(left, rect.top() + (rect.height() - height) / 2), ready)


_ready: dict[tuple[str, int, str, int, QFont.Weight], tuple[QStaticText, float, float]] = {}


def _laid_out(text: str, room: int, font: QFont) -> tuple[QStaticText, float, float]:
    """Return a text elided to so many pixels, its width and height."""
    # To measure and lay out a text costs more than to draw it, and most cells are drawn again unchanged.
    key = (text, room, font.family(), font.pixelSize(), font.weight())
    found = _ready.get(key)
    if found is None:
        if len(_ready) >= _MOST_READY:
            _ready.clear()
        metrics = QFontMetrics(font)
        if metrics.horizontalAdvance(text) > room:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        ready = QStaticText(text)
        ready.setTextFormat(Qt.TextFormat.PlainText)
        ready.prepare(QTransform(), font)
        size = ready.size()
        found = _ready[key] = ready, size.width(), size.height()
    return found


def draw_sparkline(painter: QPainter, rect: QRectF, values: Sequence[float], colour: QColor) -> None:
    """Draw values (oldest first) as a line that fills ``rect``, its end dotted."""
    if len(values) < 2:
        return
    low, high = min(values), max(values)
    span = high - low
    step = rect.width() / (len(values) - 1)
    if span > 0:
        points = [
            QPointF(rect.left() + i * step, rect.bottom() - (value - low) / span * rect.height())
            for i, value in enumerate(values)
        ]
    else:
        middle = rect.center().y()
        points = [QPointF(rect.left(), middle), QPointF(rect.right(), middle)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(points[-1], 1.8, 1.8)


def draw_pill(
    painter: QPainter,
    rect: QRect,
    text: str,
    *,
    colour: str,
    ground: QColor,
    font: QFont,
    left: int = PADDING_PX,
) -> None:
    """Draw a short word in a rounded ground of its own width, at the left of ``rect``."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    width = min(painter.fontMetrics().horizontalAdvance(text) + 14, rect.width() - left)
    height = 18
    pill = QRectF(rect.left() + left, rect.center().y() - height / 2 + 0.5, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(pill, 4, 4)
    painter.setPen(QColor(colour))
    text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width) - 8)
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
