"""What was typed into the editor and not saved is there again at the next start."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.editor.drafts import Draft, DraftBook
from tradeassist_desktop.ui.widgets.editor.kept_drafts import KeptDrafts
from tradeassist_desktop.ui.widgets.editor.typed import blank_rule

KEPT = Rule("kept", "ES breaks out", ("/ES",), "last > 5530")


def line(window: MainWindow, name: str) -> QLineEdit:
    found = window.findChild(QLineEdit, f"rule_{name}")
    assert found is not None
    return found


async def test_a_rule_that_is_being_written_is_there_after_a_restart(
    window: MainWindow, desk: Any, theme: Theme, tmp_path: Path, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    window.show_dock("editor")
    window.findChild(QPushButton, "editorBegin").click()
    line(window, "name").setFocus()
    qtbot.keyClicks(line(window, "name"), "Half a thought")
    await window.finish()

    again = MainWindow(desk=desk, theme=theme, state_file=tmp_path / "layout.ini")
    again.start()
    await until(lambda: again.panel("editor") is not None and line(again, "name") is not None)

    assert line(again, "name").text() == "Half a thought"
    await again.finish()
    again.deleteLater()


def test_what_was_typed_over_a_rule_waits_for_it_and_outlives_it(tmp_path: Path) -> None:
    book, file = DraftBook(), tmp_path / "layout.ini"
    draft = book.open(KEPT)
    draft.typed["when"] = "last > 5540 and"
    KeptDrafts(file).keep(book.unsaved(), draft)
    changed = Rule("kept", "ES breaks away", ("/ES",), "last > 5530")

    (over,), shown = KeptDrafts(file).read({"kept": changed}.get)
    (alone,), _ = KeptDrafts(file).read(lambda _: None)

    assert shown is over
    assert (over.typed["name"], over.typed["when"], over.changes) == (
        "ES breaks away",
        "last > 5540 and",
        ("when",),
    )
    assert (alone.is_kept, alone.typed["name"], alone.typed["when"]) == (
        False,
        "ES breaks out",
        "last > 5540 and",
    )
    assert alone.rule(0)[0].symbols == ("/ES",)


def test_a_new_rule_without_a_word_is_not_kept(tmp_path: Path) -> None:
    book = DraftBook()
    draft = book.begin(blank_rule("new", "/ES"), None)
    kept = KeptDrafts(tmp_path / "layout.ini")

    kept.keep(book.unsaved(), draft)

    assert kept.read(lambda _: None) == ((), None)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="no JSON"),
        pytest.param("7", id="no list"),
        pytest.param(json.dumps([{"uid": "a"}]), id="keys missing"),
        pytest.param(
            json.dumps([{"uid": "a", "typed": {"name": 7}, "changes": [], "is_shown": True}]),
            id="of another version",
        ),
    ],
)
def test_drafts_that_cannot_be_read_are_left_out(text: str, tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat)
    store.setValue("editor/drafts", text)

    found: tuple[tuple[Draft, ...], Draft | None] = KeptDrafts(tmp_path / "layout.ini").read(lambda _: None)

    assert found == ((), None)
