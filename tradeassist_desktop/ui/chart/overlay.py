"""What lies over the candles: levels, alerts, the last price, the crosshair and its figures."""

from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.series import CLOSE, HIGH, LOW, OPEN, VOLUME, BarSeries
from tradeassist_desktop.ui.theme import SMALL_PX, Tokens, faded, ui_font

_TAG_HEIGHT: Final = 18
_MARKER_PX: Final = 6


@dataclass(frozen=True, slots=True)
class AlertMark:
    """An alert's place on the chart; ``price`` may be ``None``: then it stands at the bar's low."""

    alert_id: str
    event_ns: int
    price: float | None
    priority: Priority


@dataclass(slots=True)
class Scene:
    """One paint's measures: where places and prices are in pixels."""

    plot: QRectF
    left: float
    right: float
    low: float
    high: float

    def x(self, place: float) -> float:
        """Return the pixel column of a place."""
        return self.plot.left() + (place - self.left) / (self.right - self.left) * self.plot.width()

    def y(self, price: float) -> float:
        """Return the pixel row of a price."""
        return self.plot.bottom() - (price - self.low) / (self.high - self.low) * self.plot.height()

    def place(self, x: float) -> float:
        """Return the place under a pixel column."""
        return self.left + (x - self.plot.left()) / self.plot.width() * (self.right - self.left)

    def price(self, y: float) -> float:
        """Return the price at a pixel row."""
        return self.low + (self.plot.bottom() - y) / self.plot.height() * (self.high - self.low)


