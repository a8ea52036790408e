"""Paints candles and volume on whole pixels; of many bars to a pixel, their common range."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from tradeassist_desktop.ui.chart.bands import VOLUME_SHARE, Bands
from tradeassist_desktop.ui.chart.series import CLOSE, HIGH, LOW, OPEN, VOLUME, BarSeries
from tradeassist_desktop.ui.chart.strokes import draw_lines, draw_rects
from tradeassist_desktop.ui.theme import Theme, faded

_NARROWEST_BODY_PX: Final = 2.5


@dataclass(frozen=True, slots=True)
class _Shown:
    """The bars in view, in pixels; ``plot`` is where prices are.

    ``x``: shape (n,). ``prices``: shape (4, n). ``volumes``: shape (n,).
    """

    plot: QRectF
    pixels_per_bar: float
    x: NDArray[np.float64]
    prices: NDArray[np.float64]
    volumes: NDArray[np.float64]
    is_up: NDArray[np.bool_]


class Candles(pg.GraphicsObject):
    """The bars of a series. Paints in pixels: scaled rectangles would blur and jump."""

    def __init__(self, *, series: BarSeries, bands: Bands, theme: Theme) -> None:
        super().__init__()
        self._series = series
        self._bands = bands
        self._theme = theme

    def boundingRect(self) -> QRectF:
        """Return the whole view: what lies outside is not painted anyway."""
        return QRectF(self.viewRect())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw the bars in view."""
        view = self.viewRect()
        shown = self._series.visible(view.left(), view.right())
        if shown.stop <= shown.start:
            return
        transform = painter.worldTransform()
        plot = transform.mapRect(view)
        figures = self._series.figures[:, shown]
        bars = _Shown(
            plot=self._bands.prices(plot),
            pixels_per_bar=plot.width() / view.width(),
            x=transform.dx() + transform.m11() * np.arange(shown.start, shown.stop),
            prices=transform.dy() + transform.m22() * figures[:4],
            volumes=figures[VOLUME],
            is_up=figures[CLOSE] >= figures[OPEN],
        )
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if bars.pixels_per_bar < _NARROWEST_BODY_PX:
            self._paint_ranges(painter, bars)
        else:
            self._paint_candles(painter, bars)
        painter.restore()

    def _paint_candles(self, painter: QPainter, bars: _Shown) -> None:
        # An odd width leaves the wick in the middle of the body.
        width = max(1, int(bars.pixels_per_bar * 0.68)) | 1
        middle = np.floor(bars.x)
        left = middle - width // 2
        top = np.round(np.minimum(bars.prices[OPEN], bars.prices[CLOSE]))
        height = np.maximum(1.0, np.round(np.maximum(bars.prices[OPEN], bars.prices[CLOSE])) - top)
        volume = _volume_heights(bars.volumes, bars.plot)
        widths = np.full(len(middle), width)
        columns = np.column_stack([left, bars.plot.bottom() - volume, widths, volume])
        bodies = np.column_stack([left, top, widths, height])
        for chosen, colour in self._sides(bars.is_up):
            self._fill(painter, columns[chosen], faded(colour, 0.28))
            wicks = (middle[chosen], bars.prices[HIGH][chosen], bars.prices[LOW][chosen])
            self._draw_lines(painter, *wicks, QColor(colour))
            self._fill(painter, bodies[chosen], QColor(colour))

    def _paint_ranges(self, painter: QPainter, bars: _Shown) -> None:
        column = np.floor(bars.x)
        firsts = np.flatnonzero(np.concatenate([[True], column[1:] != column[:-1]]))
        lasts = np.concatenate([firsts[1:], [len(column)]]) - 1
        column = column[firsts]
        high = np.minimum.reduceat(bars.prices[HIGH], firsts)  # a higher price is fewer pixels down
        low = np.maximum.reduceat(bars.prices[LOW], firsts)
        volume = _volume_heights(np.maximum.reduceat(bars.volumes, firsts), bars.plot)
        bottom = np.full(len(column), bars.plot.bottom())
        for chosen, colour in self._sides(bars.prices[CLOSE][lasts] <= bars.prices[OPEN][firsts]):
            volumes = (column[chosen], (bottom - volume)[chosen], bottom[chosen])
            self._draw_lines(painter, *volumes, faded(colour, 0.28))
            self._draw_lines(painter, column[chosen], high[chosen], low[chosen], QColor(colour))

    def _sides(self, is_up: NDArray[np.bool_]) -> list[tuple[NDArray[np.bool_], str]]:
        sides = ((is_up, self._theme.tokens.up), (~is_up, self._theme.tokens.down))
        return [(chosen, colour) for chosen, colour in sides if chosen.any()]

    def _draw_lines(
        self,
        painter: QPainter,
        x: NDArray[np.float64],
        top: NDArray[np.float64],
        bottom: NDArray[np.float64],
        colour: QColor,
    ) -> None:
        tops = np.round(top)
        # A bar of one price must still be seen.
        bottoms = np.maximum(np.round(bottom), tops + 1)
        painter.setPen(QPen(colour, 1))
        middle = x + 0.5
        draw_lines(painter, np.column_stack([middle, tops, middle, bottoms]))

    def _fill(self, painter: QPainter, rects: NDArray[np.float64], colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        draw_rects(painter, rects)


def _volume_heights(volumes: NDArray[np.float64], plot: QRectF) -> NDArray[np.float64]:
    tallest = tallest_volume(volumes)
    if tallest <= 0:
        return np.zeros_like(volumes)
    return np.round(np.nan_to_num(volumes) / tallest * plot.height() * VOLUME_SHARE)


def tallest_volume(volumes: NDArray[np.float64]) -> float:
    """Return the volume that takes the whole of its room; 0 where none is known."""
    known = volumes[np.isfinite(volumes)]
    return float(known.max(initial=0.0))
