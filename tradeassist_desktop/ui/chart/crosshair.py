"""The crosshair with its tags, and the legend with the values of the bar under it."""

from dataclasses import dataclass
from math import isfinite

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from tradeassist_desktop.domain.market import Instrument, InstrumentKind
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.lines import LegendLine, draw_legend_line
from tradeassist_desktop.ui.chart.scene import TAG_PX, Scene
from tradeassist_desktop.ui.chart.series import CLOSE, HIGH, LOW, OPEN, VOLUME, BarSeries
from tradeassist_desktop.ui.chart.tags import Tag, draw_tag
from tradeassist_desktop.ui.theme import SMALL_PX, Tokens, faded, ui_font

_ROW_PX = 16


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


@dataclass(frozen=True, slots=True)
class Legend:
    """What stands at the top of the prices.

    Args:
        lines: Of what the chosen rule reads.
        notes: Whole sentences below.
    """

    lines: list[LegendLine]
    notes: list[str]

    def draw(
        self,
        painter: QPainter,
        scene: Scene,
        tokens: Tokens,
        series: BarSeries,
        place: int,
        instrument: Instrument,
    ) -> None:
        """Write the values of a bar, what the lines say there, and the notes."""
        y = self._draw_bar(painter, scene, tokens, series, place, instrument)
        painter.setFont(ui_font(SMALL_PX))
        left = scene.plot.left() + 10
        x = left
        for number, told in enumerate(self.lines):
            wide = painter.fontMetrics().horizontalAdvance(f"{told.name}  {told.value}") + 24
            if not number or x + wide > scene.plot.right():
                x, y = left, y + _ROW_PX
            x = draw_legend_line(painter, told, QPointF(x, y), tokens) + 14
        for note in self.notes:
            y += _ROW_PX
            wide = painter.fontMetrics().horizontalAdvance(note)
            painter.fillRect(QRectF(left - 4, y - 12, wide + 8, _ROW_PX), faded(tokens.surface_1, 0.9))
            painter.setPen(QColor(tokens.text_2))
            painter.drawText(QPointF(left, y), note)

    def _draw_bar(
        self,
        painter: QPainter,
        scene: Scene,
        tokens: Tokens,
        series: BarSeries,
        place: int,
        instrument: Instrument,
    ) -> float:
        figures = series.figures[:, place]
        rise = float(figures[CLOSE] - figures[OPEN])
        percent = 100 * rise / abs(float(figures[OPEN])) if figures[OPEN] else None
        colour = tokens.of_change(rise)
        parts = [
            (letter, text.price(float(figures[number]), instrument), colour)
            for letter, number in (("O", OPEN), ("H", HIGH), ("L", LOW), ("C", CLOSE))
        ]
        if instrument.kind is not InstrumentKind.INDICATOR:
            parts.append(("", text.percent(percent), colour))
        volume = float(figures[VOLUME])
        parts.append(("Vol", text.quantity(volume if isfinite(volume) else None), tokens.text_2))
        small, strong = ui_font(SMALL_PX), ui_font(SMALL_PX, weight=QFont.Weight.Medium)
        left, y = scene.plot.left() + 10, scene.plot.top() + 16
        x = left
        for letter, words, ink in parts:
            painter.setFont(small)
            letter_px = painter.fontMetrics().horizontalAdvance(letter) + 4 if letter else 0
            painter.setFont(strong)
            room = letter_px + painter.fontMetrics().horizontalAdvance(words) + 10
            if x > left and x + room > scene.plot.right():
                x, y = left, y + _ROW_PX
            painter.fillRect(QRectF(x - 4, y - 12, room, _ROW_PX), faded(tokens.surface_1, 0.9))
            painter.setPen(QColor(ink))
            painter.drawText(QPointF(x + letter_px, y), words)
            painter.setFont(small)
            painter.setPen(QColor(tokens.text_3))
            painter.drawText(QPointF(x, y), letter)
            x += room
        return y
