"""The channels that need Qt: one line here adds one. ``app`` joins them with the others."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QSystemTrayIcon

from tradeassist_desktop.domain.channels import Channel
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.toast_spot import Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelContext:
    """What channels are made of.

    Args:
        requests: Where clicks on toasts and notifications go.
        tray_icon: The icon in the tray, for messages where there is no D-Bus; ``None`` where
            there is none.
        screen: Returns the screen the window is on.
        room: Returns where in the window toasts may stand; ``None`` where it has no such place.
        resources: Folder with ``tones``.
        hides_text: Whether notifications are to say only that there is an alert.
    """

    theme: Theme
    settings: Settings
    clock: Clock
    requests: AlertRequests
    tray_icon: Callable[[], QSystemTrayIcon | None]
    screen: Callable[[], QScreen | None]
    resources: Path
    hides_text: Callable[[], bool] = lambda: False
    room: Callable[[], Spot | None] = lambda: None


class UiChannel(Channel, Protocol):
    """A channel that holds something of the desktop and gives it back."""

    def close(self) -> None:
        """Let go of windows, devices and connections; nothing is sent afterwards."""
        ...


def _toast(context: ChannelContext) -> UiChannel:
    from tradeassist_desktop.ui.channels.toast import ToastChannel
    from tradeassist_desktop.ui.widgets.toasts import ToastStack

    stack = ToastStack(
        theme=context.theme,
        settings=context.settings,
        clock=context.clock,
        requests=context.requests,
        screen=context.screen,
        room=context.room,
    )
    return ToastChannel(stack=stack)


def _tray(context: ChannelContext) -> UiChannel:
    from tradeassist_desktop.ui.channels.tray import TrayChannel

    return TrayChannel(
        settings=context.settings,
        requests=context.requests,
        tray_icon=context.tray_icon,
        hides_text=context.hides_text,
    )


def _sound(context: ChannelContext) -> UiChannel:
    from tradeassist_desktop.ui.channels.sound import SoundChannel

    return SoundChannel(
        tones_folder=context.resources / "tones", settings=context.settings, clock=context.clock
    )


UI_CHANNELS: Final[dict[str, Callable[[ChannelContext], UiChannel]]] = {
    "toast": _toast,
    "tray": _tray,
    "sound": _sound,
}


def build_ui_channels(context: ChannelContext) -> dict[str, UiChannel]:
    """Return every channel of the table, by name."""
    return {name: build(context) for name, build in UI_CHANNELS.items()}
