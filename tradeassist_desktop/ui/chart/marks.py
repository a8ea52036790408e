"""Alerts where they fired, and where a rule that is being written would have fired."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.preview import PreviewMark
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.ui.chart.scene import Scene
from tradeassist_desktop.ui.chart.series import HIGH, LOW, BarSeries
from tradeassist_desktop.ui.theme import Tokens

_MARKER_PX: Final = 6
_DIAMOND_PX: Final = 5


@dataclass(frozen=True, slots=True)
class AlertMark:
    """An alert's place on the chart."""

    alert_id: str
    event_ns: int
    priority: Priority


def alert_marks(records: Iterable[AlertRecord], symbol: str) -> tuple[AlertMark, ...]:
    """Return the marks of a symbol's alerts that fired."""
    return tuple(
        AlertMark(record.alert.id, record.alert.event_ns, record.alert.priority)
        for record in records
        if record.alert.symbol == symbol and record.alert.status is AlertStatus.FIRED
    )


class Marks:
    """Filled bells below the bars are alerts; hollow diamonds above them are what would have been."""

    def __init__(self) -> None:
        self.alerts: tuple[AlertMark, ...] = ()
        self.previews: tuple[PreviewMark, ...] = ()
        self._points: dict[str, QPointF] = {}
        self._preview_points: list[QPointF] = []

    def at(self, point: QPointF) -> str | None:
        """Return the alert whose mark is under a point."""
        for alert_id, centre in self._points.items():
            away = centre - point
            if abs(away.x()) <= _MARKER_PX + 2 and abs(away.y()) <= _MARKER_PX + 3:
                return alert_id
        return None

    def point(self, alert_id: str) -> QPointF | None:
        """Return where an alert's mark was last drawn."""
        return self._points.get(alert_id)

    @property
    def preview_points(self) -> tuple[QPointF, ...]:
        """Where the marks of what would have fired were last drawn."""
        return tuple(self._preview_points)

    def draw(self, painter: QPainter, scene: Scene, tokens: Tokens, series: BarSeries) -> None:
        """Draw all that are in view."""
        self._points.clear()
        self._preview_points.clear()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark in self.alerts:
            place = _place(series, mark.event_ns, scene)
            if place is None:
                continue
            low = float(series.figures[LOW, place])
            # A bell rings under the bar: it hides neither the candle nor the level.
            point = QPointF(scene.x(place), min(scene.y(low) + 12, scene.prices.bottom() - 10))
            point = _apart(point, self._points.values(), 10)
            if point.y() > scene.prices.bottom() - 4:
                continue
            self._points[mark.alert_id] = point
            painter.setPen(QPen(QColor(tokens.surface_1), 1.5))
            painter.setBrush(QColor(tokens.of_priority(mark.priority)))
            painter.drawPolygon(_shape(point, ((0, -1), (1, 0.85), (-1, 0.85)), _MARKER_PX))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.accent), 1.5))
        for preview in self.previews:
            place = _place(series, preview.event_ns, scene)
            if place is None:
                continue
            high = float(series.figures[HIGH, place])
            point = _apart(QPointF(scene.x(place), scene.y(high) - 11), self._preview_points, -9)
            self._preview_points.append(point)
            painter.drawPolygon(_shape(point, ((0, -1), (1, 0), (0, 1), (-1, 0)), _DIAMOND_PX))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _place(series: BarSeries, event_ns: int, scene: Scene) -> int | None:
    place = series.place(event_ns)
    return place if place is not None and scene.left - 1 < place < scene.right + 1 else None


def _apart(point: QPointF, others: Iterable[QPointF], step: float) -> QPointF:
    taken = tuple(others)
    for _ in range(12):
        if not any(abs(point.x() - p.x()) < 8 and abs(point.y() - p.y()) < 8 for p in taken):
            break
        point = point + QPointF(0, step)
    return point


def _shape(centre: QPointF, corners: Iterable[tuple[float, float]], size: float) -> QPolygonF:
    return QPolygonF([centre + QPointF(x * size, y * size) for x, y in corners])
