"""The chart's axes: local times under bars without gaps, prices in the instrument's own format."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import ceil, floor
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from tradeassist_desktop.domain.market import NS_PER_SECOND, Instrument
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.series import BarSeries
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font

_LABEL_PX: Final = 84
DAY_S: Final = 86_400
STEPS_S: Final = (
    1,
    5,
    15,
    30,
    60,
    300,
    900,
    1800,
    3600,
    10_800,
    21_600,
    43_200,
    DAY_S,
    7 * DAY_S,
    28 * DAY_S,
)
"""Between labels of times, seconds."""


def utc_offset_ns(event_ns: int) -> int:
    """Return how far local time is ahead of UTC at an instant."""
    offset = text.local(event_ns).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) * NS_PER_SECOND


class _Axis(pg.AxisItem):
    """An axis that is drawn straight onto the screen, its lines on whole pixels.

    pyqtgraph records each range into a picture and plays that, which took two milliseconds of a frame.
    """

    picture: Any
    """What is drawn; pyqtgraph forgets it whenever that has changed."""

    def __init__(self, *, orientation: str) -> None:
        super().__init__(orientation=orientation)
        self._font = ui_font(SMALL_PX)
        self.enableAutoSIPrefix(False)
        self.setStyle(tickFont=self._font, tickLength=0)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw line and ticks; the labels are written when it is known where they may stand."""
        if self.picture is None:
            painter.setFont(self._font)
            self.picture = self.generateDrawSpecs(painter) or ()
        if not self.picture:
            return
        edge, ticks, _ = self.picture
        for pen, start, end in (edge, *ticks):
            # A rectangle is filled twenty times as fast as a translucent line is stroked.
            painter.fillRect(_hairline(start, end), pen.color())

    def write_labels(
        self, painter: QPainter, taken: Sequence[QRectF], on_screen: Callable[[QRectF], QRectF]
    ) -> None:
        """Write the labels of what was painted last, but none that would look out from behind a tag.

        Args:
            taken: Where tags are, in the view's pixels.
            on_screen: Turns a box of the scene into one of the view.
        """
        if not self.picture:
            return
        painter.save()
        painter.setFont(self._font)
        painter.setPen(self.textPen())
        painter.setClipRect(on_screen(self.sceneBoundingRect()).toAlignedRect())
        for label, flags, words in self.picture[2]:
            box = on_screen(self.mapRectToScene(label))
            if not any(box.intersects(tag) for tag in taken):
                painter.drawText(box, int(flags), words)
        painter.restore()


class TimeAxis(_Axis):
    """Labels bars at round local times: days where a day begins, else hours and minutes."""

    def __init__(self, *, series: BarSeries) -> None:
        super().__init__(orientation="bottom")
        self._series = series
        self._step_s = 60
        self.setStyle(tickTextOffset=6)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """Return the places of bars at which a round stretch of time begins."""
        shown = self._series.visible(minVal, maxVal)
        starts_ns = self._series.starts_ns[shown]
        if len(starts_ns) < 2:
            return []
        local_s = (starts_ns + utc_offset_ns(int(starts_ns[-1]))) // NS_PER_SECOND
        most = max(2, int(size / _LABEL_PX))
        places = np.empty(0, dtype=np.int64)
        for step_s in STEPS_S:
            numbers = local_s // step_s
            places = np.flatnonzero(np.diff(numbers)) + 1
            self._step_s = step_s
            if len(places) <= most:
                break
        pixels_per_bar = size / max(1e-9, maxVal - minVal)
        return [(1.0, [float(place + shown.start) for place in _apart(places, _LABEL_PX / pixels_per_bar)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the labels of those places."""
        return [self._label(int(value)) for value in values]

    def _label(self, place: int) -> str:
        if not 0 < place < len(self._series):
            return ""
        moment = text.local(int(self._series.starts_ns[place]))
        before = text.local(int(self._series.starts_ns[place - 1]))
        if moment.date() != before.date() or self._step_s >= DAY_S:
            return f"{moment.day} {moment:%b}"
        return f"{moment:%H:%M:%S}" if self._step_s < 60 else f"{moment:%H:%M}"


class PriceAxis(_Axis):
    """Prices with the instrument's decimals, at the right, where the newest bar is."""

    def __init__(self) -> None:
        super().__init__(orientation="right")
        self.instrument = Instrument(symbol="")
        self.floor = float("-inf")
        """Below this price the plot shows other things than prices."""
        self.setStyle(tickTextOffset=8, maxTickLevel=0)

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:  # noqa: N803
        """Return how far labels and lines are apart: whole steps of prices there can be."""
        tick = self.instrument.tick_size
        spacings = super().tickSpacing(minVal, maxVal, size)
        if tick <= 0:
            return list(spacings)
        return [(ceil(round(spacing / tick, 6)) * tick, offset) for spacing, offset in spacings]

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """Return the prices that have a label and a line, where there are prices."""
        levels = super().tickValues(minVal, maxVal, size)
        return [(spacing, [value for value in values if value > self.floor]) for spacing, values in levels]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the labels of prices."""
        return [text.price(value, self.instrument) for value in values]


def _hairline(start: QPointF, end: QPointF) -> QRectF:
    corner = QPointF(floor(start.x()), floor(start.y()))
    return QRectF(corner, QSizeF(max(1.0, abs(end.x() - start.x())), max(1.0, abs(end.y() - start.y()))))


def _apart(places: NDArray[np.int64], distance: float) -> list[int]:
    chosen: list[int] = []
    for place in places.tolist():
        if not chosen or place - chosen[-1] >= distance * 0.75:
            chosen.append(place)
    return chosen


def moment_text(start_ns: int, timeframe_ns: int) -> str:
    """Return a bar's start for the crosshair's tag, as exact as the timeframe needs."""
    moment = text.local(start_ns)
    day = f"{moment:%a} {moment.day} {moment:%b}"
    if timeframe_ns >= DAY_S * NS_PER_SECOND:
        return f"{datetime.fromtimestamp(start_ns / NS_PER_SECOND, UTC):%a %d %b %Y}"
    return f"{day}  {moment:%H:%M:%S}" if timeframe_ns < 60 * NS_PER_SECOND else f"{day}  {moment:%H:%M}"
