"""The toast stack: up to five cards in a corner, more than that as one with a count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QGuiApplication,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.delivery import Message
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.theme import SMALL_PX, Theme, ui_font

MOST_CARDS: Final = 5
_WIDTH_PX: Final = 360
_MARGIN_PX: Final = 16
_GAP_PX: Final = 8
_RADIUS_PX: Final = 8
_KEPT: Final = 500
_LOUDNESS: Final = (Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.URGENT)
_LONGEST_TITLE: Final = 120
_LONGEST_BODY: Final = 280


@dataclass(slots=True)
class _Toast:
    message: Message
    shown_ns: int
    until_ns: int | None


class ToastStack(QObject):
    """Keeps what is to be seen and the little window that shows it.

    Urgent ones stay until acknowledged or closed; others for ``toast.seconds``, longer while the
    pointer rests on the stack.
    """

    def __init__(
        self,
        *,
        theme: Theme,
        settings: Settings,
        clock: Clock,
        requests: AlertRequests,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._settings = settings
        self._clock = clock
        self._requests = requests
        self._toasts: list[_Toast] = []
        self._window = _StackWindow()
        self._beat = QTimer(self)
        self._beat.setInterval(250)
        self._beat.timeout.connect(self.refresh)
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(0)
        self._redraw.timeout.connect(self._draw)
        theme.changed.connect(self._redraw.start)

    @property
    def window(self) -> QWidget:
        """The window of the cards; hidden while there are none."""
        return self._window

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """The alerts on the stack, newest first."""
        return tuple(toast.message.alert_id for toast in self._toasts)

    def add(self, message: Message) -> None:
        """Show a message on top of the stack; one already there is shown anew."""
        now_ns = self._clock.monotonic_ns()
        stays = message.priority is Priority.URGENT and message.status is AlertStatus.FIRED
        until_ns = None if stays else now_ns + int(self._settings.number("toast.seconds")) * NS_PER_SECOND
        self._toasts = [each for each in self._toasts if each.message.alert_id != message.alert_id]
        self._toasts.insert(0, _Toast(message, now_ns, until_ns))
        del self._toasts[_KEPT:]
        self._beat.start()
        # Fifty in one turn of the loop are drawn once.
        self._redraw.start()

    def remove(self, alert_ids: Sequence[str]) -> None:
        """Take alerts off the stack: they were acknowledged, here or elsewhere."""
        gone = set(alert_ids)
        left = [toast for toast in self._toasts if toast.message.alert_id not in gone]
        if len(left) != len(self._toasts):
            self._toasts = left
            self._draw()

    def clear(self) -> None:
        """Take everything away."""
        self._toasts = []
        self._draw()

    def refresh(self) -> None:
        """Drop what has been seen long enough, and show ages."""
        now_ns = self._clock.monotonic_ns()
        if self._window.is_pointed_at:
            for toast in self._toasts:
                if toast.until_ns is not None:
                    toast.until_ns = max(toast.until_ns, now_ns + 2 * NS_PER_SECOND)
        left = [toast for toast in self._toasts if toast.until_ns is None or toast.until_ns > now_ns]
        if len(left) != len(self._toasts):
            self._toasts = left
            self._draw()
        self._window.show_ages([now_ns - toast.shown_ns for toast in self._toasts])

    def close(self) -> None:
        """End timers and the window."""
        self._beat.stop()
        self._redraw.stop()
        self._toasts = []
        self._window.close()
        self._window.deleteLater()

    # --- drawing

    def _draw(self) -> None:
        if not self._toasts:
            self._beat.stop()
            self._window.show_cards([])
            return
        if len(self._toasts) > MOST_CARDS:
            cards: list[_Card] = [self._group_card()]
        else:
            cards = [self._card(toast) for toast in self._toasts]
        self._window.show_cards(cards)
        self._place()
        self._window.show()

    def _card(self, toast: _Toast) -> "_Card":
        message = toast.message
        fact, value = _fact(message)
        marks = [
            word
            for word, is_so in (("late", message.is_late), ("not saved yet", not message.is_saved))
            if is_so
        ]
        if message.status is AlertStatus.CLEARED:
            marks.insert(0, "cleared")
        timing = text.timing(message.timing, message.event_ns, message.late_by_ns)
        title = f"{timing[:1].upper()}{timing[1:]}. {message.title}" if timing else message.title
        ids = (message.alert_id,)
        buttons: list[tuple[str, Callable[[], None]]] = [
            ("Acknowledge", lambda: self._acknowledge(ids)),
            ("Why?", lambda: self._requests.explain.emit(message.alert_id)),
        ]
        if message.symbol:
            buttons.append(
                ("Show on chart", lambda: self._requests.chart.emit(message.symbol, message.event_ns))
            )
        return _Card(
            title=title[:_LONGEST_TITLE],
            fact=fact,
            value=value,
            body=message.body[:_LONGEST_BODY],
            note=", ".join(marks),
            colour=self._theme.tokens.of_priority(message.priority),
            theme=self._theme,
            buttons=buttons,
            on_close=lambda: self.remove(ids),
        )

    def _group_card(self) -> "_Card":
        messages = [toast.message for toast in self._toasts]
        loudest = max((message.priority for message in messages), key=_LOUDNESS.index)
        urgent = sum(message.priority is Priority.URGENT for message in messages)
        lines = [f"{message.symbol}  {message.title}".strip()[:60] for message in messages[:3]]
        ids = tuple(message.alert_id for message in messages)
        return _Card(
            title=f"{len(messages)} alerts",
            fact=f"{urgent} urgent" if urgent else "",
            value="",
            body="\n".join([*lines, f"and {len(messages) - 3} more"]),
            note="",
            colour=self._theme.tokens.of_priority(loudest),
            theme=self._theme,
            buttons=(
                ("Acknowledge all", lambda: self._acknowledge(ids)),
                ("Show alerts", self._requests.alerts.emit),
            ),
            on_close=lambda: self.remove(ids),
        )

    def _acknowledge(self, alert_ids: tuple[str, ...]) -> None:
        self._requests.acknowledge.emit(alert_ids)
        self.remove(alert_ids)

    def _place(self) -> None:
        screen = QGuiApplication.primaryScreen()
        if screen is None:
            return
        area = screen.availableGeometry()
        vertical, horizontal = self._settings.text("toast.position").split("_")
        width, height = self._window.measure()
        left = area.right() - width - _MARGIN_PX if horizontal == "right" else area.left() + _MARGIN_PX
        top = area.bottom() - height - _MARGIN_PX if vertical == "bottom" else area.top() + _MARGIN_PX
        self._window.setGeometry(left, top, width, height)


class _StackWindow(QWidget):
    """A see-through window that never takes the keyboard."""

    def __init__(self) -> None:
        super().__init__(
            None,
            Qt.WindowType.Tool
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.WindowDoesNotAcceptFocus
            | Qt.WindowType.NoDropShadowWindowHint,
        )
        self.setObjectName("toastStack")
        self.setAccessibleName("Alerts just raised")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.is_pointed_at = False
        self._cards: list[_Card] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(_GAP_PX)
        # Else cards that have gone would keep the window as tall as it was with them.
        self._column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    def show_cards(self, cards: list["_Card"]) -> None:
        for card in self._cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = cards
        for card in cards:
            self._column.addWidget(card)
        if not cards:
            self.is_pointed_at = False
            self.hide()

    def measure(self) -> tuple[int, int]:
        # Before it is shown a layout gives no size; every card's own is known.
        heights = [max(card.sizeHint().height(), card.heightForWidth(_WIDTH_PX)) for card in self._cards]
        return _WIDTH_PX, sum(heights) + _GAP_PX * (len(heights) - 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._column.activate()
        # Without a compositor see-through is black: the window is cut to its cards.
        shape = QRegion()
        for card in self._cards:
            path = QPainterPath()
            path.addRoundedRect(QRectF(card.geometry()), _RADIUS_PX, _RADIUS_PX)
            shape += QRegion(path.toFillPolygon().toPolygon())
        self.setMask(shape)

    def show_ages(self, ages_ns: Sequence[int]) -> None:
        if len(ages_ns) == len(self._cards):
            for card, age_ns in zip(self._cards, ages_ns, strict=True):
                card.show_age(age_ns)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.is_pointed_at = True

    def leaveEvent(self, event: QEvent) -> None:
        self.is_pointed_at = False


class _Card(QWidget):
    """One toast. All its words are plain text: a rule may be named as its trader likes."""

    def __init__(
        self,
        *,
        title: str,
        fact: str,
        value: str,
        body: str,
        note: str,
        colour: str,
        theme: Theme,
        buttons: Sequence[tuple[str, Callable[[], None]]],
        on_close: Callable[[], None],
    ) -> None:
        super().__init__()
        self.setObjectName("toastCard")
        self.setAccessibleName(f"{title} {fact} {value}")
        self.setFixedWidth(_WIDTH_PX)
        self._theme = theme
        self._colour = colour
        self._note = note
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 10, 8)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(_label(title, ui_font(13, weight=QFont.Weight.DemiBold), wraps=True), 1)
        self._age = _label(note or "now", ui_font(SMALL_PX), tone="quiet")
        head.addWidget(self._age, alignment=Qt.AlignmentFlag.AlignTop)
        close = QToolButton(self)
        close.setIcon(theme.icon("close", theme.tokens.text_3, 12))
        close.setAccessibleName("Close this toast")
        close.setFixedSize(22, 20)
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(on_close)
        head.addWidget(close, alignment=Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        if fact or value:
            facts = QHBoxLayout()
            facts.setSpacing(8)
            facts.addWidget(_label(fact, ui_font(15, weight=QFont.Weight.DemiBold)))
            facts.addWidget(_label(value, ui_font(15)))
            facts.addStretch(1)
            column.addLayout(facts)
        if body:
            column.addWidget(_label(body, ui_font(12), tone="second", wraps=True))
        row = QHBoxLayout()
        row.setContentsMargins(0, 2, 0, 0)
        row.setSpacing(0)
        for words, act in buttons:
            button = QPushButton(words, self)
            button.setProperty("kind", "toast")
            button.setAccessibleName(f"{words}: {title}")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setFont(ui_font(12))
            button.clicked.connect(act)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)

    def show_age(self, age_ns: int) -> None:
        """Say how long ago it came."""
        age = text.age(age_ns)
        self._age.setText(f"{self._note}, {age}" if self._note else age)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the edge in the priority's colour."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(tokens.surface_3))
        painter.setBrush(QColor(tokens.surface_2))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colour))
        painter.drawRoundedRect(6, 10, 4, self.height() - 20, 2, 2)
        painter.end()


def _fact(message: Message) -> tuple[str, str]:
    """Return a symbol and a value that is its own, for the line that is read first."""
    if message.value is None or message.value_symbol is None:
        return message.symbol, ""
    of = message.value_symbol or message.symbol
    return of, text.number(message.value, instrument_of(of).decimals)


def _label(words: str, font: QFont, *, tone: str = "", wraps: bool = False) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(font)
    label.setWordWrap(wraps)
    if tone:
        label.setProperty("tone", tone)
    return label
