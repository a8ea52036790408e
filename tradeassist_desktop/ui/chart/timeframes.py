"""Chooses the length of bars: a strip of the usual ones, or one button where there is little room."""

from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QWidget

from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.ui.theme import ui_font

USUAL: Final = ("1s", "5s", "1m", "5m", "15m", "1h", "1d")


class TimeframeBar(QWidget):
    """Shows the timeframe that is chosen."""

    chosen = Signal(str)
    """The trader wants this one."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._timeframe = ""
        self._is_narrow = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        for name in USUAL:
            button = self._segment(name, f"timeframe_{name}", f"Timeframe {name}")
            button.setCheckable(True)
            button.clicked.connect(partial(self.chosen.emit, name))
            self._group.addButton(button)
            self._buttons[name] = button
            row.addWidget(button)
        self._others = self._segment("…", "timeframeOthers", "Other timeframes")
        self._others.setToolTip("Other timeframes")
        self._others.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._others.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        row.addWidget(self._others)
        self._fill()

    @property
    def room_wanted(self) -> int:
        """How wide the strip of the usual ones is, shown or not."""
        return sum(_width(name) for name in (*USUAL, "15m"))

    def show_timeframe(self, timeframe: str) -> None:
        """Show which one is chosen."""
        self._timeframe = timeframe
        self._group.setExclusive(False)
        for name, button in self._buttons.items():
            button.setChecked(name == timeframe)
        self._group.setExclusive(True)
        self._name()

    def set_narrow(self, is_narrow: bool) -> None:
        """Take as little room as there can be, or show the usual ones side by side."""
        if is_narrow == self._is_narrow:
            return
        self._is_narrow = is_narrow
        for button in self._buttons.values():
            button.setVisible(not is_narrow)
        self._fill()
        self._name()

    def _name(self) -> None:
        is_shown = self._timeframe in USUAL and not self._is_narrow
        self._others.setText("…" if is_shown else self._timeframe)
        self._others.setFixedWidth(_width(self._others.text()))
        words = "Other timeframes" if is_shown else f"Timeframe {self._timeframe}; others"
        self._others.setAccessibleName(words)

    def _fill(self) -> None:
        menu = self._others.menu()
        if menu is None:
            menu = QMenu(self._others)
            self._others.setMenu(menu)
        menu.clear()
        for name in TIMEFRAMES:
            if self._is_narrow or name not in USUAL:
                menu.addAction(name, partial(self.chosen.emit, name))

    def _segment(self, words: str, name: str, accessible: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(words)
        button.setFont(ui_font(12))
        button.setFixedWidth(_width(words))
        button.setProperty("kind", "segment")
        button.setObjectName(name)
        button.setAccessibleName(accessible)
        return button


def _width(words: str) -> int:
    # Qt's own would be half as wide again, and seven of them would not fit above a chart.
    return QFontMetrics(ui_font(12)).horizontalAdvance(words) + 18
