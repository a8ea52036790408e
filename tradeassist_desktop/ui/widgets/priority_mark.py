"""The mark of a priority, whose shape says it without the colour."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from tradeassist_desktop.domain.alerts import Priority


def draw_priority(
    painter: QPainter, rect: QRectF, priority: Priority, colour: QColor, *, is_filled: bool
) -> None:
    """Draw a priority's mark: ring, disc, triangle, square, so that colour is not needed to tell."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(colour)
    painter.setBrush(colour if is_filled else Qt.BrushStyle.NoBrush)
    if priority is Priority.URGENT:
        painter.drawRect(rect)
    elif priority is Priority.HIGH:
        painter.drawPolygon(
            QPolygonF([rect.bottomLeft(), rect.bottomRight(), (rect.topLeft() + rect.topRight()) / 2])
        )
    else:
        if priority is Priority.LOW:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(rect)
