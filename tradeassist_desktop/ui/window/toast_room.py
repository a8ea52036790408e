"""Where in the window toasts may stand: over what is looked at, clear of what is clicked."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QDialog, QMainWindow, QWidget
from shiboken6 import Shiboken

from tradeassist_desktop.ui.widgets.overlay import Overlay
from tradeassist_desktop.ui.widgets.toast_card import WIDTH_PX
from tradeassist_desktop.ui.widgets.toast_spot import LEAST_ROOM_PX, LOW_ROOM_PX, SLIM_MARGIN_PX, Spot
from tradeassist_desktop.ui.window.docks import Docks

# The rules before the chart: a moment's candles are missed sooner than a rule's name, prices soonest.
_GROUNDS: Final = {"rules": "right", "chart": "middle", "watchlist": "left"}


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
        grounds = {name: ground for name in _GROUNDS if (ground := self._ground(name)) is not None}
        spots = [_spot_on(ground, _GROUNDS[name], grounds.values()) for name, ground in grounds.items()]
        roomy = next((spot for spot in spots if not spot.is_low), None)
        tallest = max(spots, key=lambda spot: spot.height_px, default=None)
        if roomy is not None or tallest is None or tallest.area.height() < LOW_ROOM_PX:
            return roomy
        return tallest

    def _ground(self, name: str) -> QRect | None:
        """Return where on the screen a panel may be covered for a while; ``None`` where it is not seen."""
        panel = self._docks.panels.panel(name)
        ground = None if panel is None else panel.toast_ground
        # PySide has taken widgets for dead that lived on, when what it held them to be children of was
        # deleted (see Overlay), and no toast came any more. Another place is better than none.
        if ground is None or not Shiboken.isValid(ground):
            return None
        if isinstance(ground, QAbstractScrollArea):
            ground = ground.viewport()
        return None if ground.visibleRegion().isEmpty() else _on_screen(ground)

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


def _spot_on(ground: QRect, side: str, grounds: Iterable[QRect]) -> Spot:
    """Return the room on a ground: wide toasts stay clear of what is above and below those beside it."""
    left = Spot(ground, "bottom", side, SLIM_MARGIN_PX).of(WIDTH_PX, 1).left()
    strip, room = QRect(left, ground.top(), WIDTH_PX, ground.height()), QRect(ground)
    for other in grounds:
        if other.intersects(strip):
            room.setTop(max(room.top(), other.top()))
            room.setBottom(min(room.bottom(), other.bottom()))
    spot = Spot(room, "bottom", side, SLIM_MARGIN_PX)
    return replace(spot, margin_px=1) if spot.is_low else spot


def _on_screen(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())
