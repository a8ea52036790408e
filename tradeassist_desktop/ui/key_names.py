"""What keys are called in tooltips and sentences: as they are now, the program's own or the trader's."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from shiboken6 import Shiboken

from tradeassist_desktop.ui.rights import set_tip

EVERYWHERE: Final = "window"
"""The scope of commands whose keys work in every dock."""
_NOT_IN_ID: Final = re.compile(r"[^a-z0-9]+")
# ``Undo ({window.undo})``, after a tab as in menus, or ``{window.undo} takes it back``
_COMMAND: Final = re.compile(r" \(\{(?P<aside>[^}]+)\}\)|\t\{(?P<column>[^}]+)\}|\{(?P<said>[^}]+)\}")


def command_id(scope: str, action: QAction) -> str:
    """Return what settings and words know a command by; the same in every run."""
    name = action.objectName() or action.iconText()
    return f"{scope}.{_NOT_IN_ID.sub('-', name.lower()).strip('-')}"


class KeyNames(QObject):
    """Puts the keys of commands into words that name them in braces, and again when they are others.

    Where a command has no keys it is named by its title; in brackets and after a tab, not at all.
    """

    changed = Signal()
    """Some keys are others, or there are more commands."""

    def __init__(self, *, parent: QObject) -> None:
        super().__init__(parent)
        self._named: dict[str, tuple[str, str]] = {}
        self._told: dict[int, tuple[QObject, Callable[[str], object], str]] = {}

    def learn(self, named: Mapping[str, tuple[str, str]]) -> None:
        """Have commands, by id, called by their keys and titles from now on."""
        if self._named == named:
            return
        self._named = dict(named)
        for owner, show, template in tuple(self._told.values()):
            # Seen under load: an entry that a menu made itself was gone for Python without being destroyed.
            if Shiboken.isValid(owner):
                show(self.fill(template))
        self.changed.emit()

    def fill(self, template: str) -> str:
        """Return words with the keys of now: ``{window.undo} takes it back``."""
        return _COMMAND.sub(self._name, template)

    def tell(self, owner: QObject, show: Callable[[str], object], template: str) -> None:
        """Show words with the keys of now, and of later while ``owner`` lives; in place of those before."""
        if id(owner) not in self._told:
            owner.destroyed.connect(partial(self._told.pop, id(owner), None))
        self._told[id(owner)] = owner, show, template
        show(self.fill(template))

    def tip(self, thing: QWidget | QAction, template: str) -> None:
        """Give a thing a tooltip that names keys."""
        self.tell(thing, partial(set_tip, thing), template)

    def _name(self, found: re.Match[str]) -> str:
        keys, title = self._named.get(found["aside"] or found["column"] or found["said"], ("", ""))
        if found["aside"]:
            return f" ({keys})" if keys else ""
        if found["column"]:
            return f"\t{keys}" if keys else ""
        return keys or f"“{title}”"
