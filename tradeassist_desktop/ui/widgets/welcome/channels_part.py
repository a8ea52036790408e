"""Where alerts go, tried on the welcome sheet."""

import asyncio
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.tips import plain_tip


class ChannelsPart(QWidget):
    """Each channel with a test; those that want something first lead to their form."""

    set_up_wanted = Signal(str)
    """The form of this channel."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._said: dict[str, QLabel] = {}
        self._tests: dict[str, QPushButton] = {}
        self._running: dict[str, asyncio.Task[Any]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        setup = context.desk.channel_setup
        for row, channel in enumerate(setup.names):
            title = QLabel(setup.title(channel), self)
            title.setTextFormat(Qt.TextFormat.PlainText)
            said = QLabel(self)
            said.setObjectName(f"welcomeSaid_{channel}")
            said.setTextFormat(Qt.TextFormat.PlainText)
            said.setProperty("tone", "quiet")
            said.setFont(ui_font(SMALL_PX))
            said.setWordWrap(True)
            test = self._button(f"welcomeTest_{channel}", "Send a test", f"Send a test to {title.text()}")
            test.clicked.connect(partial(self._on_test, channel))
            context.rights.enable(test, Act.RESEND)
            for place, part in enumerate((title, said, test)):
                grid.addWidget(part, row, place)
            if setup.has_form(channel):
                set_up = self._button(f"welcomeSetUp_{channel}", "Set up…", f"Set up {title.text()}")
                set_up.clicked.connect(partial(self.set_up_wanted.emit, channel))
                context.rights.enable(set_up, Act.CREDENTIALS)
                grid.addWidget(set_up, row, 3)
            self._said[channel], self._tests[channel] = said, test

    def ask(self) -> None:
        """Look which channels want something first."""
        self._context.tasks.start(self._ask())

    async def _ask(self) -> None:
        setup = self._context.desk.channel_setup
        for channel, said in self._said.items():
            missing = await setup.missing(channel)
            self._context.rights.enable(self._tests[channel], Act.RESEND, not missing)
            if channel not in self._running:
                self._say(channel, "Not set up" if missing else "Ready", "quiet")
                said.setToolTip(plain_tip(missing))

    def _on_test(self, channel: str) -> None:
        if channel not in self._running:
            self._running[channel] = self._context.tasks.start(self._test(channel))

    async def _test(self, channel: str) -> None:
        self._say(channel, "Sending…", "second")
        try:
            tested = await self._context.desk.channel_setup.test(channel)
        finally:
            del self._running[channel]
        words = tested.words if tested.is_delivered else f"Not delivered: {tested.words}"
        self._say(channel, words, "up" if tested.is_delivered else "danger")

    def _say(self, channel: str, words: str, tone: str) -> None:
        said = self._said[channel]
        said.setText(words)
        said.setProperty("tone", tone)
        said.style().polish(said)

    def _button(self, name: str, words: str, title: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setAccessibleName(title)
        button.setAutoDefault(False)
        return button
