"""Small sheets of the lock: who else sits down, another PIN, a text to write down."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.ui.clipboard import copy_for_a_while
from tradeassist_desktop.ui.dialogs import Sheet
from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.text import with_whole_amounts
from tradeassist_desktop.ui.theme import Theme, code_font, ui_font
from tradeassist_desktop.ui.widgets.lock.pin_line import NewPin, pin_line, words
from tradeassist_desktop.ui.widgets.lock.unlock_form import UnlockForm

LINE_PX: Final = 420


class LockSheet(Sheet):
    """A sheet with a title, a line for what is wrong, and two buttons; nothing modal.

    Args:
        verb: What its button does.
    """

    def __init__(self, *, name: str, title: str, verb: str, parent: QWidget) -> None:
        super().__init__(name=name, title=title, parent=parent)
        self.setModal(False)
        self.tasks = Tasks(on_error=self.refuse)
        head = words(self, title)
        head.setFont(ui_font(14, weight=QFont.Weight.DemiBold))
        self.column.addWidget(head)
        self._verb = verb

    def close_column(self) -> None:
        """Add the last lines, below what is there, and behind it in the order of Tab."""
        name = self.objectName()
        self._fault = words(self, tone="danger", name=f"{name}Fault")
        self._fault.hide()
        self._go = QPushButton(self._verb, self)
        self._go.setObjectName(f"{name}Go")
        self._go.setProperty("kind", "primary")
        self._go.setDefault(True)
        self._go.clicked.connect(self._start)
        cancel = QPushButton("Cancel", self)
        cancel.setObjectName(f"{name}Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._go)
        self.column.addWidget(self._fault)
        self.column.addLayout(buttons)

    async def do(self) -> None:
        """Do what the sheet is for; what it raises is said on it."""
        raise NotImplementedError

    def refuse(self, line: str) -> None:
        """Say what is wrong; the sheet stays."""
        self._fault.setText(with_whole_amounts(line))
        self._fault.show()
        self._fault.setMinimumHeight(self._fault.heightForWidth(LINE_PX))
        self.adjustSize()

    def _start(self) -> None:
        self.tasks.start(self._done())

    async def _done(self) -> None:
        self._go.setEnabled(False)
        try:
            await self.do()
        finally:
            self._go.setEnabled(True)


class RoleSheet(Sheet):
    """Somebody else sits down: as at the curtain, with the desk in sight."""

    def __init__(self, *, lock: DeskLock, theme: Theme, parent: QWidget) -> None:
        seat = lock.app_lock.seat
        title = "Unlock" if seat.is_locked else "Change role"
        super().__init__(name="roleSheet", title=title, parent=parent)
        head = words(self, title)
        head.setFont(ui_font(14, weight=QFont.Weight.DemiBold))
        form = UnlockForm(lock=lock.app_lock, theme=theme, verb=title, parent=self)
        others = [door.role for door in lock.app_lock.doors if door.role is not seat.role]
        form.offer(None if seat.is_locked or not others else others[0])
        form.opened.connect(self.accept)
        cancel = QPushButton("Cancel", self)
        cancel.setObjectName("roleSheetCancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        for part in (head, form, cancel):
            self.column.addWidget(part)
        form.take_focus()


class ChangePinSheet(LockSheet):
    """The PIN of the role at the desk, with the present one."""

    def __init__(self, *, lock: DeskLock, parent: QWidget) -> None:
        role = lock.app_lock.seat.role
        super().__init__(name="changePin", title=f"PIN of the {role}", verb="Change", parent=parent)
        self._keys = lock.keys
        self._present = pin_line("presentPin", "Present PIN", parent=self)
        self._present.setMinimumWidth(LINE_PX)
        self._new = NewPin(name="newPin", title="New PIN", parent=self)
        self.column.addWidget(self._present)
        self.column.addWidget(self._new)
        self.close_column()

    async def do(self) -> None:
        """Change it."""
        await self._keys.change_own_pin(self._present.text(), self._new.value())
        self.accept()


class SetPinSheet(LockSheet):
    """A PIN that an admin gives a role."""

    def __init__(self, *, lock: DeskLock, role: Role, parent: QWidget) -> None:
        super().__init__(name="setPin", title=f"PIN of the {role}", verb="Set", parent=parent)
        self._keys, self._role = lock.keys, role
        self._new = NewPin(name="newPin", title="New PIN", parent=self)
        self._new.setMinimumWidth(LINE_PX)
        self.column.addWidget(self._new)
        self.close_column()

    async def do(self) -> None:
        """Set it."""
        await self._keys.set_pin(self._role, self._new.value())
        self.accept()


class ShownOnce(Sheet):
    """Texts to be written down: they are shown here and nowhere else, ever.

    Args:
        on_copied: Told that they are on the clipboard, for half a minute.
    """

    def __init__(self, *, name: str, title: str, said: str, texts: Sequence[str], parent: QWidget) -> None:
        super().__init__(name=name, title=title, parent=parent)
        head = words(self, title)
        head.setFont(ui_font(14, weight=QFont.Weight.DemiBold))
        told = words(self, said, tone="second")
        told.setMinimumWidth(LINE_PX)
        shown = words(self, "\n".join(texts), name=f"{name}Text")
        shown.setFont(code_font(14))
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        copied = QPushButton("Copy for 30 s", self)
        copied.setObjectName(f"{name}Copy")
        copied.setProperty("kind", "link")
        copied.setAutoDefault(False)
        # Of the window: the sheet may be closed before it is pasted.
        copied.clicked.connect(lambda: copy_for_a_while("\n".join(texts), owner=parent))
        done = QPushButton("I have written it down", self)
        done.setObjectName(f"{name}Done")
        done.setDefault(True)
        done.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(copied)
        buttons.addStretch(1)
        buttons.addWidget(done)
        for part in (head, told, shown):
            self.column.addWidget(part)
        self.column.addLayout(buttons)
