"""The lock in the window: curtain, menu, role in the status bar, and the sheets."""

from typing import Final

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDockWidget,
    QMainWindow,
    QMenu,
    QStatusBar,
    QToolButton,
    QWidget,
)

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.channels.answering import LocalChannels
from tradeassist_desktop.ui.dialogs import LOCK_ACTION
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.rights import why_not
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.lock.curtain import Cover, Curtain
from tradeassist_desktop.ui.widgets.notice import UndoBar
from tradeassist_desktop.ui.widgets.toast_cards import ToastLimits

_ICON_PX: Final = 12
_COVERED: Final = "TradeAssist is locked: unlock it in its window first."


class Locking(QObject):
    """Shows who is at the desk, and lets them change that. Without a lock there is only the way to one.

    Args:
        undo: What it offers is not the next person's to take back.
        status: Gets the role.
    """

    def __init__(
        self, *, context: PanelContext, undo: UndoBar, status: QStatusBar, window: QMainWindow
    ) -> None:
        super().__init__(window)
        self._context = context
        self._lock = context.desk.lock
        self._undo = undo
        self._window = window
        self._curtain: Curtain | None = None
        self._covers: list[Cover] = []
        self._before: QWidget | None = None
        self._channels: LocalChannels | None = None
        self._lock_action = self._action("Lock", "Ctrl+L", self._lock_now)
        self._lock_action.setObjectName(LOCK_ACTION)
        self._role_action = self._action("Change role…", "", self._change_role)
        self._pin_action = self._action("Change PIN…", "", self._change_pin)
        self._codes_action = self._action("One-time codes…", "", self._set_codes_up)
        self._manage_action = self._action("App lock…", "Ctrl+Alt+L", self._manage)
        context.rights.enable(self._manage_action, Act.MANAGE_LOCK)
        for action in (self._role_action, self._pin_action, self._codes_action):
            context.rights.explain(action, self._why_no_lock)
        context.rights.explain(self._lock_action, self._why_not_lock)
        self._role = self._role_button(status)
        self._show_role()
        context.bridge.access_changed.connect(self.follow)
        context.navigator.app_lock_wanted.connect(self._manage)
        context.theme.changed.connect(self._show_role)

    @property
    def is_covered(self) -> bool:
        """Whether the curtain is drawn."""
        return self._curtain is not None

    def fill(self, menu: QMenu) -> None:
        """Add what a menu of the window has of it."""
        menu.addActions([self._lock_action, self._manage_action])

    def listen(self, channels: LocalChannels) -> None:
        """Have toasts follow who is at the desk, too."""
        self._channels = channels
        self._restrict_toasts()

    def touch(self) -> None:
        """Take note that somebody is there."""
        if self._lock is not None:
            self._lock.app_lock.touch()

    def take_focus(self) -> None:
        """Put the keyboard into the door, where there is one."""
        if self._curtain is not None:
            self._curtain.form.take_focus()

    def warn(self, line: str) -> None:
        """Say at the curtain what the covered status bar could not show."""
        if self._curtain is not None:
            self._curtain.say(line)

    def follow(self) -> None:
        """Show who is at the desk now."""
        lock = self._lock
        if lock is None:
            return
        seat = lock.app_lock.seat
        covers = seat.is_locked and self._context.desk.settings.flag("lock.covers_window")
        if seat.is_locked:
            self._undo.dismiss()
        if covers and self._curtain is None:
            self._draw_curtain(Curtain(lock=lock.app_lock, theme=self._context.theme, parent=self._window))
        elif not covers and self._curtain is not None:
            self._raise_curtain()
        if self._curtain is not None:
            self._curtain.form.offer()
        self._restrict_toasts()
        self._show_role()

    # --- the curtain

    def _draw_curtain(self, curtain: Curtain) -> None:
        self._before = self._window.focusWidget()
        self._close_others()
        self._curtain = curtain
        self._enable_rest(False)
        self._covers = [Cover(parent=dock) for dock in self._docks() if dock.isFloating()]
        for cover in (curtain, *self._covers):
            cover.show()
            cover.raise_()
        self.take_focus()

    def _raise_curtain(self) -> None:
        curtain, self._curtain = self._curtain, None
        covers, self._covers = self._covers, []
        self._enable_rest(True)
        for cover in (curtain, *covers):
            if cover is not None:
                cover.hide()
                cover.deleteLater()
        if self._before is not None:
            self._before.setFocus()
        self._before = None

    def _enable_rest(self, is_on: bool) -> None:
        # Disabled, they take neither Tab nor a shortcut: those of menus rest with their bar.
        for part in (self._window.menuWidget(), self._window.statusBar(), *self._docks()):
            if part is not None:
                part.setEnabled(is_on)

    def _close_others(self) -> None:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        for sheet in self._window.findChildren(QDialog):
            sheet.reject()

    def _docks(self) -> list[QDockWidget]:
        return self._window.findChildren(QDockWidget)

    # --- the role

    def _role_button(self, status: QStatusBar) -> QToolButton:
        button = QToolButton(status)
        button.setObjectName("statusRole")
        button.setProperty("kind", "status")
        button.setFont(ui_font(12))
        button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        menu.addActions([self._lock_action, self._role_action])
        menu.addSeparator()
        menu.addActions([self._pin_action, self._codes_action])
        menu.addSeparator()
        menu.addAction(self._manage_action)
        button.setMenu(menu)
        status.addPermanentWidget(button)
        button.hide()
        return button

    def _why_no_lock(self) -> str:
        has_lock = self._lock is not None and self._lock.app_lock.seat.has_lock
        return "" if has_lock else "No app lock is set up."

    def _why_not_lock(self) -> str:
        is_locked = self._lock is not None and self._lock.app_lock.seat.is_locked
        return "It is locked already." if is_locked else ""

    def _show_role(self) -> None:
        seat = None if self._lock is None else self._lock.app_lock.seat
        has_lock = seat is not None and seat.has_lock
        self._role.setVisible(has_lock)
        self._role_action.setEnabled(has_lock)
        for action in (self._pin_action, self._codes_action):
            self._context.rights.enable(action, Act.CHANGE_OWN_PIN, has_lock)
        self._manage_action.setText("App lock…" if has_lock else "Set up app lock…")
        if seat is None or seat.role is None:
            return
        theme = self._context.theme
        words = "Locked, view only" if seat.is_locked else seat.role.value.capitalize()
        colour = theme.tokens.warn if seat.is_locked else theme.tokens.text_2
        self._role.setIcon(theme.icon("lock" if seat.is_locked else "ring", colour, _ICON_PX))
        self._role.setText(words)
        self._role.setAccessibleName(f"At the desk: {words}")
        self._role.setToolTip(plain_tip(f"At the desk: {words}"))
        self._lock_action.setEnabled(not seat.is_locked)
        self._role_action.setText("Unlock…" if seat.is_locked else "Change role…")

    def _restrict_toasts(self) -> None:
        if self._channels is None or self._lock is None:
            return
        may_answer = self._context.rights.may(Act.ACKNOWLEDGE)
        self._channels.toasts.restrict(
            ToastLimits(
                hides_text=self._lock.app_lock.hides_alert_text,
                why_no_answer="" if may_answer else why_not(Act.ACKNOWLEDGE),
                why_no_way=_COVERED if self.is_covered else "",
            )
        )

    # --- what they do

    def _lock_now(self) -> None:
        if self._lock is None:
            return
        if self._lock.app_lock.seat.has_lock:
            self._lock.app_lock.lock()
        elif QApplication.activeModalWidget() is None:
            self._set_up()

    def _change_role(self) -> None:
        from tradeassist_desktop.ui.widgets.lock.sheets import RoleSheet

        if self._lock is not None:
            RoleSheet(lock=self._lock, theme=self._context.theme, parent=self._window).open()

    def _change_pin(self) -> None:
        from tradeassist_desktop.ui.widgets.lock.sheets import ChangePinSheet

        if self._lock is not None:
            ChangePinSheet(lock=self._lock, parent=self._window).open()

    def _set_codes_up(self) -> None:
        from tradeassist_desktop.ui.widgets.lock.codes_sheet import CodesSheet

        if self._lock is not None:
            CodesSheet(lock=self._lock, parent=self._window).open()

    def _manage(self) -> None:
        from tradeassist_desktop.ui.widgets.lock.lock_sheet import AppLockSheet

        if self._lock is None:
            return
        if not self._lock.app_lock.seat.has_lock:
            self._set_up()
        else:
            AppLockSheet(lock=self._lock, context=self._context, parent=self._window).open()

    def _set_up(self) -> None:
        from tradeassist_desktop.ui.widgets.lock.set_up import SetUpSheet

        if self._lock is not None:
            SetUpSheet(lock=self._lock, parent=self._window).open()

    def _action(self, title: str, keys: str, act: object) -> QAction:
        # The window's own, as all of its menu's: the sheet of shortcuts lists those.
        action = QAction(title, self._window)
        action.setObjectName(f"lock{title.split('…', maxsplit=1)[0].replace(' ', '')}")
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(act)
        return action
