"""A sheet over the window that stops nothing: prices go on moving behind it."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QMainWindow, QVBoxLayout, QWidget

from tradeassist_desktop.ui.panels.base import Panel

_TOP_PX: Final = 56
_MARGIN_PX: Final = 24


class Overlay(QFrame):
    """Stands at the upper middle of the window; Escape closes it, the keyboard goes back where it was.

    Tab goes round within it: what is behind it is a click or a shortcut away, and easily taken for it.

    Args:
        width_px: As wide as that, where the window is.
        height_px: As high as that, where the window is; ``None`` for as high as what is in it.
    """

    closed = Signal()

    def __init__(
        self, *, name: str, title: str, width_px: int, window: QMainWindow, height_px: int | None = None
    ) -> None:
        # To Qt a window within the window: Tab stays in it. Going round by nextInFocusChain() would have
        # PySide take each widget of the window for a child of the one before, which dies with that.
        super().__init__(window, Qt.WindowType.SubWindow)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setProperty("kind", "overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._window = window
        self._width_px = width_px
        self._height_px = height_px
        self._before: QWidget | None = None
        self._panel: Panel | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 12, 12, 8)
        self.column.setSpacing(8)
        # A timer of its own: a single shot that the sheet does not live to see would hold it for ever.
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.timeout.connect(self._settle_if_shown)
        window.installEventFilter(self)
        self.hide()

    def appear(self) -> None:
        """Come to the front, with the keyboard where ``take_focus`` puts it."""
        before = QApplication.focusWidget() or self._window.focusWidget()
        if before is not None and not self.isAncestorOf(before):
            self._before, self._panel = before, _panel_of(before)
            before.destroyed.connect(self._forget_before)
        if not self._window.isActiveWindow():
            self._window.activateWindow()  # it was asked for in a dock that floats
        self.settle()
        self.show()
        self.raise_()
        self.take_focus()

    def leave(self) -> None:
        """Go; the keyboard goes back to what had it."""
        if self.isHidden():
            return
        # Asked of the window, which knows it also while another program's is in front.
        has_keyboard = self.isAncestorOf(self._window.focusWidget() or self._window)
        self.hide()
        if has_keyboard and self._before is not None and self._before.isVisible():
            if self._before.window() is not self._window and self._window.isActiveWindow():
                self._before.activateWindow()  # it is in a dock that floats
            self._before.setFocus()
        elif has_keyboard and self._panel is not None and self._panel.isVisible():
            self._panel.take_focus()  # what had it in there has made way meanwhile
        self.closed.emit()

    def take_focus(self) -> None:
        """Put the keyboard where it is used."""
        self.setFocus()

    def settle(self) -> None:
        """Take the place and the height that what is in it needs."""
        width = min(self._width_px, self._window.width() - 2 * _MARGIN_PX)
        self.setFixedWidth(width)
        self.column.activate()
        wanted = self._height_px
        if wanted is None:
            has_wrap = self.column.hasHeightForWidth()
            wanted = (
                self.column.totalHeightForWidth(width) if has_wrap else self.column.totalSizeHint().height()
            )
        height = min(wanted, self._window.height() - _TOP_PX - _MARGIN_PX)
        self.setGeometry((self._window.width() - width) // 2, _TOP_PX, width, height)

    def settle_soon(self) -> None:
        """Settle once what has changed in it knows its size."""
        self._settling.start(0)

    def event(self, event: QEvent) -> bool:
        """Settle anew when what is in it wants more room, or less."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.settle_soon()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape; keep Tab, which comes here where there is one control alone."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return
        super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._settle_if_shown()
        return False

    def _settle_if_shown(self) -> None:
        if not self.isHidden():
            self.settle()

    def _forget_before(self) -> None:
        self._before = None


def _panel_of(widget: QWidget) -> Panel | None:
    above: QWidget | None = widget
    while above is not None and not isinstance(above, Panel):
        above = above.parentWidget()
    return above
