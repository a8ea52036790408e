"""The sheet that sets the app lock up."""

from typing import Final

from PySide6.QtWidgets import QWidget

from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.ui.widgets.lock.pin_line import NewPin, words
from tradeassist_desktop.ui.widgets.lock.sheets import LINE_PX, LockSheet, ShownOnce

_SAID: Final = (
    "For a screen or desk that others can reach. An admin may do everything, a trader all but settings and "
    "credentials, and whoever has no PIN may look. Alerts are decided, told and delivered behind the lock "
    "as before. PINs are kept in this system's keyring, at least six digits or letters."
)
_RESET: Final = (
    "The reset key. It takes the lock away when the admin's PIN is forgotten or the keyring is lost: end the "
    "program and run “tradeassist lock reset”. It is shown here once; keep it on paper, not on this computer."
)


class SetUpSheet(LockSheet):
    """PINs, each typed twice; then the reset key."""

    def __init__(self, *, lock: DeskLock, parent: QWidget) -> None:
        super().__init__(name="lockSetUp", title="App lock", verb="Set up", parent=parent)
        self._keys = lock.keys
        self._window = parent
        told = words(self, _SAID, tone="second")
        told.setMinimumWidth(LINE_PX)
        told.setMinimumHeight(told.heightForWidth(LINE_PX))
        self._pins = {
            role: NewPin(name=f"{role}Pin", title=f"PIN of the {role}", parent=self)
            for role in (Role.ADMIN, Role.TRADER)
        }
        optional = words(self, "Optional: without one, only the admin unlocks.", tone="quiet")
        for part in (told, self._pins[Role.ADMIN], self._pins[Role.TRADER], optional):
            self.column.addWidget(part)
        self.close_column()

    async def do(self) -> None:
        """Set it up."""
        reset_key = await self._keys.set_up(
            {role: pin.value() for role, pin in self._pins.items() if role is Role.ADMIN or not pin.is_empty}
        )
        for pin in self._pins.values():
            pin.clear()
        self.accept()
        ShownOnce(
            name="resetKey", title="Write this down", said=_RESET, texts=(reset_key,), parent=self._window
        ).open()
