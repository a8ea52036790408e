"""The sheet of the first start. The market moves behind it; it may be closed at any point."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.overlay import Overlay
from tradeassist_desktop.ui.widgets.welcome.channels_part import ChannelsPart
from tradeassist_desktop.ui.widgets.welcome.data_part import DataPart
from tradeassist_desktop.ui.widgets.welcome.symbols_part import SymbolsPart

_WIDTH_PX: Final = 920


class WelcomeSheet(Overlay):
    """Three things in any order, and the way to a first rule."""

    def __init__(self, *, context: PanelContext, window: QMainWindow) -> None:
        super().__init__(name="welcome", title="Welcome", width_px=_WIDTH_PX, window=window)
        self._navigator = context.navigator
        self._keys = context.keys
        self._data = DataPart(context=context, parent=self)
        self._data.sign_in_wanted.connect(self._sign_in)
        self._channels = ChannelsPart(context=context, parent=self)
        self._channels.set_up_wanted.connect(self._set_up)
        self._lay_out(SymbolsPart(context=context, parent=self))
        context.bridge.access_changed.connect(self.leave)

    def open(self) -> None:
        """Come to the front."""
        self._channels.ask()
        self.appear()
        self.settle_soon()

    def take_focus(self) -> None:
        """Go to the first choice."""
        self._data.take_focus()

    def _sign_in(self) -> None:
        self.leave()
        self._navigator.sign_in_wanted.emit()

    def _set_up(self, channel: str) -> None:
        self.leave()
        self._navigator.channel_wanted.emit(channel)

    def _type_rule(self) -> None:
        self.leave()
        self._navigator.quick_rule_wanted.emit("")

    def _choose_template(self) -> None:
        self.leave()
        self._navigator.templates_wanted.emit()

    # --- building

    def _lay_out(self, symbols: SymbolsPart) -> None:
        title = self._label("Welcome to TradeAssist", "")
        title.setFont(ui_font(18, weight=QFont.Weight.DemiBold))
        story = self._label(
            "It watches the market by your rules and interrupts you when one comes true. Three things to "
            "look at; all can be changed later.",
            "second",
        )
        left = self._column(("1  Market data", self._data), ("2  Symbols", symbols))
        right = self._column(("3  Where alerts go", self._channels))
        body = QHBoxLayout()
        body.setSpacing(32)
        body.addLayout(left, 1)
        body.addLayout(right, 1)
        later = self._label("Help, Welcome brings this back.", "quiet")
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(later, 1)
        for name, words, tip, act in (
            (
                "welcomeTemplate",
                "A rule from a template…",
                "Breakouts, averages, gaps",
                self._choose_template,
            ),
            (
                "welcomeRule",
                "Type a rule…",
                "Such as /ES last crosses above 5530 ({window.new-rule})",
                self._type_rule,
            ),
            ("welcomeDone", "Done", "Close this sheet", self.leave),
        ):
            button = QPushButton(words, self)
            button.setObjectName(name)
            self._keys.tip(button, tip)
            button.setAutoDefault(False)
            if name == "welcomeDone":
                button.setProperty("kind", "primary")
            button.clicked.connect(act)
            foot.addWidget(button)
        self.column.setContentsMargins(24, 20, 24, 16)
        self.column.setSpacing(12)
        for part in (title, story):
            self.column.addWidget(part)
        self.column.addLayout(body)
        self.column.addSpacing(4)
        self.column.addLayout(foot)

    def _column(self, *parts: tuple[str, QWidget]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        for heading, part in parts:
            label = self._label(heading, "")
            label.setFont(ui_font(weight=QFont.Weight.DemiBold))
            column.addWidget(label)
            column.addWidget(part)
            column.addSpacing(8)
        column.addStretch(1)
        return column

    def _label(self, words: str, tone: str) -> QLabel:
        label = QLabel(words, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("tone", tone)
        return label
