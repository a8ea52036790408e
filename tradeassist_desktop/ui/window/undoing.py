"""Undo and Redo of the whole window: the newest act that can be taken back."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.key_names import KeyNames
from tradeassist_desktop.ui.widgets.notice import UndoBar

_LONGEST: Final = 60


class Undoing(QObject):
    """Leads Undo to what was done last.

    Changes of rules can be undone one after another; any other act while the bar offers it. The bar
    offers a change of rules too, so that what it shows is always what Undo takes back.

    Args:
        say: Shows one line in the status bar.
        keys: Names the keys in it.
    """

    def __init__(
        self,
        *,
        bar: UndoBar,
        changes: Changes,
        undo: QAction,
        redo: QAction,
        say: Callable[[str], None],
        keys: KeyNames,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bar = bar
        self._changes = changes
        self._undo = undo
        self._redo = redo
        self._say = say
        self._is_of_rules = False
        undo.triggered.connect(self.take_back)
        redo.triggered.connect(self.do_again)
        bar.changed.connect(self._on_bar)
        changes.added.connect(self._offer)
        changes.undone.connect(
            lambda words: self._tell(f"Undone: {words}. {keys.fill('{window.redo} does it again.')}")
        )
        changes.redone.connect(self._tell_redone)
        changes.moved.connect(self._name)
        self._name()

    def take_back(self) -> None:
        """Undo what was done last, or say that nothing can be."""
        if self._bar.done or not self._changes.undo_words:
            self._bar.take_back()
        else:
            self._changes.undo()

    def do_again(self) -> None:
        """Do the change of rules again that was undone last, or say that there is none."""
        if self._changes.redo_words:
            self._changes.redo()
        else:
            self._say("There is nothing to do again now.")

    def _offer(self, words: str) -> None:
        self._bar.offer(f"Done: {words}", self._changes.undone_last)
        self._is_of_rules = True

    def _tell_redone(self, words: str) -> None:
        self._offer(words)
        self._say(f"Redone: {words}.")

    def _tell(self, line: str) -> None:
        if self._is_of_rules:
            self._bar.dismiss()  # it may have offered what was just undone by the menu
        self._say(line)

    def _on_bar(self) -> None:
        self._is_of_rules = False
        self._name()

    def _name(self) -> None:
        for action, verb, words in (
            (self._undo, "Undo", self._bar.done.removeprefix("Done: ") or self._changes.undo_words),
            (self._redo, "Redo", self._changes.redo_words),
        ):
            short = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1].rstrip()}…"
            action.setText(f"{verb}: {short.replace('&', '&&')}" if words else verb)
            action.setIconText(verb)
