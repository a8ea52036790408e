"""The chart's surface: pan, zoom, follow the newest bar, point at things."""

from collections.abc import Sequence
from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Instrument
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui.chart.axes import PriceAxis, TimeAxis, day_breaks, moment_text
from tradeassist_desktop.ui.chart.candles import VOLUME_SHARE, Candles
from tradeassist_desktop.ui.chart.overlay import AlertMark, Overlay, Scene
from tradeassist_desktop.ui.chart.series import HIGH, LOW, BarSeries
from tradeassist_desktop.ui.theme import Theme

_BARS_AT_FIRST: Final = 120
_ROOM_RIGHT: Final = 8
_FEWEST_BARS: Final = 12
_CLICK_PX: Final = 4
_LEVEL_REACH: Final = 0.6
"""How far outside the bars' range a level still widens the view, as a share of that range."""


class ChartCanvas(pg.PlotWidget):
    """Candles of one symbol and timeframe; follows the newest bar until it is moved away."""

    alert_clicked = Signal(str)
    price_asked = Signal(float, object)
    """A right click: the price there, and the global position for a menu."""
    following_changed = Signal(bool)

    def __init__(self, *, theme: Theme) -> None:
        self._series = BarSeries()
        self._price_axis = PriceAxis()
        super().__init__(
            axisItems={"bottom": TimeAxis(series=self._series), "right": self._price_axis}, enableMenu=False
        )
        self._theme = theme
        self._timeframe_ns = TIMEFRAMES["1m"]
        self._overlay = Overlay(series=self._series)
        self._is_following = True
        self._is_sized = False
        self._pressed_at: QPointF | None = None
        self.setObjectName("chartCanvas")
        self.setAccessibleName("Price chart")
        self.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
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
        plot.addItem(Candles(series=self._series, theme=theme), ignoreBounds=True)
        self._box.sigXRangeChanged.connect(self._on_moved)
        theme.changed.connect(self._dress)
        self._dress()

    # --- what is shown

    def show_bars(self, bars: Sequence[Bar], *, instrument: Instrument, timeframe: str) -> None:
        """Show another symbol or timeframe from its newest bars on."""
        self._series.replace(bars)
        self._overlay.instrument = self._price_axis.instrument = instrument
        self._overlay.marks = ()
        self._overlay.last = None
        self._timeframe_ns = TIMEFRAMES[timeframe]
        self._limit()
        self.follow()

    def add_bars(self, bars: Sequence[Bar]) -> None:
        """Take bars that have closed."""
        grown = self._series.extend(bars)
        self._limit()
        self._move_on(grown)

    def update_now(
        self,
        forming: Bar | None,
        last: float | None,
        levels: tuple[PriceLevel, ...],
        marks: tuple[AlertMark, ...],
    ) -> None:
        """Take a beat's changes; repaints only if there are any."""
        places = len(self._series)
        is_other = self._series.form(forming)
        overlay = self._overlay
        is_other |= overlay.last != last or overlay.levels != levels or overlay.marks != marks
        overlay.last, overlay.levels, overlay.marks = last, levels, marks
        if len(self._series) != places:
            self._limit()
            self._move_on(len(self._series) - places)
        if is_other:
            self._fit_prices()
            self.viewport().update()

    def follow(self) -> None:
        """Go to the newest bar and stay there."""
        left, right = self._box.viewRange()[0]
        count = right - left if self._is_sized else _BARS_AT_FIRST
        self._is_sized = True
        end = len(self._series) + _ROOM_RIGHT
        self._set_following(True)
        self._box.setXRange(end - count, end, padding=0)
        self._fit_prices()

    def show_moment(self, event_ns: int) -> None:
        """Bring the bar of an instant to the middle."""
        place = self._series.place(event_ns)
        if place is None:
            return
        left, right = self._box.viewRange()[0]
        half = (right - left) / 2
        if place + half >= len(self._series):
            self.follow()
            return
        self._box.setXRange(place - half, place + half, padding=0)
        self._set_following(False)

    @property
    def bars_count(self) -> int:
        """How many closed bars there are."""
        return self._series.closed

    @property
    def visible_prices(self) -> tuple[float, float]:
        """The lowest and highest price the axis shows."""
        low, high = self._box.viewRange()[1]
        return float(low), float(high)

    def point_of(self, event_ns: int, price: float) -> QPointF | None:
        """Return where an instant and a price are in this widget's pixels; ``None`` before the first bar."""
        place = self._series.place(event_ns)
        scene = self._scene()
        return None if place is None else QPointF(scene.x(place), scene.y(price))

    def mark_point(self, alert_id: str) -> QPointF | None:
        """Return where an alert's mark was last drawn; ``None`` if it is not in view."""
        return self._overlay.mark_point(alert_id)

    # --- painting

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw what lies over the candles, in pixels."""
        painter.save()
        painter.resetTransform()
        if len(self._series):
            scene = self._scene()
            self._overlay.day_breaks = self._day_breaks(scene)
            self._overlay.pointer_time = self._pointer_time(scene)
            self._overlay.draw(
                painter, scene, self._theme.tokens, self.viewport().width(), self.viewport().height()
            )
        painter.restore()

    def _scene(self) -> Scene:
        (left, right), (low, high) = self._box.viewRange()
        plot = self.mapFromScene(self._box.sceneBoundingRect()).boundingRect()
        return Scene(plot=QRectF(plot), left=left, right=right, low=low, high=high)

    def _day_breaks(self, scene: Scene) -> tuple[int, ...]:
        if self._timeframe_ns >= TIMEFRAMES["1d"]:
            return ()
        return tuple(day_breaks(self._series, self._series.visible(scene.left, scene.right)))

    def _pointer_time(self, scene: Scene) -> str:
        if self._overlay.pointer is None:
            return ""
        place = max(0, min(len(self._series) - 1, round(scene.place(self._overlay.pointer.x()))))
        return moment_text(int(self._series.starts_ns[place]), self._timeframe_ns)

    def _dress(self) -> None:
        tokens = self._theme.tokens
        self.setBackground(QColor(tokens.surface_1))
        for name in ("right", "bottom"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(tokens.surface_3))
            axis.setTextPen(pg.mkPen(tokens.text_3))
        self.getPlotItem().showGrid(x=True, y=True, alpha=0.5)
        self.viewport().update()

    # --- moving

    def _on_moved(self) -> None:
        right = self._box.viewRange()[0][1]
        self._set_following(right >= len(self._series))
        self._fit_prices()

    def _set_following(self, is_following: bool) -> None:
        if is_following != self._is_following:
            self._is_following = is_following
            self.following_changed.emit(is_following)

    def _move_on(self, places: int) -> None:
        if places and self._is_following:
            left, right = self._box.viewRange()[0]
            self._box.setXRange(left + places, right + places, padding=0)

    def _limit(self) -> None:
        count = len(self._series)
        self._box.setLimits(
            xMin=min(-_FEWEST_BARS, count - _BARS_AT_FIRST),
            xMax=count + _BARS_AT_FIRST,
            minXRange=_FEWEST_BARS,
            maxXRange=max(2 * _BARS_AT_FIRST, count + 2 * _BARS_AT_FIRST),
        )

    def _fit_prices(self) -> None:
        left, right = self._box.viewRange()[0]
        figures = self._series.figures[:, self._series.visible(left, right)]
        if not figures.shape[1]:
            return
        low, high = float(figures[LOW].min()), float(figures[HIGH].max())
        span = max(high - low, 4 * self._overlay.instrument.tick_size)
        near = [
            level.price
            for level in self._overlay.levels
            if low - _LEVEL_REACH * span <= level.price <= high + _LEVEL_REACH * span
        ]
        low, high = min([low, *near]), max([high, *near])
        span = max(high - low, 4 * self._overlay.instrument.tick_size)
        middle = (low + high) / 2
        low, high = min(low, middle - span / 2), max(high, middle + span / 2)
        bottom = low - span * (VOLUME_SHARE + 0.06) / (1 - VOLUME_SHARE - 0.06)
        self._box.setYRange(bottom, high + span * 0.14, padding=0)

    # --- pointing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the crosshair, or the chart."""
        super().mouseMoveEvent(event)
        self._overlay.pointer = event.position()
        is_mark = self._overlay.alert_at(event.position()) is not None
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if is_mark else Qt.CursorShape.CrossCursor
        )
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        """Put the crosshair away."""
        super().leaveEvent(event)
        self._overlay.pointer = None
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where: a click is told from a drag at its end."""
        self._pressed_at = event.position()
        if event.button() is Qt.MouseButton.RightButton:
            # Not to pyqtgraph, which would zoom with it.
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Act on a click: an alert's mark, or the menu of a price."""
        moved = event.position() - self._pressed_at if self._pressed_at is not None else QPointF(99, 99)
        is_click = abs(moved.x()) + abs(moved.y()) <= _CLICK_PX
        if event.button() is Qt.MouseButton.RightButton:
            scene = self._scene()
            if is_click and len(self._series) and scene.plot.contains(event.position()):
                self.price_asked.emit(scene.price(event.position().y()), event.globalPosition().toPoint())
            event.accept()
            return
        super().mouseReleaseEvent(event)
        alert_id = self._overlay.alert_at(event.position()) if is_click else None
        if alert_id is not None:
            self.alert_clicked.emit(alert_id)
