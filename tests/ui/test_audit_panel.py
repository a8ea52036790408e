"""The Audit log dock: entries page by page, filtered, live; proved, and written to files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.audit import AuditColumn
from tradeassist_desktop.ui.panels.audit import AuditPanel
from tradeassist_desktop.ui.widgets.controls import Choice

MINUTE_NS = 60 * 10**9
_SLACK, _MAIL = "Slack bot token", "Mail password"


def find(window: MainWindow, kind: type, name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def model(window: MainWindow) -> Any:
    return find(window, QTableView, "auditTable").model()


def column(window: MainWindow, which: AuditColumn) -> list[str]:
    rows = model(window)
    return [rows.index(row, which).data() for row in range(rows.rowCount())]


def said(window: MainWindow) -> str:
    return str(find(window, QLabel, "auditSaid").text())


def choose(window: MainWindow, name: str, value: str) -> None:
    choice = find(window, Choice, name)
    place = choice.findData(value)
    assert place >= 0, value
    choice.setCurrentIndex(place)
    choice.activated.emit(place)


def entry(desk: Any, act: AuditAct = AuditAct.READ, what: str = "slack.bot", **rest: Any) -> AuditEntry:
    values: dict[str, Any] = {"at_ns": desk.clock.now_ns(), "who": "slack channel", "source": "keyring"}
    return AuditEntry(act=act, what=what, **{**values, **rest})


@pytest.fixture
async def filled(window: MainWindow, desk: Any, until: Callable[..., Any]) -> MainWindow:
    """The dock in front, with three entries."""
    await desk.audit_store.append(
        [
            entry(desk, at_ns=desk.clock.now_ns() - 90 * MINUTE_NS),
            entry(desk, AuditAct.WRITE, "smtp", who="trader", version="3"),
            entry(desk, result=AuditResult.FAILED, detail="the keyring is locked", count=12),
        ]
    )
    window.show_dock("audit")
    await until(lambda: said(window) == "3 entries")
    return window


def in_the_empty_table(window: MainWindow) -> list[str]:
    table = find(window, QTableView, "auditTable")
    return [label.text() for label in table.viewport().findChildren(QLabel)]


async def test_e52_the_dock_is_not_there_until_it_is_asked_for(window: MainWindow) -> None:
    assert not window.dock("audit").isVisible()

    window.show_dock("audit")

    assert window.dock("audit").isVisible()


async def test_e52_entries_stand_newest_first_in_words(filled: MainWindow) -> None:
    assert column(filled, AuditColumn.ACT) == ["Read", "Write", "Read"]
    assert column(filled, AuditColumn.RESULT) == ["failed", "OK", "OK"]
    assert column(filled, AuditColumn.COUNT) == ["12", "", ""]
    assert column(filled, AuditColumn.DETAIL) == ["the keyring is locked", "", ""]
    assert column(filled, AuditColumn.VERSION) == ["", "3", ""]
    assert column(filled, AuditColumn.WHAT) == [_SLACK, _MAIL, _SLACK]
    tip = model(filled).index(0, AuditColumn.WHAT).data(Qt.ItemDataRole.ToolTipRole)
    assert "Slack bot token (slack.bot)" in tip


async def test_e52_what_is_recorded_meanwhile_comes_in_at_the_top(
    filled: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    desk.audit_trail.record(entry(desk, AuditAct.ROTATE, "schwab.token"))
    await desk.audit_trail.flush()

    await until(lambda: said(filled) == "4 entries")
    assert column(filled, AuditColumn.WHAT) == ["Schwab sign-in", _SLACK, _MAIL, _SLACK]


@pytest.mark.parametrize(
    ("name", "value", "whats"),
    [
        pytest.param("auditWhat", "smtp", [_MAIL], id="secret"),
        pytest.param("auditAct", "read", [_SLACK, _SLACK], id="act"),
        pytest.param("auditResult", "failed", [_SLACK], id="result"),
        pytest.param("auditWho", "trader", [_MAIL], id="who"),
        pytest.param("auditSpan", "hour", [_SLACK, _MAIL], id="time"),
    ],
)
async def test_e52_a_choice_leaves_what_it_says(
    filled: MainWindow, until: Callable[..., Any], name: str, value: str, whats: list[str]
) -> None:
    choose(filled, name, value)

    await until(lambda: "picked" in said(filled))
    assert column(filled, AuditColumn.WHAT) == whats


async def test_e52_a_search_is_made_while_typing(
    filled: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    qtbot.keyClicks(find(filled, QLineEdit, "auditText"), "LOCKED")

    await until(lambda: said(filled) == "1 entry picked")
    assert column(filled, AuditColumn.DETAIL) == ["the keyring is locked"]


@pytest.mark.parametrize(
    ("typed", "whats"),
    [
        pytest.param("mail pass", [_MAIL], id="title of a secret"),
        pytest.param("smtp", [_MAIL], id="its name"),
        pytest.param("Slack Bot", [_SLACK, _SLACK], id="in any case"),
    ],
)
async def test_e52_a_search_finds_what_is_shown_and_what_is_kept(
    filled: MainWindow, qtbot: QtBot, until: Callable[..., Any], typed: str, whats: list[str]
) -> None:
    qtbot.keyClicks(find(filled, QLineEdit, "auditText"), typed)

    await until(lambda: "picked" in said(filled))
    assert column(filled, AuditColumn.WHAT) == whats


async def test_e52_a_search_finds_acts_and_results_by_their_titles(
    filled: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    for number, (act, result) in enumerate(
        ((AuditAct.DELETE, AuditResult.OK), (AuditAct.READ, AuditResult.ABSENT)), start=1
    ):
        desk.audit_trail.record(entry(desk, act, f"name {number}", result=result))
    await desk.audit_trail.flush()
    line = find(filled, QLineEdit, "auditText")

    found = []
    for typed, about in (("remove", "name 1"), ("not there", "name 2")):
        line.clear()
        qtbot.keyClicks(line, typed)
        await until(lambda about=about: column(filled, AuditColumn.WHAT) == [about])
        found.append(about)

    assert found == ["name 1", "name 2"]


async def test_e52_a_search_that_finds_nothing_does_not_say_that_nothing_is_written_down(
    filled: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    qtbot.keyClicks(find(filled, QLineEdit, "auditText"), "no such word")

    await until(lambda: said(filled) == "0 entries picked")
    assert "No entry is like that" in in_the_empty_table(filled)


async def test_e52_further_pages_come_as_one_scrolls_down(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await desk.audit_store.append([entry(desk, version=str(number)) for number in range(1, 1_001)])
    window.show_dock("audit")
    await until(lambda: said(window) == "1,000 entries")
    table = find(window, QTableView, "auditTable")
    first = model(window).rowCount()

    def scrolled_down() -> bool:
        table.scrollToBottom()
        return bool(model(window).rowCount() == 1_000)

    await until(scrolled_down)
    assert first < 1_000
    assert column(window, AuditColumn.VERSION) == [str(number) for number in range(1_000, 0, -1)]


async def test_e52_what_comes_in_does_not_move_what_is_being_read(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await desk.audit_store.append([entry(desk, version=str(number)) for number in range(1, 101)])
    window.show_dock("audit")
    await until(lambda: said(window) == "100 entries")
    table = find(window, QTableView, "auditTable")
    bar = table.verticalScrollBar()
    await until(lambda: bar.maximum() > 500)
    bar.setValue(500)
    before = table.indexAt(table.viewport().rect().center()).siblingAtColumn(AuditColumn.VERSION).data()

    desk.audit_trail.record(entry(desk, AuditAct.ROTATE))
    await desk.audit_trail.flush()
    await until(lambda: said(window) == "101 entries")

    after = table.indexAt(table.viewport().rect().center()).siblingAtColumn(AuditColumn.VERSION).data()
    assert bar.value() > 500
    assert after == before


async def test_e57_that_entries_cannot_be_kept_is_said_until_they_can(
    filled: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    desk.audit_database.is_full = True
    desk.audit_trail.record(entry(desk, AuditAct.ROTATE))
    await desk.audit_trail.flush()
    await until(lambda: said(filled) == "Entries wait in memory: The disk is full.")

    desk.audit_database.is_full = False
    await desk.audit_trail.flush()

    await until(lambda: said(filled) == "4 entries")


async def test_e52_verify_says_in_words_what_came_of_it(
    filled: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    qtbot.mouseClick(find(filled, QToolButton, "auditVerify"), Qt.MouseButton.LeftButton)

    await until(lambda: filled.findChild(QDialog, "auditVerified") is not None)
    sheet = find(filled, QDialog, "auditVerified")
    words = " ".join(label.text() for label in sheet.findChildren(QLabel))
    assert "The audit log is whole: 3 entries, each as it was written." in words
    sheet.accept()


async def test_e52_a_log_that_was_changed_can_be_accepted_for_a_reason(
    filled: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await desk.audit_database.read(
        lambda connection: connection.exec_driver_sql("UPDATE audit SET who = 'x' WHERE number = 2")
    )
    button = find(filled, QToolButton, "auditAccept")
    was_there = button.isVisible()
    qtbot.mouseClick(find(filled, QToolButton, "auditVerify"), Qt.MouseButton.LeftButton)
    await until(lambda: filled.findChild(QDialog, "auditVerified") is not None)
    sheet = find(filled, QDialog, "auditVerified")
    words = " ".join(label.text() for label in sheet.findChildren(QLabel))
    sheet.accept()

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    await until(lambda: filled.findChild(QLineEdit, "auditAcceptingLine") is not None)
    find(filled, QLineEdit, "auditAcceptingLine").setText("restored from a copy")
    find(filled, QPushButton, "auditAcceptingDone").click()

    await until(lambda: not button.isVisible())
    assert not was_there
    assert "Entry 2" in words
    await until(lambda: column(filled, AuditColumn.DETAIL)[0] == "restored from a copy")


async def test_e52_the_picked_entries_are_written_to_a_file(
    filled: MainWindow, desk: Any, until: Callable[..., Any], tmp_path: Path
) -> None:
    choose(filled, "auditWhat", "smtp")
    await until(lambda: said(filled) == "1 entry picked")
    panel = filled.panel("audit")
    assert isinstance(panel, AuditPanel)
    told: list[str] = []
    filled.navigator.noticed.connect(told.append)

    panel.export_to(tmp_path / "audit.csv")

    await until(lambda: bool(told))
    _, *lines = (tmp_path / "audit.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[4] for line in lines] == ["smtp"]
    assert told == [f"1 entry of the audit log written to {tmp_path / 'audit.csv'}"]


async def test_e52_who_may_not_read_it_any_more_sees_no_entries(
    filled: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    desk.audit_gate.is_admin = False

    await until(lambda: said(filled) == "Only an admin may read the audit log")
    assert column(filled, AuditColumn.WHAT) == []
    assert "Not shown" in in_the_empty_table(filled)
    assert not find(filled, QToolButton, "auditVerify").isEnabled()

    desk.audit_gate.is_admin = True
    await until(lambda: said(filled) == "3 entries")
