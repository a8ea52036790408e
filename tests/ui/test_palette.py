from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QTableView,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.widgets.palette.matching import Query
from tradeassist_desktop.ui.widgets.shortcuts.key_button import KeyButton

Until = Callable[..., Any]
CONTROL = Qt.KeyboardModifier.ControlModifier


async def opened(window: MainWindow, qtbot: QtBot, until: Until) -> QLineEdit:
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_K, CONTROL)
    await until(lambda: window.findChild(QLineEdit, "paletteLine") is not None)
    line = window.findChild(QLineEdit, "paletteLine")
    assert line is not None
    await until(line.hasFocus)
    return line


def found(window: MainWindow) -> list[str]:
    model = window.findChild(QListView, "paletteList").model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [
        pytest.param("es", "es", "es breakout", id="whole title before a beginning"),
        pytest.param("rul", "rules", "new rule", id="beginning before a word's"),
        pytest.param("rul", "new rule", "ferrule", id="word's beginning before its middle"),
        pytest.param("nr", "new rule", "notifications, other", id="letters close before far apart"),
        pytest.param("lay sav", "save layout", "delay savers", id="words in any order"),
    ],
)
def test_the_title_that_fits_better_comes_first(typed: str, better: str, worse: str) -> None:
    query = Query(typed)
    first, second = query.score(better), query.score(worse)

    assert first is not None and second is not None and first > second
    assert query.score("zzz") is None


async def test_an_action_a_symbol_and_a_rule_are_found_by_a_few_letters_and_run_by_enter(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until
) -> None:
    seen: list[str] = []
    window.navigator.symbol_chosen.connect(seen.append)
    window.navigator.rule_chosen.connect(seen.append)
    window.dock("health").close()

    for typed in ("hlth", "aapl", "brkout"):
        line = await opened(window, qtbot, until)
        qtbot.keyClicks(line, typed)
        qtbot.keyClick(line, Qt.Key.Key_Return)

    assert window.dock("health").isVisible()
    assert seen == ["AAPL", "rule-0"]
    line = await opened(window, qtbot, until)
    assert found(window)[:3] == ["ES breakout", "AAPL", "Health"]  # what was run last


async def test_a_symbol_that_is_searched_for_is_watched_and_shown(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until
) -> None:
    desk.listed = [FoundInstrument("TLT", "iShares 20+ Year Treasury", "etf")]
    line = await opened(window, qtbot, until)

    qtbot.keyClicks(line, "tlt")
    await until(lambda: found(window)[:1] == ["TLT"])
    qtbot.keyClick(line, Qt.Key.Key_Return)

    await until(lambda: window.navigator.symbol == "TLT")
    assert "TLT" in desk.watchlist.symbols


async def test_a_template_is_found_by_what_it_is_for_and_opens_to_be_filled_in(
    window: MainWindow, qtbot: QtBot, until: Until
) -> None:
    line = await opened(window, qtbot, until)

    qtbot.keyClicks(line, "bollinger template")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    name = window.findChild(QLabel, "templateName")
    assert name is not None and name.isVisible() and name.text() == "Bollinger squeeze"
    qtbot.keyClick(window.findChild(QLineEdit, "templateSearch"), Qt.Key.Key_Escape)
    assert not name.isVisible()


async def test_what_cannot_be_done_now_says_why_and_the_palette_stays(
    window: MainWindow, qtbot: QtBot, until: Until
) -> None:
    window.findChild(QTableView, "rulesTable").clearSelection()
    window.findChild(QTableView, "alertsTable").clearSelection()
    line = await opened(window, qtbot, until)
    found = window.findChild(QListView, "paletteList")
    said = window.findChild(QLabel, "paletteSaid")
    assert said is not None

    reasons = []
    for typed in ("back to live", "duplicate rules", "acknowledge alerts", "save the rule", "change pin"):
        line.setText(typed)
        qtbot.mouseClick(
            found.viewport(),
            Qt.MouseButton.LeftButton,
            pos=found.visualRect(found.model().index(0, 0)).center(),
        )
        reasons.append(said.text())

    assert reasons == [
        "Nothing is replayed: it is live.",
        "Select a rule in the Rules dock first.",
        "Select an alert first that this can be done with.",
        "Open a rule in the editor first.",
        "No app lock is set up.",
    ]
    assert line.isVisible()
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert not line.isVisible()


async def test_alerts_are_acknowledged_from_here_too(
    window: MainWindow, desk: Any, alert: Callable[..., Any], qtbot: QtBot, until: Until
) -> None:
    for id_ in ("earlier", "later"):
        desk.history.fire(alert(id_))
    alerts = window.findChild(QTableView, "alertsTable")
    await until(lambda: alerts.model().rowCount() == 2)
    alerts.selectRow(0)

    for typed, left in (("acknowledge alerts", 1), ("acknowledge all", 0)):
        line = await opened(window, qtbot, until)
        qtbot.keyClicks(line, typed)
        qtbot.keyClick(line, Qt.Key.Key_Return)
        await until(lambda left=left: desk.history.unacknowledged_count == left)


async def test_no_command_is_disabled_without_a_reason_of_its_own(
    window: MainWindow, qtbot: QtBot, until: Until
) -> None:
    line = await opened(window, qtbot, until)
    rights = window.context.rights
    actions = [each for each in window.findChildren(QAction) if each.text() and not each.isEnabled()]
    listed = [action for action in actions if not isinstance(action.parent(), QMenu | QLineEdit)]

    assert [action.text() for action in listed if not rights.reason(action)] == []
    qtbot.keyClick(line, Qt.Key.Key_Escape)


