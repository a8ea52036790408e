"""What was run from the palette last, kept between runs."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings

_KEY: Final = "palette/recent"
_MOST: Final = 12


class Recent:
    """Ids, the last one first.

    Args:
        file: INI file that keeps them.
    """

    def __init__(self, *, file: Path) -> None:
        self._file = file

    def ids(self) -> list[str]:
        """Return what was run, the last first."""
        kept = self._store().value(_KEY, [])
        # Qt reads a list of one as a text.
        found = [kept] if isinstance(kept, str) else kept
        return [str(each) for each in found] if isinstance(found, list) else []

    def note(self, id_: str) -> None:
        """Take note of what was run."""
        ids = [id_, *(each for each in self.ids() if each != id_)]
        self._store().setValue(_KEY, ids[:_MOST])

    def _store(self) -> QSettings:
        return QSettings(str(self._file), QSettings.Format.IniFormat)
