"""The docks of the window: built from the table, some of them late, and put in their places."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMainWindow

from tradeassist_desktop.ui.panels import PANELS
from tradeassist_desktop.ui.panels.base import Panel, PanelContext
from tradeassist_desktop.ui.widgets.dock import Dock

_SHARES_OF_WIDTH = (0.386, 0.328, 0.286)
_SHARE_OF_BOTTOM = 0.30
_FRAME_PX = 60


class Docks(QObject):
    """Every dock of the table, in the window."""

    built = Signal()
    """The last panel is there, the late ones too."""

    def __init__(self, *, context: PanelContext, window: QMainWindow) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._panels: dict[str, Panel] = {}
        self._docks: dict[str, Dock] = {}
        self._is_built = False
        for spec in PANELS:
            dock = Dock(name=spec.name, title=spec.title, theme=context.theme, parent=window)
            self._docks[spec.name] = dock
            dock.moved.connect(self.look)
            if spec.is_late:
                dock.setWidget(Panel(context=context))
            else:
                self._panels[spec.name] = spec.build(context)
                dock.setWidget(self._panels[spec.name])
        self._place()

    def build_late(self) -> None:
        """Build what imports much; once."""
        if self._is_built:
            return
        self._is_built = True
        for spec in PANELS:
            if spec.is_late:
                holder = self._docks[spec.name].widget()
                self._panels[spec.name] = spec.build(self._context)
                self._docks[spec.name].setWidget(self._panels[spec.name])
                holder.deleteLater()
        self.built.emit()

    @property
    def is_built(self) -> bool:
        """Whether the late panels are there, or about to be."""
        return self._is_built

    def panel(self, name: str) -> Panel | None:
        """Return a dock's panel; ``None`` while it is not built."""
        return self._panels.get(name)

    def dock(self, name: str) -> Dock:
        """Return a dock."""
        return self._docks[name]

    def show(self, name: str) -> None:
        """Bring a dock to the front and give it the keyboard."""
        dock = self._docks[name]
        dock.show()
        dock.raise_()
        if name in self._panels:
            self._panels[name].take_focus()

    def look(self) -> None:
        """Have every dock name itself where no tab does."""
        for dock in self._docks.values():
            dock.look()

    def reset(self) -> None:
        """Put every dock back to its place."""
        for dock in self._docks.values():
            dock.setFloating(False)
            self._window.removeDockWidget(dock)
        self._place()
        self.share_out()

    def share_out(self) -> None:
        """Give the docks their shares of the window; they stand in their places."""
        width, height = self._window.width(), self._window.height()
        watchlist, chart, rules = (self._docks[name] for name in ("watchlist", "chart", "rules"))
        horizontal = Qt.Orientation.Horizontal
        shares = [round(width * share) for share in _SHARES_OF_WIDTH]
        self._window.resizeDocks([watchlist, chart, rules], shares, horizontal)
        # The areas are shared out first, then what is within the right one.
        self._window.resizeDocks([chart, rules], shares[1:], horizontal)
        bottom = round(height * _SHARE_OF_BOTTOM)
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
        for name in ("rules", "alerts"):
            self._docks[name].raise_()
        self.look()
