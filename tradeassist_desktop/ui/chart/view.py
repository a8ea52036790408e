"""The part of the chart that moves: pan, zoom, follow the newest bar, fit the prices."""

from collections.abc import Sequence
from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QWheelEvent

from tradeassist_desktop.ui.chart.axes import PriceAxis, TimeAxis
from tradeassist_desktop.ui.chart.bands import Bands
from tradeassist_desktop.ui.chart.candles import Candles
from tradeassist_desktop.ui.chart.overlay import Overlay
from tradeassist_desktop.ui.chart.scene import Scene
from tradeassist_desktop.ui.chart.series import HIGH, LOW
from tradeassist_desktop.ui.theme import Theme

BARS_AT_FIRST: Final = 120
_ROOM_RIGHT: Final = 8
_FEWEST_BARS: Final = 12
_NEAR_START: Final = 60
_REACH: Final = 0.6
"""How far outside the bars' range a level or a line still widens the view, as a share of that range."""
_ZOOM_A_NOTCH: Final = 0.85
_NOTCH: Final = 120
_PAN_A_NOTCH: Final = 0.1


class ChartView(pg.PlotWidget):
    """Bars by their number from left to right; follows the newest until it is moved away."""

    following_changed = Signal(bool)
    start_neared = Signal()
    """The chart was moved to where its first bar is in view, or near it."""

    def __init__(self, *, overlay: Overlay, bands: Bands, theme: Theme) -> None:
        self._series = overlay.series
        self._overlay = overlay
        self._bands = bands
        self._price_axis = PriceAxis()
        self._time_axis = TimeAxis(series=self._series)
        super().__init__(axisItems={"bottom": self._time_axis, "right": self._price_axis}, enableMenu=False)
        self._is_following = True
        self._is_sized = False
        self.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self.hideButtons()
        plot = self.getPlotItem()
        plot.hideAxis("left")
        plot.showAxis("right")
        plot.getAxis("right").setWidth(74)
        plot.getAxis("bottom").setHeight(24)
        self._box = plot.getViewBox()
        self._box.setMouseEnabled(x=True, y=False)
        self._box.setDefaultPadding(0)
        self._box.disableAutoRange()
        plot.addItem(Candles(series=self._series, bands=bands, theme=theme), ignoreBounds=True)
        self._box.sigXRangeChanged.connect(self._on_moved)
        self._box.sigRangeChangedManually.connect(self._look_for_start)

    @property
    def visible_prices(self) -> tuple[float, float]:
        """The lowest and highest price that are seen."""
        scene = self.scene_now()
        return scene.floor, scene.high

    @property
    def visible_places(self) -> tuple[float, float]:
        """The places at the left and right edge; a bar's place is its number."""
        left, right = self._box.viewRange()[0]
        return float(left), float(right)

    def scene_now(self) -> Scene:
        """Return the measures of what is seen."""
        (left, right), (low, high) = self._box.viewRange()
        plot = QRectF(self.mapFromScene(self._box.sceneBoundingRect()).boundingRect())
        return Scene(
            plot=plot,
            prices=self._bands.prices(plot),
            left=left,
            right=right,
            low=low,
            high=high,
            width=self.viewport().width(),
            height=self.viewport().height(),
        )

    def _write_labels(self, painter: QPainter, taken: Sequence[QRectF]) -> None:
        """Write times and prices at the axes, where no tag stands."""
        for axis in (self._time_axis, self._price_axis):
            axis.write_labels(painter, taken, lambda box: QRectF(self.mapFromScene(box).boundingRect()))

    # --- moving

    def follow(self) -> None:
        """Go to the newest bar and stay there."""
        left, right = self.visible_places
        count = right - left if self._is_sized else BARS_AT_FIRST
        self._is_sized = True
        end = len(self._series) + _ROOM_RIGHT
        self._set_following(True)
        self._box.setXRange(end - count, end, padding=0)
        self.fit_prices()

    def go_to_start(self) -> None:
        """Go to the first bar there is."""
        left, right = self.visible_places
        self._box.setXRange(-2, right - left - 2, padding=0)
        self._look_for_start()

    def pan(self, share: float) -> None:
        """Move by a share of what is seen, to later bars where positive."""
        left, right = self.visible_places
        step = (right - left) * share
        self._box.setXRange(left + step, right + step, padding=0)
        self._look_for_start()

    def zoom(self, factor: float, *, around: float | None = None) -> None:
        """Show so many times as many bars; the place ``around`` stays, else the newest or the middle."""
        left, right = self.visible_places
        if around is None:
            around = right if self._is_following else (left + right) / 2
        self._is_sized = True
        self._box.setXRange(around - (around - left) * factor, around + (right - around) * factor, padding=0)
        self._look_for_start()

    def show_moment(self, event_ns: int) -> None:
        """Bring the bar of an instant to the middle."""
        place = self._series.place(event_ns)
        if place is None:
            return
        left, right = self.visible_places
        half = (right - left) / 2
        if place + half >= len(self._series):
            self.follow()
            return
        self._box.setXRange(place - half, place + half, padding=0)
        self._set_following(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the mouse, or pan with a wheel that goes sideways, or with Shift."""
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(delta.x()) > abs(delta.y()):
            self.pan(-(delta.x() or delta.y()) / _NOTCH * _PAN_A_NOTCH)
        else:
            around = None if self._is_following else self.scene_now().place(event.position().x())
            self.zoom(_ZOOM_A_NOTCH ** (delta.y() / _NOTCH), around=around)
        event.accept()

    def fit_prices(self) -> None:
        """Give the bars in view, and what is near them, the height there is."""
        left, right = self.visible_places
        shown = self._series.visible(left, right)
        figures = self._series.figures[:, shown]
        overlay = self._overlay
        if not figures.shape[1] or (overlay.levels.held is not None and overlay.levels.held.is_dragged):
            return
        low, high = float(figures[LOW].min()), float(figures[HIGH].max())
        least = 4 * overlay.instrument.tick_size
        span = max(high - low, least)
        others = overlay.levels.prices() + overlay.lines.prices(self._series, shown)
        near = [price for price in others if low - _REACH * span <= price <= high + _REACH * span]
        if overlay.levels.held is not None:
            near.append(overlay.levels.held.price)
        low, high = min([low, *near]), max([high, *near])
        middle, span = (low + high) / 2, max(high - low, least)
        low, high = min(low, middle - span / 2), max(high, middle + span / 2)
        bottom, top = self._bands.fitted(low, high)
        self._price_axis.floor = top - (top - bottom) * (1 - self._bands.share)
        self._box.setYRange(bottom, top, padding=0)

    def _on_moved(self) -> None:
        right = self.visible_places[1]
        self._set_following(right >= len(self._series))
        self.fit_prices()

    def _look_for_start(self) -> None:
        # Only when it is moved by hand: a chart that begins with few bars asks for no others.
        if self.visible_places[0] < _NEAR_START and len(self._series):
            self.start_neared.emit()

    def _set_following(self, is_following: bool) -> None:
        if is_following != self._is_following:
            self._is_following = is_following
            self.following_changed.emit(is_following)

    def _move_on(self, places: int, *, always: bool = False) -> None:
        """Keep what is seen where it is, after so many places were put before it or, following, after it."""
        if places and (self._is_following or always):
            left, right = self.visible_places
            self._box.setXRange(left + places, right + places, padding=0)

    def _limit(self) -> None:
        count = len(self._series)
        self._box.setLimits(
            xMin=min(-_FEWEST_BARS, count - BARS_AT_FIRST),
            xMax=count + BARS_AT_FIRST,
            minXRange=_FEWEST_BARS,
            maxXRange=max(2 * BARS_AT_FIRST, count + 2 * BARS_AT_FIRST),
        )

    def point_of(self, event_ns: int, price: float) -> QPointF | None:
        """Return where an instant and a price are in this widget's pixels; ``None`` before the first bar."""
        place = self._series.place(event_ns)
        scene = self.scene_now()
        return None if place is None else QPointF(scene.x(place), scene.y(price))
