"""Where in the window toasts may stand: over what is looked at, clear of what is clicked."""

from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QDialog, QMainWindow, QWidget
from shiboken6 import Shiboken

from tradeassist_desktop.ui.widgets.overlay import Overlay
from tradeassist_desktop.ui.widgets.toast_spot import LEAST_ROOM_PX, SLIM_MARGIN_PX, Spot
from tradeassist_desktop.ui.window.docks import Docks

# The rules before the chart: a moment's candles are missed sooner than a rule's name.
_GROUNDS: Final = (("rules", "right"), ("chart", "middle"))


class ToastRoom:
    """Looks at the window as it stands now."""

    def __init__(self, *, docks: Docks, window: QMainWindow) -> None:
        self._docks = docks
        self._window = window

    def find(self) -> Spot | None:
        """Return the room; ``None`` while the window is not seen, or has none."""
        if not self._window.isVisible() or self._window.isMinimized():
            return None
        sheets = self._open_sheets()
        if sheets:
            return Spot(self._below(sheets), "bottom", "left", SLIM_MARGIN_PX)
        for name, side in _GROUNDS:
            panel = self._docks.panels.panel(name)
            ground = None if panel is None else panel.toast_ground
            # PySide has taken widgets for dead that lived on, when what it held them to be children of was
            # deleted (see Overlay), and no toast came any more. Another place is better than none.
            if ground is None or not Shiboken.isValid(ground):
                continue
            if isinstance(ground, QAbstractScrollArea):
                ground = ground.viewport()
            if not ground.visibleRegion().isEmpty():
                return Spot(_on_screen(ground), "bottom", side, SLIM_MARGIN_PX)
        return None

    def _open_sheets(self) -> list[QWidget]:
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        found: list[QWidget] = [*self._window.findChildren(Overlay, options=direct)]
        found += self._window.findChildren(QDialog, options=direct)
        return [sheet for sheet in found if sheet.isVisible()]

    def _below(self, sheets: list[QWidget]) -> QRect:
        """Return what is left of the window below sheets, which have their buttons at the right."""
        room = _on_screen(self._window)
        bottom = _on_screen(self._window.statusBar()).top()
        lowest = max(_on_screen(sheet).bottom() for sheet in sheets)
        room.setTop(max(room.top(), min(lowest, bottom - LEAST_ROOM_PX)))
        room.setBottom(bottom)
        return room


def _on_screen(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())
