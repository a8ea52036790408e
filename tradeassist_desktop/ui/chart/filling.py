"""Brings bars to a chart: from the disk, from the venue, as they close, and further back when it is moved."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.ui.chart.canvas import ChartCanvas
from tradeassist_desktop.ui.chart.series import KEPT, MOST
from tradeassist_desktop.ui.panels.base import PanelContext

_LOADING: Final = "Loading earlier bars…"
_NONE: Final = "There are no earlier bars."
_TOLD_MS: Final = 4_000


class Filling(QObject):
    """Of one canvas; has the closed bars it shows, oldest first, as ``bars``."""

    loaded = Signal()
    """Another symbol or timeframe is shown, or the same one anew."""
    closed = Signal(object)
    """These bars have closed, the last one before them again among them."""

    def __init__(self, *, context: PanelContext, canvas: ChartCanvas, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._canvas = canvas
        self.symbol: str | None = None
        self.timeframe = "1m"
        self.bars: list[Bar] = []
        self.is_loading = False
        self._is_loading_earlier = False
        self._has_earlier = True
        self._closed_seen = 0
        canvas.start_neared.connect(self._load_earlier)
        context.bridge.history_grew.connect(self._on_history)

    def show(self, symbol: str, timeframe: str) -> None:
        """Load another symbol or timeframe, or the same one from the start."""
        self.symbol, self.timeframe = symbol, timeframe
        self.is_loading = True
        self._has_earlier = True
        self._load(self._show_loaded)

    def beat(self) -> None:
        """Take what has closed since the last beat."""
        if self.symbol is None or self.is_loading:
            return
        closed = self._context.desk.market.closed_bars_count(self.symbol, self.timeframe)
        if closed > self._closed_seen:
            count, self._closed_seen = closed - self._closed_seen, closed
            self._load_closed(count)

    def _load(self, then: Callable[[Sequence[Bar]], None]) -> None:
        key = self.symbol, self.timeframe
        market = self._context.desk.market

        async def load() -> None:
            symbol, timeframe = key
            assert symbol is not None
            seen = market.closed_bars_count(symbol, timeframe)
            try:
                bars = await market.bars(symbol, timeframe, KEPT)
            finally:
                if key == (self.symbol, self.timeframe):
                    self.is_loading = False
            if key == (self.symbol, self.timeframe):  # else the trader has gone on meanwhile
                self._closed_seen = seen
                then(bars)
                self.loaded.emit()

        self._context.tasks.start(load(), shown_in=self)

    def _show_loaded(self, bars: Sequence[Bar]) -> None:
        assert self.symbol is not None
        self.bars = list(bars)
        instrument = self._context.desk.market.instrument(self.symbol)
        self._canvas.show_bars(bars, instrument=instrument, timeframe=self.timeframe)

    def _on_history(self, symbol: str, timeframe: str) -> None:
        if (symbol, timeframe) == (self.symbol, self.timeframe) and not self.is_loading:
            self._load(self._renew)

    def _renew(self, bars: Sequence[Bar]) -> None:
        first_ns = bars[0].start_ns if bars else None
        earlier = [bar for bar in self.bars if first_ns is not None and bar.start_ns < first_ns]
        self.bars = [*earlier, *bars][-MOST:]
        self._has_earlier = True
        self._canvas.renew_bars(self.bars)

    def _load_closed(self, count: int) -> None:
        key = self.symbol, self.timeframe
        market = self._context.desk.market

        async def load() -> None:
            symbol, timeframe = key
            assert symbol is not None
            bars = await market.bars(symbol, timeframe, count + 1)
            if key != (self.symbol, self.timeframe) or not bars:
                return
            while self.bars and self.bars[-1].start_ns >= bars[0].start_ns:
                self.bars.pop()  # brought again
            self.bars = [*self.bars, *bars][-MOST:]
            self._canvas.add_bars(bars)
            self.closed.emit(bars)

        self._context.tasks.start(load(), shown_in=self)

    def _load_earlier(self) -> None:
        if self.is_loading or self._is_loading_earlier or not self.bars:
            return
        if not self._has_earlier:
            self._tell(_NONE)
            return
        if len(self.bars) >= MOST:
            self._tell(f"No more than {MOST:,} bars are loaded: choose a longer timeframe.")
            return
        key = self.symbol, self.timeframe
        first_ns = self.bars[0].start_ns
        market = self._context.desk.market
        self._is_loading_earlier = True
        self._canvas.say(_LOADING)

        async def load() -> None:
            symbol, timeframe = key
            assert symbol is not None
            try:
                found = await market.earlier_bars(symbol, timeframe, first_ns, len(self.bars))
            finally:
                self._is_loading_earlier = False
                if self._canvas.note == _LOADING:
                    self._canvas.say("")
            if key != (self.symbol, self.timeframe) or self.bars[0].start_ns != first_ns:
                return
            self._has_earlier = found.is_more_likely
            if found.reason:
                self._tell(f"No earlier bars: {found.reason}")
            elif not found.bars:
                self._tell(_NONE)
            if found.bars:
                self.bars = [*found.bars, *self.bars]
                self._canvas.add_earlier(found.bars)
                self.loaded.emit()

        self._context.tasks.start(load(), shown_in=self)

    def _tell(self, note: str) -> None:
        """Write a note that goes by itself."""
        self._canvas.say(note)
        QTimer.singleShot(_TOLD_MS, self, lambda: self._canvas.say("") if self._canvas.note == note else None)
