"""Drafts between two runs: what was typed and not saved is kept beside the layout."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.widgets.editor.drafts import Draft
from tradeassist_desktop.ui.widgets.editor.typed import blank_rule, typed_of

_KEY: Final = "editor/drafts"


class KeptDrafts:
    """Writes drafts down as they are typed, so that not even a power cut loses one.

    Args:
        file: INI file they are kept in, with the layout.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._written = ""

    def keep(self, drafts: Iterable[Draft], shown: Draft | None) -> None:
        """Write down those into which something was typed, in place of those before."""
        lines = [
            {
                "uid": each.uid,
                "typed": each.typed,
                "changes": each.changes,
                "is_shown": each is shown,
            }
            for each in drafts
            if each.changes or (not each.is_kept and each.typed["when"])
        ]
        text = json.dumps(lines)
        if text != self._written:
            self._written = text
            self._store().setValue(_KEY, text)

    def read(self, rule_of: Callable[[str], Rule | None]) -> tuple[tuple[Draft, ...], Draft | None]:
        """Return the drafts of the last time, and the one that was shown.

        What was typed over a rule that is gone by now is a new rule's.

        Args:
            rule_of: Returns the kept rule with a uid.
        """
        text = self._store().value(_KEY)
        drafts: list[Draft] = []
        shown = None
        for line in _lines(text):
            draft = _draft(line, rule_of)
            drafts.append(draft)
            shown = draft if line["is_shown"] else shown
        return tuple(drafts), shown

    def _store(self) -> QSettings:
        return QSettings(str(self._file), QSettings.Format.IniFormat)


def _lines(text: object) -> list[dict[str, object]]:
    # Written by hand, or by a later version of this program: drafts are no reason not to start.
    try:
        lines = json.loads(text) if isinstance(text, str) else []
    except ValueError:
        return []
    keys = {"uid", "typed", "changes", "is_shown"}
    if not isinstance(lines, list):
        return []
    return [each for each in lines if isinstance(each, dict) and keys <= each.keys() and _is_typed(each)]


def _is_typed(line: dict[str, object]) -> bool:
    typed, changes = line["typed"], line["changes"]
    return (
        isinstance(typed, dict)
        and typed.keys() == typed_of(blank_rule("", "")).keys()
        and all(isinstance(text, str) for text in typed.values())
        and isinstance(changes, list)
        and all(key in typed for key in changes)
    )


def _draft(line: dict[str, object], rule_of: Callable[[str], Rule | None]) -> Draft:
    uid, typed, changes = str(line["uid"]), line["typed"], line["changes"]
    assert isinstance(typed, dict)
    assert isinstance(changes, list)
    rule = rule_of(uid)
    if rule is None:
        return Draft(blank_rule(uid, ""), dict(typed), is_kept=False)
    return Draft(rule, {**typed_of(rule), **{key: typed[key] for key in changes}}, is_kept=True)
