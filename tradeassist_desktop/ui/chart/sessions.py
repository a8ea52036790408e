"""Where sessions begin, and which bars are outside the regular one."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from tradeassist_desktop.domain.market import TIMEFRAMES, InstrumentKind
from tradeassist_desktop.engine.calendars.sessions import Calendar, regular, whole
from tradeassist_desktop.ui.chart.scene import Scene
from tradeassist_desktop.ui.chart.series import BarSeries
from tradeassist_desktop.ui.theme import SMALL_PX, Tokens, faded, ui_font

REGULAR: Final = "RTH"
_LONGEST_SHADED_NS: Final = TIMEFRAMES["1h"]
_NARROWEST_PX: Final = 6
_LABEL_PX: Final = 44
_ROUND_THE_CLOCK: Final = frozenset((InstrumentKind.CRYPTO, InstrumentKind.FOREX, InstrumentKind.UNKNOWN))


@dataclass(frozen=True, slots=True)
class Stretches:
    """What is in view, by the places of bars: stretches ``[first, last)``, and where sessions begin."""

    runs: tuple[tuple[int, int, str], ...] = ()
    breaks: tuple[int, ...] = ()


class Sessions:
    """The sessions of a symbol on a chart."""

    def __init__(self, *, kind: InstrumentKind, timeframe_ns: int) -> None:
        self._timeframe_ns = timeframe_ns
        self._regular = regular(kind)
        self._whole = whole(kind)
        self._has_hours = kind not in _ROUND_THE_CLOCK

    def stretches(self, series: BarSeries, shown: slice, pixels_per_bar: float) -> Stretches:
        """Return what of sessions can be told of the bars in view; nothing where they are too narrow."""
        if self._timeframe_ns >= TIMEFRAMES["1d"] or shown.stop - shown.start < 2:
            return Stretches()
        most = max(4, int((shown.stop - shown.start) * pixels_per_bar / _NARROWEST_PX))
        breaks = [
            first
            for first, _, is_open in _runs(self._whole, series, shown, most)
            if is_open and first > shown.start
        ]
        if not self._has_hours or self._timeframe_ns > _LONGEST_SHADED_NS:
            return Stretches(breaks=tuple(breaks))
        runs = tuple(
            (first, last, REGULAR if is_open else self._outside(int(series.starts_ns[first])))
            for first, last, is_open in _runs(self._regular, series, shown, most)
        )
        return Stretches(runs, tuple(breaks))

    def _outside(self, start_ns: int) -> str:
        return "ETH" if self._whole.is_open(start_ns) else "closed"


def _runs(calendar: Calendar, series: BarSeries, shown: slice, most: int) -> list[tuple[int, int, bool]]:
    """Return runs of bars that begin in one stretch of a calendar; none where they are more than ``most``."""
    runs: list[tuple[int, int, bool]] = []
    first = shown.start
    while first < shown.stop:
        stretch = calendar.at(int(series.starts_ns[first]))
        last = int(np.searchsorted(series.starts_ns, stretch.end_ns))
        runs.append((first, min(last, shown.stop), stretch.is_open))
        if len(runs) > most:
            return []
        first = max(last, first + 1)
    return runs


def draw_shade(painter: QPainter, scene: Scene, tokens: Tokens, stretches: Stretches) -> None:
    """Shade what is outside the regular session, below everything."""
    for first, last, name in stretches.runs:
        if name == REGULAR:
            continue
        left, right = scene.x(first - 0.5), scene.x(last - 0.5)
        painter.fillRect(
            QRectF(left, scene.plot.top(), right - left, scene.plot.height()), faded(tokens.text_3, 0.09)
        )


def draw_breaks(painter: QPainter, scene: Scene, tokens: Tokens, stretches: Stretches) -> None:
    """Draw a line where a session begins, and name the stretches: a shade alone says little."""
    painter.setPen(QPen(faded(tokens.text_3, 0.55), 1, Qt.PenStyle.DotLine))
    for place in stretches.breaks:
        x = round(scene.x(place - 0.5)) + 0.5
        painter.drawLine(QPointF(x, scene.plot.top()), QPointF(x, scene.plot.bottom()))
    painter.setFont(ui_font(SMALL_PX - 1))
    painter.setPen(QColor(tokens.text_3))
    for first, last, name in stretches.runs:
        left = max(scene.plot.left(), scene.x(first - 0.5))
        if min(scene.plot.right(), scene.x(last - 0.5)) - left >= _LABEL_PX:
            painter.drawText(QPointF(left + 5, scene.prices.bottom() - 5), name)
