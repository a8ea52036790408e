"""Text of several lines with proposals below the caret."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from tradeassist_desktop.ui.widgets.editor.completion import WordCompletion

_TAKING: tuple[int, ...] = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_MOVING: tuple[int, ...] = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class ProposingText(QPlainTextEdit):
    """Leaves Enter and Tab to the proposals while one is chosen; Tab else leads to the next field."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.proposals: WordCompletion | None = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Propose as letters are typed or taken back; Ctrl+Space asks."""
        key, proposals = event.key(), self.proposals
        if proposals is None:
            super().keyPressEvent(event)
            return
        if proposals.takes_keys and key in _TAKING:
            event.ignore()
            return
        if key == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            proposals.propose(is_asked=True)
            return
        before = self.toPlainText()
        super().keyPressEvent(event)
        is_letter = bool(event.text()) and event.text().isprintable()
        if (is_letter or key == Qt.Key.Key_Backspace) and self.toPlainText() != before:
            proposals.propose()
        elif key in _MOVING:
            proposals.close()
