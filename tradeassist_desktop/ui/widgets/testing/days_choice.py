"""How many of the newest kept days are looked at."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip

DAYS: Final = (1, 5, 20, 60)
FIRST_DAYS: Final = 5


class DaysChoice(QWidget):
    """One of a few buttons.

    Args:
        name: Object names of the buttons begin with it.
    """

    changed = Signal()

    def __init__(self, *, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.days = FIRST_DAYS
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        group = QButtonGroup(self)
        for days in DAYS:
            button = QToolButton(self)
            button.setText(f"{days} d")
            button.setFont(ui_font(12))
            button.setProperty("kind", "segment")
            button.setCheckable(True)
            button.setChecked(days == self.days)
            button.setObjectName(f"{name}_{days}")
            words = "Look at today" if days == 1 else f"Look at the last {days} days"
            button.setAccessibleName(words)
            button.setToolTip(plain_tip(words))
            button.clicked.connect(self._setter(days))
            group.addButton(button)
            row.addWidget(button)

    def _setter(self, days: int) -> Callable[[], None]:
        def choose() -> None:
            self.days = days
            self.changed.emit()

        return choose
