"""A thin line that says how far work has come, with a button that ends it."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from tradeassist_desktop.domain.percent import in_percent
from tradeassist_desktop.ui.theme import SMALL_PX, Theme, ui_font

_PATIENCE_MS: Final = 400
"""What is done sooner shows no progress: it would only flicker."""


class ProgressLine(QWidget):
    """Shown a moment after work has begun, until it has ended."""

    cancelled = Signal()

    def __init__(self, *, name: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._words = QLabel(self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setFont(ui_font(SMALL_PX))
        self._words.setProperty("tone", "quiet")
        self._track = _Track(theme=theme, parent=self)
        cancel = QPushButton("Cancel", self)
        cancel.setObjectName(f"{name}Cancel")
        cancel.setAccessibleName("Cancel")
        cancel.setProperty("kind", "link")
        cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._words)
        row.addWidget(self._track, 1)
        row.addWidget(cancel)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self.show)
        self.hide()

    def begin(self, words: str) -> None:
        """Work has begun."""
        self.say(words, None)
        if self.isHidden():
            self._patience.start()

    def say(self, words: str, share: float | None) -> None:
        """Say how much is done, 0 to 1; ``None`` where that is not known."""
        self._words.setText(words if share is None else f"{words}: {in_percent(share)}")
        self._track.show_share(share or 0.0)

    def end(self) -> None:
        """It has ended."""
        self._patience.stop()
        self.hide()


class _Track(QWidget):
    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room for a thin line."""
        return QSize(80, 4)

    def show_share(self, share: float) -> None:
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is done of the whole."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        for colour, width in ((tokens.surface_3, 1.0), (tokens.accent, self._share)):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(0, 0, whole.width() * width, whole.height()), 2, 2)
        painter.end()
