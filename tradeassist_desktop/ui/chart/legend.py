"""The legend: the values of the bar under the crosshair, and what the chosen rule's lines say there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from tradeassist_desktop.domain.market import Instrument, InstrumentKind
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.lines import LegendLine, draw_legend_line
from tradeassist_desktop.ui.chart.scene import Scene
from tradeassist_desktop.ui.chart.series import CLOSE, HIGH, LOW, OPEN, VOLUME, BarSeries
from tradeassist_desktop.ui.theme import SMALL_PX, Tokens, faded, ui_font

_ROW_PX: Final = 16
_CANDLES_PX: Final = 100
"""Of the prices' height, what is the candles' own."""
_PX_A_ROW: Final = 32
"""Of the height above that, what there is for each further row: a low chart is not to be covered."""
_MARGIN_PX: Final = 10
_PEN_PX: Final = 24
_GAP_PX: Final = 14
_LEFT_OUT_FIRST: Final = ("Vol", "O", "%", "L", "H")
_Figure = tuple[str, str, str]
"""Which of a bar's figures, how it is written, and its colour."""


@dataclass(frozen=True, slots=True)
class Legend:
    """What stands at the top of the prices, in as many rows as their height allows.

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
        """Write the values of a bar, what the lines say there, and the notes; the first of them at least."""
        corner = QPointF(scene.plot.left() + _MARGIN_PX, scene.plot.top() + _ROW_PX)
        room = scene.plot.right() - corner.x()
        most = max(1, int((scene.prices.height() - _CANDLES_PX) / _PX_A_ROW))
        figures = _figures(series, place, instrument, tokens)
        theirs = max(1, most // 2, most - len(self.lines))
        used = _draw_figures(painter, figures, corner, room, theirs, tokens)
        painter.setFont(ui_font(SMALL_PX))
        used += self._draw_lines(painter, _below(corner, used), room, most - used, tokens)
        for note in self.notes[: most - used]:
            words = painter.fontMetrics().elidedText(note, Qt.TextElideMode.ElideRight, int(room))
            _write(painter, words, _below(corner, used), tokens)
            used += 1

    def _draw_lines(self, painter: QPainter, at: QPointF, room: float, most: int, tokens: Tokens) -> int:
        """Write what the lines say, those for which there are rows; return how many rows that took."""
        metrics = painter.fontMetrics()
        told = [_fitted(line, metrics, room) for line in self.lines]
        written = [metrics.horizontalAdvance(f"{line.name}  {line.value}") for line in told]
        widths = [wide + _PEN_PX + _GAP_PX for wide in written]
        places = [where for where in _in_rows(widths, room + _GAP_PX) if where[1] < most]
        for line, (x, row) in zip(told, places, strict=False):
            end = draw_legend_line(painter, line, _below(at, row) + QPointF(x, 0), tokens)
        if places and len(places) < len(told) and end + 2 * _GAP_PX <= at.x() + room:
            _write(painter, "…", QPointF(end + _GAP_PX, _below(at, places[-1][1]).y()), tokens)
        return places[-1][1] + 1 if places else 0


def _write(painter: QPainter, words: str, at: QPointF, tokens: Tokens) -> None:
    wide = painter.fontMetrics().horizontalAdvance(words)
    painter.fillRect(QRectF(at.x() - 4, at.y() - 12, wide + 8, _ROW_PX), faded(tokens.surface_1, 0.9))
    painter.setPen(QColor(tokens.text_2))
    painter.drawText(at, words)


def _below(corner: QPointF, rows: int) -> QPointF:
    return QPointF(corner.x(), corner.y() + rows * _ROW_PX)


def _in_rows(widths: Sequence[float], room: float) -> list[tuple[float, int]]:
    """Return where each thing begins, and in which row, if they are put side by side."""
    places: list[tuple[float, int]] = []
    x, row = 0.0, 0
    for wide in widths:
        if x and x + wide > room:
            x, row = 0.0, row + 1
        places.append((x, row))
        x += wide
    return places


def _fitted(line: LegendLine, metrics: QFontMetrics, room: float) -> LegendLine:
    """Return a line of which the name is shortened where there is not even a row for it."""
    left = room - _PEN_PX - metrics.horizontalAdvance(f"  {line.value}")
    return replace(line, name=metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, max(0, int(left))))


def _figures(series: BarSeries, place: int, instrument: Instrument, tokens: Tokens) -> list[_Figure]:
    bar = series.figures[:, place]
    rise = float(bar[CLOSE] - bar[OPEN])
    percent = 100 * rise / abs(float(bar[OPEN])) if bar[OPEN] else None
    colour = tokens.of_change(rise)
    figures = [
        (letter, text.price(float(bar[number]), instrument), colour)
        for letter, number in (("O", OPEN), ("H", HIGH), ("L", LOW), ("C", CLOSE))
    ]
    if instrument.kind is not InstrumentKind.INDICATOR:
        figures.append(("%", text.percent(percent), colour))
    volume = float(bar[VOLUME])
    return [*figures, ("Vol", text.quantity(volume if isfinite(volume) else None), tokens.text_2)]


def _draw_figures(
    painter: QPainter, figures: list[_Figure], corner: QPointF, room: float, most: int, tokens: Tokens
) -> int:
    """Write a bar's figures, those for which there are rows; return how many rows that took."""
    small, strong = ui_font(SMALL_PX), ui_font(SMALL_PX, weight=QFont.Weight.Medium)
    letters, values = QFontMetrics(small), QFontMetrics(strong)
    written = {
        # A percentage says itself what it is.
        letter: 0 if letter == "%" else letters.horizontalAdvance(letter) + 4
        for letter, _, _ in figures
    }
    widths = {letter: written[letter] + values.horizontalAdvance(words) + 10 for letter, words, _ in figures}
    for letter in _LEFT_OUT_FIRST:
        if _in_rows(list(widths.values()), room)[-1][1] < most:
            break
        widths.pop(letter, None)
    shown = [figure for figure in figures if figure[0] in widths]
    places = _in_rows(list(widths.values()), room)
    for (letter, words, ink), (x, row) in zip(shown, places, strict=True):
        at = _below(corner, row) + QPointF(x, 0)
        ground = QRectF(at.x() - 4, at.y() - 12, widths[letter], _ROW_PX)
        painter.fillRect(ground, faded(tokens.surface_1, 0.9))
        painter.setFont(strong)
        painter.setPen(QColor(ink))
        painter.drawText(at + QPointF(written[letter], 0), words)
        if written[letter]:
            painter.setFont(small)
            painter.setPen(QColor(tokens.text_3))
            painter.drawText(at, letter)
    return places[-1][1] + 1
