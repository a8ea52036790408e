"""What the chosen rule reads, drawn: among the prices, among the volumes, or in bands of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.engine.telling.studies import Place
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.bands import MOST, VOLUME_SHARE, Bands
from tradeassist_desktop.ui.chart.candles import tallest_volume
from tradeassist_desktop.ui.chart.scene import Scene
from tradeassist_desktop.ui.chart.series import VOLUME, BarSeries
from tradeassist_desktop.ui.chart.tags import Tag, draw_tags
from tradeassist_desktop.ui.theme import Tokens, faded, mix

_PATTERNS: Final = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
)


_DENSE_PX: Final = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class StudyLine:
    """One line.

    Args:
        band: Lines of one name share a band, where they have a scale of their own.
        first_ns: The start of the bar whose value is the first one.
        values: Shape (n,), one for each closed bar from there on; NaN where it is not known.
        forming: At the bar that is forming, as if it closed now.
        thresholds: Constants that the rule compares it with.
        unit: Behind values on a scale of their own.
    """

    text: str
    place: Place
    band: str
    first_ns: int
    values: NDArray[np.float64]
    forming: float | None
    thresholds: tuple[float, ...]
    unit: str = ""

    def value(self, series: BarSeries, place: int) -> float | None:
        """Return the value at a bar; ``None`` where it is not known."""
        number = place - self.offset(series)
        if place >= series.closed and number >= len(self.values):
            return self.forming
        found = float(self.values[number]) if 0 <= number < len(self.values) else float("nan")
        return None if np.isnan(found) else found

    def offset(self, series: BarSeries) -> int:
        """Return the place of the first value."""
        return int(np.searchsorted(series.starts_ns, self.first_ns))

    def in_words(self, value: float | None, instrument: Instrument) -> str:
        """Return a value of this line as it is written."""
        if self.place is Place.PRICES:
            return text.price(value, instrument)
        if self.place is Place.VOLUMES:
            return text.quantity(value)
        words = text.number(value, 2 if value is None or abs(value) >= 1 else 4)
        return words if value is None else words + self.unit


@dataclass(frozen=True, slots=True)
class LegendLine:
    """How a line is told in a legend: its pen, its name and its value."""

    pen: QPen
    name: str
    value: str


class Lines:
    """The lines of one chart."""

    def __init__(self, *, bands: Bands) -> None:
        self.lines: tuple[StudyLine, ...] = ()
        self._bands = bands
        self._band_names: tuple[str, ...] = ()

    def show(self, lines: tuple[StudyLine, ...]) -> None:
        """Show these lines from now on."""
        self.lines = lines
        names = dict.fromkeys(line.band for line in lines if line.place is Place.OWN)
        self._band_names = tuple(names)[:MOST]
        self._bands.count = len(self._band_names)

    @property
    def left_out(self) -> int:
        """How many bands there is no room for."""
        return len({line.band for line in self.lines if line.place is Place.OWN}) - len(self._band_names)

    def pen(self, line: StudyLine, tokens: Tokens) -> QPen:
        """Return the pen of a line: no two have one colour and one pattern."""
        number = self.lines.index(line)
        # None of the colours that levels, rises and falls have.
        colours = (QColor(tokens.accent), mix(tokens.accent, tokens.danger, 0.55), QColor(tokens.text_2))
        return QPen(colours[number % len(colours)], 1.5, _PATTERNS[number % len(_PATTERNS)])

    def prices(self, series: BarSeries, shown: slice) -> list[float]:
        """Return the lowest and highest values in view of lines among the prices."""
        found: list[float] = []
        for line in self.lines:
            if line.place is Place.PRICES:
                _, values = _seen(line, series, shown)
                if np.isfinite(values).any():
                    found += [float(np.nanmin(values)), float(np.nanmax(values))]
        return found

    def legend(
        self, series: BarSeries, place: int, tokens: Tokens, instrument: Instrument
    ) -> list[LegendLine]:
        """Return the lines among prices and volumes, with their values at a bar."""
        return [
            LegendLine(
                self.pen(line, tokens), line.text, line.in_words(line.value(series, place), instrument)
            )
            for line in self.lines
            if line.place is not Place.OWN
        ]

    # --- painting

    def draw(
        self,
        painter: QPainter,
        scene: Scene,
        tokens: Tokens,
        series: BarSeries,
        instrument: Instrument,
        place: int,
    ) -> None:
        """Draw the lines in view; the legends of bands tell their values at ``place``."""
        shown = series.visible(scene.left, scene.right)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tallest = tallest_volume(series.figures[VOLUME, shown])
        foot = scene.prices.height() * VOLUME_SHARE
        for line in self.lines:
            painter.setPen(self.pen(line, tokens))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if line.place is Place.PRICES:
                _draw_line(painter, scene, line, series, shown, scene.low, scene.high, scene.plot)
            elif line.place is Place.VOLUMES and tallest > 0:
                box = QRectF(scene.plot.left(), scene.prices.bottom() - foot, scene.plot.width(), foot)
                _draw_line(painter, scene, line, series, shown, 0.0, tallest, box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for number, name in enumerate(self._band_names):
            own = [line for line in self.lines if line.place is Place.OWN and line.band == name]
            self._draw_band(painter, scene, tokens, series, shown, own, number, instrument, place)

    def band_value(self, scene: Scene, series: BarSeries, point: QPointF) -> str | None:
        """Return the value at a point of a band, as it is written there; ``None`` outside of all."""
        for number, name in enumerate(self._band_names):
            box = self._bands.band(scene.plot, number)
            if box.contains(point):
                own = [line for line in self.lines if line.place is Place.OWN and line.band == name]
                low, high = _scale(own, series, series.visible(scene.left, scene.right))
                value = low + (box.bottom() - point.y()) / box.height() * (high - low)
                return own[0].in_words(value, Instrument(symbol=""))
        return None

    def _draw_band(
        self,
        painter: QPainter,
        scene: Scene,
        tokens: Tokens,
        series: BarSeries,
        shown: slice,
        own: Sequence[StudyLine],
        number: int,
        instrument: Instrument,
        place: int,
    ) -> None:
        box = self._bands.band(scene.plot, number)
        low, high = _scale(own, series, shown)
        painter.setPen(QPen(QColor(tokens.surface_3), 1))
        top = round(box.top()) + 0.5
        painter.drawLine(QPointF(box.left(), top), QPointF(scene.width, top))
        for threshold, unit in dict.fromkeys((each, line.unit) for line in own for each in line.thresholds):
            y = round(box.bottom() - (threshold - low) / (high - low) * box.height()) + 0.5
            painter.setPen(QPen(QColor(tokens.text_3), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            words = text.number(threshold, 0 if threshold.is_integer() else 2) + unit
            draw_tags(painter, scene, tokens, [Tag(y, words, QColor(tokens.text_3))])
        painter.save()
        painter.setClipRect(box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in own:
            painter.setPen(self.pen(line, tokens))
            _draw_line(painter, scene, line, series, shown, low, high, box)
        painter.restore()
        x, y = box.left() + 10, box.top() + 15
        for line in own:
            told = LegendLine(
                self.pen(line, tokens), line.text, line.in_words(line.value(series, place), instrument)
            )
            x = draw_legend_line(painter, told, QPointF(x, y), tokens) + 12


def draw_legend_line(painter: QPainter, told: LegendLine, at: QPointF, tokens: Tokens) -> float:
    """Write a line's pen, name and value from a point on; return where that ends."""
    metrics = painter.fontMetrics()
    wide = 24 + metrics.horizontalAdvance(f"{told.name}  {told.value}")
    painter.fillRect(QRectF(at.x() - 4, at.y() - 12, wide + 8, 16), faded(tokens.surface_1, 0.9))
    painter.setPen(told.pen)
    painter.drawLine(QPointF(at.x(), at.y() - 4), QPointF(at.x() + 18, at.y() - 4))
    x = at.x() + 24
    painter.setPen(QColor(tokens.text_2))
    painter.drawText(QPointF(x, at.y()), told.name)
    x += metrics.horizontalAdvance(f"{told.name}  ")
    painter.setPen(QColor(tokens.text_1))
    painter.drawText(QPointF(x, at.y()), told.value)
    return x + metrics.horizontalAdvance(told.value)


