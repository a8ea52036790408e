"""The docks of the window: made from the table and put in their places."""

from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QTabBar, QWidget

from tradeassist_desktop.ui.panels import PANELS
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.dock import Dock, mark
from tradeassist_desktop.ui.widgets.overlay import Overlay
from tradeassist_desktop.ui.window.building import PanelBuilder

_SHARES_OF_WIDTH = (0.386, 0.328, 0.286)
_SHARE_OF_BOTTOM = 0.30
_LEAST_BOTTOM_PX = 276  # tabs, tools and six rows
_MOST_OF_BOTTOM = 0.40
_FRAME_PX = 60
IN_FRONT: Final = ("watchlist", "chart", "rules", "alerts")
"""The docks that are in sight until the trader arranges them."""


class Docks(QObject):
    """Every dock of the table, in the window."""

    def __init__(self, *, context: PanelContext, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._marked = ""
        self._docks = {
            spec.name: Dock(name=spec.name, title=spec.title, theme=context.theme, parent=window)
            for spec in PANELS
        }
        self.panels = PanelBuilder(context=context, docks=self._docks, parent=self)
        for dock in self._docks.values():
            dock.moved.connect(self.look)
        self._place()

    def dock(self, name: str) -> Dock:
        """Return a dock."""
        return self._docks[name]

    def has(self, dock: QWidget) -> bool:
        """Return whether a dock is of this window: another desk's may be on its way out."""
        return dock in self._docks.values()

    def show(self, name: str) -> None:
        """Bring a dock to the front and give it the keyboard."""
        dock = self._docks[name]
        panel = self.panels.have(name)
        dock.show()
        dock.raise_()
        for sheet in self._window.findChildren(Overlay):
            if not sheet.isHidden():
                sheet.raise_()  # else the dock would stand before it, and cut it off
        active = QApplication.activeWindow()
        if active is not dock.window() and (dock.isFloating() or active is not None):
            dock.activateWindow()  # one of the two floats; another program is left in front otherwise
        panel.take_focus()

    def look(self) -> None:
        """Have every dock name itself where no tab does."""
        for dock in self._docks.values():
            dock.look()
        self.mark(self._marked)

    def mark(self, name: str) -> None:
        """Show, in its title or tab, which dock has the keyboard."""
        self._marked = name
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for bar in self._window.findChildren(QTabBar, options=direct):
            names = [bar.tabText(number) for number in range(bar.count())]
            mark(bar, bool(name) and self._docks[name].windowTitle() in names)
        for dock in self._docks.values():
            dock.mark(dock.objectName() == name)

    def join_floating(self) -> None:
        """Have docks that float stand before the window: restored, they were there before it."""
        for dock in self._docks.values():
            handle = dock.windowHandle()
            if dock.isFloating() and dock.isVisible() and handle is not None:
                dock.hide()  # a window manager asks only as it comes whose it is
                handle.setTransientParent(self._window.windowHandle())
                dock.show()

    def reset(self) -> None:
        """Put every dock back to its place; the keyboard stays where it was."""
        before = self._window.focusWidget()
        for dock in self._docks.values():
            dock.setFloating(False)
            self._window.removeDockWidget(dock)
        self._place()
        self.share_out()
        if before is not None:
            before.setFocus()

    def share_out(self) -> None:
        """Give the docks their shares of the window; they stand in their places."""
        width, height = self._window.width(), self._window.height()
        watchlist, chart, rules = (self._docks[name] for name in ("watchlist", "chart", "rules"))
        horizontal = Qt.Orientation.Horizontal
        shares = [round(width * share) for share in _SHARES_OF_WIDTH]
        self._window.resizeDocks([watchlist, chart, rules], shares, horizontal)
        # The areas are shared out first, then what is within the right one.
        self._window.resizeDocks([chart, rules], shares[1:], horizontal)
        least = min(_LEAST_BOTTOM_PX, round(height * _MOST_OF_BOTTOM))
        bottom = max(round(height * _SHARE_OF_BOTTOM), least)
        upper = height - bottom - _FRAME_PX
        self._window.resizeDocks([watchlist, self._docks["alerts"]], [upper, bottom], Qt.Orientation.Vertical)

    def _place(self) -> None:
        placed: dict[Qt.DockWidgetArea, Dock] = {}
        for spec in PANELS:
            dock = self._docks[spec.name]
            before = placed.get(spec.area)
            self._window.addDockWidget(spec.area, dock)
            if spec.beside:
                self._window.tabifyDockWidget(self._docks[spec.beside], dock)
                dock.setVisible(spec.is_shown)
                continue
            if before is not None and spec.area is Qt.DockWidgetArea.BottomDockWidgetArea:
                self._window.tabifyDockWidget(before, dock)
            elif before is not None:
                self._window.splitDockWidget(before, dock, Qt.Orientation.Horizontal)
            placed[spec.area] = dock
            dock.setVisible(spec.is_shown)
        for name in IN_FRONT:
            self._docks[name].raise_()
        self.look()
