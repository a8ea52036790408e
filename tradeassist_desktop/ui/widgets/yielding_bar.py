"""A status bar whose least telling parts give way where there is no room for all."""

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStatusBar, QToolButton, QWidget

_GAP_PX: Final = 6
_EDGES_PX: Final = 6
_SPARE_PX: Final = 24
"""What must be over before a part that gave way comes back: as words change it must not come and go."""


class YieldingBar(QStatusBar):
    """Never wider than its window: a bar of Qt's own pushes the window's edge off the screen."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._yielding: dict[QToolButton, bool] = {}
        self._gone: set[QToolButton] = set()

    def let_yield(self, *parts: QToolButton) -> None:
        """Have parts give way, the first one first."""
        self._yielding = dict.fromkeys(parts, True)

    def want(self, part: QToolButton, *, is_wanted: bool) -> None:
        """Show a part that gives way where there is room for it, or do without it."""
        self._yielding[part] = is_wanted
        self._make_room()

    def minimumSizeHint(self) -> QSize:
        """Ask for no width."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room there is."""
        super().resizeEvent(event)
        self._make_room()

    def event(self, event: QEvent) -> bool:
        """Follow the parts as they grow and shrink."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._make_room()
        return done

    def _make_room(self) -> None:
        parts = self.findChildren(QToolButton, options=Qt.FindChildOption.FindDirectChildrenOnly)
        firm = [part for part in parts if part not in self._yielding and not part.isHidden()]
        room = self.width() - _EDGES_PX - sum(map(_width_of, firm))
        for part, is_wanted in reversed(self._yielding.items()):
            if not is_wanted:
                part.hide()
                continue
            room -= _width_of(part)
            has_room = room >= (_SPARE_PX if part in self._gone else 0)
            part.setVisible(has_room)
            (self._gone.discard if has_room else self._gone.add)(part)


def _width_of(part: QToolButton) -> int:
    return max(part.minimumWidth(), part.sizeHint().width()) + _GAP_PX
