"""The versions of a credential, where its keeper has them: each can be disabled, enabled or destroyed."""

from collections.abc import Coroutine
from functools import partial
from typing import Any, Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.secret import SecretVersion, VersionState
from tradeassist_desktop.services.credentials.credential import Credential
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

_STATES: Final = {
    VersionState.ENABLED: "enabled",
    VersionState.DISABLED: "disabled",
    VersionState.DESTROYED: "destroyed",
}


class VersionList(QWidget):
    """Asked for by a click, as to list them is a call to another machine."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("credentialVersions")
        self._context = context
        self._credentials = context.desk.credentials
        self._name = ""
        self._lines: list[_VersionLine] = []
        self._ask = named_button("showVersions", "Show versions", parent=self)
        self._ask.setProperty("kind", "link")
        self._ask.setProperty("isAtEdge", True)
        self._ask.clicked.connect(lambda: self._do(self._read()))
        self._said = plain_label(self, ui_font(12), tone="danger")
        self._said.setObjectName("versionsSaid")
        self._said.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(self._ask)
        row.addStretch(1)
        self._column.addLayout(row)
        self._column.addWidget(self._said)

    def show_credential(self, credential: Credential) -> None:
        """Be about this credential; its versions are asked for when they are wanted."""
        self.setVisible(bool(credential.version) or (bool(self._lines) and credential.name == self._name))
        if credential.name != self._name:
            self._name = credential.name
            self._clear()
            self._say("")

    async def _read(self) -> None:
        name = self._name
        source, versions = await self._credentials.versions(name)
        if name != self._name:
            return
        self._clear()
        now_ns = self._context.desk.clock.now_ns()
        for version in versions:
            line = _VersionLine(context=self._context, version=version, now_ns=now_ns, parent=self)
            for button, state in line.buttons:
                button.clicked.connect(partial(self._on_click, line, state, source))
            self._column.addWidget(line)
            line.show()
            self._lines.append(line)
        self._ask.setText("Look again")

    def _on_click(self, line: "_VersionLine", state: VersionState, source: str, _: bool = False) -> None:
        if state is VersionState.DESTROYED and not line.is_sure():
            return
        self._do(self._set(line.version, state, source))

    async def _set(self, version: SecretVersion, state: VersionState, source: str) -> None:
        try:
            await self._credentials.set_version(self._name, version, state, source=source)
        finally:
            await self._read()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        self._say("")

        async def told() -> None:
            try:
                await work
            except TradeAssistError as error:
                self._say(str(error))

        self._context.tasks.start(told())

    def _say(self, words: str) -> None:
        self._said.setText(words)
        self._said.setVisible(bool(words))

    def _clear(self) -> None:
        for line in self._lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines.clear()
        self._ask.setText("Show versions")


class _VersionLine(QWidget):
    """One version; to destroy it takes a second click, as that cannot be undone."""

    def __init__(
        self, *, context: PanelContext, version: SecretVersion, now_ns: int, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.version = version
        said = plain_label(self, ui_font(12), tone="second")
        when = "" if version.created_ns is None else f", {text.age(now_ns - version.created_ns)} old"
        said.setText(f"Version {version.version}: {_STATES[version.state]}{when}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(said, 1)
        self.buttons = []
        if version.state is VersionState.DESTROYED:
            return
        is_enabled = version.state is VersionState.ENABLED
        switch = named_button(
            f"version{version.version}Switch", "Disable" if is_enabled else "Enable", parent=self
        )
        self._destroy = named_button(f"version{version.version}Destroy", "Destroy", parent=self)
        self.buttons = [
            (switch, VersionState.DISABLED if is_enabled else VersionState.ENABLED),
            (self._destroy, VersionState.DESTROYED),
        ]
        for button, _ in self.buttons:
            button.setAccessibleName(f"{button.text()} version {version.version}")
            context.rights.enable(button, Act.CREDENTIALS)
            row.addWidget(button)

    def is_sure(self) -> bool:
        """Return whether it was asked already; else ask."""
        asked = "Destroy for good?"
        if self._destroy.text() == asked:
            return True
        self._destroy.setText(asked)
        self._destroy.setAccessibleName(f"Destroy version {self.version.version} for good: press again")
        return False
