"""Latencies of one channel over time: three lines that differ by more than their colour."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.domain.delivery_figures import LatencyPoint
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui.chart.axes import DAY_S, STEPS_S, utc_offset_ns
from tradeassist_desktop.ui.theme import SMALL_PX, Theme, ui_font
from tradeassist_desktop.ui.widgets.delivery.figure_words import (
    READING,
    latency_in_words,
    percentiles_in_words,
)

_AXIS_PX: Final = 52
_LEAST_PX: Final = 110
_APART_PX: Final = 56
_YEARS_APART_PX: Final = 88
_HALF_LABEL_PX: Final = 24
_MORE_STEPS_S: Final = tuple(days * DAY_S for days in (2, 4, 14, 56, 112, 224, 448))
_YEARS_FROM_S: Final = 112 * DAY_S
"""Labels that are as far apart tell the year."""
_LINES: Final = (("p50", Qt.PenStyle.SolidLine), ("p95", Qt.PenStyle.DashLine), ("p99", Qt.PenStyle.DotLine))
_DOT_PX: Final = 5
_TOP_SHARE: Final = 0.22
"""Of the height, for the legend."""


class _DurationAxis(pg.AxisItem):
    """Powers of ten of a nanosecond, as durations."""

    def __init__(self) -> None:
        super().__init__(orientation="left")
        self.enableAutoSIPrefix(False)
        self.setStyle(tickFont=ui_font(SMALL_PX), tickLength=0, tickTextOffset=6)
        self.setWidth(_AXIS_PX)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """Return whole powers of ten; between them 3 of each, where there are few."""
        decades = range(math.floor(minVal), math.ceil(maxVal) + 1)
        values = [float(each) for each in decades]
        if len(decades) < 4:
            values += [each + math.log10(3) for each in decades]
        # A label at the very edge would be cut in half.
        edge = (maxVal - minVal) * SMALL_PX / max(1.0, size)
        return [(1.0, sorted(value for value in values if minVal + edge <= value <= maxVal - edge))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the labels of those places."""
        return [latency_in_words(round(10**value)) for value in values]


