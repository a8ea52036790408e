"""A priority by name, with its mark before it."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.ui.theme import Theme, ui_font
from tradeassist_desktop.ui.widgets.priority_mark import draw_priority


class PriorityName(QLabel):
    """A label of a row."""

    def __init__(self, *, priority: Priority, theme: Theme, parent: QWidget) -> None:
        super().__init__(priority.capitalize(), parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(ui_font(12))
        self.setContentsMargins(16, 0, 0, 0)
        self.setFixedHeight(28)
        self._priority = priority
        self._theme = theme
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw mark and name."""
        super().paintEvent(event)
        painter = QPainter(self)
        colour = QColor(self._theme.tokens.of_priority(self._priority))
        mark = QRectF(1, self.height() / 2 - 4, 8, 8)
        draw_priority(painter, mark, self._priority, colour, is_filled=True)
        painter.end()
