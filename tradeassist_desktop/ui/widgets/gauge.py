"""One figure of the desk's health: value, limit, the last ten minutes."""

from collections import deque
from enum import Enum
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.ui.theme import SMALL_PX, Theme, Tokens, mix, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.cells import draw_sparkline, draw_text

_SECONDS_KEPT: Final = 600
_POINTS_DRAWN: Final = 120


class Level(Enum):
    """How a reading stands to its limits."""

    QUIET = "no limit"
    GOOD = "good"
    WARN = "needs a look"
    BAD = "bad"


class Gauge(QWidget):
    """A card. State is told by a mark's shape (disc, triangle, square), not by colour alone."""

    def __init__(self, *, title: str, limit: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = title
        self._limit = limit
        self._theme = theme
        self._value = "—"
        self._level = Level.QUIET
        self._history: deque[float] = deque(maxlen=_SECONDS_KEPT)
        self.setAccessibleName(title)
        self.setToolTip(plain_tip(limit))
        self._title_font = ui_font(SMALL_PX)
        self._value_font = ui_font(16, weight=QFont.Weight.DemiBold)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the card's usual size."""
        return QSize(176, 76)

    def show_reading(self, value: str, level: Level, figure: float | None, *, detail: str = "") -> None:
        """Show a second's reading; ``figure`` goes into the line of the last ten minutes."""
        self._value, self._level = value, level
        if detail:
            self._limit = detail
            self.setToolTip(plain_tip(detail))
        if figure is not None:
            self._history.append(figure)
        self.setAccessibleDescription(f"{value}, {level.value}. {self._limit}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(mix(tokens.surface_2, tokens.surface_3, 0.55))
        painter.setBrush(QColor(tokens.surface_2))
        painter.drawRoundedRect(card, 6, 6)
        trend = QRectF(card.right() - 78, card.top() + 28, 68, 22)
        step = max(1, len(self._history) // _POINTS_DRAWN)
        draw_sparkline(painter, trend, list(self._history)[::-step][::-1], QColor(tokens.text_3))
        width = self.width()
        draw_text(
            painter, QRect(14, 6, width - 20, 18), self._title, colour=tokens.text_2, font=self._title_font
        )
        value_width = width - (90 if len(self._history) > 1 else 12)
        ink = {Level.WARN: tokens.warn, Level.BAD: tokens.danger}.get(self._level, tokens.text_1)
        draw_text(painter, QRect(2, 26, value_width, 26), self._value, colour=ink, font=self._value_font)
        draw_text(
            painter, QRect(2, 53, width - 6, 18), self._limit, colour=tokens.text_3, font=self._title_font
        )
        draw_mark(painter, QRectF(10, 11, 7, 7), self._level, tokens)
        painter.end()


def draw_mark(painter: QPainter, rect: QRectF, level: Level, tokens: Tokens) -> None:
    """Draw a level's mark: disc, triangle, square, or a dash where there is no limit."""
    colour = {
        Level.QUIET: tokens.text_3,
        Level.GOOD: tokens.up,
        Level.WARN: tokens.warn,
        Level.BAD: tokens.danger,
    }[level]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    if level is Level.BAD:
        painter.drawRect(rect)
    elif level is Level.WARN:
        top = QPointF(rect.center().x(), rect.top() - 1)
        painter.drawPolygon(QPolygonF([rect.bottomLeft(), rect.bottomRight(), top]))
    elif level is Level.GOOD:
        painter.drawEllipse(rect)
    else:
        painter.drawRect(QRectF(rect.left(), rect.center().y() - 1, rect.width(), 2))
