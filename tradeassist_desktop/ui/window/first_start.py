"""Whether the welcome sheet is to come by itself: from the first start until it was closed once."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings

_OPEN: Final = "welcome/open"


class FirstStart:
    """Asked before the window writes anything.

    Args:
        file: INI file of what the window remembers; without one, nobody has been here before.
    """

    def __init__(self, *, file: Path) -> None:
        self._file = file
        self._is_new = not file.exists()

    @property
    def wants_welcome(self) -> bool:
        """Whether the sheet is to come by itself."""
        return bool(self._store().value(_OPEN, self._is_new, type=bool))

    def begin(self) -> None:
        """The sheet is there: it comes again until it is closed."""
        self._store().setValue(_OPEN, True)

    def end(self) -> None:
        """The sheet was closed: it comes by itself no more."""
        self._store().setValue(_OPEN, False)

    def _store(self) -> QSettings:
        return QSettings(str(self._file), QSettings.Format.IniFormat)
