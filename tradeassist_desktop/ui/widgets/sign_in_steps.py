"""The two steps of a sign-in that ask for something: the developer app, and the way back by hand."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.ui.theme import ui_font

_LONGEST_KEY: Final = 200
_LONGEST_ADDRESS: Final = 8_000


class AppStep(QWidget):
    """The fields of the developer app; nothing of it is ever shown again."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        said = plain_label(self, ui_font(12), tone="second")
        said.setText(
            "Key and secret of your app at developer.schwab.com, whose state there is “Ready For Use”. "
            "They are kept in this system's keyring, and nowhere else."
        )
        self.key = _secret_line("signInAppKey", "App key", parent=self)
        self.secret = _secret_line("signInAppSecret", "App secret", parent=self)
        self.entered = named_button("signInUseApp", "Keep in the keyring", parent=self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.key, 1)
        row.addWidget(self.secret, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(said)
        column.addLayout(row)
        column.addWidget(self.entered, alignment=Qt.AlignmentFlag.AlignLeft)

    def clear(self) -> None:
        """Forget what was typed."""
        self.key.clear()
        self.secret.clear()


class BackStep(QWidget):
    """Where the browser does not come back by itself: the page's address out, the browser's in."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.pasted = QLineEdit(self)
        self.pasted.setObjectName("signInPaste")
        self.pasted.setAccessibleName("Address that the browser shows after the sign-in")
        self.pasted.setMaxLength(_LONGEST_ADDRESS)
        # It is good for half a minute only, yet it is nobody else's to read.
        self.pasted.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        self.entered = named_button("signInUseAddress", "Use", parent=self)
        self.copied = named_button("signInCopy", "Copy the page's address", parent=self)
        self.copied.setProperty("kind", "link")
        self.copied.setProperty("isAtEdge", True)  # it begins where the field above it does
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.pasted, 1)
        row.addWidget(self.entered)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.copied, alignment=Qt.AlignmentFlag.AlignLeft)

    def expect(self, callback: str) -> None:
        """Show with what the address begins that is to be pasted."""
        self.pasted.setPlaceholderText(f"{callback}/?code=…")


def plain_label(parent: QWidget, font: QFont, *, tone: str = "") -> QLabel:
    """Return a label that wraps, shows no markup, and can be selected."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setWordWrap(True)
    label.setFont(font)
    if tone:
        label.setProperty("tone", tone)
    return label


def named_button(name: str, title: str, *, parent: QWidget) -> QPushButton:
    """Return a button that screen readers and tests find."""
    button = QPushButton(title, parent)
    button.setObjectName(name)
    button.setAccessibleName(title)
    return button


def _secret_line(name: str, title: str, *, parent: QWidget) -> QLineEdit:
    line = QLineEdit(parent)
    line.setObjectName(name)
    line.setAccessibleName(title)
    line.setPlaceholderText(title)
    line.setEchoMode(QLineEdit.EchoMode.Password)
    line.setMaxLength(_LONGEST_KEY)
    return line
