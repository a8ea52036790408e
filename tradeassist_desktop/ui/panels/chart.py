"""The chart of the chosen symbol: live candles, rule levels, alerts where they fired."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.canvas import ChartCanvas
from tradeassist_desktop.ui.chart.overlay import AlertMark
from tradeassist_desktop.ui.chart.series import KEPT
from tradeassist_desktop.ui.panels.base import Panel, PanelContext, Toolbar
from tradeassist_desktop.ui.rights import why_not
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip

_SHOWN_TIMEFRAMES: Final = ("1s", "5s", "1m", "5m", "15m", "1h", "1d")
_FIRST_TIMEFRAME: Final = "1m"
_QUICK_TIMEFRAME: Final = "1s"
_FEW_BARS: Final = 10


class ChartPanel(Panel):
    """Follows the watchlist's row; timeframes by button."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._symbol: str | None = None
        self._timeframe = _FIRST_TIMEFRAME
        self._closed_seen = 0
        self._updates_seen = -1
        self._is_loading = False
        self._is_first = True
        self._wanted_ns: int | None = None
        self._levels: tuple[PriceLevel, ...] = ()
        self._marks: tuple[AlertMark, ...] = ()
        self._canvas = ChartCanvas(theme=context.theme)
        self._lay_out()
        self._canvas.alert_clicked.connect(self._alert_clicked)
        self._canvas.price_asked.connect(self._open_menu)
        self._canvas.following_changed.connect(lambda is_following: self._latest.setEnabled(not is_following))
        context.navigator.symbol_chosen.connect(self._choose_symbol)
        context.navigator.moment_chosen.connect(self._choose_moment)
        context.bridge.alerts_raised.connect(self._read_marks)
        context.bridge.rules_changed.connect(self._read_levels)
        context.pulse.chart.connect(self._beat)
        context.pulse.states.connect(self._read_levels)
        context.theme.changed.connect(self._paint_icons)
        context.bridge.history_grew.connect(self._on_history)
        self._paint_icons()
        first = context.navigator.symbol or next(iter(context.desk.watchlist.symbols), None)
        if first is not None:
            self._choose_symbol(first)

    def take_focus(self) -> None:
        """Go to the canvas."""
        self._canvas.setFocus()

    def _lay_out(self) -> None:
        bar = Toolbar(parent=self)
        self._name = _figure_label(bar, ui_font(14, weight=QFont.Weight.DemiBold))
        self._name.setObjectName("chartSymbol")
        self._last = _figure_label(bar, ui_font(14, weight=QFont.Weight.Medium))
        self._change = _figure_label(bar, ui_font(12))
        for label in (self._name, self._last):
            bar.row.addWidget(label)
            bar.row.addSpacing(4)
        # The change gives way where the chart is narrow; the buttons do not.
        self._change.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        bar.row.addWidget(self._change, 1)
        bar.row.addWidget(self._timeframe_buttons(bar))
        self._latest = QToolButton(bar)
        self._latest.setAccessibleName("Go to the newest bar")
        self._latest.setToolTip("Go to the newest bar")
        self._latest.setEnabled(False)
        self._latest.clicked.connect(self._canvas.follow)
        bar.row.addWidget(self._latest)
        self._waiting = QLabel(self)
        self._waiting.setTextFormat(Qt.TextFormat.PlainText)
        self._waiting.setProperty("tone", "quiet")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._waiting.setWordWrap(True)
        surface = QWidget(self)
        self._stack = QStackedLayout(surface)
        self._stack.addWidget(self._waiting)
        self._stack.addWidget(self._canvas)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(surface, 1)

    def _timeframe_buttons(self, bar: QWidget) -> QWidget:
        strip = QWidget(bar)
        row = QHBoxLayout(strip)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        group = QButtonGroup(self)
        for name in _SHOWN_TIMEFRAMES:
            button = QToolButton(strip)
            button.setText(name)
            button.setFont(ui_font(12))
            button.setProperty("kind", "segment")
            button.setCheckable(True)
            button.setChecked(name == self._timeframe)
            button.setObjectName(f"timeframe_{name}")
            button.setAccessibleName(f"Timeframe {name}")
            button.clicked.connect(self._timeframe_setter(name))
            group.addButton(button)
            row.addWidget(button)
        others = QToolButton(strip)
        others.setText("…")
        others.setProperty("kind", "segment")
        others.setAccessibleName("Other timeframes")
        others.setToolTip("Other timeframes")
        menu = QMenu(others)
        for name in TIMEFRAMES:
            if name not in _SHOWN_TIMEFRAMES:
                menu.addAction(name, self._timeframe_setter(name))
        others.setMenu(menu)
        others.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        others.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        row.addWidget(others)
        self._others = others
        return strip

    def _timeframe_setter(self, name: str) -> Callable[[], None]:
        return lambda: self._choose_timeframe(name)

    # --- what the trader does

    def _choose_timeframe(self, timeframe: str) -> None:
        self._timeframe = timeframe
        self._others.setText("…" if timeframe in _SHOWN_TIMEFRAMES else timeframe)
        for name in _SHOWN_TIMEFRAMES:
            button = self.findChild(QToolButton, f"timeframe_{name}")
            if button is not None and button.isChecked() != (name == timeframe):
                group = button.group()
                group.setExclusive(False)
                button.setChecked(name == timeframe)
                group.setExclusive(True)
        self._load()

    def _choose_symbol(self, symbol: str) -> None:
        if symbol != self._symbol:
            self._symbol = symbol
            self._load()

    def _choose_moment(self, symbol: str, event_ns: int) -> None:
        self._wanted_ns = event_ns
        if symbol != self._symbol:
            self._symbol = symbol
            self._load()
        elif not self._is_loading:
            self._go_to_wanted()

    def _alert_clicked(self, alert_id: str) -> None:
        self.context.navigator.dock_wanted.emit("alerts")
        self.context.navigator.alert_chosen.emit(alert_id)

    def _open_menu(self, price: float, at: QPoint) -> None:
        symbol = self._symbol
        if symbol is None:
            return
        instrument = self.context.desk.market.instrument(symbol)
        rounded = (
            round(price / instrument.tick_size) * instrument.tick_size if instrument.tick_size else price
        )
        plain = f"{rounded:.{instrument.decimals}f}"
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for verb in ("crosses", "crosses above", "crosses below"):
            words = f"Alert when {symbol} {verb} {text.price(rounded, instrument)}"
            adding = menu.addAction(words, self._rule_adder(f"{symbol} last {verb} {plain}"))
            if not self.context.rights.may(Act.EDIT_RULES):
                adding.setEnabled(False)
                adding.setToolTip(plain_tip(why_not(Act.EDIT_RULES)))
        menu.addSeparator()
        menu.setToolTipsVisible(True)
        menu.addAction("Go to the newest bar", self._canvas.follow)
        menu.popup(at)

    def _rule_adder(self, rule_text: str) -> Callable[[], None]:
        async def add() -> None:
            rule = await self.context.desk.rules.add_text(rule_text)
            self.context.navigator.rule_chosen.emit(rule.uid)
            self.context.navigator.offer_undo(
                f"Rule added: {rule.name}", lambda: self.context.desk.rules.remove((rule.uid,))
            )

        def start() -> None:
            self.context.tasks.start(add())

        return start

    # --- what the market does

    def _on_history(self, symbol: str, timeframe: str) -> None:
        if (symbol, timeframe) == (self._symbol, self._timeframe):
            self._load()

    def _load(self) -> None:
        symbol, timeframe = self._symbol, self._timeframe
        if symbol is None:
            return
        market = self.context.desk.market
        self._is_loading = True

        async def load() -> None:
            seen = market.closed_bars_count(symbol, timeframe)
            bars = await market.bars(symbol, timeframe, KEPT)
            if (symbol, timeframe) != (self._symbol, self._timeframe):
                return  # the trader has gone on meanwhile
            self._is_loading = False
            if self._is_first and len(bars) < _FEW_BARS and not market.closed_bars_count(symbol, timeframe):
                # A first start knows no past yet; seconds show the market moving at once.
                self._is_first = False
                self._choose_timeframe(_QUICK_TIMEFRAME)
                return
            self._is_first = False
            self._closed_seen, self._updates_seen = seen, -1
            self._canvas.show_bars(bars, instrument=market.instrument(symbol), timeframe=timeframe)
            self._read_levels()
            self._read_marks()
            self._beat()
            self._go_to_wanted()

        self.context.tasks.start(load())

    def _load_closed(self, count: int) -> None:
        symbol, timeframe = self._symbol, self._timeframe
        assert symbol is not None
        market = self.context.desk.market

        async def load() -> None:
            bars = await market.bars(symbol, timeframe, count + 1)
            if (symbol, timeframe) == (self._symbol, self._timeframe):
                self._canvas.add_bars(bars)
                self._updates_seen = -1

        self.context.tasks.start(load())

    def _beat(self) -> None:
        if self._symbol is None or self._is_loading or not self.isVisible():
            return
        market = self.context.desk.market
        closed = market.closed_bars_count(self._symbol, self._timeframe)
        if closed > self._closed_seen:
            count, self._closed_seen = closed - self._closed_seen, closed
            self._load_closed(count)
        updates = market.updates(self._symbol)
        if updates == self._updates_seen:
            return
        self._updates_seen = updates
        forming = market.forming_bar(self._symbol, self._timeframe)
        quote = market.quote(self._symbol)
        last = quote.last if quote is not None else None
        self._canvas.update_now(forming, last, self._levels, self._marks)
        self._say(last)

    def _say(self, last: float | None) -> None:
        assert self._symbol is not None
        market = self.context.desk.market
        instrument = market.instrument(self._symbol)
        quote = market.quote(self._symbol)
        tokens = self.context.theme.tokens
        self._name.setText(self._symbol)
        self._name.setToolTip(plain_tip(instrument.description))
        self._last.setText(text.price(last, instrument))
        change = quote.net_change if quote is not None else None
        percent = quote.pct_change if quote is not None else None
        has_change = change is not None
        self._change.setText(text.percent(percent) if has_change else "")
        self._change.setToolTip(plain_tip(text.price(change, instrument, signed=True)))
        self._change.setStyleSheet(f"color: {tokens.of_change(change)}")
        has_bars = (
            self._canvas.bars_count > 0 or market.forming_bar(self._symbol, self._timeframe) is not None
        )
        if not has_bars:
            is_silent = market.is_silent(self._symbol)
            self._waiting.setText(
                f"{self._symbol}: subscribed, no data"
                if is_silent
                else f"Waiting for the first trade of {self._symbol}"
            )
        self._stack.setCurrentIndex(1 if has_bars else 0)

    def _read_levels(self, *_: object) -> None:
        if self._symbol is None or self._is_loading:
            return
        levels = self.context.desk.rules.levels(self._symbol)
        if levels != self._levels:
            self._levels = levels
            self._updates_seen = -1

    def _read_marks(self, *_: object) -> None:
        self._marks = tuple(
            AlertMark(
                alert_id=record.alert.id,
                event_ns=record.alert.event_ns,
                price=record.alert.value if record.alert.value_symbol == self._symbol else None,
                priority=record.alert.priority,
            )
            for record in self.context.desk.history.records()
            if record.alert.symbol == self._symbol and record.alert.status is AlertStatus.FIRED
        )
        self._updates_seen = -1

    def _go_to_wanted(self) -> None:
        if self._wanted_ns is not None:
            self._canvas.show_moment(self._wanted_ns)
            self._wanted_ns = None

    def _paint_icons(self) -> None:
        self._latest.setIcon(self.context.theme.icon("latest"))
        self._updates_seen = -1


def _figure_label(parent: QWidget, font: QFont) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(font)
    return label
