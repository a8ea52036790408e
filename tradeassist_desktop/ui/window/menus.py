"""The menu bar: what can be asked of the window, each with its shortcut."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QMenuBar

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.locking import Locking
from tradeassist_desktop.ui.panels import PANELS
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.quieting import Quieting
from tradeassist_desktop.ui.session_menu import SessionMenu
from tradeassist_desktop.ui.widgets.notice import UndoBar
from tradeassist_desktop.ui.window.dock_acts import DockActs
from tradeassist_desktop.ui.window.docks import Docks
from tradeassist_desktop.ui.window.focus import FocusWatch
from tradeassist_desktop.ui.window.layout_menu import LayoutMenu
from tradeassist_desktop.ui.window.layouts import Layouts
from tradeassist_desktop.ui.window.sheets import Sheets
from tradeassist_desktop.ui.window.transfers import Transfers
from tradeassist_desktop.ui.window.undoing import Undoing

_THEMES: Final = (("dark", "Dark"), ("light", "Light"), ("system", "As the system"))


class Menus(QObject):
    """Fills the menu bar; every action is the window's own, so that lists of them find it.

    Args:
        bar: Gets the menus.
        show_dock: Brings a dock to the front.
    """

    def __init__(
        self,
        *,
        context: PanelContext,
        bar: QMenuBar,
        docks: Docks,
        focus: FocusWatch,
        layouts: Layouts,
        locking: Locking,
        undo: UndoBar,
        transfers: Transfers,
        show_dock: Callable[[str], None],
        sheets: Sheets,
        quit_: Callable[[], None],
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._quieting = Quieting(context=context)
        self._make_desk_menu(bar.addMenu("&Desk"), locking, transfers, quit_)
        self._make_rules_menu(bar.addMenu("&Rules"), undo, transfers, sheets)
        self._make_view_menu(bar.addMenu("&View"), docks, focus, layouts, show_dock, sheets)
        help_menu = bar.addMenu("&Help")
        help_menu.addAction(self._dock_actions["language"])
        self._action(help_menu, "Keyboard shortcuts", "F1", sheets.open_shortcuts)
        self._action(help_menu, "Welcome…", "", sheets.open_welcome)
        self._action(help_menu, "About TradeAssist", "", sheets.open_about)
        context.bridge.silences_changed.connect(self._name_pause)
        context.bridge.setting_changed.connect(self._on_setting)

    def _make_desk_menu(
        self, menu: QMenu, locking: Locking, transfers: Transfers, quit_: Callable[[], None]
    ) -> None:
        rights = self._context.rights
        self._pause = self._action(menu, "Pause all alerts", "Ctrl+Shift+P", self._quieting.toggle_pause)
        self._pause.setIconText("Pause all alerts")  # its name, whatever it says
        rights.enable(self._pause, Act.SILENCE)
        menu.addSeparator()
        SessionMenu(context=self._context, menu=menu, parent=self._window)
        menu.addSeparator()
        transfers.fill_desk_menu(menu)
        menu.addSeparator()
        locking.fill(menu)
        menu.addSeparator()
        rights.enable(self._action(menu, "Quit", "Ctrl+Q", quit_), Act.QUIT)
        menu.setToolTipsVisible(True)

    def _make_rules_menu(self, menu: QMenu, undo: UndoBar, transfers: Transfers, sheets: Sheets) -> None:
        new = self._action(menu, "New rule…", "Ctrl+N", sheets.open_quick_add)
        templates = self._action(menu, "From template…", "Ctrl+Shift+N", sheets.open_templates)
        for action in (new, templates):
            self._context.rights.enable(action, Act.EDIT_RULES)
        menu.addSeparator()
        transfers.fill_rules_menu(menu)
        menu.addSeparator()
        Undoing(
            bar=undo,
            changes=self._context.rule_changes,
            undo=self._action(menu, "Undo", "Ctrl+Z", None),
            redo=self._action(menu, "Redo", "Ctrl+Shift+Z", None),
            say=self._context.navigator.noticed.emit,
            keys=self._context.keys,
            parent=self,
        )
        menu.setToolTipsVisible(True)

    def _make_view_menu(
        self,
        menu: QMenu,
        docks: Docks,
        focus: FocusWatch,
        layouts: Layouts,
        show_dock: Callable[[str], None],
        sheets: Sheets,
    ) -> None:
        self._action(menu, "Command palette…", "Ctrl+K", sheets.open_palette)
        menu.addSeparator()
        self._dock_actions = {
            spec.name: self._action(menu, spec.title, spec.keys, partial(show_dock, spec.name))
            for spec in PANELS
        }
        menu.addSeparator()
        acts = DockActs(
            context=self._context,
            docks=docks,
            show_dock=show_dock,
            named=self._dock_actions,
            focus=focus,
            window=self._window,
        )
        acts.fill(menu.addMenu("Dock"))
        self.go_to_toasts = self._action(menu, "Go to toasts", "Ctrl+J", None)
        self._make_theme_menu(menu.addMenu("Theme"))
        layouts_menu = QMenu("Layouts", menu)
        menu.addMenu(layouts_menu)
        LayoutMenu(
            menu=layouts_menu,
            layouts=layouts,
            docks=docks,
            navigator=self._context.navigator,
            window=self._window,
        )

    def _make_theme_menu(self, menu: QMenu) -> None:
        group = QActionGroup(self)
        self._themes: dict[str, QAction] = {}
        for choice, title in _THEMES:
            action = self._action(menu, title, "", partial(self._wear, choice))
            action.setCheckable(True)
            action.setChecked(self._context.desk.settings.get("appearance.theme") == choice)
            group.addAction(action)
            self._themes[choice] = action

    def _wear(self, choice: str) -> None:
        self._context.tasks.start(self._context.desk.settings.set("appearance.theme", choice))

    def _on_setting(self, key: str) -> None:
        if key == "appearance.theme":
            self._themes[str(self._context.desk.settings.get(key))].setChecked(True)

    def _name_pause(self) -> None:
        is_paused = self._context.desk.silences.pausing() is not None
        self._pause.setText("Resume alerts" if is_paused else "Pause all alerts")

    def _action(self, menu: QMenu, title: str, keys: str, act: Callable[[], object] | None) -> QAction:
        action = QAction(title, self._window)
        if keys:
            action.setShortcut(QKeySequence(keys))
        if act is not None:
            action.triggered.connect(act)
        menu.addAction(action)
        return action
