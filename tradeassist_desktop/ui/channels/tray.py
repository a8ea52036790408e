"""The desktop's own notification: by D-Bus where there is one, else from the tray icon."""

import html
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QSystemTrayIcon

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.delivery import ChannelTraits, ChannelUnavailable, Message, Receipt
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.channels.requests import AlertRequests

if TYPE_CHECKING:
    from tradeassist_desktop.ui.channels.notifications import Notifications

_URGENCY: Final = {Priority.LOW: 0, Priority.NORMAL: 1, Priority.HIGH: 1, Priority.URGENT: 2}
_ACTIONS: Final = (("default", "Open"), ("open", "Open"), ("acknowledge", "Acknowledge"))
_KEPT: Final = 200
_TITLE_LENGTH: Final = 120
_BODY_LENGTH: Final = 400


class TrayChannel:
    """Sends notifications; clicks on them come back as requests.

    A lost connection is made anew with the next message.

    Args:
        tray_icon: Used for messages where there is no D-Bus.
    """

    name: Final = "tray"
    traits: Final = ChannelTraits()

    def __init__(
        self,
        *,
        settings: Settings,
        requests: AlertRequests,
        tray_icon: Callable[[], QSystemTrayIcon | None],
    ) -> None:
        self._settings = settings
        self._requests = requests
        self._tray_icon = tray_icon
        self._notifications: Notifications | None = None
        self._alert_ids: dict[int, str] = {}
        self._newest_of_icon: str | None = None
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
        """The newest alerts that notifications were shown of, oldest first."""
        return tuple(self._alert_ids.values())

    async def withdraw(self, alert_ids: Sequence[str]) -> None:
        """Take the notifications of these alerts away, where the desktop still lists them."""
        from tradeassist_desktop.ui.channels.notifications import NotificationsFailed

        gone = [number for number, alert_id in self._alert_ids.items() if alert_id in alert_ids]
        for number in gone:
            del self._alert_ids[number]
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
        tries = 2 if self._notifications.is_connected else 1
        reason = "no notification daemon"
        for _ in range(tries):
            try:
                if not self._notifications.is_connected:
                    await self._notifications.connect()
                number = await self._notifications.notify(
                    message.title[:_TITLE_LENGTH],
                    # The daemon reads the body as markup: a rule named "<b>" must stay as typed.
                    html.escape(_body(message), quote=False),
                    urgency=_URGENCY[message.priority],
                    actions=_ACTIONS,
                )
            except NotificationsFailed as failure:
                self._notifications.disconnect()
                reason = str(failure)
                continue
            self._remember(number, message.alert_id)
            return None
        return reason

    def _send_by_icon(self, message: Message) -> bool:
        icon = self._tray_icon()
        if icon is None or not QSystemTrayIcon.isSystemTrayAvailable() or not icon.supportsMessages():
            return False
        if icon is not self._heard_icon:
            self._heard_icon = icon
            icon.messageClicked.connect(self._on_icon_message)
        self._newest_of_icon = message.alert_id
        icon.showMessage(message.title[:_TITLE_LENGTH], _body(message), icon.icon())
        return True

    def _remember(self, number: int, alert_id: str) -> None:
        self._alert_ids[number] = alert_id
        while len(self._alert_ids) > _KEPT:
            del self._alert_ids[next(iter(self._alert_ids))]

    def _on_action(self, number: int, key: str) -> None:
        alert_id = self._alert_ids.get(number)
        if alert_id is None:
            return
        if key == "acknowledge":
            self._requests.acknowledge.emit((alert_id,))
        else:
            self._requests.explain.emit(alert_id)

    def _on_icon_message(self) -> None:
        # Qt does not say which message was clicked: the newest is the one on screen.
        if self._newest_of_icon is not None:
            self._requests.explain.emit(self._newest_of_icon)


def _body(message: Message) -> str:
    timing = text.timing(message.timing, message.event_ns, message.late_by_ns)
    late = "Late: " if message.is_late else f"{timing[:1].upper()}{timing[1:]}. " if timing else ""
    unsaved = "" if message.is_saved else " (not saved yet)"
    return (late + message.body + unsaved)[:_BODY_LENGTH]
