"""Parts side by side, or one below the other where there is little room."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget


class Turning(QWidget):
    """Can always be made as narrow as its widest part.

    Args:
        least_px: Narrower than this, or than the parts need, they stand one below the other.
    """

    def __init__(self, *, least_px: int, spacing: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least_px = least_px
        self._parts: list[QWidget] = []
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(spacing)

    def add(self, part: QWidget, stretch: int) -> None:
        """Add a part, with its share of what room is left."""
        self._parts.append(part)
        self._box.addWidget(part, stretch)

    def minimumSizeHint(self) -> QSize:
        """Return the width of the widest part, and the height of the parts as they stand."""
        margins = self.contentsMargins()
        return QSize(
            max(self._widths, default=0) + margins.left() + margins.right(),
            self._box.minimumSize().height() + margins.top() + margins.bottom(),
        )

    def event(self, event: QEvent) -> bool:
        """Turn where the parts need more room than before, or less."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._turn()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn where it has become narrow, or wide."""
        super().resizeEvent(event)
        self._turn()

    @property
    def _widths(self) -> list[int]:
        return [max(part.minimumWidth(), part.minimumSizeHint().width()) for part in self._parts]

    def _turn(self) -> None:
        widths, directions = self._widths, QBoxLayout.Direction
        needed = sum(widths) + self._box.spacing() * (len(widths) - 1)
        has_room = self.contentsRect().width() >= max(self._least_px, needed)
        wanted = directions.LeftToRight if has_room else directions.TopToBottom
        if self._box.direction() is not wanted:
            self._box.setDirection(wanted)
