"""The crosshair with its tags."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from tradeassist_desktop.ui.chart.scene import TAG_PX, Scene
from tradeassist_desktop.ui.chart.tags import Tag, draw_tag
from tradeassist_desktop.ui.theme import Tokens, faded


def draw_crosshair(
    painter: QPainter, scene: Scene, tokens: Tokens, pointer: QPointF, place: int, value: str, time: str
) -> None:
    """Draw the lines through a point, with the value and the time they stand at."""
    x, y = round(scene.x(place)) + 0.5, round(pointer.y()) + 0.5
    painter.setPen(QPen(faded(tokens.text_2, 0.7), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(x, scene.plot.top()), QPointF(x, scene.plot.bottom()))
    painter.drawLine(QPointF(scene.plot.left(), y), QPointF(scene.plot.right(), y))
    surface = QColor(tokens.surface_3)
    draw_tag(painter, scene, tokens, Tag(y, value, surface, ink=tokens.text_1))
    wide = painter.fontMetrics().horizontalAdvance(time) + 16
    left = min(max(scene.plot.left(), x - wide / 2), scene.plot.right() - wide)
    room = scene.height - scene.plot.bottom() - 2
    box = QRectF(left, scene.plot.bottom() + 2, wide, min(TAG_PX, room))
    scene.tags.append(box)
    painter.fillRect(box, surface)
    painter.setPen(QColor(tokens.text_1))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, time)
