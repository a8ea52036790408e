"""What follows from a click on a toast or a notification, and what an acknowledgement takes away."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.channels.sound import SoundChannel
from tradeassist_desktop.ui.channels.tray import TrayChannel
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.quieting import Quieting
from tradeassist_desktop.ui.widgets.toasts import ToastStack


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalChannels:
    """What this machine shows and plays."""

    toasts: ToastStack
    tray: TrayChannel
    sound: SoundChannel


class Answering(QObject):
    """Asks the services for what was clicked; takes down what no longer needs its trader."""

    def __init__(
        self, *, context: PanelContext, requests: AlertRequests, channels: LocalChannels, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._desk = context.desk
        self._tasks = context.tasks
        self._channels = channels
        self._quieting = Quieting(context=context)
        requests.acknowledge.connect(self._acknowledge)
        requests.snooze.connect(self._snooze)
        context.bridge.alerts_acknowledged.connect(self._take_down)
        context.bridge.silences_changed.connect(self._quiet_silenced)

    def _acknowledge(self, alert_ids: tuple[str, ...]) -> None:
        if not self._tasks.call(lambda: self._desk.access.require(Act.ACKNOWLEDGE)):
            return  # what was not acknowledged stays in sight
        # At once: where the disk refuses to keep it, the trader has had enough of the tone all the same.
        self._take_down(alert_ids)
        self._tasks.start(self._desk.history.acknowledge(alert_ids))

    def _snooze(self, alert_ids: tuple[str, ...], minutes: int) -> None:
        if not self._tasks.call(lambda: self._desk.access.require(Act.SILENCE)):
            return
        self._take_down(alert_ids)
        self._quieting.snooze(alert_ids, minutes)

    def _quiet_silenced(self) -> None:
        """Repeat no urgent tone of what is silenced; it is told again if it is true still at the end."""
        sound = self._channels.sound
        sound.quiet([alert_id for alert_id in sound.alert_ids if self._is_muted(alert_id, sound.name)])

    def _is_muted(self, alert_id: str, channel: str) -> bool:
        record = self._desk.history.record(alert_id)
        if record is None:
            return False
        routes = self._desk.routing.explain(record.alert).routes
        return any(route.channel == channel and route.muting is not None for route in routes)

    def _take_down(self, alert_ids: Sequence[str]) -> None:
        channels = self._channels
        channels.toasts.remove(alert_ids)
        channels.sound.quiet(alert_ids)
        self._tasks.start(channels.tray.withdraw(alert_ids))
