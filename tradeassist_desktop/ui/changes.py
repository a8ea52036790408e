"""The changes made in a dock, to be undone and redone in order."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from tradeassist_desktop.services.changes import Change, Overtaken
from tradeassist_desktop.ui.tasks import Tasks


class _Step(QUndoCommand):
    """A change in the stack. Qt keeps the order; the work is done before the stack moves."""

    _GRADUAL = 1

    def __init__(self, change: Change) -> None:
        super().__init__(change.words)
        self.change = change

    def id(self) -> int:
        """Let every step be offered the next one."""
        return self._GRADUAL

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take the next step in where it only goes on with this one."""
        assert isinstance(other, _Step)
        joined = self.change.joined(other.change)
        if joined is None:
            return False
        self.change = joined
        self.setText(joined.words)
        return True


class Changes(QObject):
    """Does changes one after another and remembers them.

    Storing one waits, and may fail: a change enters the stack once it holds, and the stack moves back
    once it was taken back. What was changed elsewhere meanwhile leaves the stack untouched by it.
    """

    moved = Signal()
    """Something else would be undone or redone from now on."""
    settled = Signal()
    """A change was made, undone, or refused: what is shown may have to go back."""
    added = Signal(str)
    """A change was made that can be undone: its words."""
    undone = Signal(str)
    """A change was taken back: its words."""
    redone = Signal(str)
    """A change was done again: its words."""

    def __init__(self, *, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._turn = asyncio.Lock()
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(200)
        self._stack.indexChanged.connect(self._on_index)

    @property
    def undo_words(self) -> str:
        """What would be undone; empty for nothing."""
        return self._stack.undoText()

    @property
    def redo_words(self) -> str:
        """What would be done again; empty for nothing."""
        return self._stack.redoText()

    def do(self, change: Change) -> None:
        """Bring a change about."""
        self._tasks.start(self.done(change))

    async def done(self, change: Change) -> None:
        """Bring a change about, and wait for it; raises as the change does."""
        async with self._turn:
            if change.is_done:
                return
            try:
                await change.do()
            finally:
                if change.is_done:
                    self.remember(change)
                self.settled.emit()

    async def taken(self, making: Coroutine[Any, Any, Change]) -> None:
        """Wait for a change that is made as it comes about, and take it in; raises as its making does."""
        async with self._turn:
            try:
                change = await making
                if change.is_done:
                    self.remember(change)
            finally:
                self.settled.emit()

    def remember(self, change: Change) -> None:
        """Take in a change that was made already."""
        self._stack.push(_Step(change))
        self.added.emit(change.words)

    def undo(self) -> None:
        """Take the last change back."""
        self._tasks.start(self.undone_last())

    def redo(self) -> None:
        """Do what was undone last again."""
        self._tasks.start(self._redo())

    async def undone_last(self) -> None:
        """Take the last change back, and wait for it; raises as the change does."""
        async with self._turn:
            step = self._step(self._stack.index() - 1)
            if step is None:
                return
            try:
                await step.change.undo()
            except Overtaken:
                step.setObsolete(True)
                self._stack.undo()
                raise
            finally:
                if not step.isObsolete() and step.change.is_undone:
                    self._stack.undo()
                    self.undone.emit(step.change.words)
                self.settled.emit()

    async def _redo(self) -> None:
        async with self._turn:
            step = self._step(self._stack.index())
            if step is None:
                return
            try:
                await step.change.do()
            except Overtaken:
                step.setObsolete(True)
                self._stack.redo()
                raise
            finally:
                if not step.isObsolete() and step.change.is_done:
                    self._stack.redo()
                    self.redone.emit(step.change.words)
                self.settled.emit()

    def _on_index(self, index: int) -> None:
        self.moved.emit()

    def _step(self, place: int) -> _Step | None:
        found = self._stack.command(place)
        return found if isinstance(found, _Step) else None
