"""The window: its parts joined, and what closing it means."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QTabWidget

from tradeassist_desktop.ui.absence import Absence
from tradeassist_desktop.ui.bridge import Bridge
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.channels.answering import Answering, LocalChannels
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.key_names import KeyNames
from tradeassist_desktop.ui.locking import Locking
from tradeassist_desktop.ui.panels.base import Navigator, Panel, PanelContext
from tradeassist_desktop.ui.pulse import Pulse
from tradeassist_desktop.ui.rights import Rights
from tradeassist_desktop.ui.status_bar import DeskStatusBar
from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.tray_icon import TrayIcon, window_icon
from tradeassist_desktop.ui.widgets.dock import Dock
from tradeassist_desktop.ui.widgets.notice import UndoBar
from tradeassist_desktop.ui.window.commands import Commands
from tradeassist_desktop.ui.window.docks import Docks
from tradeassist_desktop.ui.window.focus import FocusWatch
from tradeassist_desktop.ui.window.head import Head
from tradeassist_desktop.ui.window.keys_on_toasts import KeysOnToasts
from tradeassist_desktop.ui.window.keys_while_typing import KeysWhileTyping
from tradeassist_desktop.ui.window.layouts import Layouts
from tradeassist_desktop.ui.window.menus import Menus
from tradeassist_desktop.ui.window.sheets import Sheets
from tradeassist_desktop.ui.window.toast_room import ToastRoom
from tradeassist_desktop.ui.window.transfers import Transfers
from tradeassist_desktop.ui.window.tray_presence import TrayPresence

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk
    from tradeassist_desktop.ui.channels.sound import SoundChannel

log = logging.getLogger(__name__)


class MainWindow(QMainWindow):
    """Shows the desk. Decides nothing; asks services through tasks.

    Args:
        desk: The running services.
        theme: Started already; worn by the application.
        state_file: INI file with the layout of the last time; written as the window closes.
    """

    quit_wanted = Signal()
    """The trader wants to end the program (and may mean it: nobody asks again)."""
    painted = Signal()
    """The docks in sight are on screen."""
    ready = Signal()
    """Every panel is built, those out of sight too."""

    def __init__(self, *, desk: "Desk", theme: Theme, state_file: Path) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle(f"TradeAssist · {desk.source}")
        self._desk = desk
        self._theme = theme
        self._is_closed = False
        self._sound: SoundChannel | None = None
        self.tasks = Tasks(on_error=self.warn)
        self.bridge = Bridge(bus=desk.bus, parent=self)
        self.pulse = Pulse(parent=self)
        self.navigator = Navigator(parent=self)
        self.context = PanelContext(
            desk=desk,
            theme=theme,
            tasks=self.tasks,
            bridge=self.bridge,
            pulse=self.pulse,
            navigator=self.navigator,
            rights=Rights(desk=desk, changed=self.bridge.access_changed, parent=self),
            rule_changes=Changes(tasks=self.tasks, parent=self),
            keys=KeyNames(parent=self),
            state_file=state_file,
        )
        self.setWindowIcon(window_icon(self.context))
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self._status = DeskStatusBar(context=self.context, parent=self)
        self._undo = UndoBar(context=self.context, say=self._status.say, parent=self)
        self._locking = Locking(context=self.context, undo=self._undo, status=self._status, window=self)
        self.setStatusBar(self._status)
        self._head = Head(context=self.context, undo=self._undo, parent=self)
        self.setMenuWidget(self._head)
        if desk.replay is not None:
            self._status.say("Live rules rest while a recording is replayed.")
        self._docks = Docks(context=self.context, window=self)
        self._docks.panels.built.connect(self._give_sound)
        self._docks.panels.finished.connect(self.ready)
        self._is_painted = False
        self.toast_room = ToastRoom(docks=self._docks, window=self)
        self._layouts = Layouts(window=self, docks=self._docks, file=state_file, warn=self._status.warn)
        self.transfers = Transfers(context=self.context, locking=self._locking, window=self)
        self._commands = Commands(
            context=self.context,
            docks=self._docks,
            show_dock=self.show_dock,
            replay_bar=self._head.replay_bar,
            window=self,
        )
        self._focus = FocusWatch(parent=self)
        KeysWhileTyping(commands=self._commands, focus=self._focus, window=self)
        self._sheets = Sheets(
            context=self.context,
            commands=self._commands,
            layouts=self._layouts,
            locking=self._locking,
            state_file=state_file,
            window=self,
        )
        self.painted.connect(self._sheets.greet)
        self._menus = Menus(
            context=self.context,
            bar=self._head.menu_bar,
            docks=self._docks,
            focus=self._focus,
            layouts=self._layouts,
            locking=self._locking,
            undo=self._undo,
            transfers=self.transfers,
            show_dock=self.show_dock,
            sheets=self._sheets,
            quit_=self.quit_wanted.emit,
            window=self,
        )
        self.tray = TrayIcon(context=self.context, menu_parent=self)
        self._in_tray = TrayPresence(context=self.context, tray=self.tray, state_file=state_file, parent=self)
        self.tray.open_wanted.connect(self.bring_to_front)
        self.tray.quit_wanted.connect(self.quit_wanted)
        self.tray.alert_wanted.connect(self.show_alert)
        self.navigator.dock_wanted.connect(self.show_dock)
        self.navigator.sign_in_wanted.connect(lambda: self.show_dock("feed"))
        self.navigator.developer_app_wanted.connect(lambda: self.show_dock("feed"))
        self.navigator.channel_wanted.connect(lambda _: self.show_dock("notifications"))
        self._commands.collect()
        self.navigator.undo_offered.connect(self._undo.offer)
        self.bridge.setting_changed.connect(self._on_setting)

    # --- starting and ending

    def start(self, *, before: QMainWindow | None = None) -> None:
        """Appear as last time, and begin to look at the market.

        Args:
            before: The window whose place on the screen this one takes.
        """
        self._layouts.restore()
        if before is not None and not self.isMaximized():
            # What was saved counts in the frame, of which not every window manager tells.
            self.setGeometry(before.geometry())
        self._docks.panels.come_into_sight(self._layouts.in_sight(), self.show)
        self._docks.join_floating()
        self.transfers.start()
        self._in_tray.start()
        self.pulse.start()
        self._docks.panels.have("watchlist").take_focus()
        self._locking.follow()

    async def finish(self, *, is_followed: bool = False) -> None:
        """Keep the layout, end timers and subscriptions, leave the tray.

        Args:
            is_followed: Another desk's window takes this one's place: stay on screen until it does.
        """
        if self._is_closed:
            return
        self._is_closed = True
        self._layouts.save()
        self._docks.panels.stop()
        self._focus.stop()
        self.pulse.stop()
        self.bridge.close()
        if self._head.replay_bar is not None:
            self._head.replay_bar.close_bar()
        self.tray.hide()
        if is_followed:
            self.setEnabled(False)
        else:
            self.hide()
        await self.tasks.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Say why keys do nothing, where that is a matter of rights; others do nothing here."""
        keys = QKeySequence(event.keyCombination())
        reason = "" if event.isAutoRepeat() else self.context.rights.refuse_keys(keys, self.focusWidget())
        if reason:
            self._status.say(reason)
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide to the tray where there is one and the trader wants it; otherwise ask to quit."""
        if self._is_closed:
            event.accept()
            return
        event.ignore()
        self._layouts.save()
        if self._in_tray.holds_the_desk:
            self.hide()
            self._in_tray.hint()
            log.info("window hidden to the tray")
            return
        self.quit_wanted.emit()

    # --- what others ask of the window

    def bring_to_front(self) -> None:
        """Show the window, in front, with the keyboard."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        self._locking.take_focus()

    def warn(self, line: str) -> None:
        """Say what went wrong, in the status bar; at the curtain where that is covered."""
        self._status.warn(line)
        self._locking.warn(line)

    def show_alert(self, alert_id: str) -> None:
        """Bring the window to the front, with this alert explained."""
        self.bring_to_front()
        self.show_dock("alerts")
        self.navigator.alert_chosen.emit(alert_id)

    def show_on_chart(self, symbol: str, event_ns: int) -> None:
        """Bring the window to the front, with the chart at this moment."""
        self.bring_to_front()
        self.show_dock("chart")
        self.navigator.moment_chosen.emit(symbol, event_ns)

    def show_dock(self, name: str) -> None:
        """Bring a dock to the front and give it the keyboard; not before the curtain of the lock."""
        if self._locking.is_covered:
            return  # a toast asks for this too, and raised it would stand in front of the curtain
        self._docks.show(name)

    def build_every_panel(self) -> None:
        """Build what is not there yet, now: whoever goes through all of them does not wait."""
        self._docks.panels.have_all()

    def panel(self, name: str) -> Panel | None:
        """Return a dock's panel; ``None`` while it is not built."""
        return self._docks.panels.panel(name)

    def dock(self, name: str) -> Dock:
        """Return a dock."""
        return self._docks.dock(name)

    def reset_layout(self) -> None:
        """Put every dock back to its place."""
        self._docks.reset()

    def listen(self, requests: AlertRequests, channels: LocalChannels) -> None:
        """Do what is asked for on toasts and notifications, from now on."""
        self._keys_on_toasts = KeysOnToasts(
            context=self.context,
            commands=self._commands,
            go_there=self._menus.go_to_toasts,
            toasts=channels.toasts,
            window=self,
        )
        self._answering = Answering(context=self.context, requests=requests, channels=channels, parent=self)
        self._absence = Absence(context=self.context, toasts=channels.toasts, window=self)
        self._locking.listen(channels)
        self._absence.there.connect(self._locking.touch)
        self._sound = channels.sound
        self._give_sound()
        requests.explain.connect(self.show_alert)
        requests.chart.connect(self.show_on_chart)
        requests.alerts.connect(self._show_alerts)

    # --- building

    def paintEvent(self, event: QPaintEvent) -> None:
        """After the first paint, build what is out of sight: the trader sees prices meanwhile."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self._on_painted)

    def _on_painted(self) -> None:
        if not self._is_closed:
            self.painted.emit()
            self._docks.panels.go_on()

    def _give_sound(self) -> None:
        """Let tones be previewed, once there is both the dock and what plays them."""
        panel = self._docks.panels.panel("notifications")
        if panel is None or self._sound is None:
            return
        # Not before: it imports much.
        from tradeassist_desktop.ui.panels.notifications import NotificationsPanel

        assert isinstance(panel, NotificationsPanel)
        panel.preview_with(self._sound)

    # --- reacting

    def _on_setting(self, key: str) -> None:
        if key in ("appearance.theme", "appearance.up_down"):
            settings = self._desk.settings
            self._theme.choose(settings.text("appearance.theme"), settings.text("appearance.up_down"))

    def _show_alerts(self) -> None:
        self.bring_to_front()
        self.show_dock("alerts")
