"""One line about a rule being typed: how often it would have fired."""

import asyncio
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QWidget

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.testing.preview import Preview
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.testing import preview_words

_TYPING_MS: Final = 150
_DAYS: Final = 5


class WouldFire(QLabel):
    """Looks at what is kept a moment after the last key; hidden while there is nothing to tell."""

    changed = Signal()
    """It may need another height."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._rule: Rule | None = None
        self._looking: asyncio.Task[Any] | None = None
        self.setObjectName("quickAddWouldFire")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("tone", "quiet")
        self.setFont(ui_font(SMALL_PX))
        self.hide()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._look)

    def show_rule(self, rule: Rule | None) -> None:
        """Tell of this rule; ``None`` while what is typed is none."""
        if rule is None:
            self._end()
            self._say("")
        elif rule != self._rule:
            self._end()
            self._say("Looking at the past…")  # its place is taken: the sheet does not jump at the answer
            self._context.desk.previews.prepare()
            self._typing.start()
        self._rule = rule

    def _end(self) -> None:
        self._typing.stop()
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _look(self) -> None:
        if self._rule is not None:
            self._looking = self._context.tasks.start(self._tell(self._rule))

    async def _tell(self, rule: Rule) -> None:
        try:
            found = await self._context.desk.previews.look(rule, by=self, days=_DAYS)
        except TradeAssistError as error:
            self._say(f"Where it would have fired could not be tried: {error}")
        else:
            self._say(_in_words(found))

    def _say(self, words: str) -> None:
        if words != self.text():
            self.setText(words)
            self.setVisible(bool(words))
            self.changed.emit()


def _in_words(found: Preview) -> str:
    if found.error:
        return f"Where it would have fired could not be tried: {found.error}"
    if found.first_ns is None:
        return preview_words.no_data(found)
    parts = (preview_words.headline(found, _DAYS), preview_words.outcome(found))
    return " · ".join(part for part in parts if part)