async def test_ctrl_enter_edits_a_rule_and_other_words_begin_a_new_one(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until
) -> None:
    desk.rules.rules["rule-1"] = replace(desk.rules.rules["rule-0"], uid="rule-1", name="Oil spike")
    edited: list[str] = []
    window.navigator.rule_edit_wanted.connect(edited.append)

    line = await opened(window, qtbot, until)
    qtbot.keyClicks(line, "oil sp")
    qtbot.keyClick(line, Qt.Key.Key_Return, CONTROL)
    line = await opened(window, qtbot, until)
    qtbot.keyClicks(line, "/NQ last > 20000")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    assert edited == ["rule-1"]
    quick = window.findChild(QLineEdit, "quickAddLine")
    assert quick is not None and quick.text() == "/NQ last > 20000"


def key_button(window: MainWindow, command: str) -> KeyButton:
    button = window.findChild(KeyButton, f"keys_{command}")
    assert button is not None
    return button


async def test_a_changed_shortcut_works_is_kept_and_goes_back(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until
) -> None:
    palette = next(each for each in window.findChildren(QAction) if each.text() == "Command palette…")
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_F1)
    button = key_button(window, "window.command-palette")

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(button, Qt.Key.Key_P, CONTROL)
    await until(lambda: palette.shortcut().toString() == "Ctrl+P")
    kept = desk.settings.values["shortcuts.changed"]
    qtbot.mouseClick(window.findChild(QPushButton, "reset_window.command-palette"), Qt.MouseButton.LeftButton)

    await until(lambda: palette.shortcut().toString() == "Ctrl+K")
    assert kept == ("window.command-palette=Ctrl+P",)
    assert desk.settings.values["shortcuts.changed"] == ()


async def test_keys_kept_for_a_command_hold_though_its_wording_is_another(
    window: MainWindow, desk: Any, until: Until
) -> None:
    window.build_every_panel()
    snooze = [each for each in window.findChildren(QAction) if each.objectName() == "snooze-15-min"]

    await desk.settings.set(
        "shortcuts.changed", ("alerts.snooze-15-min=Ctrl+8", "rules.snooze-15-min=Ctrl+9")
    )

    assert [each.text() for each in snooze] == ["Snooze 15 m", "Snooze 15 m"]
    await until(lambda: {each.shortcut().toString() for each in snooze} == {"Ctrl+8", "Ctrl+9"})


async def test_keys_of_another_command_are_taken_only_when_that_is_meant(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until
) -> None:
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_F1)
    button = key_button(window, "window.command-palette")
    said = window.findChild(QLabel, "shortcutSaid")
    take = window.findChild(QPushButton, "shortcutTakeOver")
    assert said is not None and take is not None

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(button, Qt.Key.Key_A)
    typing = said.text()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(button, Qt.Key.Key_N, CONTROL)
    asked = (said.text(), button.keys)
    qtbot.mouseClick(take, Qt.MouseButton.LeftButton)

    await until(lambda: button.keys == "Ctrl+N")
    assert typing == "A is needed for typing: hold Ctrl or Alt with it, or take a function key."
    assert asked == ("Ctrl+N is “New rule” already.", "Ctrl+K")
    assert key_button(window, "window.new-rule").keys == ""
    new = window.findChild(QToolButton, "newRule")
    assert new is not None
    assert new.toolTip() == "Type a rule, or fill in a template"
    assert [action.text() for action in new.menu().actions()] == [
        "Type a rule…",
        "From template…\tCtrl+Shift+N",
    ]
    assert "Alerts appear here as rules fire. “New rule” adds a rule." in {
        label.text() for label in window.findChildren(QLabel)
    }
    sheet = window.findChild(QDialog, "shortcuts")
    assert sheet is not None
    sheet.close()


async def test_a_key_for_everywhere_works_while_typing_even_where_it_would_move_the_caret(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until
) -> None:
    await desk.settings.set("shortcuts.changed", ("window.editor=Ctrl+Right",))
    line = window.findChild(QLineEdit, "rulesSearch")
    assert line is not None
    line.setFocus()
    editor = window.panel("editor")
    assert editor is not None

    qtbot.keyClick(line, Qt.Key.Key_Right, CONTROL)

    await until(lambda: not editor.visibleRegion().isEmpty())


@pytest.mark.parametrize(
    ("typed", "act"),
    [
        pytest.param("new rule", Act.EDIT_RULES, id="a command"),
        pytest.param("bollinger", Act.EDIT_RULES, id="a template"),
        pytest.param("pause all alerts", Act.SILENCE, id="another command"),
    ],
)
async def test_what_a_role_may_not_do_is_refused_here_too_in_words_and_written_down(
    gate: Any, window: MainWindow, qtbot: QtBot, until: Until, typed: str, act: Act
) -> None:
    gate.is_admin = False
    window.bridge.access_changed.emit()
    line = await opened(window, qtbot, until)
    qtbot.keyClicks(line, typed)
    only_looked_at = list(gate.refused)

    qtbot.keyClick(line, Qt.Key.Key_Return)

    assert line.isVisible()
    said = window.findChild(QLabel, "paletteSaid").text()
    assert said == f"A trader or an admin may {act.value}."
    assert (only_looked_at, gate.refused) == ([], [act])
