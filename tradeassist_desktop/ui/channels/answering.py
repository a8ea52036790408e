"""What follows from a click on a toast or a notification, and what an acknowledgement takes away."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.channels.sound import SoundChannel
from tradeassist_desktop.ui.channels.tray import TrayChannel
from tradeassist_desktop.ui.panels.base import PanelContext
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
        requests.acknowledge.connect(self._acknowledge)
        requests.snooze.connect(self._snooze)
        context.bridge.alerts_acknowledged.connect(self._take_down)

    def _acknowledge(self, alert_ids: tuple[str, ...]) -> None:
        self._tasks.start(self._desk.history.acknowledge(alert_ids))

    def _snooze(self, alert_ids: tuple[str, ...], minutes: int) -> None:
        records = (self._desk.history.record(alert_id) for alert_id in alert_ids)
        uids = {record.alert.rule_uid: None for record in records if record and record.alert.rule_uid}
        self._take_down(alert_ids)
        self._tasks.start(self._desk.rules.snooze(tuple(uids), for_ns=minutes * 60 * NS_PER_SECOND))

    def _take_down(self, alert_ids: Sequence[str]) -> None:
        channels = self._channels
        channels.toasts.remove(alert_ids)
        channels.sound.quiet(alert_ids)
        self._tasks.start(channels.tray.withdraw(alert_ids))
