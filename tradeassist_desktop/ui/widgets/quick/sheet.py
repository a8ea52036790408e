"""The quick add: one line becomes an armed rule; below it, what could stand there and what it means."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QPushButton

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.engine.language import without_guess
from tradeassist_desktop.engine.rulefiles.quick_rule import quick_rule
from tradeassist_desktop.engine.telling.rule_words import rule_in_words
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.text import unbroken
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.checked_line import CheckedLine
from tradeassist_desktop.ui.widgets.choices import Choice, ChoiceList
from tradeassist_desktop.ui.widgets.overlay import Overlay
from tradeassist_desktop.ui.widgets.quick.proposals import (
    Proposal,
    examples,
    is_begun,
    mended_line,
    symbol_begun,
    symbols_at,
    words_at,
)
from tradeassist_desktop.ui.widgets.quick.word_help import WordHelp
from tradeassist_desktop.ui.widgets.quick.would_fire import WouldFire
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolHints

_WIDTH_PX: Final = 680
_LINE_PX: Final = 15
_LONGEST: Final = 4000
_MOST_SHOWN: Final = 7
_KEYS: Final = "Enter adds and arms it · Tab completes · Ctrl+Enter opens the editor · Esc closes"


class QuickAdd(Overlay):
    """Stays open while the trader looks at the chart; what was typed is there again when it is reopened."""

    def __init__(self, *, context: PanelContext, window: QMainWindow) -> None:
        super().__init__(name="quickAdd", title="New rule", width_px=_WIDTH_PX, window=window)
        self._context = context
        self._proposals: tuple[Proposal, ...] = ()
        self._found: Sequence[FoundInstrument] = ()
        self._is_wrong = False
        self._mended: Proposal | None = None
        self._hints = SymbolHints(symbols=context.desk.symbols, tasks=context.tasks, parent=self)
        self._hints.found.connect(self._take_symbols)
        self._line = CheckedLine(theme=context.theme, pixels=_LINE_PX, parent=self)
        self._line.setObjectName("quickAddLine")
        self._line.setAccessibleName("New rule: symbol and condition")
        self._line.setMaxLength(_LONGEST)
        self._line.installEventFilter(self)
        self._list = ChoiceList(
            name="quickAddWords",
            title="Words that could stand here",
            theme=context.theme,
            most_shown=_MOST_SHOWN,
            parent=self,
        )
        self._word = WordHelp(line=self._line, name="quickAddWord", parent=self)
        self._word.changed.connect(self.settle_soon)
        self._said = self._label("quickAddSaid", "second", 13)
        self._would_fire = WouldFire(context=context, parent=self)
        self._would_fire.changed.connect(self.settle_soon)
        keys = self._label("quickAddKeys", "quiet", 11)
        keys.setText(_KEYS)
        keys.setWordWrap(False)
        self._more = QPushButton("More…", self)
        self._more.setObjectName("quickAddMore")
        self._more.setToolTip("Open the rule in the editor, with all that can be set (Ctrl+Enter)")
        self._add = QPushButton("Add rule", self)
        self._add.setObjectName("quickAddAdd")
        self._add.setProperty("kind", "primary")
        for button in (self._more, self._add):
            button.setAutoDefault(False)
        foot = QHBoxLayout()
        foot.addWidget(keys, 1)
        foot.addWidget(self._more)
        foot.addWidget(self._add)
        for part in (self._line, self._list, self._word, self._said, self._would_fire):
            self.column.addWidget(part)
        self.column.addLayout(foot)
        self._line.textEdited.connect(self._propose)
        self._line.textChanged.connect(self._check)
        self._list.chosen.connect(self._take)
        self._more.clicked.connect(self._open_editor)
        self._add.clicked.connect(self._submit)
        context.navigator.symbol_chosen.connect(lambda _: self._check())
        context.bridge.access_changed.connect(self._follow_access)

    def open_with(self, typed: str = "") -> None:
        """Come to the front; ``typed`` stands in the line, else what was there before."""
        if reason := self._context.rights.refuse(Act.EDIT_RULES):
            self._context.navigator.noticed.emit(reason)
            return
        if typed:
            self._line.setText(typed)
        else:
            self._line.selectAll()
        symbol = self._symbol()
        self._line.setPlaceholderText(f"{symbol or '/ES'} last crosses above 5530")
        self._offer(self._examples())
        self._check()
        self.appear()

    def insert(self, text: str) -> None:
        """Put a text where the caret is."""
        self._line.insert(text)
        self.appear()

    def take_focus(self) -> None:
        """Go to the line."""
        self._line.setFocus()

    def leave(self) -> None:
        """Go, and ask no venue and no past any more."""
        self._hints.stop()
        self._would_fire.show_rule(None)
        super().leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the line's keys that mean the list or the sheet."""
        if watched is self._line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._take_key(event)
        return super().eventFilter(watched, event)

    # --- keys

    def _take_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            if not self._list.choices:
                self._propose()
            self._list.step(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Tab and self._list.choices:
            self._take(self._list.row or 0)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._open_editor()
            elif self._list.row is not None:
                self._take(self._list.row)
            else:
                self._submit()
        elif key == Qt.Key.Key_Escape and self._list.choices:
            self._hints.stop()
            self._offer(())
        else:
            return False
        return True

    # --- what it means

    def _symbol(self) -> str | None:
        """Return what a line without a symbol is of: the chart's."""
        return self._context.navigator.symbol or next(iter(self._context.desk.watchlist.symbols), None)

    def _rule(self) -> Rule:
        rules = self._context.desk.rules
        made = quick_rule(self._line.text(), uid=rules.new_uid(), symbol=self._symbol())
        return replace(made, name=rules.free_name(made.name))

    def _check(self) -> None:
        typed = self._line.text()
        symbol = self._symbol()
        self._is_wrong, self._mended = False, None
        if not typed.strip():
            self._line.mark(None, is_wrong=False)
            of = f"; without a symbol it is of {symbol}, as the chart" if symbol else ""
            self._say(f"Type a symbol, then a condition{of}.", "second")
            self._enable(False)
            return
        try:
            rule = quick_rule(typed, uid="", symbol=symbol)
        except BadInput as error:
            first = error.faults[0]
            if self._line.cursorPosition() == len(typed) and is_begun(typed, first.column, symbol=symbol):
                self._line.mark(None, is_wrong=False)
                said = without_guess(first.message)
                self._say(f"{said[:1].upper()}{said[1:]}.", "second")
                self._enable(False)
            else:
                self._show_faults(error.faults)
                self._is_wrong, self._mended = True, mended_line(typed, symbol=symbol)
                self._offer(self._fitting(self._proposals))
            return
        self._line.mark(None, is_wrong=False)
        self._say(unbroken(rule_in_words(rule)), "up")
        self._would_fire.show_rule(rule)
        self._enable(True)

    def _show_faults(self, faults: Sequence[Fault]) -> None:
        self._line.mark(faults[0].column, is_wrong=True)
        said = str(faults[0])
        self._say(f"{said[:1].upper()}{said[1:]}", "danger")
        self._enable(False)

    def _enable(self, is_sound: bool) -> None:
        if not is_sound:
            self._would_fire.show_rule(None)
        self._add.setEnabled(is_sound)
        self._more.setEnabled(is_sound)

    def _say(self, sentence: str, tone: str) -> None:
        self._said.setText(sentence)
        if self._said.property("tone") != tone:
            self._said.setProperty("tone", tone)
            self._said.style().polish(self._said)
        self.settle_soon()

    # --- what could stand there

    def _propose(self) -> None:
        typed, caret = self._line.text(), self._line.cursorPosition()
        self._found = ()
        begun = symbol_begun(typed, caret)
        if begun:
            self._hints.ask(begun)  # which tells at once what is known here
        else:
            self._hints.stop()
        self._list_proposals()

    def _take_symbols(self, text: str, found: Sequence[FoundInstrument]) -> None:
        if text == symbol_begun(self._line.text(), self._line.cursorPosition()):
            self._found = found
            self._list_proposals()

    def _list_proposals(self) -> None:
        typed, caret = self._line.text(), self._line.cursorPosition()
        words = words_at(typed, caret, symbol=self._symbol())
        written = typed[:caret]
        # What is there to the last letter needs no proposing.
        words = tuple(each for each in words if not written.endswith(each.word.strip()))
        found = self._fitting((*symbols_at(typed, caret, self._found), *words))
        self._offer(found if written.strip() else self._examples())

    def _fitting(self, proposals: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
        """Return what may be proposed: while something is wrong, how it mends or a begun word may go on."""
        if not self._is_wrong:
            return proposals
        caret = self._line.cursorPosition()
        begun = tuple(each for each in proposals if each.end is None and each.start < caret)
        return begun if self._mended is None else (self._mended, *begun)

    def _examples(self) -> tuple[Proposal, ...]:
        symbol = self._symbol()
        if symbol is None or self._line.text().strip():
            return ()
        quote = self._context.desk.market.quote(symbol)
        return examples(symbol, None if quote is None else quote.last)

    def _offer(self, proposals: Sequence[Proposal]) -> None:
        if tuple(proposals) == self._proposals:
            return
        row = self._list.row
        kept = None if row is None else self._proposals[row]
        self._proposals = tuple(proposals)
        # More has come meanwhile: what the trader has moved to stays chosen.
        again = self._proposals.index(kept) if kept in self._proposals else None
        self._list.offer([_choice(each) for each in self._proposals], row=again)
        self.settle_soon()

    def _take(self, row: int) -> None:
        proposal = self._proposals[row]
        typed, caret = self._line.text(), self._line.cursorPosition()
        after = typed[caret if proposal.end is None else proposal.end :]
        word = proposal.word.rstrip() if after.startswith(" ") else proposal.word
        self._line.setText(typed[: proposal.start] + word + after)
        self._line.setCursorPosition(proposal.start + len(word))
        self._line.setFocus()
        self._propose()

    # --- what comes of it

    def _submit(self) -> None:
        try:
            rule = self._rule()
        except BadInput as error:
            self._show_faults(error.faults)
            self._line.select_fault()
            return
        self._context.tasks.start(self._keep(rule))

    async def _keep(self, rule: Rule) -> None:
        try:
            change = self._context.desk.rules.edit(f"Add {rule.name}", {rule.uid: rule})
            await self._context.rule_changes.done(change)
        except BadInput as error:
            self._show_faults(error.faults)
            return
        self._line.clear()
        self.leave()
        navigator = self._context.navigator
        navigator.rule_chosen.emit(rule.uid)
        navigator.noticed.emit(f"Rule added and armed: {rule.name}")

    def _open_editor(self) -> None:
        try:
            rule = self._rule()
        except BadInput as error:
            self._show_faults(error.faults)
            return
        self._line.clear()
        self.leave()
        self._context.navigator.draft_wanted.emit(rule)

    def _follow_access(self) -> None:
        if not self._context.rights.may(Act.EDIT_RULES):
            self.leave()

    def _label(self, name: str, tone: str, pixels: int) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("tone", tone)
        label.setFont(ui_font(pixels))
        return label


def _choice(proposal: Proposal) -> Choice:
    tip = f"{proposal.shown}: {proposal.help}\nExample: {proposal.example}" if proposal.example else ""
    return Choice(title=proposal.shown, help=proposal.help, tip=tip, is_code=True)
