from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QMenuBar, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.rules import RulePhase, RuleStatus
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.rules import RulesColumn, RulesModel


def rules_table(window: MainWindow) -> QTableView:
    table = window.findChild(QTableView, "rulesTable")
    assert table is not None
    return table


async def test_the_switch_turns_a_rule_off_by_click_and_on_by_space(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    table = rules_table(window)
    cell = table.visualRect(table.model().index(0, RulesColumn.SWITCH)).center()

    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(cell.x(), cell.y()))
    await until(lambda: not desk.rules.get("rule-0").active)
    qtbot.keyClick(table, Qt.Key.Key_Space)

    await until(lambda: desk.rules.get("rule-0").active)


async def test_a_deleted_rule_comes_back_with_undo(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any], choose_row: Callable[..., None]
) -> None:
    table = rules_table(window)
    table.setFocus()
    choose_row(table, 0)

    qtbot.keyClick(table, Qt.Key.Key_Delete)
    await until(lambda: desk.rules.get("rule-0") is None)
    undo = next(
        a
        for a in window.findChild(QMenuBar, "menuBar").actions()[1].menu().actions()
        if a.iconText() == "Undo"
    )
    await until(window.findChild(QPushButton, "undoButton").isVisible)
    undo.trigger()

    await until(lambda: desk.rules.get("rule-0") is not None)
    await until(lambda: table.model().rowCount() == 1)


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        pytest.param({"phase": RulePhase.ARMED}, "armed", id="armed"),
        pytest.param({"phase": RulePhase.PENDING, "until_ns": 12}, "pending 12 s", id="pending counts down"),
        pytest.param({"phase": RulePhase.COOLING, "until_ns": 34}, "cooling 34 s", id="cooling counts down"),
        pytest.param({"phase": RulePhase.SNOOZED, "until_ns": 959}, "snoozed 15 m", id="snoozed counts down"),
        pytest.param({"phase": RulePhase.BLIND}, "blind", id="blind"),
        pytest.param({"phase": RulePhase.SPENT}, "spent", id="spent"),
        pytest.param(
            {"phase": RulePhase.ERROR, "error": "division by zero"},
            "error: division by zero",
            id="error says why",
        ),
    ],
)
async def test_the_state_of_a_rule_is_told_in_words(
    desk: Any, qapp: Any, status: dict[str, Any], shown: str
) -> None:
    if "until_ns" in status:
        status = {**status, "until_ns": desk.clock.ns + status["until_ns"] * NS_PER_SECOND}
    desk.rules.states["rule-0"] = RuleStatus("rule-0", "/ES", **status)

    model = RulesModel(desk=desk, parent=qapp)

    assert model.row(0).state == shown


async def test_without_rules_the_panel_says_what_to_do(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await desk.rules.remove(("rule-0",))
    await until(lambda: rules_table(window).model().rowCount() == 0)

    words = [label.text() for label in rules_table(window).findChildren(QLabel) if label.isVisibleTo(window)]

    assert "No rules yet" in words


async def test_a_rule_on_a_symbol_that_sends_nothing_says_so(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await desk.rules.add_text("NOSUCH last crosses above 5")
    await until(lambda: rules_table(window).model().rowCount() == 2)

    state = rules_table(window).model().index(1, RulesColumn.STATE).data()

    assert state == "armed, no data"


@pytest.mark.parametrize(
    ("key", "modifier", "state"),
    [
        pytest.param(Qt.Key.Key_S, Qt.KeyboardModifier.NoModifier, "snoozed 15 m", id="S"),
        pytest.param(Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier, "snoozed 1 h", id="Shift+S"),
    ],
)
async def test_a_key_snoozes_a_rule_and_undo_wakes_it(
    window: MainWindow,
    qtbot: QtBot,
    until: Callable[..., Any],
    choose_row: Callable[..., None],
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
    state: str,
) -> None:
    table = rules_table(window)
    index = table.model().index(0, RulesColumn.STATE)
    table.setFocus()
    choose_row(table, 0)
    before = index.data()

    qtbot.keyClick(table, key, modifier)
    await until(lambda: index.data() == state)
    button = window.findChild(QPushButton, "undoButton")
    await until(button.isVisible)
    button.click()

    await until(lambda: index.data() == before)


async def test_a_snoozed_rule_wakes_by_its_key(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any], choose_row: Callable[..., None]
) -> None:
    table = rules_table(window)
    await desk.rules.snooze(["rule-0"])
    index = table.model().index(0, RulesColumn.STATE)
    await until(lambda: index.data() == "snoozed 8 h")
    table.setFocus()
    choose_row(table, 0)

    qtbot.keyClick(table, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)

    await until(lambda: not index.data().startswith("snoozed"))


async def test_why_a_rule_is_blind_is_said_where_it_says_so(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    desk.rules.states["rule-0"] = RuleStatus("rule-0", "/ES", RulePhase.BLIND)
    desk.rules.explained = {"phase": RulePhase.BLIND, "blocks": ("/ES cannot be seen: the feed is down",)}
    window.pulse.states.emit()

    index = rules_table(window).model().index(0, RulesColumn.STATE)

    assert index.data().startswith("blind")
    assert "/ES cannot be seen: the feed is down" in index.data(Qt.ItemDataRole.ToolTipRole)
    name = index.siblingAtColumn(RulesColumn.RULE)
    assert name.data().endswith("/ES cannot be seen: the feed is down")


async def test_ctrl_z_takes_back_what_was_done_last_be_it_a_change_of_rules_or_not(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    menu = window.findChild(QMenuBar, "menuBar").actions()[1].menu()
    undo, redo = (next(a for a in menu.actions() if a.iconText() == word) for word in ("Undo", "Redo"))
    rule = desk.rules.get("rule-0")
    await window.context.rule_changes.done(
        desk.rules.edit("Rename A & B", {"rule-0": replace(rule, name="A")})
    )
    await window.context.rule_changes.done(
        desk.rules.edit("Turn A off", {"rule-0": replace(rule, name="A", active=False)})
    )
    await desk.rules.snooze(["rule-0"])
    window.navigator.offer_undo("Snoozed A", lambda: desk.rules.wake(["rule-0"]))

    offered = [undo.text()]
    undo.trigger()
    await until(lambda: "rule-0" not in desk.rules.states)
    for standing in (replace(rule, name="A"), rule):
        offered.append(undo.text())
        undo.trigger()
        await until(lambda standing=standing: desk.rules.get("rule-0") == standing)
    offered += [undo.text(), redo.text()]
    redo.trigger()
    await until(lambda: desk.rules.get("rule-0").name == "A")
    await until(window.findChild(QPushButton, "undoButton").isVisible)
    window.findChild(QPushButton, "undoButton").click()
    await until(lambda: desk.rules.get("rule-0") == rule)

    assert offered == [
        "Undo: Snoozed A",
        "Undo: Turn A off",
        "Undo: Rename A && B",
        "Undo",
        "Redo: Rename A && B",
    ]
