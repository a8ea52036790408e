"""What follows from a click on a toast or a notification, and what an acknowledgement takes away."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from tradeassist_desktop.domain.alerts import AlertState
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
        context.bridge.alerts_changed.connect(self._take_down)

    def _acknowledge(self, alert_ids: tuple[str, ...]) -> None:
        self._tasks.start(self._desk.history.acknowledge(alert_ids))

    def _take_down(self) -> None:
        channels = self._channels
        channels.toasts.remove(self._seen(channels.toasts.alert_ids))
        channels.sound.quiet(self._seen(channels.sound.alert_ids))
        if told := self._seen(channels.tray.alert_ids):
            self._tasks.start(channels.tray.withdraw(told))

    def _seen(self, alert_ids: Sequence[str]) -> list[str]:
        records = (self._desk.history.record(alert_id) for alert_id in alert_ids)
        return [r.alert.id for r in records if r is not None and r.state is AlertState.ACKNOWLEDGED]
