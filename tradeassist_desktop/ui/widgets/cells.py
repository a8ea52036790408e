"""Draws the cells of the desk's tables: quick, on the grid, from the theme's tokens."""

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tradeassist_desktop.ui.theme import Theme, mix, ui_font

Index = QModelIndex | QPersistentModelIndex
PADDING_PX = 6


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
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
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
    if font is not None:
        painter.setFont(font)
    painter.setPen(QColor(colour))
    inner = rect.adjusted(padding, 0, -padding, 0)
    in_force = painter.font()
    fitting = _elided(text, inner.width(), in_force.pixelSize(), in_force.weight())
    painter.drawText(inner, align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, fitting)


@lru_cache(maxsize=8192)
def _elided(text: str, width: int, pixels: int, weight: QFont.Weight) -> str:
    # To measure a text costs as much as to draw it, and most cells are drawn again unchanged.
    metrics = QFontMetrics(ui_font(pixels, weight=weight))
    if metrics.horizontalAdvance(text) <= width:
        return text
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


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
