"""Puts the reminder to replace a credential off, where one is due."""

from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.services.credentials.credential import Credential
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button

_DAYS: Final = 7


class Reminder(QWidget):
    """One button; not there where nobody is reminded."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._shown: Credential | None = None
        self._snooze = named_button("credentialSnooze", "Remind me in a week", parent=self)
        self._snooze.setToolTip(plain_tip("Nothing is replaced: it works on as it is"))
        self._snooze.clicked.connect(self._put_off)
        context.rights.enable(self._snooze, Act.ROTATE)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._snooze)
        row.addStretch(1)
        self.hide()

    def show_credential(self, credential: Credential) -> None:
        """Be about this credential."""
        self._shown = credential
        self._snooze.setAccessibleName(f"Remind me in a week: {credential.title}")
        self.setVisible(credential.is_reminded_of)

    def _put_off(self) -> None:
        credential = self._shown
        if credential is None:
            return
        desk, navigator = self._context.desk, self._context.navigator

        async def put_off() -> None:
            await desk.rotation.snooze(credential.name, days=_DAYS)
            navigator.noticed.emit(f"You are reminded of the {credential.title} again in a week")
            await desk.credentials.look(credential.name)

        self._context.tasks.start(put_off())
