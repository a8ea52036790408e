"""Rules and symbols come into the window from files and leave it: dropped, chosen, pasted, undone."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableView,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.events import RulesChanged
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.rulefile import parse_rules, rules_to_json
from tradeassist_desktop.ui.main_window import MainWindow

Until = Callable[..., Any]
EITHER = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction


def carried(file: Path, *, window: MainWindow) -> QMimeData:
    """Return a file as file managers carry it, name and all; events only point to it."""
    made = QMimeData()
    made.setParent(window)
    made.setUrls([QUrl.fromLocalFile(str(file))])
    made.setText(str(file))
    return made


def hover(window: MainWindow, file: Path, *, onto: QWidget | None = None) -> str:
    """Drag a file into the middle of a window; return what is promised, empty for nothing."""
    over = onto or window
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(over.rect().center(), EITHER, carried(file, window=window), left, none)
    QApplication.sendEvent(over.windowHandle(), entering)
    veil = window.findChild(QWidget, "dropVeil")
    return veil.accessibleName() if veil.isVisible() else ""


def drop(window: MainWindow, file: Path, *, onto: QWidget | None = None) -> str:
    """Drag a file into the middle of a window, note what is promised, and let go."""
    promise = hover(window, file, onto=onto)
    over = onto or window
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    dropped = QDropEvent(QPointF(over.rect().center()), EITHER, carried(file, window=window), left, none)
    QApplication.sendEvent(over.windowHandle(), dropped)
    assert dropped.dropAction() is Qt.DropAction.CopyAction  # the file stays where it is
    assert not window.findChild(QWidget, "dropVeil").isVisible()
    return promise


def sheet(window: MainWindow) -> QDialog | None:
    found = window.findChild(QDialog, "importRules")
    return found if found is not None and found.isVisible() else None


def shown(window: MainWindow) -> list[list[str]]:
    model = window.findChild(QTableView, "importTable").model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def chosen(window: MainWindow, name: str, file: Path) -> None:
    """Type the path of a file where one is chosen, and take it."""
    chooser = window.findChildren(QFileDialog, name)[-1]
    chooser.findChild(QLineEdit, "fileNameEdit").setText(str(file))
    chooser.accept()


def rule(number: int, **changes: Any) -> Rule:
    made = Rule(uid=f"mine-{number}", name=f"Rule {number}", symbols=("AAPL",), when=f"last > {100 + number}")
    return replace(made, **changes)


@pytest.fixture
def fifty(desk: Any) -> Sequence[Rule]:
    """Fifty rules of a file; the desk has four of their names, and one of them under another."""
    desk.rules.rules |= {
        "mine-0": rule(0),
        "mine-1": rule(1, priority=Priority.HIGH, cooldown_ns=120_000_000_000),
        "mine-2": rule(2, symbols=("TLT",), when="rsi(14)[5m] < 30"),
        "mine-3": rule(3, name="Three by another name"),
    }
    return [rule(number, uid="") for number in range(50)]


@pytest.mark.parametrize(
    ("name", "act"),
    [("rules.json", Act.EDIT_RULES), ("symbols.csv", Act.WATCHLIST)],
    ids=["rules", "symbols"],
)
async def test_a_file_is_not_taken_from_who_may_not_and_that_they_dropped_it_is_written_down(
    gate: Any, window: MainWindow, tmp_path: Path, name: str, act: Act
) -> None:
    said: list[str] = []
    window.navigator.noticed.connect(said.append)
    gate.is_admin = False
    file = tmp_path / name
    file.write_text("", encoding="utf-8")

    promise = hover(window, file)
    drop(window, file)

    reason = f"A trader or an admin may {act.value}."
    assert (promise, said) == (reason, [reason])
    assert gate.refused == [act]


async def test_fifty_rules_with_two_conflicts_are_dropped_looked_at_imported_and_undone(
    window: MainWindow, desk: Any, fifty: Sequence[Rule], qtbot: QtBot, until: Until, tmp_path: Path
) -> None:
    file = tmp_path / "fifty.json"
    file.write_bytes(rules_to_json(fifty))
    before = dict(desk.rules.rules)

    promise = drop(window, file)
    await until(lambda: sheet(window) is not None and len(shown(window)) == 50)
    rows = shown(window)
    untouched = desk.rules.rules == before
    add_beside = window.findChild(QToolButton, "importAddBeside")
    qtbot.mouseClick(add_beside, Qt.MouseButton.LeftButton)  # of the first conflict: both are wanted
    qtbot.mouseClick(window.findChild(QToolButton, "importKindChanged"), Qt.MouseButton.LeftButton)
    beside = [label.text() for label in window.findChild(QDialog, "importRules").findChildren(QLabel)]
    button = window.findChild(QPushButton, "importButton")
    words = button.text()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    await until(lambda: sheet(window) is None and window.isActiveWindow())
    imported = {each.name: each for each in desk.rules.all()}
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: desk.rules.rules == before)

    assert promise == "Drop to see what the rules of “fifty.json” would change"
    assert untouched
    assert [row[0] for row in rows[:4]] == ["conflict", "conflict", "changed", "new"]
    assert rows[0][1:4] == ["Rule 2", "AAPL", "yours of this name watches something else"]
    assert rows[1][1:4] == ["Rule 3", "AAPL", "you have it as “Three by another name”"]
    assert rows[2][3] == "cooldown: 2 m → 1 m, priority: high → normal"
    assert rows[-1] == ["same", "Rule 0", "AAPL", "as yours", "Nothing to do"]
    assert {"Yours", "2 m", "In the file", "1 m"} <= set(beside)
    assert words == "Import 48 rules"
    assert imported["Rule 1"].uid == "mine-1"
    assert imported["Rule 1"].priority is Priority.NORMAL
    assert imported["Rule 2"].when == "rsi(14)[5m] < 30"
    assert imported["Rule 2 (2)"].when == "last > 102"
    assert "Rule 3" not in imported
    assert len(imported) == 1 + 4 + 1 + 46


async def test_an_import_cancelled_too_late_says_how_far_it_is_until_it_is_done(
    window: MainWindow, desk: Any, fifty: Sequence[Rule], qtbot: QtBot, until: Until, tmp_path: Path
) -> None:
    file = tmp_path / "fifty.json"
    file.write_bytes(rules_to_json(fifty))
    desk.rules.is_free.clear()

    def words(name: str) -> str:
        label = window.findChild(QLabel, name)
        return label.text() if label is not None and label.isVisible() else ""

    drop(window, file)
    await until(lambda: sheet(window) is not None and len(shown(window)) == 50)
    qtbot.mouseClick(window.findChild(QPushButton, "importButton"), Qt.MouseButton.LeftButton)
    await until(lambda: words("rulesImportingSaid") == "Importing rules: 43 %")
    qtbot.mouseClick(window.findChild(QPushButton, "rulesImportingCancel"), Qt.MouseButton.LeftButton)
    await until(lambda: words("rulesImportingFinishingSaid"))
    qtbot.keyClick(window.findChild(QDialog, "rulesImportingFinishing"), Qt.Key.Key_Escape)
    said = words("rulesImportingFinishingSaid")
    desk.rules.is_free.set()

    await until(lambda: sheet(window) is None and not words("rulesImportingFinishingSaid"))
    assert said == "Too late to cancel, finishing: 20 of 47"
    assert len(desk.rules.all()) == 1 + 4 + 46


async def test_a_bad_file_is_refused_whole_and_read_again_once_it_is_mended(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until, tmp_path: Path
) -> None:
    good = rules_to_json([rule(1), rule(2)])
    file = tmp_path / "bad.json"
    file.write_bytes(good.replace(b"last > 102", b"last crosses"))

    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    chosen(window, "importFile", file)
    await until(lambda: sheet(window) is not None)
    faults = window.findChild(QTableView, "refusedFaults").model()
    listed = [faults.index(0, column).data() for column in (0, 1)]
    qtbot.mouseClick(window.findChild(QPushButton, "refusedCopy"), Qt.MouseButton.LeftButton)
    file.write_bytes(good)
    qtbot.mouseClick(window.findChild(QPushButton, "refusedAgain"), Qt.MouseButton.LeftButton)
    await until(lambda: len(shown(window)) == 2)
    qtbot.keyClicks(window.findChild(QLineEdit, "importSearch"), "102")

    assert faults.rowCount() == 1
    assert listed[0] == "rules[1].when"
    assert listed[1].startswith("column 13: expected")
    assert QGuiApplication.clipboard().text().startswith("rules[1].when: column 13: expected")
    assert [row[1] for row in shown(window)] == ["Rule 2"]
    assert set(desk.rules.rules) == {"rule-0"}


async def test_of_a_recording_it_is_said_where_it_is_opened(
    window: MainWindow, until: Until, tmp_path: Path
) -> None:
    told = "seems to be a recording, not a rule file: open it by “Open a recording…” in the menu Desk"
    said: list[str] = []
    window.navigator.noticed.connect(said.append)
    named_as_rules = tmp_path / "session.json"
    named_as_rules.write_text("timestamp,symbol,last\n2024-07-02T13:30:00Z,/ES,5530\n")

    promise = drop(window, tmp_path / "session.csv.gz")
    drop(window, named_as_rules)
    await until(lambda: sheet(window) is not None)
    faults = window.findChild(QTableView, "refusedFaults").model()

    where = "“session.csv.gz” seems to be a recording: open it by “Open a recording…” in the menu Desk"
    assert (promise, said) == (where, [where])
    assert [faults.index(0, column).data() for column in (0, 1)] == ["the file", told]


async def test_exported_rules_come_back_as_the_same_from_file_and_clipboard(
    window: MainWindow, desk: Any, fifty: Sequence[Rule], until: Until, tmp_path: Path
) -> None:
    target, part = tmp_path / "out.json", tmp_path / "part.json"
    next(each for each in window.findChildren(QAction) if each.text() == "Export all rules…").trigger()
    chosen(window, "exportFile", target)
    await until(target.exists)
    window.transfers.exports.copy(("mine-1", "mine-2"))
    await until(lambda: "tradeassist-rules" in QGuiApplication.clipboard().text())
    desk.bus.publish(RulesChanged(uids=tuple(desk.rules.rules)))
    table = window.findChild(QTableView, "rulesTable")
    await until(lambda: table.model().rowCount() == 5)
    table.selectRow(1)
    table.customContextMenuRequested.emit(table.visualRect(table.currentIndex()).center())
    menu = window.findChild(QMenu, "rulesExport")
    offered = [action.text() for action in menu.actions()]
    wanted: list[Sequence[str]] = []
    window.navigator.rules_copy_wanted.connect(wanted.append)
    menu.actions()[1].trigger()
    menu.actions()[0].trigger()
    chosen(window, "exportFile", part)
    await until(part.exists)

    drop(window, target)
    await until(lambda: sheet(window) is not None and len(shown(window)) == 5)
    from_file = {row[0] for row in shown(window)}
    window.transfers.imports.open_clipboard()
    await until(lambda: len(shown(window)) == 1)

    assert offered == [
        "Write this rule to a file…",
        "Copy this rule as a rule file",
        "Write all 5 that are shown to a file…",
    ]
    assert wanted == [("mine-0",)]
    assert [each.name for each in parse_rules(part.read_bytes())] == ["Rule 0"]
    assert from_file == {"same"}
    assert {row[0] for row in shown(window)} == {"same"}


async def test_a_dropped_list_of_symbols_is_watched_in_its_groups_and_can_be_taken_back(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text("symbol,group\nAAPL,Shares\nMSFT,Shares\n/NQ,Futures\n")
    before = desk.watchlist.groups

    dock = window.dock("alerts")
    dock.setFloating(True)
    await until(dock.windowHandle)
    await until(lambda: hover(window, file, onto=dock))
    promise = drop(window, file, onto=dock)
    await until(lambda: len(desk.watchlist.symbols) == 5)
    groups = {group.name: group.symbols for group in desk.watchlist.groups}
    undo = window.findChild(QPushButton, "undoButton")
    await until(undo.isVisible)
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    await until(lambda: desk.watchlist.groups == before)
    drop(window, tmp_path / "picture.png")
    (tmp_path / "bad.csv").write_text("symbol\nA!\n")
    drop(window, tmp_path / "bad.csv")
    await until(lambda: window.findChild(QDialog, "symbolsRefused") is not None)

    assert promise == "Drop to watch the symbols of “list.csv”"
    assert groups == {"": ("/ES", "AAPL", "NOSUCH"), "Shares": ("MSFT",), "Futures": ("/NQ",)}
    assert desk.watchlist.groups == before
