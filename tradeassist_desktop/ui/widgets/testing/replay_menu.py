"""A button that replays a recording in which a rule's symbol is."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.recordings import KeptRecording
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.testing.preview import MarketFile
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.tips import plain_tip

_MOST: Final = 12


class ReplayMenu(QToolButton):
    """A replay runs all rules that are kept and on; the menu says where that is not so of this one."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._rule: Rule | None = None
        self._file: MarketFile | None = None
        self.setObjectName("testReplay")
        self.setText("Replay a day")
        self.setAccessibleName("Replay a day with the rule armed")
        self.setToolTip(plain_tip("Play a recording with all rules armed, in place of the live market"))
        self.setProperty("kind", "menu")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.setObjectName("testReplayMenu")
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        context.rights.enable(self, Act.REPLAY)

    def show_rule(self, rule: Rule | None, file: MarketFile | None) -> None:
        """Offer what has this rule's symbols."""
        self._rule, self._file = rule, file
        self._context.rights.enable(self, Act.REPLAY, rule is not None)

    def _fill(self) -> None:
        self._menu.clear()
        if self._rule is None:
            return
        kept = self._context.desk.rules.get(self._rule.uid)
        if kept is None or kept != self._rule:
            self._say("Save the rule first: a replay runs rules as they are kept")
        elif not kept.active:
            self._say("The rule is off: switch it on first")
        if self._file is not None:
            self._offer(self._file.path, self._file.path.name, self._file.symbol or "")
        self._say("Looking for recordings…")
        self._context.tasks.start(self._add(self._rule))

    async def _add(self, rule: Rule) -> None:
        kept = await self._context.desk.recordings.kept()
        found = [each for each in kept if set(rule.symbols) & set(each.symbols or ())][:_MOST]
        self._menu.removeAction(self._menu.actions()[-1])
        for each in found:
            self._offer(each.file, _title(each))
        if not found:
            how = self._context.keys.fill("record a session with {window.record-session}")
            self._say(f"No recording of {', '.join(rule.symbols[:3])} yet: {how}")
        self._stay_on_screen()

    def _offer(self, file: Path, title: str, symbol: str = "") -> None:
        action = self._menu.addAction(title.replace("&", "&&"))
        action.triggered.connect(partial(self._context.navigator.replay_wanted.emit, file, symbol))

    def _stay_on_screen(self) -> None:
        """Move the open menu back: Qt placed it before it had its longest line."""
        self._menu.adjustSize()
        room = self.screen().availableGeometry()
        right = min(self._menu.x(), room.right() + 1 - self._menu.width())
        self._menu.move(max(room.left(), right), self._menu.y())

    def _say(self, words: str) -> None:
        self._menu.addAction(words).setEnabled(False)


def _title(kept: KeptRecording) -> str:
    if kept.first_ns is None or kept.last_ns is None:
        return kept.file.name
    return f"{text.local(kept.first_ns):%a %d %b %Y %H:%M}, {text.duration(kept.last_ns - kept.first_ns)}"
