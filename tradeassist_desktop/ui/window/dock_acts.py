"""By keyboard what title bars and drags do by mouse: go to a dock, float, close and move it."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from tradeassist_desktop.ui.key_names import EVERYWHERE, command_id
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.dock import Dock
from tradeassist_desktop.ui.window.docks import Docks
from tradeassist_desktop.ui.window.focus import FocusWatch

_AREAS: Final[tuple[tuple[str, str, Qt.DockWidgetArea, Callable[[QRect], int]], ...]] = (
    ("at the left", "Left", Qt.DockWidgetArea.LeftDockWidgetArea, lambda place: -place.left()),
    ("at the right", "Right", Qt.DockWidgetArea.RightDockWidgetArea, QRect.right),
    ("at the top", "Up", Qt.DockWidgetArea.TopDockWidgetArea, lambda place: -place.top()),
    ("at the bottom", "Down", Qt.DockWidgetArea.BottomDockWidgetArea, QRect.bottom),
)
"""Where a dock can be put, the arrow for it, the area, and how far out there a place is."""


class DockActs(QObject):
    """Acts on the dock that has the keyboard, or had it last: menus and sheets are in none.

    Args:
        show_dock: Brings a dock to the front, with the keyboard.
        named: The actions that bring docks to the front, by dock.
    """

    def __init__(
        self,
        *,
        context: PanelContext,
        docks: Docks,
        show_dock: Callable[[str], None],
        named: dict[str, QAction],
        focus: FocusWatch,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._context = context
        self._docks = docks
        self._show_dock = show_dock
        self._named = named
        self._window = window
        self._last = ""
        focus.moved.connect(self._follow)

    def fill(self, menu: QMenu) -> None:
        """Add what can be done with a dock."""
        self._add(menu, "Next dock", "F6", partial(self._step, 1))
        self._add(menu, "Previous dock", "Shift+F6", partial(self._step, -1))
        menu.addSeparator()
        self._float = self._add(menu, "Float this dock, or dock it again", "Ctrl+Shift+F", self._switch)
        for where, arrow, area, reach in _AREAS:
            self._add(
                menu, f"Put this dock {where}", f"Alt+Shift+{arrow}", partial(self._put, where, area, reach)
            )
        menu.addSeparator()
        self._add(menu, "Close this dock", "Ctrl+W", self._close)

    # --- which dock

    def _follow(self) -> None:
        at = QApplication.focusWidget()
        while at is not None and not isinstance(at, Dock):
            at = at.parentWidget()
        if at is not None and self._docks.has(at):
            self._last = at.objectName()
            self._docks.mark(self._last)

    def _current(self) -> Dock | None:
        in_sight = self._docks.panels.in_sight()
        if not in_sight:
            self._say("No dock is open: the View menu opens one.")
            return None
        return self._docks.dock(self._last if self._last in in_sight else in_sight[0])

    # --- what is done with it

    def _step(self, step: int) -> None:
        in_sight = self._docks.panels.in_sight()
        if not in_sight:
            self._current()  # which says so
        elif self._last in in_sight:
            self._show_dock(in_sight[(in_sight.index(self._last) + step) % len(in_sight)])
        else:
            self._show_dock(in_sight[0 if step > 0 else -1])

    def _switch(self) -> None:
        dock = self._current()
        if dock is None:
            return
        dock.switch_floating()
        dock.activateWindow()  # the one it is in now
        self._show_dock(dock.objectName())
        if dock.isFloating():
            again = f"{{{command_id(EVERYWHERE, self._float)}}}"
            self._say(f"{dock.windowTitle()} floats. {again} docks it again.")

    def _put(self, where: str, area: Qt.DockWidgetArea, reach: Callable[[QRect], int]) -> None:
        dock = self._current()
        if dock is None:
            return
        beside = self._outermost(area, reach, dock)
        stands_there = not dock.isFloating() and self._window.dockWidgetArea(dock) is area
        if stands_there and (beside is None or beside in self._window.tabifiedDockWidgets(dock)):
            self._say(f"{dock.windowTitle()} stands {where} already.")
            return
        dock.setFloating(False)
        if beside is None:
            self._window.addDockWidget(area, dock)
        else:
            # Never one below the other: a small screen has no room for both.
            self._window.tabifyDockWidget(beside, dock)
        self._show_dock(dock.objectName())

    def _close(self) -> None:
        dock = self._current()
        if dock is None:
            return
        beside = [each.objectName() for each in self._window.tabifiedDockWidgets(dock) if each.isVisible()]
        dock.close()
        # Of tabs none is in sight before Qt has laid them out.
        left = beside or self._docks.panels.in_sight()
        if left:
            self._show_dock(left[0])
        again = f"{{{command_id(EVERYWHERE, self._named[dock.objectName()])}}}"
        self._say(f"{dock.windowTitle()} is closed. {again} brings it back.")

    def _outermost(self, area: Qt.DockWidgetArea, reach: Callable[[QRect], int], but: Dock) -> Dock | None:
        """Return the dock in sight that is farthest out in an area; ``None`` where nothing stands there."""
        others = [self._docks.dock(name) for name in self._docks.panels.in_sight()]
        there = [
            each
            for each in others
            if each is not but and not each.isFloating() and self._window.dockWidgetArea(each) is area
        ]
        return max(there, key=lambda each: reach(_place(each)), default=None)

    def _say(self, template: str) -> None:
        self._context.navigator.noticed.emit(self._context.keys.fill(template))

    def _add(self, menu: QMenu, title: str, keys: str, act: Callable[[], None]) -> QAction:
        # The window's own: the palette and the sheet of shortcuts list those.
        action = QAction(title, self._window)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(act)
        menu.addAction(action)
        return action


def _place(dock: Dock) -> QRect:
    return QRect(dock.mapToGlobal(QPoint(0, 0)), dock.size())
