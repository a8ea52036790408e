"""Rules studied one after another, with how far that is, and an end to it at any time."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.backtesting.run import BacktestProgress
from tradeassist_desktop.ui.tasks import Tasks

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk


class Studying(QObject):
    """One row of studies at a time; a new one ends the one before."""

    found = Signal(object, object)
    """A rule, and its findings."""
    failed = Signal(object, str)
    """A rule, and why it could not be studied."""
    progressed = Signal(str, float)
    """What is being done, and what part of it all is done, 0 to 1."""
    ended = Signal(bool)
    """All is done, or (``False``) it was broken off."""

    def __init__(self, *, desk: "Desk", tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._tasks = tasks
        self._task: asyncio.Task[None] | None = None

    @property
    def is_on(self) -> bool:
        """Whether rules are being studied."""
        return self._task is not None

    def begin(self, rules: Sequence[Rule], *, days: int, wish_a_day: float | None) -> None:
        """Study these rules."""
        self.cancel()
        self._task = self._tasks.start(self._study(tuple(rules), days, wish_a_day))

    def cancel(self) -> None:
        """Break off; what was found stays."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _study(self, rules: Sequence[Rule], days: int, wish_a_day: float | None) -> None:
        is_done = False
        own = asyncio.current_task()
        try:
            for place, rule in enumerate(rules):
                await self._study_one(rule, days, wish_a_day, done=place, whole=len(rules))
            is_done = True
        finally:
            if self._task is own:
                self._task = None
            if self._task is None:
                self.ended.emit(is_done)

    async def _study_one(
        self, rule: Rule, days: int, wish_a_day: float | None, *, done: int, whole: int
    ) -> None:
        words = f"Studying “{rule.name}”" + (f", {done + 1} of {whole}" if whole > 1 else "")

        def tell(progress: BacktestProgress) -> None:
            self.progressed.emit(words, (done + (progress.share or 0.0)) / whole)

        self.progressed.emit(words, done / whole)
        try:
            await self._fetch(
                rule, days, lambda share: self.progressed.emit(words, (done + share / 2) / whole)
            )
            findings = await self._desk.suggestions.study(
                rule, days=days, wish_a_day=wish_a_day, on_progress=tell
            )
        except BadInput as error:
            self.failed.emit(rule, str(error.faults[0]))
        except TradeAssistError as error:
            self.failed.emit(rule, str(error))
        else:
            self.found.emit(rule, findings)

    async def _fetch(self, rule: Rule, days: int, tell: Callable[[float], None]) -> None:
        """Ask the venue for the days that are not kept, where it has any."""
        previews = self._desk.previews
        if previews.recording is None:
            found = await previews.look(rule, by=self, days=days)
            await self._desk.older_days.fetch(found, days=days, on_progress=tell)
