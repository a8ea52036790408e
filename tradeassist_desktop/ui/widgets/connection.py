"""How each feed stands, in words, with the one button that mends it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.health import FeedState, FeedStatus, Remedy
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.feed_words import (
    LEVEL_ICONS,
    detail_in_words,
    feed_level,
    left_to_wait_ns,
)
from tradeassist_desktop.ui.widgets.gauge import Level

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

_SAID: Final[Mapping[FeedState, str]] = {
    FeedState.STOPPED: "Stopped",
    FeedState.CONNECTING: "Connecting",
    FeedState.LIVE: "Live",
    FeedState.STALE: "Silent, nothing can be decided",
    FeedState.RECONNECTING: "Down, connecting again",
    FeedState.REFUSED: "Refused, waiting for you",
    FeedState.FINISHED: "At its end",
}
_BUTTONS: Final[Mapping[Remedy, str]] = {
    Remedy.NONE: "Connect again",
    Remedy.SIGN_IN: "Sign in",
    Remedy.TAKE_OVER: "Take over",
}
_MOST_DISCARDED: Final = 12
_WORTH_A_CLICK_NS: Final = 5 * NS_PER_SECOND


class ConnectionBody(QWidget):
    """One block for each feed."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._blocks: dict[str, _Block] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        context.bridge.feed_changed.connect(self._refresh)
        context.pulse.second.connect(self._refresh)
        context.theme.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        for status in self._context.desk.market.feed_statuses:
            if status.name not in self._blocks:
                block = _Block(name=status.name, context=self._context, parent=self)
                self._blocks[status.name] = block
                self._column.addWidget(block)
            self._blocks[status.name].show_status(status)


class _Block(QWidget):
    """One feed: a mark, its name and state; below, what there is to say; a button where one helps."""

    def __init__(self, *, name: str, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = name
        self._context = context
        self._remedy = Remedy.NONE
        self.setObjectName(f"connection_{name}")
        self._mark = QLabel(self)
        self._mark.setTextFormat(Qt.TextFormat.PlainText)
        self._mark.setFixedSize(QSize(16, 16))
        self._state = _label(self, ui_font(14, weight=QFont.Weight.DemiBold))
        self._detail = _label(self, ui_font(12), tone="second")
        self._discarded = _label(self, ui_font(12), tone="warn")
        self._button = QPushButton(self)
        self._button.setObjectName(f"connectionRemedy_{name}")
        self._button.setProperty("kind", "primary")
        self._button.clicked.connect(self._mend)
        context.rights.enable(self._button, Act.RECONNECT)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._mark, 0, 0)
        grid.addWidget(self._state, 0, 1)
        grid.addWidget(self._detail, 1, 1)
        grid.addWidget(self._discarded, 2, 1)
        grid.addWidget(self._button, 3, 1, Qt.AlignmentFlag.AlignLeft)

    def show_status(self, status: FeedStatus) -> None:
        """Say how the feed is now."""
        theme = self._context.theme
        level = feed_level(status.state)
        tokens = theme.tokens
        colour = {Level.GOOD: tokens.up, Level.WARN: tokens.warn, Level.BAD: tokens.danger}[level]
        self._mark.setPixmap(theme.pixmap(LEVEL_ICONS[level], colour, 12, self.devicePixelRatioF()))
        is_playing = status.state is FeedState.LIVE and self._context.desk.replay is not None
        said = "Playing a recording" if is_playing else _SAID[status.state]
        self._state.setText(f"{status.name.capitalize()}: {said}")
        self._detail.setText(_detail(status, self._context.desk))
        self._discarded.setVisible(bool(status.discarded))
        self._discarded.setText(_discarded(status.discarded))
        self._discarded.setToolTip(plain_tip(", ".join(status.discarded)))
        self._remedy = status.remedy
        if status.remedy is Remedy.SIGN_IN and self._context.desk.sign_in is None:
            self._remedy = Remedy.NONE  # the demo signs itself in
        left_ns = left_to_wait_ns(status, self._context.desk.clock.now_ns())
        self._button.setVisible(status.state is FeedState.REFUSED or left_ns >= _WORTH_A_CLICK_NS)
        self._button.setText(_BUTTONS[self._remedy])
        self._button.setAccessibleName(f"{_BUTTONS[self._remedy]}: {status.name}")

    def _mend(self) -> None:
        if self._remedy is Remedy.SIGN_IN:
            self._context.navigator.sign_in_wanted.emit()
        else:
            self._context.tasks.call(lambda: self._context.desk.reconnect(self._name))


def _detail(status: FeedStatus, desk: "Desk") -> str:
    detail = detail_in_words(status, desk.clock.now_ns())
    parts = [detail] if detail else []
    if status.heartbeat_ns is not None and status.state is FeedState.LIVE:
        age_ns = max(0, desk.clock.now_ns() - status.heartbeat_ns)
        parts.append(f"Last heartbeat {text.age(age_ns)}{'' if age_ns < 1_000_000_000 else ' ago'}.")
    if status.connects or status.bad_frames:
        parts.append(
            f"{text.plural(status.connects, 'connection')} made, "
            f"{text.plural(status.bad_frames, 'bad frame')} left out."
        )
    return " ".join(parts) or "Nothing has been heard yet."


def _discarded(symbols: tuple[str, ...]) -> str:
    if not symbols:
        return ""
    shown = ", ".join(symbols[:_MOST_DISCARDED])
    more = len(symbols) - _MOST_DISCARDED
    rest = f" and {more} more" if more > 0 else ""
    return f"Without data, as the venue does not stream them: {shown}{rest}"


def _label(parent: QWidget, font: QFont, *, tone: str = "") -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setWordWrap(True)
    label.setFont(font)
    if tone:
        label.setProperty("tone", tone)
    return label
