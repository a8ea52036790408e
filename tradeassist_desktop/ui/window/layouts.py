"""How the docks stand: kept between runs, and under names the trader gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from PySide6.QtCore import QByteArray, QObject, QPoint, QRect, QSettings, QSize, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.ui.window.docks import IN_FRONT, Docks

_VERSION: Final = 3
_FIRST_SIZE: Final = QSize(1600, 1000)
# A window manager's frame, of which none tells before it is there: on a small screen it took the status bar.
_FRAME: Final = QSize(16, 48)
_LONGEST_NAME: Final = 60
_NAMED: Final = "layouts"
_Kept = tuple[QByteArray, QByteArray]


class Layouts(QObject):
    """Keeps where the window and its docks are.

    Args:
        file: INI file with all of it.
        warn: Told in one line what could not be kept.
    """

    changed = Signal()
    """Another name is there, or one less."""

    def __init__(self, *, window: QMainWindow, docks: Docks, file: Path, warn: Callable[[str], None]) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._file = file
        self._warn = warn

    # --- the layout of the last time

    def restore(self) -> None:
        """Have the window as it was left; the first time, in the middle of the screen."""
        store = self._store()
        geometry, state = store.value("window/geometry"), store.value("window/state")
        if geometry is None or not self._window.restoreGeometry(geometry):
            screen = QGuiApplication.primaryScreen().availableGeometry()
            size = _FIRST_SIZE.boundedTo(screen.size() - _FRAME)
            place = QRect(QPoint(0, 0), size + _FRAME)
            place.moveCenter(screen.center())
            self._window.resize(size)
            self._window.move(place.topLeft())
        if state is None or not self._window.restoreState(state, _VERSION):
            # Docks have their sizes only once the window has one.
            QTimer.singleShot(0, self, self._docks.share_out)
        self._docks.look()

    def in_sight(self) -> tuple[str, ...]:
        """Return the docks that were in sight the last time; Qt tells only once they are again."""
        kept = str(self._store().value("window/in_sight", ""))
        return tuple(kept.split()) or IN_FRONT

    def save(self) -> None:
        """Keep the window as it is."""
        store = self._store()
        geometry, state = self._now()
        store.setValue("window/geometry", geometry)
        store.setValue("window/state", state)
        if in_sight := self._docks.panels.in_sight():  # a window in the tray has none
            store.setValue("window/in_sight", " ".join(in_sight))
        self._write(store)

    # --- layouts with a name

    def names(self) -> tuple[str, ...]:
        """Return the names given, in order of the alphabet."""
        store = self._store()
        store.beginGroup(_NAMED)
        return tuple(sorted((unquote(each) for each in store.childGroups()), key=str.casefold))

    def keep(self, name: str) -> Callable[[], None]:
        """Keep the layout of now under a name, in place of another of that name; return what undoes it.

        Raises:
            BadInput: the name is empty or too long.
        """
        name = " ".join(name.split())
        if not 1 <= len(name) <= _LONGEST_NAME:
            raise BadInput([Fault(place="", message=f"Give it a name of 1 to {_LONGEST_NAME} letters.")])
        before = self._kept(name)
        self._put(name, self._now())
        return lambda: self._put(name, before)

    def choose(self, name: str) -> None:
        """Have the window stand as kept under a name."""
        kept = self._kept(name)
        if kept is None:
            return
        geometry, state = kept
        self._window.restoreGeometry(geometry)
        if not self._window.restoreState(state, _VERSION):
            self._warn(f"The layout “{name}” is of another version of this program: save it anew.")
        self._docks.look()

    def forget(self, name: str) -> Callable[[], None]:
        """Keep a name no longer; return what brings it back."""
        before = self._kept(name)
        self._put(name, None)
        return lambda: self._put(name, before)

    def _now(self) -> _Kept:
        return self._window.saveGeometry(), self._window.saveState(_VERSION)

    def _kept(self, name: str) -> _Kept | None:
        store = self._store()
        geometry, state = (store.value(f"{_key(name)}/{part}") for part in ("geometry", "state"))
        return None if geometry is None or state is None else (geometry, state)

    def _put(self, name: str, kept: _Kept | None) -> None:
        store = self._store()
        if kept is None:
            store.remove(_key(name))
        else:
            for part, value in zip(("geometry", "state"), kept, strict=True):
                store.setValue(f"{_key(name)}/{part}", value)
        self._write(store)
        self.changed.emit()

    # --- the file

    def _store(self) -> QSettings:
        return QSettings(str(self._file), QSettings.Format.IniFormat)

    def _write(self, store: QSettings) -> None:
        store.sync()
        if store.status() is not QSettings.Status.NoError:
            self._warn(f"The layout could not be kept in {self._file}")


def _key(name: str) -> str:
    # A slash in a name would make a group of its own.
    return f"{_NAMED}/{quote(name, safe='')}"
