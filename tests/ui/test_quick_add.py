from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.ui.main_window import MainWindow

Until = Callable[..., Any]


@pytest.fixture
async def line(window: MainWindow, qtbot: QtBot, until: Until) -> QLineEdit:
    """The quick add's line, opened by its key from the watchlist."""
    qtbot.keyClick(QWidget.focusWidget(window) or window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: window.findChild(QLineEdit, "quickAddLine") is not None)
    found = window.findChild(QLineEdit, "quickAddLine")
    assert found is not None
    await until(found.hasFocus)
    return found


def said(window: MainWindow) -> str:
    label = window.findChild(QLabel, "quickAddSaid")
    assert label is not None
    return label.text()


def offered(window: MainWindow) -> list[str]:
    model = window.findChild(QListView, "quickAddWords").model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


async def test_one_line_and_enter_add_an_armed_rule_that_ctrl_z_takes_back(
    window: MainWindow, line: QLineEdit, desk: Any, qtbot: QtBot, until: Until
) -> None:
    qtbot.keyClicks(line, "/ES last crosses above 5540")
    meaning = said(window)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    await until(lambda: len(desk.rules.all()) == 2)
    made = desk.rules.all()[1]
    await until(lambda: not line.isVisible())

    window.context.rule_changes.undo()

    assert meaning.startswith(
        "On /\N{WORD JOINER}ES: when last price crosses above 5,540, alert each time it becomes true"
    )
    assert (made.symbols, made.when, made.active) == (("/ES",), "last crosses above 5540", True)
    await until(lambda: len(desk.rules.all()) == 1)


async def test_a_line_without_a_symbol_is_of_the_chart_s(
    window: MainWindow, line: QLineEdit, desk: Any, qtbot: QtBot, until: Until
) -> None:
    window.navigator.symbol_chosen.emit("AAPL")

    qtbot.keyClicks(line, "rsi(14)[5m] > 70")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    await until(lambda: len(desk.rules.all()) == 2)
    assert desk.rules.all()[1].symbols == ("AAPL",)
    assert desk.rules.all()[1].when == "rsi(14)[5m] > 70"


async def test_a_dock_that_is_gone_to_stays_behind_the_sheet(window: MainWindow, line: QLineEdit) -> None:
    window.show_dock("rules")

    stacked = window.children()
    docks = [place for place, each in enumerate(stacked) if each.objectName() == "rules"]
    assert line.isVisible()
    assert stacked.index(line.parent()) > docks[0]


async def test_words_and_symbols_are_completed_by_keys_alone(
    window: MainWindow, line: QLineEdit, desk: Any, qtbot: QtBot, until: Until
) -> None:
    desk.listed = [FoundInstrument("TLT", "iShares 20+ Year Treasury", "etf")]
    assert offered(window)[0] == "/ES last crosses above 5528.5"

    qtbot.keyClicks(line, "tl")
    await until(lambda: offered(window)[:1] == ["TLT"])
    qtbot.keyClick(line, Qt.Key.Key_Tab)
    qtbot.keyClicks(line, "las")
    qtbot.keyClick(line, Qt.Key.Key_Tab)
    qtbot.keyClicks(line, "cr")
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(line, Qt.Key.Key_Return)

    assert line.text() == "TLT last crosses below "
    assert len(desk.rules.all()) == 1


async def test_a_wrong_word_is_underlined_and_what_could_stand_there_is_said(
    window: MainWindow, line: QLineEdit, desk: Any, qtbot: QtBot
) -> None:
    qtbot.keyClicks(line, "/ES last crosses ab")
    while_typing = line.property("hasFault")
    qtbot.keyClicks(line, "ve")
    at_the_end = line.property("hasFault")
    qtbot.keyClicks(line, " 5540")
    proposed = offered(window)
    qtbot.keyClick(line, Qt.Key.Key_Return)

    assert not while_typing
    assert at_the_end is True
    assert proposed == ["/ES last crosses above 5540"]
    assert line.property("hasFault") is True
    assert said(window).startswith("Column 18: expected a number, a field or an indicator, found 'abve'")
    assert (line.text(), line.selectedText()) == ("/ES last crosses abve 5540", "abve")
    assert len(desk.rules.all()) == 1
    qtbot.keyClick(line, Qt.Key.Key_Tab)
    assert line.text() == "/ES last crosses above 5540"
    assert line.property("hasFault") is False


async def test_a_symbol_and_a_comparison_are_of_the_last_price_and_a_symbol_within_is_mended(
    window: MainWindow, line: QLineEdit, desk: Any, qtbot: QtBot, until: Until
) -> None:
    qtbot.keyClicks(line, "SPY cr")
    begun = (line.property("hasFault"), said(window), offered(window)[:2])
    qtbot.keyClicks(line, "osses above 500 and TLT > 90")
    refused = said(window)
    qtbot.keyClick(line, Qt.Key.Key_Tab)
    meaning = said(window)
    qtbot.keyClick(line, Qt.Key.Key_Return)

    await until(lambda: len(desk.rules.all()) == 2)
    assert begun == (
        False,
        "Expected a number, a field or an indicator, found 'cr'.",
        ["crosses above", "crosses below"],
    )
    assert refused.startswith("Column 27: expected a field of TLT, found TLT alone; write last crosses")
    assert meaning.startswith("On SPY: when last price crosses above 500 and TLT last price is above 90")
    assert desk.rules.all()[1].symbols == ("SPY",)
    assert desk.rules.all()[1].when == "last crosses above 500 and TLT.last > 90"


async def test_ctrl_enter_opens_the_line_as_a_draft_and_escape_gives_the_keyboard_back(
    window: MainWindow, line: QLineEdit, desk: Any, qtbot: QtBot, until: Until
) -> None:
    drafts: list[Rule] = []
    window.navigator.draft_wanted.connect(drafts.append)

    qtbot.keyClicks(line, "last > 5540")
    qtbot.keyClick(line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    editor = window.panel("editor")
    await until(lambda: editor is not None and editor.isAncestorOf(window.focusWidget()))
    window.navigator.quick_rule_wanted.emit("/NQ last")
    again = line.text()
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    qtbot.keyClick(line, Qt.Key.Key_Escape)

    assert [(draft.symbols, draft.when) for draft in drafts] == [(("/ES",), "last > 5540")]
    assert again == "/NQ last"
    assert not line.isVisible()
    assert len(desk.rules.all()) == 1
    assert editor is not None and editor.isAncestorOf(window.focusWidget())
