"""A slider over the time of a recording, with its sessions and the alerts in it."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSlider, QStyle, QWidget

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.tips import plain_tip

_HANDLE_PX: Final = 12
_GROOVE_PX: Final = 4
_BAND_PX: Final = 14
_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600
_KEYS_MS: Final = 500


class TimeLine(QSlider):
    """Tells where the trader wants to be once the mouse or the arrow keys have come to rest."""

    sought = Signal(object)
    """Go to this event time, UTC nanoseconds."""
    looked_at = Signal(object)
    """The handle is held over this event time, or (``None``) is let go."""

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._first_ns = 0
        self._sessions: tuple[tuple[int, int], ...] = ()
        self._fired: tuple[int, ...] = ()
        self._suppressed: tuple[int, ...] = ()
        self.setSingleStep(_MINUTE_S)
        self.setPageStep(_HOUR_S)
        # The keys move the handle at once, and the replay when they have come to rest.
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_KEYS_MS)
        self._rest.timeout.connect(self._ask)
        self.sliderMoved.connect(lambda second: self.looked_at.emit(self._time_of(second)))
        self.sliderReleased.connect(self._ask)
        theme.changed.connect(self.update)

    def set_span(self, first_ns: int, last_ns: int, sessions: tuple[tuple[int, int], ...]) -> None:
        """Begin and end with the recording."""
        self._first_ns = first_ns
        self._sessions = sessions
        self.setRange(0, max(1, (last_ns - first_ns) // NS_PER_SECOND))
        self.update()

    def set_marks(self, *, fired_ns: Iterable[int], suppressed_ns: Iterable[int]) -> None:
        """Show where alerts fired, and where they were suppressed."""
        marks = tuple(fired_ns), tuple(suppressed_ns)
        if marks == (self._fired, self._suppressed):
            return
        self._fired, self._suppressed = marks
        told = (
            f"Tall marks: {text.plural(len(self._fired), 'alert')} fired",
            f"Short marks below the line: {text.plural(len(self._suppressed), 'alert')} suppressed",
        )
        words = "\n".join(each for each, shown in zip(told, marks, strict=True) if shown)
        self.setToolTip(plain_tip(words))
        self.setAccessibleDescription(words)
        self.update()

    def show_at(self, event_ns: int) -> None:
        """Put the handle there, unless the trader holds it."""
        if not self.isSliderDown() and not self._rest.isActive():
            self.setValue((event_ns - self._first_ns) // NS_PER_SECOND)

    def sizeHint(self) -> QSize:
        """Take what there is."""
        return QSize(240, 24)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle to where the mouse is."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self.setSliderDown(True)
        self._move_to(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        if self.isSliderDown():
            self._move_to(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self.isSliderDown():
            self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the handle by a minute, an hour, or to an end."""
        before = self.value()
        super().keyPressEvent(event)
        if self.value() != before:
            self._rest.start()
            self.looked_at.emit(self._time_of(self.value()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw sessions, the way so far, alerts and the handle."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.height() / 2
        left, right = _HANDLE_PX / 2, self.width() - _HANDLE_PX / 2
        at = self._x_of(self._time_of(self.sliderPosition()))
        painter.setBrush(QColor(tokens.surface_2))
        for begin_ns, end_ns in self._sessions:
            begin, end = self._x_of(begin_ns), self._x_of(end_ns)
            band = QRectF(begin, middle - _BAND_PX / 2, max(1.0, end - begin), _BAND_PX)
            painter.drawRoundedRect(band, 2, 2)
        groove = QRectF(left, middle - _GROOVE_PX / 2, right - left, _GROOVE_PX)
        painter.setBrush(QColor(tokens.surface_3))
        painter.drawRoundedRect(groove, 2, 2)
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(QRectF(left, groove.y(), max(0.0, at - left), _GROOVE_PX), 2, 2)
        # Short, below the line and pale: what was suppressed is no alert to look for.
        for marks, colour, top in (
            (self._suppressed, tokens.text_3, middle + _GROOVE_PX / 2),
            (self._fired, tokens.warn, middle - _BAND_PX / 2),
        ):
            painter.setBrush(QColor(colour))
            for mark_ns in marks:
                painter.drawRect(QRectF(round(self._x_of(mark_ns)) - 1, top, 2, middle + _BAND_PX / 2 - top))
        painter.setBrush(QColor(tokens.text_1))
        if self.hasFocus():
            painter.setPen(QColor(tokens.focus))
        painter.drawEllipse(QRectF(at - _HANDLE_PX / 2, middle - _HANDLE_PX / 2, _HANDLE_PX, _HANDLE_PX))
        painter.end()

    def _ask(self) -> None:
        event_ns = self._time_of(self.value())
        self.sought.emit(event_ns)
        self.looked_at.emit(None)

    def _move_to(self, event: QMouseEvent) -> None:
        room = self.width() - _HANDLE_PX
        place = round(event.position().x() - _HANDLE_PX / 2)
        self.setSliderPosition(
            QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), place, max(1, room))
        )

    def _time_of(self, second: int) -> int:
        return self._first_ns + second * NS_PER_SECOND

    def _x_of(self, event_ns: int) -> float:
        share = (event_ns - self._first_ns) / NS_PER_SECOND / max(1, self.maximum())
        return _HANDLE_PX / 2 + min(1.0, max(0.0, share)) * (self.width() - _HANDLE_PX)
