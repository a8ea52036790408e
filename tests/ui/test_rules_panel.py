from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QMenuBar, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.events import WorthLearned
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.rules import Rule, RulePhase, RuleStatus
from tradeassist_desktop.services.worth.track_record import TrackRecord
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.rules.columns import RulesColumn


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


async def test_the_state_of_a_rule_is_told_in_words(window: MainWindow, desk: Any) -> None:
    told: list[str] = []

    for phase, seconds, error in (
        (RulePhase.ARMED, None, None),
        (RulePhase.PENDING, 12, None),
        (RulePhase.COOLING, 34, None),
        (RulePhase.COOLING, 95, None),
        (RulePhase.REARMING, None, None),
        (RulePhase.SNOOZED, 959, None),
        (RulePhase.BLIND, None, None),
        (RulePhase.SPENT, None, None),
        (RulePhase.ERROR, None, "division by zero"),
    ):
        until_ns = None if seconds is None else desk.clock.ns + seconds * NS_PER_SECOND
        desk.rules.states["rule-0"] = RuleStatus("rule-0", "/ES", phase, until_ns=until_ns, error=error)
        window.pulse.states.emit()
        told.append(rules_table(window).model().index(0, RulesColumn.STATE).data())

    assert told == [
        *(
            "armed",
            "pending 12 s",
            "cooling 34 s",
            "cooling 1 m",
            "rearming",
            "snoozed 15 m",
            "blind",
            "spent",
        ),
        "error: division by zero",
    ]


async def test_firings_whose_time_an_earlier_version_forgot_say_so(window: MainWindow, desk: Any) -> None:
    fired = rules_table(window).model().index(0, RulesColumn.FIRED)
    desk.rules.states["rule-0"] = RuleStatus("rule-0", "/ES", RulePhase.ARMED, fired=3, suppressed=1)

    window.pulse.states.emit()

    assert fired.data(Qt.ItemDataRole.ToolTipRole) == (
        "Fired 3 ×, 1 firing suppressed. When is not known: earlier versions forgot it at an edit."
    )


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

    assert state == "no data"


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


def lines(window: MainWindow) -> list[str]:
    """The lines of the table, as they are read out."""
    model = rules_table(window).model()
    return [
        str(
            model.index(row, RulesColumn.RULE).data() or model.index(row, RulesColumn.SWITCH).data()
        ).partition(":")[0]
        for row in range(model.rowCount())
    ]


async def fill(desk: Any) -> None:
    """Have five rules: of two tags and none, two symbols, three priorities, one of them off."""
    made = (
        ("rule-0", "ES breakout", "/ES", {"tags": ("open",)}),
        ("a", "Apple dips", "AAPL", {"tags": ("fade", "open"), "priority": Priority.HIGH}),
        ("b", "Apple breakout", "AAPL", {"priority": Priority.URGENT, "cooldown_ns": 0}),
        ("c", "ES fades", "/ES", {"tags": ("fade",), "active": False}),
        ("d", "Zinc & more", "/ES", {"channels": ("slack",)}),
    )
    rules = {
        uid: Rule(uid=uid, name=name, symbols=(symbol,), when="last crosses above 5530", **changes)
        for uid, name, symbol, changes in made
    }
    await desk.rules.change(rules)


