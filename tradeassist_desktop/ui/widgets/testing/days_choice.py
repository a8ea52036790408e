"""How many of the newest kept days are looked at."""

from typing import Final

from PySide6.QtWidgets import QWidget

from tradeassist_desktop.ui.widgets.segments import Segments

_DAYS: Final = {
    "1": ("1 d", "Look at today"),
    "5": ("5 d", "Look at the last 5 days"),
    "20": ("20 d", "Look at the last 20 days"),
    "60": ("60 d", "Look at the last 60 days"),
}
_FIRST: Final = "5"


class DaysChoice(Segments):
    """One of a few buttons.

    Args:
        name: Object names of the buttons begin with it.
    """

    def __init__(self, *, name: str, parent: QWidget) -> None:
        super().__init__(name=name, offered=_DAYS, chosen=_FIRST, parent=parent)

    @property
    def days(self) -> int:
        """The days chosen."""
        return int(self.value)
