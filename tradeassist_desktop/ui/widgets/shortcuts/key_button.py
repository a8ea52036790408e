"""A button that shows keys, and takes the next ones that are pressed."""

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from tradeassist_desktop.ui.theme import code_font
from tradeassist_desktop.ui.window.key_texts import key_text

_LONE: Final = {
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Super_L,
    Qt.Key.Key_Super_R,
}
_WIDTH_PX: Final = 170
_ASKING: Final = "Press keys…"
_NONE: Final = "none"


class KeyButton(QPushButton):
    """Clicked, it waits for keys; Escape leaves them, Backspace takes them away.

    Args:
        what: What the keys do.
    """

    pressed_keys = Signal(str)
    """Keys were pressed for it; empty for none."""

    def __init__(self, *, name: str, what: str, parent: QWidget) -> None:
        self._is_asking = False  # ``event`` is called for what is set below
        super().__init__(parent)
        self.setObjectName(name)
        self.setFont(code_font(12))
        self.setFixedWidth(_WIDTH_PX)
        self.setAutoDefault(False)
        self._what = what
        self._keys = ""
        self.clicked.connect(self._ask)
        self.show_keys("")

    @property
    def keys(self) -> str:
        """What it shows; empty for none."""
        return self._keys

    def show_keys(self, keys: str) -> None:
        """Show keys, and wait for none."""
        self._keys = keys
        self._is_asking = False
        self.setText(QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) or _NONE)
        self.setAccessibleName(f"{self._what}: {keys or 'no keys'}")

    def event(self, event: QEvent) -> bool:
        """Keep all keys from the window while it waits for some."""
        if self._is_asking and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if self._is_asking and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            self._take(event)  # here, or Tab would be taken for the next field
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leave the keys as they were."""
        if self._is_asking:
            self.show_keys(self._keys)
        super().focusOutEvent(event)

    def _ask(self) -> None:
        self._is_asking = True
        self.setText(_ASKING)
        self.setAccessibleName(f"{self._what}: press keys, Escape leaves them, Backspace takes them away")

    def _take(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _LONE or key is Qt.Key.Key_unknown:
            return
        is_alone = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if is_alone and key is Qt.Key.Key_Escape:
            self.show_keys(self._keys)
            return
        before = self._keys
        self.show_keys(before)
        removes = is_alone and key is Qt.Key.Key_Backspace
        self.pressed_keys.emit("" if removes else key_text(QKeySequence(event.keyCombination())))
