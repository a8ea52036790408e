"""The admin's sheet: when the desk locks, what is seen then, whose PINs there are."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.ui.dialogs import Sheet
from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.controls import Check, Number
from tradeassist_desktop.ui.widgets.lock.pin_line import words
from tradeassist_desktop.ui.widgets.lock.sheets import LINE_PX, SetPinSheet

if TYPE_CHECKING:
    from tradeassist_desktop.ui.panels.base import PanelContext

_SURE: Final = "Open the desk to everybody?"
CHECKS: Final = (
    ("lock.at_start", "Lock when the program starts"),
    ("lock.covers_window", "Cover rules and prices while locked"),
    ("lock.hides_alert_text", "Hide the text of toasts and notifications while locked"),
)
"""Settings that are on or off, as people call them."""
IDLE: Final = "Lock when nobody is there for"


class AppLockSheet(Sheet):
    """Changes hold at once."""

    def __init__(self, *, lock: DeskLock, context: "PanelContext", parent: QWidget) -> None:
        super().__init__(name="appLock", title="App lock", parent=parent)
        self._lock = lock
        self._context = context
        self._tasks = Tasks(on_error=self._refuse)
        self.column.addWidget(_head(self, "App lock"))
        for key, title in CHECKS:
            check = Check(title, name=key, title=title, theme=context.theme, parent=self)
            check.setChecked(context.desk.settings.flag(key))
            check.setToolTip(plain_tip(setting(key).doc))
            check.clicked.connect(lambda is_on, key=key: self._set(key, is_on))
            self.column.addWidget(check)
        self.column.addLayout(self._idle_row())
        self.column.addWidget(_head(self, "Roles"))
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(8)
        self._rows.setColumnStretch(1, 1)
        self.column.addLayout(self._rows)
        self._fault = words(self, tone="danger", name="appLockFault")
        self._fault.setMinimumWidth(LINE_PX)
        self.column.addWidget(self._fault)
        self._away = _button("lockTakeAway", "Take the lock away", self)
        self._away.clicked.connect(self._take_away)
        close = _button("appLockClose", "Close", self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self._away)
        buttons.addStretch(1)
        buttons.addWidget(close)
        self.column.addLayout(buttons)
        self._show_roles()

    def _idle_row(self) -> QHBoxLayout:
        spec = setting("lock.idle_minutes")
        said = words(self, IDLE)
        said.setWordWrap(False)
        idle = Number(
            name=spec.key,
            title="Minutes without mouse or keys until the desk locks itself",
            low=0,
            high=int(spec.maximum or 0),
            suffix=" m",
            parent=self,
        )
        idle.setSpecialValueText("never")
        idle.show_number(int(self._context.desk.settings.number(spec.key)))
        idle.turned.connect(lambda minutes: self._set(spec.key, minutes))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(said)
        row.addWidget(idle)
        row.addStretch(1)
        return row

    def _show_roles(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        there = {door.role: door for door in self._lock.app_lock.doors}
        for place, role in enumerate((Role.ADMIN, Role.TRADER, Role.VIEWER)):
            door = there.get(role)
            state = "no PIN" if door is None else "PIN and one-time codes" if door.has_codes else "PIN"
            self._rows.addWidget(words(self, role.value.capitalize()), place, 0)
            self._rows.addWidget(words(self, state, tone="second", name=f"{role}State"), place, 1)
            pin = _button(f"{role}SetPin", "Set PIN…" if door is None else "New PIN…", self)
            pin.clicked.connect(partial(self._ask_for_pin, role))
            self._rows.addWidget(pin, place, 2)
            if door is not None and door.has_codes:
                drop = _button(f"{role}DropCodes", "Codes off", self)
                drop.clicked.connect(partial(self._do, partial(self._lock.keys.drop_codes, role)))
                self._rows.addWidget(drop, place, 3)
            elif door is not None and role is not Role.ADMIN:
                drop = _button(f"{role}DropPin", "Remove PIN", self)
                drop.clicked.connect(partial(self._do, partial(self._lock.keys.set_pin, role, None)))
                self._rows.addWidget(drop, place, 3)

    def _ask_for_pin(self, role: Role, _: bool = False) -> None:
        sheet = SetPinSheet(lock=self._lock, role=role, parent=self)
        sheet.accepted.connect(self._show_roles)
        sheet.open()

    def _do(self, work: Callable[[], Awaitable[None]], _: bool = False) -> None:
        async def change() -> None:
            await work()
            self._show_roles()

        self._tasks.start(change())

    def _set(self, key: str, value: bool | int) -> None:
        self._tasks.start(self._context.desk.settings.set(key, value))

    def _take_away(self) -> None:
        if self._away.text() != _SURE:  # a click too many must not open the desk to everybody
            self._away.setText(_SURE)
            return

        async def take_away() -> None:
            await self._lock.keys.take_away()
            self.accept()

        self._tasks.start(take_away())

    def _refuse(self, line: str) -> None:
        self._fault.setText(line)
        self._fault.setMinimumHeight(self._fault.heightForWidth(LINE_PX))


def _head(parent: QWidget, title: str) -> QWidget:
    head = words(parent, title)
    head.setFont(ui_font(13, weight=QFont.Weight.DemiBold))
    return head


def _button(name: str, title: str, parent: QWidget) -> QPushButton:
    button = QPushButton(title, parent)
    button.setObjectName(name)
    button.setAutoDefault(False)
    return button
