"""Has rule files read, shown before anything is changed, and taken in as one change."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.engine.rulefiles.rulefile import MOST_BYTES
from tradeassist_desktop.services.transfer.comparing import Choice, Incoming
from tradeassist_desktop.services.transfer.examining import examine
from tradeassist_desktop.services.transfer.plain_files import read_plain_file
from tradeassist_desktop.services.transfer.settling import ADDING, settled
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.long_work import LongWork

if TYPE_CHECKING:
    from tradeassist_desktop.domain.rules import Rule
    from tradeassist_desktop.ui.widgets.transfer.import_sheet import ImportSheet

RULE_FILES: Final = "Rule files (*.json);;All files (*)"

Read = Callable[[], bytes]


class RuleImports(QObject):
    """One import at a time; another takes the place of the one that is shown."""

    def __init__(self, *, context: PanelContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._reading = LongWork(tasks=context.tasks, parent=window)
        self._importing = LongWork(tasks=context.tasks, parent=window)
        self._sheet: ImportSheet | None = None
        self._source = ""
        self._read: Read = bytes
        self._compared_with: tuple[Rule, ...] = ()
        self._compared: tuple[Incoming, ...] = ()

    def choose_file(self) -> None:
        """Let the trader choose a rule file."""
        chooser = QFileDialog(self._sheet or self._window, "Import rules", str(Path.home()))
        chooser.setObjectName("importFile")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilter(RULE_FILES)
        chooser.fileSelected.connect(lambda file: self.open_file(Path(file)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def open_file(self, file: Path) -> None:
        """Show what a rule file would change."""
        read = partial(read_plain_file, file, most_bytes=MOST_BYTES, wanted="a rule file")
        self._open(file.name, read, can_read_again=True)

    def open_clipboard(self) -> None:
        """Show what the rule file that was copied would change."""
        copied = QGuiApplication.clipboard().text()
        self._open("The clipboard", lambda: copied.encode(errors="replace"), can_read_again=False)

    # --- looking

    def _open(self, source: str, read: Read, *, can_read_again: bool) -> None:
        async def look() -> tuple[Incoming, ...] | BadInput:
            try:
                return await self._examined(read, self._reading)
            except BadInput as error:
                return error

        def tell(task: asyncio.Task[tuple[Incoming, ...] | BadInput]) -> None:
            if task.cancelled() or task.exception() is not None:
                return
            found = task.result()
            if isinstance(found, BadInput):
                self._shown_sheet().show_faults(source, found.faults, can_read_again=can_read_again)
            else:
                self._show(source, found)

        task = self._reading.start(look(), name="rulesReading", title=f"Reading {source}")
        if task is None:
            self._context.navigator.noticed.emit("Another file is being read; one at a time.")
            return
        self._source, self._read = source, read
        task.add_done_callback(tell)  # when another can be read already

    async def _examined(self, read: Read, work: LongWork) -> tuple[Incoming, ...]:
        self._compared_with = mine = self._context.desk.rules.all()
        return await examine(read, mine, on_progress=work.on_progress)

    def _show(self, source: str, rules: tuple[Incoming, ...]) -> None:
        self._compared = rules
        named = {incoming.mine.uid for incoming in rules if incoming.mine is not None}
        others = sum(rule.uid not in named for rule in self._compared_with)
        self._shown_sheet().show_rules(source, rules, others=others)

    def _shown_sheet(self) -> "ImportSheet":
        if self._sheet is None:
            # Not before: most days nothing is imported.
            from tradeassist_desktop.ui.widgets.transfer.import_sheet import ImportSheet

            sheet = ImportSheet(context=self._context, parent=self._window)
            sheet.import_wanted.connect(self._import)
            sheet.refused.again_wanted.connect(self._read_again)
            sheet.refused.another_wanted.connect(self.choose_file)
            sheet.finished.connect(self._forget)
            self._sheet = sheet
        self._sheet.show()
        self._sheet.raise_()
        self._sheet.activateWindow()
        return self._sheet

    def _forget(self) -> None:
        self._sheet = None

    def _read_again(self) -> None:
        self._open(self._source, self._read, can_read_again=True)

    # --- taking in

    def _import(self) -> None:
        task = self._importing.start(self._taken_in(), name="rulesImporting", title="Importing rules")
        if task is not None:
            task.add_done_callback(lambda _: self._go_back())

    def _go_back(self) -> None:
        """Give the keyboard back to the sheet where it stays, the import having been cancelled or refused."""
        if self._sheet is not None:
            self._sheet.activateWindow()

    async def _taken_in(self) -> None:
        sheet = self._sheet
        rules = self._context.desk.rules
        if sheet is None:
            return
        chosen = sheet.model.all_chosen()
        if rules.all() != self._compared_with:
            fresh = await self._examined(self._read, self._importing)
            if fresh != self._compared:
                self._show(self._source, fresh)
                self._context.navigator.noticed.emit("Your rules changed meanwhile: look again, then import.")
                return
        after = settled(chosen, new_uid=rules.new_uid, free_name=rules.free_name)
        words = f"Import {text.plural(len(after), 'rule')}"
        change = await rules.edit_many(words, after, on_progress=self._importing.on_progress)
        try:
            await self._context.rule_changes.done(change)
        finally:
            if change.is_done:  # cancelled too late, too
                sheet.accept()
                self._window.activateWindow()  # Ctrl+Z is the window's
                self._context.navigator.noticed.emit(_done(chosen, self._source))


def _done(chosen: Sequence[tuple[Incoming, Choice]], source: str) -> str:
    choices = [choice for _, choice in chosen]
    added = sum(choice in ADDING for choice in choices)
    replaced = choices.count(Choice.REPLACE)
    parts = [f"{text.plural(added, 'rule')} added"] if added else []
    parts += [f"{text.plural(replaced, 'rule')} replaced"] if replaced else []
    return f"{' and '.join(parts)} from {source}. Undo takes it all back."
