"""How every channel stands, looked at once for all that show it."""

from typing import Final

from PySide6.QtCore import QObject, Signal

from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.notifications.channel_words import (
    SWITCHES,
    UNKNOWN,
    ChannelState,
    channel_state,
)

_SET_UP_BY: Final = ("slack.", "smtp.", "webhook.")


class ChannelStates(QObject):
    """Asks what each channel lacks when that may have changed, and how it does each second."""

    changed = Signal()

    def __init__(self, *, context: PanelContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._missing: dict[str, str] = {}
        self._states: dict[str, ChannelState] = {}
        self._is_asking = False
        self._is_asked_again = False
        bridge = context.bridge
        bridge.channel_set_up.connect(lambda channel: self.ask())
        bridge.setting_changed.connect(self._on_setting)
        bridge.breaker_changed.connect(lambda reading: self._look())
        context.pulse.second.connect(self._look)
        self.ask()

    @property
    def names(self) -> tuple[str, ...]:
        """Every channel there can be, in the order of the settings."""
        return CHANNEL_NAMES

    def title(self, channel: str) -> str:
        """Return its name for people."""
        return self._context.desk.channel_setup.title(channel)

    def of(self, channel: str) -> ChannelState:
        """Return how it stands."""
        return self._states.get(channel, UNKNOWN)

    def ask(self) -> None:
        """Ask what each channel lacks; keyrings may take their time."""
        self._is_asked_again = self._is_asking
        if not self._is_asking:
            self._is_asking = True
            self._context.tasks.start(self._ask())

    async def _ask(self) -> None:
        try:
            for name in self.names:
                self._missing[name] = await self._context.desk.channel_setup.missing(name)
                self._look()
        finally:
            self._is_asking = False
        if self._is_asked_again:
            self.ask()

    def _on_setting(self, key: str) -> None:
        if key.startswith(_SET_UP_BY):
            self.ask()
        elif key in SWITCHES.values():
            self._look()

    def _look(self) -> None:
        desk = self._context.desk
        report = desk.health.report
        lanes = {} if report is None else report.channels
        breakers = {reading.name: reading for reading in desk.breakers.readings()}
        states = {
            name: channel_state(
                missing=missing,
                is_on=name not in SWITCHES or bool(desk.settings.get(SWITCHES[name])),
                lane=lanes.get(name, "ready"),
                breaker=breakers.get(name),
            )
            for name, missing in self._missing.items()
        }
        if states != self._states:
            self._states = states
            self.changed.emit()
