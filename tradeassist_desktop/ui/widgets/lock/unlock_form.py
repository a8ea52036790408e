"""The door: a role, its PIN, a one-time code where it has them."""

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.services.access.app_lock import AppLock
from tradeassist_desktop.services.access.one_time_codes import CodeRefused
from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.text import with_whole_amounts
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.controls import Choice
from tradeassist_desktop.ui.widgets.lock.pin_line import code_line, pin_line, words

WIDTH_PX: Final = 280
_WAIT_WORDS: Final = "Checking…"


class UnlockForm(QWidget):
    """Forgets what was typed as soon as it was tried."""

    opened = Signal()
    """The PIN was right."""

    def __init__(self, *, lock: AppLock, theme: Theme, verb: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._lock = lock
        self._verb = verb
        self._tasks = Tasks(on_error=self._refuse)
        self._role = Choice(name="unlockRole", title="Role", theme=theme, parent=self)
        self._role.setFixedWidth(WIDTH_PX)
        self._role.picked.connect(lambda _: self._show_code())
        self.pin = pin_line("unlockPin", "PIN", parent=self)
        self._code = code_line("unlockCode", "One-time code, or a recovery code", parent=self)
        self._go = QPushButton(verb, self)
        self._go.setObjectName("unlockGo")
        self._go.setAccessibleName(verb)
        self._go.setProperty("kind", "primary")
        self._go.setDefault(True)
        self._fault = words(self, tone="danger", name="unlockFault")
        self._fault.setFixedWidth(WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self._role, self.pin, self._code, self._go, self._fault):
            column.addWidget(part)
        self._go.clicked.connect(self._try)
        for line in (self.pin, self._code):
            line.returnPressed.connect(self._try)
        self.offer()

    def offer(self, role: Role | None = None) -> None:
        """Offer the roles there are; the choice stays where it can, at first it is who was there last.

        Args:
            role: Chosen instead.
        """
        roles = [(door.role.value, door.role.value.capitalize()) for door in self._lock.doors]
        if roles:
            chosen = role or self._role.value or self._lock.latest or ""
            known = [value for value, _ in roles]
            self._role.offer(roles, chosen if chosen in known else known[0])
        self._role.setVisible(len(roles) > 1)
        self._show_code()
        self._say(self._lock.trouble)

    def clear(self) -> None:
        """Forget what was typed."""
        self.pin.clear()
        self._code.clear()

    def take_focus(self) -> None:
        """Put the keyboard into the PIN's field, once the window has it."""
        QTimer.singleShot(0, self.pin, self.pin.setFocus)

    def _show_code(self) -> None:
        wanted = [door.has_codes for door in self._lock.doors if door.role.value == self._role.value]
        self._code.setVisible(any(wanted))

    def _try(self) -> None:
        if self._lock.doors and not self.pin.text():
            self._say("Enter the PIN.")  # none is no wrong one, after three of which one has to wait
        elif self._go.isEnabled():
            self._tasks.start(self._unlock())

    async def _unlock(self) -> None:
        if not self._lock.doors:
            await self._lock.load()  # the keyring was silent, and may not be any more
            self.offer()
            if len(self._lock.doors) > 1:
                self._say("Choose the role whose PIN it is.")
                return
        role = Role(self._role.value) if self._role.value else Role.ADMIN
        pin, code = self.pin.text(), self._code.text()
        self._go.setEnabled(False)
        self._go.setText(_WAIT_WORDS)
        try:
            await self._lock.unlock(role, pin, code)
        except CodeRefused as refused:  # the PIN was right: it need not be typed again
            self._code.clear()
            self._code.setFocus()
            self._say(str(refused))
            return
        finally:
            self._go.setEnabled(True)
            self._go.setText(self._verb)
        self.clear()
        self._say("")
        self.opened.emit()

    def _refuse(self, line: str) -> None:
        self.pin.clear()
        self.offer()
        self.pin.setFocus()
        self._say(line)

    def _say(self, line: str) -> None:
        self._fault.setText(with_whole_amounts(line))
        self._fault.setVisible(bool(line))
        # A layout gives a label that wraps the height of its width before.
        self._fault.setMinimumHeight(self._fault.heightForWidth(WIDTH_PX) if line else 0)
