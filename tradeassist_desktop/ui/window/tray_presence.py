"""Whether the desk is in the tray, and the one hint that it stays there."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSettings

from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.tray_icon import TrayIcon

_HINTED: Final = "hints/tray"


class TrayPresence(QObject):
    """Enters and leaves the tray as the trader wants.

    Args:
        state_file: INI file that remembers whether the hint was given.
    """

    def __init__(self, *, context: PanelContext, tray: TrayIcon, state_file: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._tray = tray
        self._state_file = state_file
        self._is_hint_given = False
        context.bridge.setting_changed.connect(self._on_setting)

    def start(self) -> None:
        """Be there from now on, also in a tray that comes later."""
        self.enter()
        self._context.pulse.second.connect(self.enter)

    def enter(self) -> None:
        """Be in the tray where the trader wants it and there is one."""
        is_wanted = self._context.desk.settings.flag("tray.enabled")
        if is_wanted is self._tray.is_shown:
            return  # to ask for a tray is a new connection to D-Bus each time: the window waits for 20 ms
        if not is_wanted:
            self._tray.hide()
        elif self._tray.is_there:
            self._tray.show()

    @property
    def holds_the_desk(self) -> bool:
        """Whether a closed window can be had back from the tray, and is to be."""
        settings = self._context.desk.settings
        return self._tray.is_there and self._tray.is_shown and settings.flag("window.close_to_tray")

    def hint(self) -> None:
        """Say, once for all times, where the closed window is."""
        store = QSettings(str(self._state_file), QSettings.Format.IniFormat)
        if self._is_hint_given or store.value(_HINTED, False, type=bool):
            return
        self._is_hint_given = True
        store.setValue(_HINTED, True)
        self._tray.system_icon.showMessage(
            "TradeAssist goes on watching",
            "The window is closed; the icon in the tray opens it again or quits.",
            self._tray.system_icon.icon(),
        )

    def _on_setting(self, key: str) -> None:
        if key == "tray.enabled":
            self.enter()
