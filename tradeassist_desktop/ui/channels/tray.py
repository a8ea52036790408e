"""The desktop's own notification: by D-Bus where there is one, else from the tray icon."""

import html
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QSystemTrayIcon

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channels import ChannelTraits, ChannelUnavailable, Receipt
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui import message_words as say
from tradeassist_desktop.ui.channels.requests import AlertRequests

if TYPE_CHECKING:
    from tradeassist_desktop.ui.channels.notifications import Notifications

_URGENCY: Final = {Priority.LOW: 0, Priority.NORMAL: 1, Priority.HIGH: 1, Priority.URGENT: 2}
_SNOOZE_MIN: Final = 15
_ACTIONS: Final = (
    ("default", "Open"),
    ("acknowledge", "Acknowledge"),
    ("snooze", f"Snooze {_SNOOZE_MIN} m"),
    ("open", "Open"),
)
_LINES: Final = 5
_KEPT: Final = 200
_TITLE_LENGTH: Final = 120
_BODY_LENGTH: Final = 400

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Shown:
    """What one notification is about, and which of its alerts still wait for their trader."""

    alert_ids: tuple[str, ...]
    waiting: set[str]
    is_digest: bool


class TrayChannel:
    """Sends notifications; clicks on them come back as requests.

    A lost connection is made anew with the next message.

    Args:
        tray_icon: Used for messages where there is no D-Bus.
        hides_text: Whether only to say that there is an alert.
    """

    name: Final = "tray"
    # A desktop shows a handful at a time.
    traits: Final = ChannelTraits(digest_above=5)

    def __init__(
        self,
        *,
        settings: Settings,
        requests: AlertRequests,
        tray_icon: Callable[[], QSystemTrayIcon | None],
        hides_text: Callable[[], bool] = lambda: False,
    ) -> None:
        self._hides_text = hides_text
        self._settings = settings
        self._requests = requests
        self._tray_icon = tray_icon
        self._notifications: Notifications | None = None
        self._shown: dict[int, _Shown] = {}
        self._numbers: dict[tuple[str, ...], int] = {}  # by the alerts they are about
        self._newest_of_icon: Message | None = None
        self._heard_icon: QSystemTrayIcon | None = None

    async def send(self, message: Message) -> Receipt:
        """Show one notification.

        Raises:
            ChannelUnavailable: notifications are off, or this machine has none.
        """
        if not self._settings.flag("tray.enabled"):
            raise ChannelUnavailable("notifications are switched off in the settings")
        if sys.platform.startswith("linux"):
            reason = await self._send_by_bus(message)
            if reason is None:
                return Receipt("notification daemon")
        else:
            reason = "no system tray"
        if self._send_by_icon(message):
            return Receipt("tray icon")
        raise ChannelUnavailable(reason)

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """The alerts that notifications are shown of, oldest first."""
        return tuple(
            alert_id
            for shown in self._shown.values()
            for alert_id in shown.alert_ids
            if alert_id in shown.waiting
        )

    async def withdraw(self, alert_ids: Sequence[str]) -> None:
        """Take the notifications of these alerts away, where the desktop still lists them.

        That of a digest goes with the last of its alerts.
        """
        from tradeassist_desktop.ui.channels.notifications import NotificationsFailed

        for shown in self._shown.values():
            shown.waiting.difference_update(alert_ids)
        gone = [number for number, shown in self._shown.items() if not shown.waiting]
        for number in gone:
            self._forget(number)
        for number in gone:
            if self._notifications is not None:
                with suppress(NotificationsFailed):  # who listed it is gone, and it with him
                    await self._notifications.withdraw(number)

    def close(self) -> None:
        """Let go of the session bus."""
        if self._notifications is not None:
            self._notifications.disconnect()

    async def _send_by_bus(self, message: Message) -> str | None:
        """Return ``None`` if the daemon took it, else why not."""
        # Imported with the first alert: the window does not wait for it.
        from tradeassist_desktop.ui.channels.notifications import Notifications, NotificationsFailed

        if self._notifications is None:
            self._notifications = Notifications(application="TradeAssist", on_action=self._on_action)
        # A connection may have died unnoticed; then, and only then, a second try makes sense.
        title, body = self._words(message)
        tries = 2 if self._notifications.is_connected else 1
        reason = "no notification daemon"
        for _ in range(tries):
            try:
                if not self._notifications.is_connected:
                    await self._notifications.connect()
                number = await self._notifications.notify(
                    title,
                    # The daemon reads the body as markup: a rule named "<b>" must stay as typed.
                    html.escape(body, quote=False),
                    urgency=_URGENCY[message.priority],
                    actions=() if message.is_test else _ACTIONS,
                    replaces=self._number_of(message),
                )
            except NotificationsFailed as failure:
                self._notifications.disconnect()
                reason = str(failure)
                continue
            self._remember(number, message)
            return None
        return reason

    def _send_by_icon(self, message: Message) -> bool:
        icon = self._tray_icon()
        if icon is None or not icon.isSystemTrayAvailable() or not icon.supportsMessages():
            return False
        if icon is not self._heard_icon:
            self._heard_icon = icon
            icon.messageClicked.connect(self._on_icon_message)
        self._newest_of_icon = message
        icon.showMessage(*self._words(message), icon.icon())
        return True

    def _words(self, message: Message) -> tuple[str, str]:
        """Return title and body."""
        title = say.headline(message)[:_TITLE_LENGTH]
        if self._hides_text() and not message.is_test:
            return say.concealed(title), say.LOCKED
        return title, _body(message)

    def _number_of(self, message: Message) -> int | None:
        """Return the notification that a message about the same alert takes the place of."""
        return self._numbers.get(say.alert_ids(message))

    def _remember(self, number: int, message: Message) -> None:
        if message.is_test:
            return
        ids = say.alert_ids(message)
        if number in self._shown:  # a daemon begun anew counts from one again
            self._forget(number)
        self._shown[number] = _Shown(ids, set(ids), message.digest is not None)
        self._numbers[ids] = number
        while len(self._shown) > _KEPT:
            self._forget(next(iter(self._shown)))

    def _forget(self, number: int) -> None:
        shown = self._shown.pop(number)
        if self._numbers.get(shown.alert_ids) == number:
            del self._numbers[shown.alert_ids]

    def _on_action(self, number: int, key: str) -> None:
        shown = self._shown.get(number)
        if shown is None:
            return
        log.info("notification clicked", extra={"action": key, "alerts": len(shown.alert_ids)})
        if key == "acknowledge":
            self._requests.acknowledge.emit(shown.alert_ids)
        elif key == "snooze":
            self._requests.snooze.emit(shown.alert_ids, _SNOOZE_MIN)
        elif shown.is_digest:
            self._requests.alerts.emit()
        else:
            self._requests.explain.emit(shown.alert_ids[0])

    def _on_icon_message(self) -> None:
        # Qt does not say which message was clicked: the newest is the one on screen.
        newest = self._newest_of_icon
        if newest is not None and newest.digest is not None:
            self._requests.alerts.emit()
        elif newest is not None and not newest.is_test:
            self._requests.explain.emit(newest.alert_id)


def _body(message: Message) -> str:
    marks = " · ".join(say.marks(message))
    told = f"{marks[:1].upper()}{marks[1:]}. " if marks else ""
    body = message.body
    if message.digest is not None:
        lines = say.gathered(message.digest.lines)
        body = say.in_lines(lines, count=message.digest.count, most=_LINES)
    return (told + body)[:_BODY_LENGTH]
