"""Files dragged onto the window, wherever in it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from tradeassist_desktop.ui.theme import Theme, faded, ui_font

_EDGE_PX = 12


class FileDrops(QObject):
    """Takes files before any field below the mouse takes their names as text.

    Args:
        promise: Returns what would be done with a file, or why nothing can be.
        take: Does it.
        is_open: Whether anybody may do anything: not before the curtain of the lock.
    """

    def __init__(
        self,
        *,
        promise: Callable[[Path], str],
        take: Callable[[Path], None],
        is_open: Callable[[], bool],
        theme: Theme,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._promise = promise
        self._take = take
        self._is_open = is_open
        self._window = window
        self._veil = _Veil(theme=theme, parent=window)

    def start(self) -> None:
        """Listen, once the window has a place on the screen; to docks that float, too."""
        self._listen_to(self._window)
        for dock in self._window.findChildren(QDockWidget):
            self._listen_to(dock)
            # Qt tells of it before there is a window of its own.
            dock.topLevelChanged.connect(
                lambda _, dock=dock: QTimer.singleShot(0, dock, lambda: self._listen_to(dock))
            )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what carries one file of this machine; leave the rest to the widgets."""
        if isinstance(event, QDragEnterEvent | QDragMoveEvent):
            file = self._file(event.mimeData())
            if file is None:
                return False
            self._veil.say(self._promise(file))
            _take_copy(event)
            return True
        if event.type() == QEvent.Type.DragLeave and self._veil.isVisible():
            self._veil.hide()
            return True
        if isinstance(event, QDropEvent):
            self._veil.hide()
            file = self._file(event.mimeData())
            if file is None:
                return False
            _take_copy(event)
            self._take(file)
            return True
        return False

    def _listen_to(self, widget: QWidget) -> None:
        handle = widget.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def _file(self, carried: QMimeData) -> Path | None:
        urls = carried.urls() if carried.hasUrls() else []
        if not self._is_open() or len(urls) != 1 or not urls[0].isLocalFile():
            return None
        return Path(urls[0].toLocalFile())


def _take_copy(event: QDropEvent) -> None:
    # Who drags may want to move the file, and would delete it once that is accepted.
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


class _Veil(QWidget):
    """Lies over the window while a file is above it, and says what dropping it would do."""

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dropVeil")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._window = parent
        self._theme = theme
        self._words = ""
        self.hide()

    def say(self, words: str) -> None:
        """Show these words, over all."""
        self._words = words
        self.setAccessibleName(words)
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the veil, its edge and the words in the middle."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), faded(tokens.surface_0, 0.78))
        pen = QPen(QColor(tokens.accent), 2)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        inner = self.rect().adjusted(_EDGE_PX, _EDGE_PX, -_EDGE_PX, -_EDGE_PX)
        painter.drawRoundedRect(inner, 8, 8)
        painter.setPen(QColor(tokens.text_1))
        painter.setFont(ui_font(18))
        flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        painter.drawText(QRect(inner).adjusted(40, 0, -40, 0), flags, self._words)
        painter.end()