@dataclass(slots=True)
class Overlay:
    """The state of what is drawn over the candles; the canvas sets it and asks to draw."""

    series: BarSeries
    instrument: Instrument = field(default_factory=lambda: Instrument(symbol=""))
    last: float | None = None
    levels: tuple[PriceLevel, ...] = ()
    marks: tuple[AlertMark, ...] = ()
    day_breaks: tuple[int, ...] = ()
    pointer: QPointF | None = None
    pointer_time: str = ""
    _mark_points: dict[str, QPointF] = field(default_factory=dict)

    def draw(self, painter: QPainter, scene: Scene, tokens: Tokens, width: float, height: float) -> None:
        """Draw everything, quietest first."""
        painter.setFont(ui_font(SMALL_PX))
        self._draw_day_breaks(painter, scene, tokens)
        self._draw_levels(painter, scene, tokens, width)
        self._draw_last(painter, scene, tokens, width)
        self._draw_marks(painter, scene, tokens)
        self._draw_crosshair(painter, scene, tokens, width, height)
        self._draw_legend(painter, scene, tokens)

    def alert_at(self, point: QPointF) -> str | None:
        """Return the alert whose mark is under a point."""
        for alert_id, centre in self._mark_points.items():
            away = centre - point
            if abs(away.x()) <= _MARKER_PX + 2 and abs(away.y()) <= _MARKER_PX + 3:
                return alert_id
        return None

    def mark_point(self, alert_id: str) -> QPointF | None:
        """Return where an alert's mark was last drawn."""
        return self._mark_points.get(alert_id)

    def _draw_day_breaks(self, painter: QPainter, scene: Scene, tokens: Tokens) -> None:
        painter.setPen(QPen(faded(tokens.text_3, 0.35), 1, Qt.PenStyle.DotLine))
        for place in self.day_breaks:
            x = round(scene.x(place - 0.5)) + 0.5
            painter.drawLine(QPointF(x, scene.plot.top()), QPointF(x, scene.plot.bottom()))

    def _draw_levels(self, painter: QPainter, scene: Scene, tokens: Tokens, width: float) -> None:
        taken: list[float] = []
        for level in sorted(self.levels, key=lambda level: -level.price):
            if not scene.low < level.price < scene.high:
                continue
            y = round(scene.y(level.price)) + 0.5
            colour = QColor(tokens.warn if level.is_armed else tokens.text_3)
            painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(scene.plot.left(), y), QPointF(scene.plot.right(), y))
            _draw_tag(
                painter,
                _tag_box(scene, y, width),
                text.price(level.price, self.instrument),
                tokens=tokens,
                colour=colour,
            )
            if all(abs(y - other) >= 16 for other in taken):
                taken.append(y)
                words = level.rule_name if level.is_armed else f"{level.rule_name} (not armed)"
                metrics = painter.fontMetrics()
                words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(scene.plot.width() * 0.4))
                box = QRectF(scene.plot.left() + 8, y - 16, metrics.horizontalAdvance(words) + 8, 15)
                painter.fillRect(box, faded(tokens.surface_1, 0.78))
                painter.setPen(colour)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _draw_last(self, painter: QPainter, scene: Scene, tokens: Tokens, width: float) -> None:
        if self.last is None or not len(self.series) or not scene.low < self.last < scene.high:
            return
        rise = self.last - float(self.series.figures[OPEN, -1])
        colour = QColor(tokens.up if rise >= 0 else tokens.down)
        y = round(scene.y(self.last)) + 0.5
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(scene.plot.left(), y), QPointF(scene.plot.right(), y))
        words = text.price(self.last, self.instrument)
        _draw_tag(painter, _tag_box(scene, y, width), words, tokens=tokens, colour=colour, is_filled=True)

    def _draw_marks(self, painter: QPainter, scene: Scene, tokens: Tokens) -> None:
        self._mark_points.clear()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark in self.marks:
            place = self.series.place(mark.event_ns)
            if place is None or not scene.left - 1 < place < scene.right + 1:
                continue
            low = float(self.series.figures[LOW, place])
            # A bell rings under the bar: it hides neither the candle nor the level.
            point = QPointF(scene.x(place), min(scene.y(low) + 12, scene.plot.bottom() - 10))
            while any(
                abs(point.x() - p.x()) < 8 and abs(point.y() - p.y()) < 8 for p in self._mark_points.values()
            ):
                point += QPointF(0, 10)
            if point.y() > scene.plot.bottom() - 4:
                continue
            self._mark_points[mark.alert_id] = point
            painter.setPen(QPen(QColor(tokens.surface_1), 1.5))
            painter.setBrush(QColor(tokens.of_priority(mark.priority)))
            painter.drawPolygon(
                QPolygonF(
                    [
                        point + QPointF(0, -_MARKER_PX),
                        point + QPointF(_MARKER_PX, _MARKER_PX - 1),
                        point + QPointF(-_MARKER_PX, _MARKER_PX - 1),
                    ]
                )
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_crosshair(
        self, painter: QPainter, scene: Scene, tokens: Tokens, width: float, height: float
    ) -> None:
        if self.pointer is None or not scene.plot.contains(self.pointer):
            return
        place = max(0, min(len(self.series) - 1, round(scene.place(self.pointer.x()))))
        x, y = round(scene.x(place)) + 0.5, round(self.pointer.y()) + 0.5
        painter.setPen(QPen(faded(tokens.text_2, 0.7), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, scene.plot.top()), QPointF(x, scene.plot.bottom()))
        painter.drawLine(QPointF(scene.plot.left(), y), QPointF(scene.plot.right(), y))
        price = text.price(scene.price(self.pointer.y()), self.instrument)
        _draw_tag(
            painter,
            _tag_box(scene, y, width),
            price,
            tokens=tokens,
            colour=QColor(tokens.surface_3),
            ink=tokens.text_1,
        )
        if self.pointer_time:
            wide = painter.fontMetrics().horizontalAdvance(self.pointer_time) + 16
            left = min(max(scene.plot.left(), x - wide / 2), scene.plot.right() - wide)
            box = QRectF(
                left, scene.plot.bottom() + 2, wide, min(_TAG_HEIGHT, height - scene.plot.bottom() - 2)
            )
            painter.fillRect(box, QColor(tokens.surface_3))
            painter.setPen(QColor(tokens.text_1))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.pointer_time)

    def _draw_legend(self, painter: QPainter, scene: Scene, tokens: Tokens) -> None:
        if not len(self.series):
            return
        place = len(self.series) - 1
        if self.pointer is not None and scene.plot.contains(self.pointer):
            place = max(0, min(place, round(scene.place(self.pointer.x()))))
        figures = self.series.figures[:, place]
        rise = float(figures[CLOSE] - figures[OPEN])
        percent = 100 * rise / abs(float(figures[OPEN])) if figures[OPEN] else None
        colour = tokens.of_change(rise)
        parts = [
            (letter, text.price(float(figures[number]), self.instrument), colour)
            for letter, number in (("O", OPEN), ("H", HIGH), ("L", LOW), ("C", CLOSE))
        ]
        parts.append(("", text.percent(percent), colour))
        parts.append(("Vol", text.quantity(float(figures[VOLUME])), tokens.text_2))
        x = scene.plot.left() + 10
        small, strong = ui_font(SMALL_PX), ui_font(SMALL_PX, weight=QFont.Weight.Medium)
        y = scene.plot.top() + 16
        for letter, words, ink in parts:
            if letter:
                painter.setFont(small)
                painter.setPen(QColor(tokens.text_3))
                painter.drawText(QPointF(x, y), letter)
                x += painter.fontMetrics().horizontalAdvance(letter) + 4
            painter.setFont(strong)
            painter.setPen(QColor(ink))
            painter.drawText(QPointF(x, y), words)
            x += painter.fontMetrics().horizontalAdvance(words) + 10


def _tag_box(scene: Scene, y: float, width: float) -> QRectF:
    return QRectF(scene.plot.right() + 1, y - _TAG_HEIGHT / 2, width - scene.plot.right() - 2, _TAG_HEIGHT)


def _draw_tag(
    painter: QPainter,
    box: QRectF,
    words: str,
    *,
    tokens: Tokens,
    colour: QColor,
    is_filled: bool = False,
    ink: str | None = None,
) -> None:
    ground = colour if is_filled or ink is not None else QColor(tokens.surface_1)
    painter.fillRect(box, ground)
    if not is_filled and ink is None:
        painter.setPen(QPen(colour, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0, 0, -1, -1))
    painter.setPen(QColor(ink or (tokens.surface_0 if is_filled else colour)))
    painter.drawText(
        box.adjusted(7, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words
    )
