"""The window: docks, menus, status bar, and what closing it means."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QGuiApplication, QKeySequence, QPaintEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu, QMenuBar, QTabWidget, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui import dialogs
from tradeassist_desktop.ui.absence import Absence
from tradeassist_desktop.ui.bridge import Bridge
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.channels.answering import Answering, LocalChannels
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.locking import Locking
from tradeassist_desktop.ui.panels import PANELS
from tradeassist_desktop.ui.panels.base import Navigator, Panel, PanelContext
from tradeassist_desktop.ui.pulse import Pulse
from tradeassist_desktop.ui.quieting import Quieting
from tradeassist_desktop.ui.rights import Rights
from tradeassist_desktop.ui.session_menu import SessionMenu
from tradeassist_desktop.ui.status_bar import DeskStatusBar
from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.tray_icon import TrayIcon, window_icon
from tradeassist_desktop.ui.widgets.dock import Dock
from tradeassist_desktop.ui.widgets.notice import UndoBar
from tradeassist_desktop.ui.widgets.replay_bar import ReplayBar

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk
    from tradeassist_desktop.ui.channels.sound import SoundChannel

log = logging.getLogger(__name__)

_LAYOUT_VERSION: Final = 3
_LATEST_MS: Final = 1_000
_FIRST_SIZE: Final = QSize(1600, 1000)
_THEMES: Final = (("dark", "Dark"), ("light", "Light"), ("system", "As the system"))


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
    """Every panel is built and on screen."""

    def __init__(self, *, desk: "Desk", theme: Theme, state_file: Path) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle(f"TradeAssist · {desk.source}")
        self._desk = desk
        self._theme = theme
        self._state_file = state_file
        self._panels: dict[str, Panel] = {}
        self._docks: dict[str, Dock] = {}
        self._is_hint_given = False
        self._is_closed = False
        self._is_built = False
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
        )
        self._quieting = Quieting(context=self.context)
        self.setWindowIcon(window_icon(self.context))
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self._status = DeskStatusBar(context=self.context, parent=self)
        self._undo = UndoBar(tasks=self.tasks, theme=theme, say=self._status.say, parent=self)
        self._locking = Locking(context=self.context, undo=self._undo, status=self._status, window=self)
        self._make_frame()
        self._make_docks()
        self._make_menus()
        self.tray = TrayIcon(context=self.context, menu_parent=self)
        self.tray.open_wanted.connect(self.bring_to_front)
        self.tray.quit_wanted.connect(self.quit_wanted)
        self.tray.alert_wanted.connect(self.show_alert)
        self.navigator.dock_wanted.connect(self.show_dock)
        self.navigator.sign_in_wanted.connect(lambda: self.show_dock("feed"))
        self.navigator.developer_app_wanted.connect(lambda: self.show_dock("feed"))
        self.navigator.channel_wanted.connect(lambda _: self.show_dock("notifications"))
        self.navigator.undo_offered.connect(self._undo.offer)
        self.bridge.setting_changed.connect(self._on_setting)
        self.bridge.silences_changed.connect(self._name_pause)

    # --- starting and ending

    def start(self, *, before: QMainWindow | None = None) -> None:
        """Appear as last time, and begin to look at the market.

        Args:
            before: The window whose place on the screen this one takes.
        """
        self._restore()
        if before is not None and not self.isMaximized():
            # What was saved counts in the frame, of which not every window manager tells.
            self.setGeometry(before.geometry())
        self.show()
        self._enter_tray()
        self.pulse.second.connect(self._enter_tray)
        self.pulse.start()
        # Where nothing is ever painted (started minimised), what is late must come all the same.
        QTimer.singleShot(_LATEST_MS, self, self._build_late)
        self._panels["watchlist"].take_focus()
        self._locking.follow()

    async def finish(self, *, is_followed: bool = False) -> None:
        """Keep the layout, end timers and subscriptions, leave the tray.

        Args:
            is_followed: Another desk's window takes this one's place: stay on screen until it does.
        """
        if self._is_closed:
            return
        self._is_closed = True
        self._save()
        self.pulse.stop()
        self.bridge.close()
        if self._replay_bar is not None:
            self._replay_bar.close_bar()
        self.tray.hide()
        if is_followed:
            self.setEnabled(False)
        else:
            self.hide()
        await self.tasks.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide to the tray where there is one and the trader wants it; otherwise ask to quit."""
        if self._is_closed:
            event.accept()
            return
        event.ignore()
        self._save()
        if self.tray.is_there and self.tray.is_shown and self._desk.settings.get("window.close_to_tray"):
            self.hide()
            self._hint_at_tray()
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
        dock = self._docks[name]
        dock.show()
        dock.raise_()
        if name in self._panels:
            self._panels[name].take_focus()

    def panel(self, name: str) -> Panel | None:
        """Return a dock's panel; ``None`` while it is not built."""
        return self._panels.get(name)

    def dock(self, name: str) -> Dock:
        """Return a dock."""
        return self._docks[name]

    def begin_new_rule(self) -> None:
        """Show the rules, the caret in the quick-add line."""
        from tradeassist_desktop.ui.panels.rules import RulesPanel

        self.show_dock("rules")
        panel = self._panels["rules"]
        assert isinstance(panel, RulesPanel)
        panel.begin_new_rule()

    def reset_layout(self) -> None:
        """Put every dock back to its place."""
        for dock in self._docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)
        self._place_docks()
        self._size_docks()

    def listen(self, requests: AlertRequests, channels: LocalChannels) -> None:
        """Do what is asked for on toasts and notifications, from now on."""
        self._go_to_toasts.triggered.connect(channels.toasts.take_keyboard)
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

    def _make_frame(self) -> None:
        self.setStatusBar(self._status)
        head = QWidget(self)
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        # Not menuBar(): that would put a bar of its own in this widget's place.
        self._menu_bar = QMenuBar(head)
        self._menu_bar.setObjectName("menuBar")
        self._menu_bar.setNativeMenuBar(False)
        column.addWidget(self._menu_bar)
        if self._desk.is_dev:
            banner = QLabel("Development run: endpoints may be redirected (--dev).", head)
            banner.setTextFormat(Qt.TextFormat.PlainText)
            banner.setObjectName("devBanner")
            column.addWidget(banner)
        self._replay_bar: ReplayBar | None = None
        if self._desk.replay is not None:
            self._status.say("Live rules rest while a recording is replayed.")
            self._replay_bar = ReplayBar(replay=self._desk.replay, context=self.context, parent=head)
            column.addWidget(self._replay_bar)
        column.addWidget(self._undo)
        self.setMenuWidget(head)

    def _make_docks(self) -> None:
        for spec in PANELS:
            dock = Dock(name=spec.name, title=spec.title, theme=self._theme, parent=self)
            self._docks[spec.name] = dock
            dock.moved.connect(self._look_at_docks)
            if spec.is_late:
                dock.setWidget(Panel(context=self.context))
            else:
                self._panels[spec.name] = spec.build(self.context)
                dock.setWidget(self._panels[spec.name])
        self._place_docks()

    def paintEvent(self, event: QPaintEvent) -> None:
        """After the first paint, build what imports much: the trader sees prices meanwhile."""
        super().paintEvent(event)
        if not self._is_built:
            QTimer.singleShot(0, self, self._build_late)

    def _build_late(self) -> None:
        if self._is_built or self._is_closed:
            return
        self._is_built = True
        for spec in PANELS:
            if spec.is_late:
                holder = self._docks[spec.name].widget()
                self._panels[spec.name] = spec.build(self.context)
                self._docks[spec.name].setWidget(self._panels[spec.name])
                holder.deleteLater()
        self._give_sound()
        self.painted.emit()

    def _give_sound(self) -> None:
        """Let tones be previewed, once there is both the dock and what plays them."""
        panel = self._panels.get("notifications")
        if panel is None or self._sound is None:
            return
        # Not before: it is built late, as it imports much.
        from tradeassist_desktop.ui.panels.notifications import NotificationsPanel

        assert isinstance(panel, NotificationsPanel)
        panel.preview_with(self._sound)

    def _place_docks(self) -> None:
        placed: dict[Qt.DockWidgetArea, Dock] = {}
        for spec in PANELS:
            dock = self._docks[spec.name]
            before = placed.get(spec.area)
            self.addDockWidget(spec.area, dock)
            if before is not None and spec.area is Qt.DockWidgetArea.BottomDockWidgetArea:
                self.tabifyDockWidget(before, dock)
            elif before is not None:
                self.splitDockWidget(before, dock, Qt.Orientation.Horizontal)
            placed[spec.area] = dock
            dock.setVisible(spec.is_shown)
        self._docks["alerts"].raise_()
        self._look_at_docks()

    def _size_docks(self) -> None:
        width, height = self.width(), self.height()
        watchlist, chart, rules = (self._docks[name] for name in ("watchlist", "chart", "rules"))
        horizontal = Qt.Orientation.Horizontal
        shares = [round(width * share) for share in (0.375, 0.335, 0.29)]
        self.resizeDocks([watchlist, chart, rules], shares, horizontal)
        # The areas are shared out first, then what is within the right one.
        self.resizeDocks([chart, rules], shares[1:], horizontal)
        bottom = round(height * 0.30)
        upper = height - bottom - 60
        self.resizeDocks([watchlist, self._docks["alerts"]], [upper, bottom], Qt.Orientation.Vertical)

    def _look_at_docks(self) -> None:
        for dock in self._docks.values():
            dock.look()

    def _make_menus(self) -> None:
        desk_menu = self._menu_bar.addMenu("&Desk")
        rights = self.context.rights
        new_rule = self._action(desk_menu, "New rule…", "Ctrl+N", self.begin_new_rule)
        rights.enable(new_rule, Act.EDIT_RULES)
        self._undo_action = self._action(desk_menu, "Undo", "Ctrl+Z", self._undo.take_back)
        self._pause_action = self._action(
            desk_menu, "Pause all alerts", "Ctrl+Shift+P", self._quieting.toggle_pause
        )
        rights.enable(self._pause_action, Act.SILENCE)
        desk_menu.addSeparator()
        SessionMenu(context=self.context, menu=desk_menu, parent=self)
        desk_menu.addSeparator()
        self._locking.fill(desk_menu)
        desk_menu.addSeparator()
        quit_ = self._action(desk_menu, "Quit", "Ctrl+Q", self.quit_wanted.emit)
        rights.enable(quit_, Act.QUIT)
        desk_menu.setToolTipsVisible(True)
        view_menu = self._menu_bar.addMenu("&View")
        for spec in PANELS:
            self._action(view_menu, spec.title, spec.keys, self._dock_shower(spec.name))
        view_menu.addSeparator()
        self._go_to_toasts = self._action(view_menu, "Go to toasts", "Ctrl+J", None)
        self._make_theme_menu(view_menu)
        self._action(view_menu, "Reset layout", "", self.reset_layout)
        help_menu = self._menu_bar.addMenu("&Help")
        self._action(help_menu, "Keyboard shortcuts", "F1", self._show_shortcuts)
        self._action(help_menu, "About TradeAssist", "", self._show_about)

    def _make_theme_menu(self, view_menu: QMenu) -> None:
        theme_menu = view_menu.addMenu("Theme")
        group = QActionGroup(self)
        self._theme_actions: dict[str, QAction] = {}
        for choice, title in _THEMES:
            action = theme_menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(self._desk.settings.get("appearance.theme") == choice)
            action.triggered.connect(self._theme_setter(choice))
            group.addAction(action)
            self._theme_actions[choice] = action

    def _action(self, menu: QMenu, title: str, keys: str, act: object) -> QAction:
        action = QAction(title, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
        if act is not None:
            action.triggered.connect(act)
        menu.addAction(action)
        return action

    def _dock_shower(self, name: str) -> object:
        return lambda: self.show_dock(name)

    def _theme_setter(self, choice: str) -> object:
        return lambda: self.tasks.start(self._desk.settings.set("appearance.theme", choice))

    # --- reacting

    def _name_pause(self) -> None:
        is_paused = self._desk.silences.pausing() is not None
        self._pause_action.setText("Resume alerts" if is_paused else "Pause all alerts")

    def _on_setting(self, key: str) -> None:
        if key in ("appearance.theme", "appearance.up_down"):
            choice = str(self._desk.settings.get("appearance.theme"))
            self._theme.choose(choice, str(self._desk.settings.get("appearance.up_down")))
            self._theme_actions[choice].setChecked(True)
        elif key == "tray.enabled":
            self._enter_tray()

    def _enter_tray(self) -> None:
        """Be in the tray where the trader wants it, also in one that has come since the start."""
        is_wanted = bool(self._desk.settings.get("tray.enabled"))
        if is_wanted and self.tray.is_there and not self.tray.is_shown:
            self.tray.show()
        elif not is_wanted and self.tray.is_shown:
            self.tray.hide()

    def _show_alerts(self) -> None:
        self.bring_to_front()
        self.show_dock("alerts")

    def _hint_at_tray(self) -> None:
        store = QSettings(str(self._state_file), QSettings.Format.IniFormat)
        if self._is_hint_given or store.value("hints/tray", False, type=bool):
            return
        self._is_hint_given = True
        store.setValue("hints/tray", True)
        self.tray.system_icon.showMessage(
            "TradeAssist goes on watching",
            "The window is closed; the icon in the tray opens it again or quits.",
            self.tray.system_icon.icon(),
        )

    def _show_about(self) -> None:
        dialogs.about(theme=self._theme, source=self._desk.source, parent=self).open()

    def _show_shortcuts(self) -> None:
        groups = [
            ("Everywhere", self.actions() or [a for a in self.findChildren(QAction) if a.parent() is self])
        ]
        if self._replay_bar is not None:
            groups.append(("Replay", self._replay_bar.actions()))
        for spec in PANELS:
            panel = self._panels.get(spec.name)
            if panel is not None:
                groups.append((spec.title, [a for a in panel.findChildren(QAction) if a.parent() is panel]))
        dialogs.shortcuts(groups=groups, parent=self).open()

    # --- layout, kept between runs

    def _restore(self) -> None:
        store = QSettings(str(self._state_file), QSettings.Format.IniFormat)
        geometry, state = store.value("window/geometry"), store.value("window/state")
        if geometry is None or not self.restoreGeometry(geometry):
            screen = QGuiApplication.primaryScreen().availableGeometry()
            self.resize(_FIRST_SIZE.boundedTo(screen.size()))
            self.move(screen.center() - self.rect().center())
        if state is None or not self.restoreState(state, _LAYOUT_VERSION):
            # Docks have their sizes only once the window has one.
            QTimer.singleShot(0, self, self._size_docks)
        self._look_at_docks()

    def _save(self) -> None:
        store = QSettings(str(self._state_file), QSettings.Format.IniFormat)
        store.setValue("window/geometry", self.saveGeometry())
        store.setValue("window/state", self.saveState(_LAYOUT_VERSION))
        store.sync()
        if store.status() is not QSettings.Status.NoError:
            self._status.warn(f"The layout could not be kept in {self._state_file}")
