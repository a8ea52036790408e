"""Draws the outcome of a sweep: a map of two numbers, or a line of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from tradeassist_desktop.services.testing.sweeps import Sweep
from tradeassist_desktop.ui.theme import SMALL_PX, Tokens, mix, ui_font
from tradeassist_desktop.ui.widgets.cells import draw_text
from tradeassist_desktop.ui.widgets.testing.sweep_words import Measure

_LEFT_PX: Final = 56
_FOOT_PX: Final = 20
_LABEL_PX: Final = 44
_EDGE_PX: Final = 10
_LEAST_CELL_PX: Final = 34
_CENTRE: Final = Qt.AlignmentFlag.AlignHCenter
_RIGHT: Final = Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class SweepPicture:
    """One sweep in one rectangle. Results are meant by their places in it.

    The first axis goes to the right, the second upwards.

    Args:
        chosen: The result that is marked.
        is_focused: Whether the keyboard is there.
    """

    sweep: Sweep
    measure: Measure
    rect: QRectF
    tokens: Tokens
    chosen: int
    is_focused: bool

    @property
    def columns(self) -> int:
        """How many numbers the first axis has."""
        return len(self.sweep.axes[0][1])

    @property
    def rows(self) -> int:
        """How many the second has; 1 where there is none."""
        return len(self.sweep.axes[1][1]) if self.is_map else 1

    @property
    def is_map(self) -> bool:
        """Whether two numbers were varied."""
        return len(self.sweep.axes) > 1

    def cell(self, at: int) -> QRectF:
        """Return where a result is drawn."""
        room = self._room()
        column, row = divmod(at, self.rows)
        width, height = room.width() / self.columns, room.height() / self.rows
        return QRectF(room.left() + column * width, room.bottom() - (row + 1) * height, width, height)

    def found(self, point: QPointF) -> int | None:
        """Return the result drawn at a point; ``None`` for none."""
        return next((at for at in range(len(self.sweep.results)) if self.cell(at).contains(point)), None)

    def draw(self, painter: QPainter) -> None:
        """Draw all of it."""
        painter.setFont(ui_font(SMALL_PX))
        if all(self.measure.of(result) is None for result in self.sweep.results):
            rect = self.rect.toRect()
            draw_text(painter, rect, self.measure.nothing_known, colour=self.tokens.text_3, align=_CENTRE)
            return
        if self.is_map:
            for at in range(len(self.sweep.results)):
                self._draw_cell(painter, at)
        else:
            self._draw_line(painter)
        self._draw_labels(painter)

    # --- the map

    def _draw_cell(self, painter: QPainter, at: int) -> None:
        tokens, result = self.tokens, self.sweep.results[at]
        cell = self.cell(at).adjusted(0.5, 0.5, -0.5, -0.5)
        is_thin = self.measure.is_thin(result)
        painter.fillRect(cell, self._colour(self.measure.of(result), is_thin=is_thin))
        if is_thin:
            # Told by more than a colour: too few to judge by.
            painter.fillRect(cell, QBrush(QColor(tokens.surface_3), Qt.BrushStyle.BDiagPattern))
        if cell.width() >= _LEAST_CELL_PX and cell.height() >= SMALL_PX + 2:
            colour = tokens.text_3 if is_thin else tokens.text_1
            draw_text(
                painter, cell.toRect(), self.measure.cell(result), colour=colour, align=_CENTRE, padding=1
            )
        if at == self.chosen:
            painter.setPen(QPen(QColor(tokens.focus if self.is_focused else tokens.text_1), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(cell.adjusted(1, 1, -1, -1))

    def _colour(self, value: float | None, *, is_thin: bool) -> QColor:
        tokens = self.tokens
        if value is None or is_thin:
            return QColor(tokens.surface_1)
        low, high = self._bounds()
        if not self.measure.has_sides:
            return mix(tokens.surface_1, tokens.accent, 0.08 + 0.55 * _share(value, low, high))
        middle = 0.5 if self.measure is Measure.WAY else 0.0
        widest = max(abs(high - middle), abs(low - middle)) or 1.0
        side = tokens.up if value >= middle else tokens.down
        return mix(tokens.surface_1, side, 0.06 + 0.44 * abs(value - middle) / widest)

    # --- the line

    def _draw_line(self, painter: QPainter) -> None:
        tokens, room = self.tokens, self._room()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.surface_3), 1.0))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        painter.setPen(QPen(QColor(tokens.accent), 1.5))
        for run in self._runs():
            painter.drawPolyline(QPolygonF([point for _, point in run]))
        for run in self._runs():
            for at, point in run:
                self._draw_dot(painter, at, point)

    def _draw_dot(self, painter: QPainter, at: int, point: QPointF) -> None:
        tokens, result = self.tokens, self.sweep.results[at]
        is_chosen = at == self.chosen
        painter.setBrush(QColor(tokens.surface_1 if self.measure.is_thin(result) else tokens.accent))
        edge = tokens.text_1 if is_chosen else tokens.accent
        painter.setPen(QPen(QColor(edge), 2.0 if is_chosen else 1.2))
        size = 5.0 if is_chosen else 3.5
        painter.drawEllipse(point, size, size)
        if is_chosen:
            where = QRect(round(point.x()) - 40, round(point.y()) - 22, 80, 14)
            draw_text(painter, where, self.measure.cell(result), colour=tokens.text_1, align=_CENTRE)

    def _runs(self) -> Iterator[list[tuple[int, QPointF]]]:
        """Yield the stretches in which every figure is known."""
        run: list[tuple[int, QPointF]] = []
        for at, result in enumerate(self.sweep.results):
            value = self.measure.of(result)
            if value is not None:
                run.append((at, QPointF(self.cell(at).center().x(), self._height(value))))
            elif run:
                yield run
                run = []
        if run:
            yield run

    def _height(self, value: float) -> float:
        room = self._room()
        return room.bottom() - _EDGE_PX - _share(value, *self._bounds()) * (room.height() - 3 * _EDGE_PX)

    # --- beside it

    def _draw_labels(self, painter: QPainter) -> None:
        room, results, rows = self._room(), self.sweep.results, self.rows
        foot = round(self.rect.bottom()) - _FOOT_PX + 3
        for column in range(0, self.columns, _every(self.columns, _LABEL_PX, room.width())):
            middle = round(self.cell(column * rows).center().x())
            where = QRect(middle - 30, foot, 60, _FOOT_PX - 4)
            self._label(painter, where, results[column * rows].numbers[0], _CENTRE)
        if self.is_map:
            for row in range(0, rows, _every(rows, SMALL_PX + 3, room.height())):
                where = QRect(0, round(self.cell(row).center().y()) - 8, _LEFT_PX - 4, 16)
                self._label(painter, where, results[row].numbers[1], _RIGHT)
            return
        for value in dict.fromkeys(self._bounds()):
            where = QRect(0, round(self._height(value)) - 8, _LEFT_PX - 4, 16)
            self._label(painter, where, self.measure.figure(value), _RIGHT)

    def _label(self, painter: QPainter, where: QRect, words: str, align: Qt.AlignmentFlag) -> None:
        draw_text(painter, where, words, colour=self.tokens.text_3, align=align, padding=1)

    def _bounds(self) -> tuple[float, float]:
        known = [value for result in self.sweep.results if (value := self.measure.of(result)) is not None]
        return min(known, default=0.0), max(known, default=0.0)

    def _room(self) -> QRectF:
        return self.rect.adjusted(_LEFT_PX, 4, -8, -_FOOT_PX)


def _share(value: float, low: float, high: float) -> float:
    return 0.5 if high <= low else (value - low) / (high - low)


def _every(count: int, needed_px: float, room_px: float) -> int:
    """Return of how many labels one has room."""
    return max(1, round(count * needed_px / max(1.0, room_px) + 0.5))
