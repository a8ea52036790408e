"""Alerts where they fired, and where a rule that is being written would have fired."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final, TypeVar

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from tradeassist_desktop.domain.alerts import AlertStatus, Priority, Timing
from tradeassist_desktop.domain.preview import PreviewMark
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.ui.chart.scene import Scene
from tradeassist_desktop.ui.chart.series import HIGH, LOW, BarSeries
from tradeassist_desktop.ui.theme import Tokens

_Mark = TypeVar("_Mark", "AlertMark", PreviewMark)
_MARKER_PX: Final = 6
_BELL: Final = QPolygonF([QPointF(0, -6), QPointF(6, 5.1), QPointF(-6, 5.1)])
_DIAMOND: Final = QPolygonF([QPointF(0, -5), QPointF(5, 0), QPointF(0, 5), QPointF(-5, 0)])
_CELL_PX: Final = 8
_MOST_STEPS: Final = 12


@dataclass(frozen=True, slots=True)
class AlertMark:
    """An alert's place on the chart."""

    alert_id: str
    event_ns: int
    priority: Priority


def alert_marks(
    records: Iterable[AlertRecord], symbol: str, *, raised: Container[str] | None = None
) -> tuple[AlertMark, ...]:
    """Return the marks of a symbol's alerts that fired.

    Args:
        raised: Ids of what a replay has raised so far: its future, and what was raised live then, are not
            of its chart. ``None`` for live, where nothing is marked that a replay raised.
    """
    fired = (record.alert for record in records if record.alert.status is AlertStatus.FIRED)
    return tuple(
        AlertMark(alert.id, alert.event_ns, alert.priority)
        for alert in fired
        if alert.symbol == symbol
        and (alert.timing is not Timing.REPLAYED if raised is None else alert.id in raised)
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
    def points(self) -> tuple[QPointF, ...]:
        """Where all marks were last drawn."""
        return (*self._points.values(), *self._preview_points)

    @property
    def preview_points(self) -> tuple[QPointF, ...]:
        """Where the marks of what would have fired were last drawn."""
        return tuple(self._preview_points)

    def draw(self, painter: QPainter, scene: Scene, tokens: Tokens, series: BarSeries) -> None:
        """Draw all that are in view."""
        self._points.clear()
        self._preview_points.clear()
        taken: set[tuple[int, int]] = set()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = {priority: QColor(tokens.of_priority(priority)) for priority in Priority}
        floor = scene.prices.bottom()
        painter.setPen(QPen(QColor(tokens.surface_1), 1.5))
        for mark, x, low in _in_view(self.alerts, series, scene, LOW):
            # A bell rings under the bar: it hides neither the candle nor the level.
            y = _apart(x, min(low + 12, floor - 10), taken, 10)
            if y > floor - 4:
                continue
            self._points[mark.alert_id] = QPointF(x, y)
            painter.setBrush(colours[mark.priority])
            painter.drawPolygon(_BELL.translated(x, y))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.accent), 1.5))
        for _, x, high in _in_view(self.previews, series, scene, HIGH):
            y = _apart(x, high - 11, taken, -9)
            self._preview_points.append(QPointF(x, y))
            painter.drawPolygon(_DIAMOND.translated(x, y))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _in_view(
    marks: Sequence[_Mark], series: BarSeries, scene: Scene, figure: int
) -> Iterable[tuple[_Mark, float, float]]:
    """Return the marks that are seen, each with where its bar is and a figure of that: pixel column, row."""
    events_ns = np.fromiter((mark.event_ns for mark in marks), dtype=np.int64, count=len(marks))
    places = np.searchsorted(series.starts_ns, events_ns, side="right") - 1
    seen = (places >= 0) & (places > scene.left - 1) & (places < scene.right + 1)
    places = places[seen]
    columns, rows = scene.x(places.astype(np.float64)), scene.y(series.figures[figure, places])
    return zip(compress(marks, seen.tolist()), columns.tolist(), rows.tolist(), strict=True)


def _apart(x: float, y: float, taken: set[tuple[int, int]], step: float) -> float:
    """Return a row near this one where no other mark is; note it as taken."""
    column = int(x // _CELL_PX)
    for _ in range(_MOST_STEPS):
        cell = column, int(y // _CELL_PX)
        if cell not in taken:
            break
        y += step
    taken.add(cell)
    return y
