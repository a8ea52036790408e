"""The menu of layouts: those with a name, and what can be done with them."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu

from tradeassist_desktop.ui import dialogs
from tradeassist_desktop.ui.panels.base import Navigator
from tradeassist_desktop.ui.window.docks import Docks
from tradeassist_desktop.ui.window.layouts import Layouts

_EXAMPLE: Final = "Three screens"


class LayoutMenu(QObject):
    """Fills a menu with the layouts there are, anew whenever one comes or goes.

    Args:
        window: Owner of the actions that are always there.
    """

    def __init__(
        self, *, menu: QMenu, layouts: Layouts, docks: Docks, navigator: Navigator, window: QMainWindow
    ) -> None:
        super().__init__(window)
        self._menu = menu
        self._layouts = layouts
        self._navigator = navigator
        self._window = window
        self._save = self._action("Save layout…", self._ask_for_name)
        self._reset = self._action("Reset layout", docks.reset)
        self._forgetting = QMenu("Delete layout", menu)
        # What was clicked is one of those that make way: not before it has done its work.
        layouts.changed.connect(self._fill, Qt.ConnectionType.QueuedConnection)
        self._fill()

    def _fill(self) -> None:
        names = self._layouts.names()
        for menu in (self._menu, self._forgetting):
            menu.clear()
        for name in names:
            self._menu.addAction(_shown(name)).triggered.connect(partial(self._layouts.choose, name))
            self._forgetting.addAction(_shown(name)).triggered.connect(partial(self._forget, name))
        self._menu.addSeparator()
        self._menu.addAction(self._save)
        if names:
            self._menu.addMenu(self._forgetting)
        self._menu.addAction(self._reset)

    def _ask_for_name(self) -> None:
        dialogs.ask(
            name="layoutName",
            title="Save layout",
            words="Where docks and windows stand now, under a name. A name there already is replaced.",
            value="",
            example=_EXAMPLE,
            take=self._keep,
            parent=self._window,
        ).open()

    async def _keep(self, name: str) -> None:
        self._offer(f"Saved layout “{name.strip()}”", self._layouts.keep(name))

    def _forget(self, name: str) -> None:
        self._offer(f"Deleted layout “{name}”", self._layouts.forget(name))

    def _offer(self, done: str, undo: object) -> None:
        assert callable(undo)

        async def take_back() -> None:
            undo()

        self._navigator.offer_undo(done, take_back)

    def _action(self, title: str, act: object) -> QAction:
        action = QAction(title, self._window)
        action.triggered.connect(act)
        return action


def _shown(name: str) -> str:
    return name.replace("&", "&&")
