"""The icon in the system tray: normal, new alert, paused or blind, with a menu of what matters."""

from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.alerts import is_open
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.quieting import Quieting

if TYPE_CHECKING:
    from tradeassist_desktop.domain.records import AlertRecord

_ALERTS_LISTED = 5
_FRAME_MS = 250
_LONGEST_OPEN_MS = 10_000
_SEES = (FeedState.LIVE, FeedState.FINISHED, FeedState.CONNECTING, FeedState.STOPPED)


class TrayIcon(QObject):
    """Wraps the system's icon; on a machine without a tray it does nothing and says so.

    Args:
        menu_parent: Owner of the menu.
    """

    open_wanted = Signal()
    quit_wanted = Signal()
    alert_wanted = Signal(str)

    def __init__(self, *, context: PanelContext, menu_parent: QWidget) -> None:
        super().__init__(menu_parent)
        self._context = context
        self._quieting = Quieting(context=context)
        self._icon = QSystemTrayIcon(self)
        self._state = ""
        self._menu = QMenu(menu_parent)
        self._shape: tuple[object, ...] = ()
        self._alert_actions: list[QAction] = []
        self._listed: list[str] = []
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.setInterval(_FRAME_MS)
        self._frame.timeout.connect(self.refresh)
        context.bridge.alerts_changed.connect(self._refresh_soon)
        context.bridge.feed_changed.connect(self.refresh)
        context.bridge.silences_changed.connect(self.refresh)
        # Over D-Bus the desktop draws the menu, and ours is never visible: it only tells that it opens, and
        # not every desktop tells that it closes. One that is filled as it opens would be drawn too small.
        self._open = QTimer(self)
        self._open.setSingleShot(True)
        self._open.setInterval(_LONGEST_OPEN_MS)
        self._open.timeout.connect(self.refresh)
        self._menu.aboutToShow.connect(self._open.start)
        self._menu.aboutToHide.connect(self._on_closed)
        self._menu.triggered.connect(self._on_closed)
        context.bridge.access_changed.connect(self.refresh)
        self.refresh()

    @property
    def is_there(self) -> bool:
        """Whether this machine shows a tray in which the program can be found again."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def is_shown(self) -> bool:
        """Whether the icon was put there."""
        return self._icon.isVisible()

    @property
    def system_icon(self) -> QSystemTrayIcon:
        """The icon itself, for messages where there is no better way."""
        return self._icon

    @property
    def menu(self) -> QMenu:
        """The menu."""
        return self._menu

    @property
    def state(self) -> str:
        """What the icon tells: ``normal``, ``alert``, ``paused`` or ``blind``."""
        return self._state

    @property
    def tool_tip(self) -> str:
        """What it says under the pointer."""
        return self._icon.toolTip()

    def show(self) -> None:
        """Appear in the tray."""
        self._icon.show()

    def hide(self) -> None:
        """Leave the tray."""
        self._icon.hide()

    def refresh(self, *_: object) -> None:
        """Tell the state, list the last alerts."""
        desk = self._context.desk
        waiting = desk.history.unacknowledged_count
        feed = desk.market.feed_status
        state, words = "normal", "TradeAssist: watching"
        if waiting:
            state, words = "alert", f"TradeAssist: {text.plural(waiting, 'alert')} to acknowledge"
        paused = self._quieting.pause_in_words()
        if paused:
            state, words = "paused", f"TradeAssist: {paused[:1].lower()}{paused[1:]}"
        if feed.state not in _SEES:
            state, words = "blind", f"TradeAssist is blind: feed {feed.state.value}"
        if state != self._state:
            self._state = state
            self._icon.setIcon(self._context.theme.icon(_ICONS[state], pixels=64))
        if words != self._icon.toolTip():
            self._icon.setToolTip(words)
        # Else what is under the pointer would be another by the time of the click.
        if not self._open.isActive():
            self._fill_menu(paused)

    def _on_closed(self, *_: object) -> None:
        self._open.stop()
        # A moment later: the click that closes it may come after that.
        self._refresh_soon()

    def _refresh_soon(self, *_: object) -> None:
        """Refresh once for all alerts of a quarter of a second: making the menu takes milliseconds."""
        if not self._frame.isActive():
            self._frame.start()

    def _fill_menu(self, paused: str) -> None:
        alerts, rights = self._last_alerts(), self._context.rights
        rest = (paused, self._quieting.next_open_in_words(), rights.may(Act.SILENCE), rights.may(Act.QUIT))
        shape = (len(alerts), *rest)
        if shape != self._shape:
            self._shape = shape
            self._make_menu(len(alerts), paused)
        self._listed = [alert_id for _, alert_id in alerts]
        # To make it anew for every alert of a storm would have all other alerts wait for it.
        for action, (words, alert_id) in zip(self._alert_actions, alerts, strict=True):
            action.setEnabled(bool(alert_id))
            if action.text() != words:
                action.setText(words)

    def _last_alerts(self) -> list[tuple[str, str]]:
        """Return the words and ids of those that are listed; words without an id where there are none."""
        records = self._context.desk.history.records()
        fired = list(islice((r for r in records if r.alert.status is AlertStatus.FIRED), _ALERTS_LISTED))
        if not fired:
            return [("No alerts yet", "")]
        return [] if self._context.rights.hides_alert_text else [(_words(r), r.alert.id) for r in fired]

    def _make_menu(self, alerts: int, paused: str) -> None:
        self._menu.clear()
        self._menu.addAction("Open TradeAssist", self.open_wanted.emit)
        self._menu.addSeparator()
        self._alert_actions = [self._menu.addAction("") for _ in range(alerts)]
        for place, action in enumerate(self._alert_actions):
            action.triggered.connect(lambda _=False, place=place: self.alert_wanted.emit(self._listed[place]))
        self._menu.addSeparator()
        quieting = self._quieting
        before = len(self._menu.actions())
        if paused:
            self._menu.addAction(f"Resume ({paused[:1].lower()}{paused[1:]})", quieting.resume)
        else:
            self._menu.addAction("Snooze all for 15 m", lambda: quieting.pause(minutes=15))
            self._menu.addAction("Snooze all for 1 h", lambda: quieting.pause(minutes=60))
            until_open = f"Snooze all until the open ({quieting.next_open_in_words()})"
            self._menu.addAction(until_open, quieting.pause_until_open)
            self._menu.addAction("Pause all alerts", quieting.pause)
        for action in self._menu.actions()[before:]:
            action.setEnabled(self._context.rights.may(Act.SILENCE))
        self._menu.addSeparator()
        quit_ = self._menu.addAction("Quit", self.quit_wanted.emit)
        quit_.setEnabled(self._context.rights.may(Act.QUIT))

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.open_wanted.emit()


_ICONS = {
    "normal": "tradeassist",
    "alert": "tradeassist-alert",
    "paused": "tradeassist-paused",
    "blind": "tradeassist-blind",
}


def _words(record: "AlertRecord") -> str:
    alert = record.alert
    mark = "● " if is_open(record) else ""
    parts = (text.clock_time(alert.event_ns), alert.symbol, alert.rule_name)
    # "&" would underline the next letter.
    return (mark + "  ".join(part for part in parts if part)).replace("&", "&&")[:80]


def window_icon(context: PanelContext) -> QIcon:
    """Return the program's own icon."""
    return context.theme.icon("tradeassist", pixels=64)
