"""What is shown on the chart, and how it is painted."""

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsView

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Instrument
from tradeassist_desktop.domain.preview import PreviewMark
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui.chart.bands import Bands
from tradeassist_desktop.ui.chart.levels import LevelLines
from tradeassist_desktop.ui.chart.lines import Lines, StudyLine
from tradeassist_desktop.ui.chart.marks import AlertMark
from tradeassist_desktop.ui.chart.overlay import Overlay
from tradeassist_desktop.ui.chart.series import BarSeries
from tradeassist_desktop.ui.chart.sessions import Sessions, Stretches, draw_shade
from tradeassist_desktop.ui.chart.view import ChartView
from tradeassist_desktop.ui.theme import Theme


class ChartSurface(ChartView):
    """Candles of one symbol and timeframe, with all that lies over them.

    Args:
        why_fixed: Returns why a level may not be moved; empty where it may.
    """

    def __init__(self, *, theme: Theme, why_fixed: Callable[[PriceLevel], str]) -> None:
        bands, series = Bands(), BarSeries()
        self._levels = LevelLines(why_fixed=why_fixed)
        overlay = Overlay(series=series, levels=self._levels, lines=Lines(bands=bands))
        super().__init__(overlay=overlay, bands=bands, theme=theme)
        self._theme = theme
        self._timeframe_ns = TIMEFRAMES["1m"]
        self._sessions = Sessions(kind=overlay.instrument.kind, timeframe_ns=self._timeframe_ns)
        self._stretches = Stretches()
        # pyqtgraph keeps the background; ours changes with what is in view.
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.setMinimumSize(120, 90)
        theme.changed.connect(self._dress)
        self._dress()

    # --- what is shown

    def show_bars(self, bars: Sequence[Bar], *, instrument: Instrument, timeframe: str) -> None:
        """Show another symbol or timeframe from its newest bars on."""
        overlay = self._overlay
        self._series.replace(bars)
        overlay.instrument = self._levels.instrument = self._price_axis.instrument = instrument
        overlay.marks.alerts = ()
        overlay.last, overlay.note, overlay.silence = None, "", ""
        overlay.lines.show(())
        self._levels.held = None
        self._timeframe_ns = TIMEFRAMES[timeframe]
        self._sessions = Sessions(kind=instrument.kind, timeframe_ns=self._timeframe_ns)
        self._limit()
        self.follow()

    def renew_bars(self, bars: Sequence[Bar]) -> None:
        """Take the same symbol's bars anew; what is looked at stays in view."""
        left, _ = self.visible_places
        place = max(0, min(len(self._series) - 1, int(left)))
        is_following = self._is_following or not len(self._series)
        anchor_ns = 0 if is_following else int(self._series.starts_ns[place])
        self._series.replace(bars)
        self._limit()
        if is_following:
            self.follow()
        else:
            self._move_on((self._series.place(anchor_ns) or 0) - place, always=True)
        self.fit_prices()
        self.viewport().update()

    def add_bars(self, bars: Sequence[Bar]) -> None:
        """Take bars that have closed."""
        grown = self._series.extend(bars)
        self._limit()
        self._move_on(grown)

    def add_earlier(self, bars: Sequence[Bar]) -> None:
        """Take bars from before the first one; what is looked at stays in view."""
        grown = self._series.prepend(bars)
        self._limit()
        self._move_on(grown, always=True)

    def update_now(self, forming: Bar | None, last: float | None, lines: tuple[StudyLine, ...]) -> None:
        """Take a beat's changes; repaints only if there are any.

        Args:
            lines: What the chosen rule reads.
        """
        places = len(self._series)
        is_other = self._series.form(forming) or self._overlay.last != last
        is_other |= bool(lines) or bool(self._overlay.lines.lines)
        self._overlay.last = last
        self._overlay.lines.show(lines)
        if len(self._series) != places:
            self._limit()
            self._move_on(len(self._series) - places)
        if is_other:
            self.refresh()

    def show_levels(self, levels: tuple[PriceLevel, ...]) -> None:
        """Show the lines of rules."""
        if self._levels.show(levels):
            self.refresh()

    def settle_levels(self) -> None:
        """Show every level where its rule has it: a change holds by now, or was refused."""
        self._levels.settle()
        self.refresh()

    def show_alerts(self, marks: tuple[AlertMark, ...]) -> None:
        """Mark where alerts fired."""
        self._overlay.marks.alerts = marks
        self.viewport().update()

    def show_previews(self, marks: tuple[PreviewMark, ...]) -> None:
        """Mark where a rule that is being written would have fired."""
        self._overlay.marks.previews = marks
        self.viewport().update()

    def say(self, note: str) -> None:
        """Write a note below the legend; empty for none."""
        if note != self._overlay.note:
            self._overlay.note = note
            self.viewport().update()

    def show_silence(self, words: str) -> None:
        """Say for how long nothing has come, and make the last price grey; empty for fresh data."""
        if words != self._overlay.silence:
            self._overlay.silence = words
            self.viewport().update()

    def refresh(self) -> None:
        """Fit and paint."""
        self.fit_prices()
        self.viewport().update()

    @property
    def starts_ns(self) -> NDArray[np.int64]:
        """When each bar begins, the forming one too."""
        return self._series.starts_ns

    @property
    def bars_count(self) -> int:
        """How many closed bars there are."""
        return self._series.closed

    @property
    def note(self) -> str:
        """The note below the legend."""
        return self._overlay.note

    @property
    def silence(self) -> str:
        """For how long nothing has come, in words; empty for fresh data."""
        return self._overlay.silence

    @property
    def levels(self) -> tuple[PriceLevel, ...]:
        """The lines of rules."""
        return self._levels.levels

    @property
    def lines(self) -> tuple[StudyLine, ...]:
        """What is drawn of the chosen rule."""
        return self._overlay.lines.lines

    @property
    def preview_points(self) -> tuple[QPointF, ...]:
        """Where the marks of what would have fired were last drawn."""
        return self._overlay.marks.preview_points

    def mark_point(self, alert_id: str) -> QPointF | None:
        """Return where an alert's mark was last drawn; ``None`` if it is not in view."""
        return self._overlay.marks.point(alert_id)

    # --- painting

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Shade what is outside the regular session, below the grid and the candles."""
        super().drawBackground(painter, rect)
        if not len(self._series):
            return
        scene = self.scene_now()
        shown = self._series.visible(scene.left, scene.right)
        self._stretches = self._sessions.stretches(self._series, shown, scene.pixels_per_bar)
        painter.save()
        painter.resetTransform()
        draw_shade(painter, scene, self._theme.tokens, self._stretches)
        painter.restore()

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw what lies over the candles, in pixels."""
        if not len(self._series):
            return
        painter.save()
        painter.resetTransform()
        scene, tokens = self.scene_now(), self._theme.tokens
        self._overlay.draw(painter, scene, tokens, self._stretches, self._timeframe_ns)
        self._write_labels(painter, scene.tags)
        painter.restore()

    def _dress(self) -> None:
        tokens = self._theme.tokens
        self.setBackground(QColor(tokens.surface_1))
        for name in ("right", "bottom"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(tokens.surface_3))
            axis.setTextPen(pg.mkPen(tokens.text_3))
        self.getPlotItem().showGrid(x=True, y=True, alpha=0.5)
        self.viewport().update()
