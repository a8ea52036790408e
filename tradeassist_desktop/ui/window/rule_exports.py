"""Writes rules to a file that another desk can import, or copies them as one."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.rulefile import rules_to_json
from tradeassist_desktop.services.transfer.plain_files import write_plain_file
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.window.rule_imports import RULE_FILES


class RuleExports(QObject):
    """Asks where to, and writes beside the loop: a folder may be on a slow disk."""

    def __init__(self, *, context: PanelContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        context.navigator.rules_export_wanted.connect(self.choose_file)
        context.navigator.rules_copy_wanted.connect(self.copy)

    def choose_file(self, uids: Sequence[str]) -> None:
        """Let the trader choose where these rules go; the chooser asks before it takes a file's place."""
        rules = self._rules(uids)
        if not rules:
            self._context.navigator.noticed.emit("There is no rule to export.")
            return
        title = f"Export {text.plural(len(rules), 'rule')}"
        chooser = QFileDialog(self._window, title, str(Path.home() / "rules.json"))
        chooser.setObjectName("exportFile")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setNameFilter(RULE_FILES)
        chooser.setDefaultSuffix("json")
        chooser.fileSelected.connect(lambda file: self.write(uids, Path(file)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def write(self, uids: Sequence[str], file: Path) -> None:
        """Write these rules to a file, in place of what is there."""
        rules = self._rules(uids)

        async def write() -> None:
            was_there = await asyncio.to_thread(_written, rules, file)
            instead = ", in place of what it held" if was_there else ""
            self._context.navigator.noticed.emit(
                f"{text.plural(len(rules), 'rule')} written to {file}{instead}."
            )

        self._context.tasks.start(write())

    def copy(self, uids: Sequence[str]) -> None:
        """Put these rules on the clipboard as a rule file."""
        rules = self._rules(uids)

        async def copy() -> None:
            content = await asyncio.to_thread(partial(rules_to_json, rules))
            QGuiApplication.clipboard().setText(content.decode())
            self._context.navigator.noticed.emit(f"{text.plural(len(rules), 'rule')} copied as a rule file.")

        if rules:
            self._context.tasks.start(copy())

    def _rules(self, uids: Sequence[str]) -> list[Rule]:
        wanted = set(uids)
        return [rule for rule in self._context.desk.rules.all() if rule.uid in wanted]


def _written(rules: Sequence[Rule], file: Path) -> bool:
    was_there = file.exists()
    write_plain_file(file, rules_to_json(rules))
    return was_there