def _seen(line: StudyLine, series: BarSeries, shown: slice) -> tuple[int, NDArray[np.float64]]:
    """Return the place of the first value in view, and the values in view."""
    offset = line.offset(series)
    first = max(0, shown.start - offset)
    return offset + first, line.values[first : max(first, shown.stop - offset)]


def _scale(own: Sequence[StudyLine], series: BarSeries, shown: slice) -> tuple[float, float]:
    figures = [each for line in own for each in line.thresholds]
    figures += [line.forming for line in own if line.forming is not None]
    for line in own:
        _, values = _seen(line, series, shown)
        if np.isfinite(values).any():
            figures += [float(np.nanmin(values)), float(np.nanmax(values))]
    if not figures:
        return 0.0, 1.0
    low, high = min(figures), max(figures)
    # Room at the top for the legend.
    span = (high - low) or max(1e-9, abs(high)) * 0.1
    return low - span * 0.1, high + span * 0.35


def _draw_line(
    painter: QPainter,
    scene: Scene,
    line: StudyLine,
    series: BarSeries,
    shown: slice,
    low: float,
    high: float,
    box: QRectF,
) -> None:
    first, values = _seen(line, series, shown)
    if high <= low:
        return
    # Of several bars to a pixel, one is enough, and a smooth edge of so many costs more than it shows.
    step = max(1, ceil(1 / max(1e-9, scene.pixels_per_bar)))
    if scene.pixels_per_bar < _DENSE_PX:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(painter.pen().color(), 1, painter.pen().style()))
    places = np.arange(first, first + len(values))[::step]
    heights = values[::step]
    x = scene.plot.left() + (places - scene.left) / (scene.right - scene.left) * scene.plot.width()
    y = box.bottom() - (heights - low) / (high - low) * box.height()
    known = np.isfinite(y)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        painter.drawPolyline(arrayToQPolygonF(x[start:end], y[start:end]))
    place = len(series) - 1
    if line.forming is None or place < series.closed or not len(values) or np.isnan(values[-1]):
        return
    # Not closed, not decided with: hollow where it would be.
    height = box.bottom() - (line.forming - low) / (high - low) * box.height()
    before = QPointF(
        scene.x(first + len(values) - 1), box.bottom() - (values[-1] - low) / (high - low) * box.height()
    )
    pen = QPen(painter.pen())
    pen.setStyle(Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.drawLine(before, QPointF(scene.x(place), height))
    pen.setStyle(Qt.PenStyle.SolidLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(scene.x(place), height), 2.5, 2.5)
