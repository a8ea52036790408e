"""The page of the app lock: how it stands, the way to its sheets, and its settings."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.lock.lock_sheet import CHECKS
from tradeassist_desktop.ui.widgets.settings.setting_row import SettingLineRow
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

_KEYS: Final = (*dict(CHECKS), "lock.idle_minutes")
_OPEN: Final = "No lock is set up: whoever reaches this desk may do everything."
_WIDEST_PX: Final = 1_100


class AppLockPage(QWidget):
    """PINs and roles are given in the lock's own sheets; what is here holds at once."""

    def __init__(
        self, *, lock: DeskLock, context: PanelContext, changes: Changes, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._lock = lock.app_lock
        self._context = context
        self._state = plain_label(self, ui_font(12, weight=QFont.Weight.DemiBold))
        self._state.setObjectName("appLockState")
        self._manage = named_button("appLockManage", "Set up…", parent=self)
        self._manage.clicked.connect(context.navigator.app_lock_wanted)
        context.rights.enable(self._manage, Act.MANAGE_LOCK)
        page = QWidget()
        page.setMaximumWidth(_WIDEST_PX)
        self._rows = {
            row.spec.key: SettingLineRow(row=row, context=context, changes=changes, parent=page)
            for row in context.desk.settings.rows()
            if row.spec.key in _KEYS
        }
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(self._state)
        column.addWidget(self._manage, 0, Qt.AlignmentFlag.AlignLeft)
        for key in _KEYS:
            column.addWidget(self._rows[key])
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setObjectName("appLockPage")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        scroll.viewport().setAutoFillBackground(False)
        page.setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)
        self.setFocusProxy(self._manage)
        context.bridge.access_changed.connect(self.refresh)
        context.bridge.setting_changed.connect(
            lambda key: self.refresh() if key.startswith("lock.") else None
        )
        changes.settled.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show how it stands now."""
        seat = self._lock.seat
        if seat.has_lock:
            roles = ", ".join(f"the {door.role}" for door in self._lock.doors)
            self._state.setText(f"The lock is set up; with a PIN: {roles or 'not known yet'}.")
        else:
            self._state.setText(_OPEN)
        self._manage.setText("Roles and PINs…" if seat.has_lock else "Set up…")
        self._manage.setAccessibleName(f"App lock: {self._manage.text().rstrip('…')}")
        for row in self._context.desk.settings.rows():
            if row.spec.key in self._rows:
                self._rows[row.spec.key].show_row(row)
