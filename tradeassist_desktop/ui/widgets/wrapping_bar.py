"""A strip of controls that goes on in a further row where they do not fit into one."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_MARGIN_PX: Final = 8
_EDGE_PX: Final = 4
_GAP_PX: Final = 12


class WrappingBar(QWidget):
    """Never wider than its widest control needs to be: a dock with it can be made narrow.

    Args:
        left: Its controls; ``right`` are those at the other end of the last row.
    """

    def __init__(self, *, left: Sequence[QWidget], right: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toolbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._left, self._right = tuple(left), tuple(right)
        for widget in (*self._left, *self._right):
            widget.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """Return that its height depends on its width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the rows it has when it is so wide."""
        return _height(self._rows(width)) + 2 * _EDGE_PX

    def sizeHint(self) -> QSize:
        """Return the room of one row."""
        shown = self._shown
        wide = sum(widget.sizeHint().width() for widget in shown) + _GAP_PX * max(0, len(shown) - 1)
        return QSize(wide + 2 * _MARGIN_PX, self.heightForWidth(wide + 2 * _MARGIN_PX))

    def minimumSizeHint(self) -> QSize:
        """Return the room of the control that needs most, and of the rows of now."""
        widest = max((_least(widget) for widget in self._shown), default=0)
        return QSize(widest + 2 * _MARGIN_PX, self.heightForWidth(self.width()))

    def event(self, event: QEvent) -> bool:
        """Arrange anew what has come, gone or grown."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._arrange()
            self.updateGeometry()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room there is."""
        super().resizeEvent(event)
        self._arrange()

    @property
    def _shown(self) -> list[QWidget]:
        return [widget for widget in (*self._left, *self._right) if not widget.isHidden()]

    def _rows(self, width: int) -> list[list[QWidget]]:
        room = width - 2 * _MARGIN_PX
        rows: list[list[QWidget]] = []
        used = 0
        for widget in self._shown:
            wide = widget.sizeHint().width()
            if rows and used + _GAP_PX + wide <= room:
                rows[-1].append(widget)
                used += _GAP_PX + wide
            else:
                rows.append([widget])
                used = wide
        return rows

    def _arrange(self) -> None:
        top, room = _EDGE_PX, self.width() - 2 * _MARGIN_PX
        for row in self._rows(self.width()):
            height = max(widget.sizeHint().height() for widget in row)
            widths = [min(room, widget.sizeHint().width()) for widget in row]
            spare = room - sum(widths) - _GAP_PX * (len(row) - 1)
            left = _MARGIN_PX
            for widget, wide in zip(row, widths, strict=True):
                if widget in self._right and spare > 0:
                    left, spare = left + spare, 0
                tall = widget.sizeHint().height()
                widget.setGeometry(QRect(left, top + (height - tall) // 2, wide, tall))
                left += wide + _GAP_PX
            top += height + _EDGE_PX


def _height(rows: Sequence[Sequence[QWidget]]) -> int:
    tall = sum(max(widget.sizeHint().height() for widget in row) for row in rows)
    return tall + _EDGE_PX * max(0, len(rows) - 1)


def _least(widget: QWidget) -> int:
    return max(widget.minimumWidth(), widget.minimumSizeHint().width())
