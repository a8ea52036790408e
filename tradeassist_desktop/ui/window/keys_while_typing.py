"""The window's keys in lines of text, where Qt has a use of its own for some: Ctrl+E moves the caret."""

from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QMainWindow, QPlainTextEdit, QWidget

from tradeassist_desktop.ui.window.commands import Commands
from tradeassist_desktop.ui.window.focus import FocusWatch

_TYPED_INTO: Final = (QLineEdit, QPlainTextEdit, QAbstractSpinBox)
_KEPT: Final = (
    QKeySequence.StandardKey.Undo,
    QKeySequence.StandardKey.Redo,
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Cut,
    QKeySequence.StandardKey.Paste,
    QKeySequence.StandardKey.SelectAll,
)


class KeysWhileTyping(QObject):
    """Has keys that work everywhere do so while one types, too, but for those that editing needs."""

    def __init__(self, *, commands: Commands, focus: FocusWatch, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._keys: frozenset[str] = frozenset()
        self._commands = commands
        commands.changed.connect(self._learn)
        focus.moved.connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave such keys to the window."""
        if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        keys = QKeySequence(event.keyCombination()).toString()
        if keys not in self._keys or any(event.matches(each) for each in _KEPT):
            return False
        event.ignore()
        return True

    def _learn(self) -> None:
        self._keys = self._commands.keys_everywhere()

    def _follow(self) -> None:
        # A filter of the whole application would see every event there is.
        now = QApplication.focusWidget()
        if isinstance(now, _TYPED_INTO) and _is_within(self._window, now):
            now.installEventFilter(self)


def _is_within(window: QMainWindow, widget: QWidget) -> bool:
    # Not isAncestorOf(): to Qt, what is in a dock that floats is not in the window.
    at: QWidget | None = widget
    while at is not None and at is not window:
        at = at.parentWidget()
    return at is window
