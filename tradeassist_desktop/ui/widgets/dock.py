"""A dock with a title bar of its own, which gives way to the tab where docks are tabbed."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QToolButton, QWidget

from tradeassist_desktop.ui.theme import Theme, ui_font
from tradeassist_desktop.ui.tips import plain_tip

_TITLE_PX = 30


class _TitleBar(QWidget):
    """Name, float and close. Mouse events go through to the dock, which is moved by them."""

    def __init__(self, *, dock: "Dock", theme: Theme) -> None:
        super().__init__(dock)
        self.setObjectName("dockTitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        name = QLabel(dock.windowTitle(), self)
        name.setTextFormat(Qt.TextFormat.PlainText)
        name.setFont(ui_font(12, weight=QFont.Weight.DemiBold))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 4, 0)
        row.setSpacing(0)
        row.addWidget(name)
        row.addStretch(1)
        self._buttons: dict[str, QToolButton] = {}
        for icon, words, act in (
            ("float", f"Float {dock.windowTitle()}, or dock it again", dock.switch_floating),
            ("close", f"Close {dock.windowTitle()}; View brings it back", dock.close),
        ):
            button = QToolButton(self)
            button.setIconSize(QSize(12, 12))
            button.setFixedSize(24, 22)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAccessibleName(words)
            button.setToolTip(plain_tip(words))
            button.clicked.connect(act)
            row.addWidget(button)
            self._buttons[icon] = button
        theme.changed.connect(self._paint_icons)
        self._paint_icons()

    def sizeHint(self) -> QSize:
        return QSize(120, _TITLE_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, _TITLE_PX)

    def _paint_icons(self) -> None:
        for icon, button in self._buttons.items():
            button.setIcon(self._theme.icon(icon, self._theme.tokens.text_3, 12))


class _NoTitle(QWidget):
    """Takes no room; the tab names the dock already."""

    def sizeHint(self) -> QSize:
        return QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)


class Dock(QDockWidget):
    """One panel's frame."""

    moved = Signal()

    def __init__(self, *, name: str, title: str, theme: Theme, parent: QMainWindow) -> None:
        super().__init__(title, parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._window = parent
        self._title = _TitleBar(dock=self, theme=theme)
        self._no_title = _NoTitle(self)
        self.setTitleBarWidget(self._title)
        for changed in (self.topLevelChanged, self.dockLocationChanged, self.visibilityChanged):
            changed.connect(self._look_soon)

    def switch_floating(self) -> None:
        """Float, or go back to the window."""
        if not self.isFloating():
            self._be_named(by_tab=False)  # after it, Qt would make the window anew, without the keyboard
        self.setFloating(not self.isFloating())

    def look(self) -> None:
        """Show the title bar only where no tab names the dock."""
        # One that floats keeps its place among them, without a tab.
        beside = [each for each in self._window.tabifiedDockWidgets(self) if not each.isFloating()]
        is_tabbed = bool(beside) and not self.isFloating()
        self._be_named(by_tab=is_tabbed)

    def _be_named(self, *, by_tab: bool) -> None:
        wanted, other = (self._no_title, self._title) if by_tab else (self._title, self._no_title)
        if self.titleBarWidget() is not wanted:
            self.setTitleBarWidget(wanted)
            wanted.setVisible(not by_tab)
            other.hide()

    def mark(self, has_keyboard: bool) -> None:
        """Show in the title bar whether the keyboard is in this dock."""
        mark(self._title, has_keyboard)

    def _look_soon(self, *_: object) -> None:
        # Qt tells of a move before the tabs are made.
        QTimer.singleShot(0, self, self.moved.emit)


def mark(part: QWidget, has_keyboard: bool) -> None:
    """Paint a title or a row of tabs as the one whose dock has the keyboard, or not."""
    if bool(part.property("hasKeyboard")) is not has_keyboard:
        part.setProperty("hasKeyboard", has_keyboard)
        part.style().polish(part)