async def test_rules_are_searched_filtered_with_counts_and_all_shown_again(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await fill(desk)
    table = rules_table(window)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = window.findChild(QLineEdit, "rulesSearch")
    qtbot.keyClicks(search, "break")
    searched = lines(window)
    qtbot.keyClick(search, Qt.Key.Key_Escape)

    window.findChild(QMenu, "filterState").aboutToShow.emit()
    symbols = window.findChild(QMenu, "filterSymbol")
    symbols.aboutToShow.emit()
    offered = [action.text() for action in symbols.actions()]
    symbols.actions()[0].trigger()
    of_es = lines(window)
    states = window.findChild(QMenu, "filterState")
    await until(lambda: window.panel("rules") is not None)
    states.aboutToShow.emit()
    next(action for action in states.actions() if action.data() == "off").trigger()
    await until(lambda: lines(window) == ["ES fades"])
    window.findChild(QPushButton, "rulesClear").click()

    assert searched == ["ES breakout", "Apple breakout"]
    assert offered == ["/ES\t3", "AAPL\t2"]
    assert of_es == ["ES breakout", "ES fades", "Zinc & more"]
    assert len(lines(window)) == 5
    assert not window.findChild(QPushButton, "rulesClear").isVisible()


async def test_columns_order_and_groups_are_kept_in_the_settings(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await fill(desk)
    table = rules_table(window)
    header = table.horizontalHeader()

    header.sectionClicked.emit(RulesColumn.PRIORITY)
    await until(lambda: desk.settings.get("appearance.rules_sort") == "-priority")
    loudest = lines(window)
    header.sectionClicked.emit(RulesColumn.PRIORITY)
    await until(lambda: desk.settings.get("appearance.rules_sort") == "priority")
    header.sectionClicked.emit(RulesColumn.PRIORITY)
    await until(lambda: desk.settings.get("appearance.rules_sort") == "")
    own_order = lines(window)
    await desk.settings.set("appearance.rules_grouped", True)
    await desk.settings.set("appearance.rules_columns", ("switch", "name", "condition", "tags", "gone"))
    grouped = lines(window)
    table.setFocus()
    table.setCurrentIndex(table.model().index(0, RulesColumn.RULE))
    qtbot.keyClick(table, Qt.Key.Key_Left)
    closed = lines(window)
    qtbot.keyClick(table, Qt.Key.Key_Return)

    assert loudest == ["Apple breakout", "Apple dips", "ES breakout", "ES fades", "Zinc & more"]
    assert own_order == ["ES breakout", "Apple dips", "Apple breakout", "ES fades", "Zinc & more"]
    assert grouped == [
        *("fade, 2, open", "Apple dips", "ES fades"),
        *("open, 2, open", "ES breakout", "Apple dips"),
        *("No tag, 2, open", "Apple breakout", "Zinc & more"),
    ]
    assert closed == ["fade, 2, closed", *grouped[3:]]
    assert lines(window) == grouped
    shown = [column for column in RulesColumn if not table.isColumnHidden(column)]
    assert shown == [RulesColumn.SWITCH, RulesColumn.RULE, RulesColumn.CONDITION, RulesColumn.TAGS]


async def test_a_tag_is_renamed_on_all_its_rules_by_f2_on_its_line_and_comes_back_with_undo(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await fill(desk)
    await desk.settings.set("appearance.rules_grouped", True)
    table = rules_table(window)
    table.setFocus()
    table.setCurrentIndex(table.model().index(0, RulesColumn.RULE))

    qtbot.keyClick(table, Qt.Key.Key_F2)
    await until(lambda: window.findChild(QLineEdit, "tagNameLine") is not None)
    line = window.findChild(QLineEdit, "tagNameLine")
    offered = line.text()
    line.setText("reversal")
    qtbot.mouseClick(window.findChild(QPushButton, "tagNameDone"), Qt.MouseButton.LeftButton)
    await until(lambda: window.context.rule_changes.undo_words)
    words = window.context.rule_changes.undo_words
    renamed = desk.rules.get("c").tags
    window.context.rule_changes.undo()

    await until(lambda: desk.rules.get("a").tags == ("fade", "open"))
    assert offered == "fade"
    assert words == "Rename tag “fade” to “reversal”"
    assert renamed == ("reversal",)


async def test_how_alerts_of_a_rule_did_is_a_column_to_choose_and_to_sort_by(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await fill(desk)
    table = rules_table(window)
    first, second = (rule.uid for rule in desk.rules.all()[:2])
    desk.worth.records = {first: TrackRecord(1, 3), second: TrackRecord(30, 40)}
    await desk.settings.set("appearance.rules_columns", ("switch", "name", "outcome"))
    table.horizontalHeader().sectionClicked.emit(RulesColumn.OUTCOME)
    await until(lambda: lines(window)[:2] == ["Apple dips", "ES breakout"])
    model = table.model()
    assert [model.index(row, RulesColumn.OUTCOME).data() for row in range(3)] == ["75% of 40", "1 of 3", "—"]

    desk.worth.records[first] = TrackRecord(4, 4)
    desk.bus.publish(WorthLearned())
    await until(lambda: lines(window)[:2] == ["ES breakout", "Apple dips"])


async def test_what_is_done_to_a_selection_is_one_step_to_undo(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await fill(desk)
    table = rules_table(window)
    table.setFocus()
    before = desk.rules.all()
    menu = window.findChild(QMenuBar, "menuBar").actions()[1].menu()
    undo = next(a for a in menu.actions() if a.iconText() == "Undo")

    async def done(words: str) -> None:
        await until(lambda: window.context.rule_changes.undo_words == words)

    def opened(title: str) -> QMenu:
        table.customContextMenuRequested.emit(QPoint(0, 0))
        found = window.findChildren(QMenu, "rulesMenu")[-1]
        return next(a.menu() for a in found.actions() if a.text() == title)

    def pick(title: str, entry: str) -> None:
        sub = opened(title)
        next(a for a in sub.actions() if a.text().partition("  ")[0] == entry).trigger()
        sub.aboutToHide.emit()
        sub.parent().close()

    table.selectAll()
    qtbot.keyClick(table, Qt.Key.Key_Space)
    await done("Turn on 5 rules")
    pick("Priority", "high")
    await done("Give 5 rules high priority")
    pick("Cooldown", "5 m")
    await done("Give 5 rules 5 m cooldown")
    pick("Tags", "open")
    await done("Tag 5 rules “open”")
    pick("Send to", "Toasts")
    await done("Send 5 rules to toasts")
    changed = desk.rules.all()
    window.activateWindow()
    await until(window.isActiveWindow)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    await done("Duplicate 5 rules")
    copies = desk.rules.all()[5:]
    table.selectAll()
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    await done("Delete 10 rules")
    deleted = desk.rules.all()
    for _ in range(7):
        words = window.context.rule_changes.undo_words
        undo.trigger()
        await until(lambda words=words: window.context.rule_changes.undo_words != words)

    assert deleted == ()
    assert {rule.priority for rule in changed} == {Priority.HIGH}
    assert {rule.cooldown_ns for rule in changed} == {300 * NS_PER_SECOND}
    assert [rule.tags for rule in changed] == [
        ("open",),
        ("fade", "open"),
        ("open",),
        ("fade", "open"),
        ("open",),
    ]
    assert [rule.channels for rule in changed] == [("toast",)] * 4 + [("toast", "slack")]
    assert [(rule.name, rule.active) for rule in copies][:2] == [
        ("ES breakout copy", False),
        ("Apple dips copy", False),
    ]
    assert {rule.uid: rule for rule in desk.rules.all()} == {rule.uid: rule for rule in before}
    assert window.context.rule_changes.undo_words == ""


async def test_cells_are_typed_over_in_place_and_what_is_none_is_refused(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any], choose_row: Callable[..., None]
) -> None:
    await desk.settings.set("appearance.rules_columns", ("name", "cooldown", "tags", "priority"))
    table = rules_table(window)
    table.setFocus()
    choose_row(table, 0)

    async def type_over(column: RulesColumn, typed: str) -> None:
        table.setCurrentIndex(table.model().index(0, column))
        qtbot.keyClick(table, Qt.Key.Key_F2)
        editor = table.findChild(QLineEdit, "ruleTextEditor")
        editor.setText(typed)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        await until(lambda: table.findChild(QLineEdit, "ruleTextEditor") is None)

    await type_over(RulesColumn.RULE, "A better name")
    await until(lambda: desk.rules.get("rule-0").name == "A better name")
    await type_over(RulesColumn.COOLDOWN, "90s")
    await until(lambda: desk.rules.get("rule-0").cooldown_ns == 90 * NS_PER_SECOND)
    await type_over(RulesColumn.COOLDOWN, "soon")
    await type_over(RulesColumn.TAGS, "open, fade,, open")
    await until(lambda: desk.rules.get("rule-0").tags == ("open", "fade"))
    qtbot.keyClick(table, Qt.Key.Key_F2)
    line = table.findChild(QLineEdit, "ruleTextEditor")
    qtbot.keyClicks(line, "half")
    table.model().dataChanged.emit(table.currentIndex(), table.currentIndex())  # its rule has fired, say
    qtbot.keyClicks(line, " typed")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    await until(lambda: desk.rules.get("rule-0").tags == ("half typed",))

    assert desk.rules.get("rule-0").cooldown_ns == 90 * NS_PER_SECOND


async def test_keys_lead_from_a_rule_to_its_editor_and_its_test(
    window: MainWindow, desk: Any, qtbot: QtBot, choose_row: Callable[..., None]
) -> None:
    table = rules_table(window)
    table.setFocus()
    choose_row(table, 0)
    asked: list[object] = []
    window.navigator.rule_edit_wanted.connect(asked.append)
    window.navigator.test_wanted.connect(asked.append)

    for key in (Qt.Key.Key_Return, Qt.Key.Key_E, Qt.Key.Key_T):
        table.setFocus()
        qtbot.keyClick(table, key)

    assert asked == ["rule-0", "rule-0", desk.rules.get("rule-0")]


async def test_the_selection_lasts_while_rules_come_and_go_and_the_filter_gives_way_to_a_chosen_rule(
    window: MainWindow, desk: Any, qtbot: QtBot, choose_row: Callable[..., None]
) -> None:
    await fill(desk)
    table = rules_table(window)
    choose_row(table, 2)

    await desk.rules.remove(("a",))
    kept = [index.data() for index in table.selectionModel().selectedRows(RulesColumn.RULE)]
    qtbot.keyClicks(window.findChild(QLineEdit, "rulesSearch"), "apple")
    window.navigator.rule_chosen.emit("d")

    assert [name.partition(":")[0] for name in kept] == ["Apple breakout"]
    assert len(lines(window)) == 4
    assert table.currentIndex().siblingAtColumn(RulesColumn.RULE).data().startswith("Zinc & more")
