"""Fields that a PIN is typed into, and words beside them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.services.access.pins import LONGEST
from tradeassist_desktop.ui.theme import ui_font


def pin_line(name: str, title: str, *, parent: QWidget) -> QLineEdit:
    """Return a field that shows dots, and is neither kept nor proposed by input methods."""
    line = QLineEdit(parent)
    line.setObjectName(name)
    line.setAccessibleName(title)
    line.setPlaceholderText(title)
    line.setEchoMode(QLineEdit.EchoMode.Password)
    line.setMaxLength(LONGEST)
    line.setInputMethodHints(
        Qt.InputMethodHint.ImhSensitiveData
        | Qt.InputMethodHint.ImhNoPredictiveText
        | Qt.InputMethodHint.ImhHiddenText
    )
    return line


def code_line(name: str, title: str, *, parent: QWidget) -> QLineEdit:
    """Return a field for a one-time or recovery code."""
    line = QLineEdit(parent)
    line.setObjectName(name)
    line.setAccessibleName(title)
    line.setPlaceholderText(title)
    line.setMaxLength(40)
    line.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
    return line


def words(parent: QWidget, said: str = "", *, pixels: int = 12, tone: str = "", name: str = "") -> QLabel:
    """Return a label that wraps and shows no markup."""
    label = QLabel(said, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setFont(ui_font(pixels))
    label.setObjectName(name)
    if tone:
        label.setProperty("tone", tone)
    return label


class NewPin(QWidget):
    """A new PIN, typed twice.

    Args:
        name: Object names begin with it.
        title: Whose PIN it is, as ``PIN of the admin``.
    """

    def __init__(self, *, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = title
        self.first = pin_line(name, title, parent=self)
        self.again = pin_line(f"{name}Again", f"{title}, again", parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.first)
        column.addWidget(self.again)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed in either field."""
        return not self.first.text() and not self.again.text()

    def value(self) -> str:
        """Return the PIN.

        Raises:
            BadInput: the two differ.
        """
        if self.first.text() != self.again.text():
            raise BadInput([Fault(place=self._title, message="the two are not the same")])
        return self.first.text()

    def clear(self) -> None:
        """Forget what was typed."""
        self.first.clear()
        self.again.clear()
