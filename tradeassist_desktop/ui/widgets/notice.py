"""Says what was done and offers to take it back, for eight seconds."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from tradeassist_desktop.ui.panels.base import PanelContext

UNDO_MS: Final = 8_000


class UndoBar(QWidget):
    """One act can be taken back at a time: the last one.

    Args:
        say: Shows one line in the status bar.
    """

    changed = Signal()
    """Something else is offered, or nothing any more."""

    def __init__(self, *, context: PanelContext, say: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("noticeBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tasks = context.tasks
        self._theme = context.theme
        self._say = say
        self._over = ""
        self._undo: Callable[[], Coroutine[Any, Any, object]] | None = None
        self._said = QLabel(self)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setMinimumWidth(40)  # a long name is cut, and widens no window
        self._button = QPushButton("Undo", self)
        self._button.setObjectName("undoButton")
        self._button.setAccessibleName("Undo")
        context.keys.tip(self._button, "Undo ({window.undo})")
        self._button.setProperty("kind", "link")
        self._button.clicked.connect(self.take_back)
        self._close = QToolButton(self)
        self._close.setAccessibleName("Close this notice")
        self._close.clicked.connect(self._let_be)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 8, 0)
        row.addWidget(self._said)
        row.addWidget(self._button)
        row.addWidget(self._close)
        row.addStretch(1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(UNDO_MS)
        self._timer.timeout.connect(self._let_be)
        context.theme.changed.connect(self._paint_icon)
        self._paint_icon()
        self.hide()

    def offer(self, done: str, undo: Callable[[], Coroutine[Any, Any, object]], over: str = "") -> None:
        """Say what was done; ``undo`` gives the coroutine that takes it back.

        Args:
            over: Said once it can be taken back no more; empty says nothing.
        """
        self._let_be()
        self._undo, self._over = undo, over
        self._said.setText(done)
        self.show()
        self._timer.start()
        self.changed.emit()

    @property
    def done(self) -> str:
        """What can be taken back, as it was told; empty for nothing."""
        return "" if self._undo is None else self._said.text()

    def take_back(self) -> None:
        """Undo the last act, or say that it can no longer be."""
        undo = self._undo
        self.dismiss()
        if undo is not None:
            self._tasks.start(undo())
        else:
            self._say("There is nothing to undo now.")

    def dismiss(self) -> None:
        """Offer nothing any more, and say nothing of that."""
        self._undo, self._over = None, ""
        self._timer.stop()
        self.hide()
        self.changed.emit()

    def _let_be(self) -> None:
        over = self._over
        self.dismiss()
        if over:
            self._say(over)

    def _paint_icon(self) -> None:
        self._close.setIcon(self._theme.icon("close", self._theme.tokens.text_3, 12))
