"""The strip above one chart: which symbol, its price, the timeframe, and what else can be done."""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QToolButton, QWidget

from tradeassist_desktop.domain.market import Instrument, InstrumentKind, Quote
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.timeframes import TimeframeBar
from tradeassist_desktop.ui.panels.base import PanelContext, Toolbar
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolCompleter

_LEAST_PX: Final = 190
_SPACES_PX: Final = 40
_ICON_PX: Final = 28
_ONE_BUTTON_PX: Final = 40
_LONGEST_SYMBOL_PX: Final = 180


class SymbolField(QLineEdit):
    """The symbol as a name; another one can be typed over it, Enter takes it and Esc does not."""

    chosen = Signal(str)

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._symbol = ""
        self.setObjectName("chartSymbol")
        self.setAccessibleName("Symbol of the chart")
        self.setFrame(False)
        self.setFont(ui_font(14, weight=QFont.Weight.DemiBold))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._completer = SymbolCompleter(line=self, symbols=context.desk.symbols, tasks=context.tasks)
        self._completer.chosen.connect(self._take)
        self.textChanged.connect(self._fit)
        self._fit()

    def show_symbol(self, symbol: str) -> None:
        """Show which symbol it is, unless another is being typed."""
        self._symbol = symbol
        if not self.hasFocus() or not self.isModified():
            self.setText(symbol)
            self.setModified(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take what is typed, or leave it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self._completer.takes_enter():
            self._take(self.text())
        elif event.key() == Qt.Key.Key_Escape:
            self._completer.close()
            self._leave()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose all of it: what is typed is another symbol."""
        super().focusInEvent(event)
        self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show the symbol that there is again."""
        super().focusOutEvent(event)
        if not self._completer.takes_enter():
            self._leave()

    def _take(self, symbol: str) -> None:
        symbol = symbol.strip()
        self._completer.close()
        self.setModified(False)
        if symbol and symbol != self._symbol:
            self.chosen.emit(symbol)
        self.setText(self._symbol)
        self.setModified(False)

    def _leave(self) -> None:
        self.setModified(False)
        self.setText(self._symbol)

    def _fit(self) -> None:
        wide = QFontMetrics(self.font()).horizontalAdvance(self.text() or "Symbol") + 20
        self.setFixedWidth(min(_LONGEST_SYMBOL_PX, max(48, wide)))


class PaneHeader(Toolbar):
    """Shows what it is told and says what is wanted."""

    link_toggled = Signal(bool)
    latest_wanted = Signal()
    menu_wanted = Signal()
    """The menu behind the dots is about to be shown: fill ``menu``."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent=parent)
        self._theme = context.theme
        self.symbol = SymbolField(context=context, parent=self)
        self._last = self._figure(14, QFont.Weight.Medium)
        self._last.setObjectName("chartLast")
        self._change = self._figure(12)
        self.timeframes = TimeframeBar(parent=self)
        self._latest = self._button("chartLatest", "Go to the newest bar (End)")
        self._latest.setEnabled(False)
        self._latest.clicked.connect(self.latest_wanted)
        self._link = self._button("chartLink", "")
        self._link.setCheckable(True)
        self._link.clicked.connect(self.link_toggled)
        self._more = self._button("chartMore", "More about this chart: split, tabs, pictures")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.menu = QMenu(self._more)
        self.menu.aboutToShow.connect(self.menu_wanted)
        self._more.setMenu(self.menu)
        for widget in (self.symbol, self._last):
            self.row.addWidget(widget)
        self.row.addWidget(self._change)
        self.row.addStretch(1)
        for button in (self.timeframes, self._latest, self._link, self._more):
            self.row.addWidget(button)
        self._shown_change: float | None = None
        self._is_grey = False
        context.theme.changed.connect(self._paint_icons)
        context.theme.changed.connect(self._colour_figures)
        self.show_link(is_linked=True)

    def show_quote(self, symbol: str, instrument: Instrument, quote: Quote | None) -> None:
        """Show a symbol's price and how it has changed."""
        last = quote.last if quote is not None else None
        change = quote.net_change if quote is not None else None
        # Of what swings around 0, as $TICK does, a percentage means nothing.
        has_percent = instrument.kind is not InstrumentKind.INDICATOR
        percent = quote.pct_change if quote is not None and has_percent else None
        self.symbol.show_symbol(symbol)
        self.symbol.setToolTip(
            plain_tip(f"{instrument.description or symbol}. Type another symbol here to see it.")
        )
        self._last.setText(text.price(last, instrument))
        self._change.setText(text.percent(percent) if percent is not None else "")
        self._change.setToolTip(plain_tip(text.price(change, instrument, signed=True)))
        self._shown_change = change
        self._colour_figures()
        self._fit()

    def show_stale(self, is_stale: bool) -> None:
        """Show figures as of the past, or of now."""
        if is_stale is not self._is_grey:
            self._is_grey = is_stale
            self._colour_figures()

    def show_link(self, *, is_linked: bool) -> None:
        """Show whether the chart follows the watchlist."""
        self._link.setChecked(is_linked)
        words = (
            "Follows the watchlist; click to keep this symbol"
            if is_linked
            else "Keeps its symbol; click to follow the watchlist"
        )
        self._link.setToolTip(plain_tip(words))
        self._link.setAccessibleName(words)
        self._paint_icons()

    def show_following(self, is_following: bool) -> None:
        """Show whether the newest bar is in view."""
        self._latest.setEnabled(not is_following)

    def minimumSizeHint(self) -> QSize:
        """Return what is left of it where charts stand side by side."""
        return QSize(_LEAST_PX, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make do with the room there is."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out the change first, then shorten the strip of timeframes, then the rest."""
        figures = self.symbol.width() + self._last.sizeHint().width()
        room = self.width() - figures - 3 * _ICON_PX - _SPACES_PX - self.timeframes.room_wanted
        self.timeframes.set_narrow(room < 0)
        if room < 0:
            room += self.timeframes.room_wanted - _ONE_BUTTON_PX
        self._latest.setVisible(room >= 0)
        # Rather none than half a price; the axis tells it, too.
        self._last.setVisible(room + _ICON_PX >= 0)
        self._change.setVisible(room >= self._change.sizeHint().width())

    def _figure(self, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(ui_font(pixels, weight=weight))
        return label

    def _button(self, name: str, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setFixedWidth(_ICON_PX)
        button.setAccessibleName(words)
        button.setToolTip(plain_tip(words))
        return button

    def _colour_figures(self) -> None:
        tokens = self._theme.tokens
        price = tokens.text_3 if self._is_grey else tokens.text_1
        change = tokens.text_3 if self._is_grey else tokens.of_change(self._shown_change)
        for label, colour in ((self._last, price), (self._change, change)):
            style = f"color: {colour}"
            if label.styleSheet() != style:  # a style is worked out anew whenever it is set
                label.setStyleSheet(style)

    def _paint_icons(self) -> None:
        self._latest.setIcon(self._theme.icon("latest"))
        self._more.setIcon(self._theme.icon("more"))
        self._link.setIcon(self._theme.icon("link" if self._link.isChecked() else "unlink"))
