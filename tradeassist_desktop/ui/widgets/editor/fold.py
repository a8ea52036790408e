"""A part of the editor that can be folded away; folded, it says in short what is in it."""

from typing import Final

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from tradeassist_desktop.ui.theme import SMALL_PX, Theme, ui_font

_HEAD_PX: Final = 28


class _Head(QAbstractButton):
    """The line that folds and unfolds: mark, title, and what is in it."""

    def __init__(self, *, title: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme = theme
        self.summary = ""
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(160, _HEAD_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, _HEAD_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.text_2), 1.5))
        middle = QPointF(6, self.height() / 2)
        corners = ((-3, -2), (0, 1.5), (3, -2)) if self.isChecked() else ((-1.5, -3.5), (2, 0), (-1.5, 3.5))
        painter.drawPolyline(QPolygonF([middle + QPointF(*corner) for corner in corners]))
        title = ui_font(12, weight=QFont.Weight.DemiBold)
        painter.setFont(title)
        painter.setPen(QColor(tokens.text_1 if self.underMouse() or self.hasFocus() else tokens.text_2))
        room = self.rect().adjusted(18, 0, -4, 0)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), self.text())
        if self.summary and not self.isChecked():
            room.adjust(painter.fontMetrics().horizontalAdvance(self.text()) + 12, 0, 0, 0)
            painter.setFont(ui_font(SMALL_PX))
            painter.setPen(QColor(tokens.text_3))
            words = painter.fontMetrics().elidedText(
                self.summary, Qt.TextElideMode.ElideRight, max(0, room.width())
            )
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), words)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), 1.0))
            painter.drawRoundedRect(self.rect().adjusted(0, 1, -1, -2), 4, 4)
        painter.end()


class Fold(QWidget):
    """A title, and a body that shows while it is open.

    Args:
        name: Object name.
    """

    def __init__(
        self, *, name: str, title: str, body: QWidget, theme: Theme, parent: QWidget, is_open: bool
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._body = body
        self._head = _Head(title=title, theme=theme, parent=self)
        self._head.setObjectName(f"{name}Head")
        self._head.toggled.connect(body.setVisible)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._head)
        column.addWidget(body)
        self._head.setChecked(is_open)
        body.setVisible(is_open)

    def summarise(self, words: str) -> None:
        """Say in short what is in it, for while it is folded."""
        if words != self._head.summary:
            self._head.summary = words
            self._head.setAccessibleDescription(words)
            self._head.update()

    def unfold(self) -> None:
        """Show the body."""
        self._head.setChecked(True)
