"""A row of buttons of which one is chosen: spans of time, most often."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip


class Segments(QWidget):
    """A click on what is chosen already is told too: it asks for the same anew.

    Args:
        name: Object names of the buttons begin with it, their keys follow.
        offered: What each button says, and what it means.
    """

    changed = Signal()

    def __init__(
        self, *, name: str, offered: Mapping[str, tuple[str, str]], chosen: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.value = chosen
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        group = QButtonGroup(self)
        for key, (words, meaning) in offered.items():
            button = QToolButton(self)
            button.setText(words)
            button.setFont(ui_font(12))
            button.setProperty("kind", "segment")
            button.setCheckable(True)
            button.setChecked(key == chosen)
            button.setObjectName(f"{name}_{key}")
            button.setAccessibleName(meaning)
            button.setToolTip(plain_tip(meaning))
            button.clicked.connect(self._setter(key))
            group.addButton(button)
            row.addWidget(button)

    def _setter(self, key: str) -> Callable[[], None]:
        def choose() -> None:
            self.value = key
            self.changed.emit()

        return choose
