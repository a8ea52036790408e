"""What stands above the editor: why it cannot be edited, or what became of the rule elsewhere."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.ui.widgets.editor.field_row import plain_label


class Banner(QWidget):
    """A sentence, and what can be done about it; hidden while there is nothing to say.

    Args:
        name: Object name.
        acts: Words and what they do.
    """

    def __init__(
        self, *, name: str, acts: Sequence[tuple[str, str, Callable[[], None]]] = (), parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("kind", "banner")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._said = plain_label("", tone="warn")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addWidget(self._said)
        row = QHBoxLayout()
        row.setSpacing(8)
        for act_name, words, act in acts:
            button = QPushButton(words, self)
            button.setObjectName(act_name)
            button.setAccessibleName(words)
            button.clicked.connect(act)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.hide()

    def say(self, words: str) -> None:
        """Say it; nothing hides it."""
        self._said.setText(words)
        self.setAccessibleDescription(words)
        self.setVisible(bool(words))

    @property
    def said(self) -> str:
        """What it says."""
        return self._said.text()