class _MomentAxis(pg.AxisItem):
    """Seconds since 1970 as local times: days where one begins, else hours and minutes.

    pyqtgraph's own labels a day at this width by nothing but the number of a day.
    """

    def __init__(self) -> None:
        super().__init__(orientation="bottom")
        self.offset_s = 0
        """How far local time is ahead of UTC."""
        self.enableAutoSIPrefix(False)
        self.setStyle(tickFont=ui_font(SMALL_PX), tickLength=0, tickTextOffset=4)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """Return round local times, as many as there is room for; at the very edge one would be cut."""
        span_s, steps_s = maxVal - minVal, sorted({*STEPS_S, *_MORE_STEPS_S})
        fitting = (each for each in steps_s if span_s / each * _apart_px(each) <= size)
        step_s = next(fitting, steps_s[-1])
        edge = span_s * _HALF_LABEL_PX / max(1.0, size)
        first = math.ceil((minVal + edge + self.offset_s) / step_s)
        last = math.floor((maxVal - edge + self.offset_s) / step_s)
        return [(float(step_s), [float(each * step_s - self.offset_s) for each in range(first, last + 1)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the labels of those times."""
        return [self._label(value, spacing) for value in values]

    def _label(self, at_s: float, step_s: float) -> str:
        moment = datetime.fromtimestamp(at_s + self.offset_s, UTC)
        if step_s >= _YEARS_FROM_S:
            return f"{moment.day} {moment:%b %Y}"
        if not (moment.hour or moment.minute or moment.second):
            return f"{moment.day} {moment:%b}"
        return f"{moment:%H:%M:%S}" if step_s < 60 else f"{moment:%H:%M}"


def _apart_px(step_s: int) -> int:
    return _YEARS_APART_PX if step_s >= _YEARS_FROM_S else _APART_PX


class LatencyChart(pg.PlotWidget):
    """p50, p95 and p99 of each stretch of time, durations on a logarithmic axis; it is only looked at."""

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        self._time_axis = _MomentAxis()
        super().__init__(
            parent=parent, axisItems={"bottom": self._time_axis, "left": _DurationAxis()}, enableMenu=False
        )
        self._theme = theme
        self.setObjectName("latencyChart")
        self.setAccessibleName("Latency over time")
        self.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(_LEAST_PX)
        self.hideButtons()
        plot = self.getPlotItem()
        self._box = plot.getViewBox()
        self._box.setMouseEnabled(x=False, y=False)
        self._legend = plot.addLegend(offset=(-1, 1), labelTextSize=f"{SMALL_PX}px", colCount=len(_LINES))
        self._lines = [plot.plot(name=name, connect="finite") for name, _ in _LINES]
        self._said = QLabel(self)
        self._said.setObjectName("latencySaid")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._said.setWordWrap(True)
        self._said.setProperty("tone", "quiet")
        self._said.setFont(ui_font(12))
        QVBoxLayout(self.viewport()).addWidget(self._said)
        theme.changed.connect(self._dress)
        self._dress()
        self.say(READING)

    def say(self, words: str) -> None:
        """Say this in place of a picture; empty for the picture."""
        self._said.setText(words)
        self._said.setVisible(bool(words))
        self.getPlotItem().setVisible(not words)

    def show_points(self, points: Sequence[LatencyPoint], *, since_ns: int, until_ns: int) -> None:
        """Show these, in a window from ``since_ns`` (0: from the first of them) on.

        Between stretches without a delivery there is no line.
        """
        self.say("" if points else "Nothing was delivered in this time.")
        times, values = _arrays(points)
        for line, row in zip(self._lines, values, strict=True):
            line.setData(times, row, symbolSize=_dots(row))
        left_ns = since_ns or (points[0].from_ns if points else until_ns - NS_PER_SECOND)
        self._time_axis.offset_s = utc_offset_ns(until_ns) // NS_PER_SECOND
        self._box.setXRange(left_ns / NS_PER_SECOND, until_ns / NS_PER_SECOND, padding=0.01)
        self._fit(values)
        newest = points[-1] if points else None
        words = "nothing was delivered" if newest is None else percentiles_in_words(newest.latencies)
        self.setAccessibleDescription(f"Newest: {words}")

    def _fit(self, values: NDArray[np.float64]) -> None:
        known = values[np.isfinite(values)]
        low, high = (6.0, 9.0) if not len(known) else (float(known.min()), float(known.max()))
        middle, half = (low + high) / 2, max(0.5, (high - low) / 2)
        room = 2 * half * _TOP_SHARE / (1 - _TOP_SHARE)
        self._box.setYRange(middle - 1.1 * half, middle + half + room, padding=0)

    def _dress(self) -> None:
        tokens = self._theme.tokens
        self.setBackground(tokens.surface_1)
        colours = (tokens.accent, tokens.warn, tokens.danger)
        for line, colour, (_, style) in zip(self._lines, colours, _LINES, strict=True):
            line.setPen(pg.mkPen(colour, width=1.5, style=style))
            line.setSymbol("o")
            line.setSymbolPen(None)
            line.setSymbolBrush(colour)
        for name in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(tokens.surface_3))
            axis.setTextPen(pg.mkPen(tokens.text_3))
        self._legend.setLabelTextColor(tokens.text_2)
        for _, label in self._legend.items:
            label.setText(label.text)  # pyqtgraph keeps the colour for the next text alone


def _arrays(points: Sequence[LatencyPoint]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middles of stretches, seconds, and rows of log10 of nanoseconds; NaN breaks a line."""
    columns: list[tuple[float, ...]] = []
    for place, point in enumerate(points):
        middle_s = (point.from_ns + point.until_ns) / 2 / NS_PER_SECOND
        if place and points[place - 1].until_ns < point.from_ns:
            columns.append((point.from_ns / NS_PER_SECOND, math.nan, math.nan, math.nan))
        each = point.latencies
        columns.append((middle_s, *(_log(value) for value in (each.p50_ns, each.p95_ns, each.p99_ns))))
    table = np.array(columns, dtype=np.float64).reshape(-1, 4).T
    return table[0], table[1:]


def _dots(row: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the size of each point's dot: only one without neighbours, that no line shows, has any."""
    edge = np.array([np.nan])
    before, after = np.concatenate([edge, row[:-1]]), np.concatenate([row[1:], edge])
    return np.where(np.isnan(before) & np.isnan(after), _DOT_PX, 0)


def _log(nanoseconds: int | None) -> float:
    return math.nan if nanoseconds is None else math.log10(max(1_000, nanoseconds))
