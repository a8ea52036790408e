from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QPushButton, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.ui.main_window import MainWindow

Until = Callable[..., Any]


def find(window: MainWindow, kind: type[QWidget], name: str) -> Any:
    found = [each for each in window.findChildren(kind, name) if each.isVisible()]
    assert found, name
    return found[-1]


def click(window: MainWindow, qtbot: QtBot, kind: type[QWidget], name: str) -> None:
    qtbot.mouseClick(find(window, kind, name), Qt.MouseButton.LeftButton)


def cards(window: MainWindow) -> list[str]:
    shown = [each for each in window.findChildren(QListView, "templateCards") if each.isVisible()]
    if not shown:
        return []  # a note stands in the place of no cards
    model = shown[-1].model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def retype(line: QLineEdit, qtbot: QtBot, text: str) -> None:
    line.selectAll()
    qtbot.keyClicks(line, text)


async def test_a_template_is_found_filled_in_added_and_taken_back(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until
) -> None:
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_N, keys)
    qtbot.keyClicks(find(window, QLineEdit, "templateSearch"), "spike volume")
    found = cards(window)

    retype(find(window, QLineEdit, "parameter_factor"), qtbot, "many")
    is_refused = not find(window, QPushButton, "templateUse").isEnabled()
    retype(find(window, QLineEdit, "parameter_factor"), qtbot, "5")
    said = find(window, QLabel, "templateSaid").text()
    click(window, qtbot, QPushButton, "templateUse")
    await until(lambda: len(desk.rules.all()) == 2)
    made = desk.rules.all()[1]
    window.context.rule_changes.undo()

    await until(lambda: len(desk.rules.all()) == 1)
    assert found[0] == "Volume spike"
    assert is_refused
    assert (made.symbols, made.when) == (("/ES",), "volume[1m] >= 5 * avg(volume, 20)[1m] 1 ago")
    assert made.when in said
    assert not window.findChild(QWidget, "templates").isVisible()


async def test_the_template_that_fits_the_words_best_comes_first_and_is_chosen(
    window: MainWindow, qtbot: QtBot
) -> None:
    def in_first_line() -> int:
        shown = find(window, QListView, "templateCards")
        rows = range(shown.model().rowCount())
        return sum(shown.visualRect(shown.model().index(row, 0)).top() == 0 for row in rows)

    window.navigator.templates_wanted.emit()
    of_all = in_first_line()
    qtbot.keyClicks(find(window, QLineEdit, "templateSearch"), "move")
    of_some = in_first_line()  # which need no scroll bar
    retype(find(window, QLineEdit, "templateSearch"), qtbot, "rsi")

    assert of_all == of_some > 1
    assert cards(window)[0] == "RSI extreme"
    assert find(window, QLabel, "templateName").text() == "RSI extreme"
    search = find(window, QLineEdit, "templateSearch")
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert not search.hasFocus()
    click(window, qtbot, QToolButton, "templatesClose")
    window.navigator.templates_wanted.emit()
    assert search.selectedText() == "rsi"


async def test_a_rule_kept_as_a_template_makes_others_and_can_be_renamed_and_deleted(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until, choose_row: Callable[..., None]
) -> None:
    table = window.findChild(QTableView, "rulesTable")
    choose_row(table, 0)
    next(each for each in window.findChildren(QAction) if each.text() == "Save as template…").trigger()
    retype(find(window, QLineEdit, "templateNamingLine"), qtbot, "Round number")
    click(window, qtbot, QPushButton, "templateNamingDone")
    await until(lambda: [rule.name for rule in desk.own_templates.all()] == ["Round number"])
    await until(lambda: find(window, QLabel, "templateName").text() == "Round number")

    retype(find(window, QLineEdit, "parameter_right"), qtbot, "5600")
    click(window, qtbot, QPushButton, "templateUse")
    await until(lambda: len(desk.rules.all()) == 2)
    made = desk.rules.all()[1]
    window.navigator.templates_wanted.emit()
    click(window, qtbot, QToolButton, "templates_mine")
    click(window, qtbot, QPushButton, "templateRename")
    retype(find(window, QLineEdit, "templateRenamingLine"), qtbot, "Level")
    click(window, qtbot, QPushButton, "templateRenamingDone")
    await until(lambda: cards(window) == ["Level"])
    click(window, qtbot, QPushButton, "templateDelete")
    await until(lambda: cards(window) == [])
    window.context.rule_changes.undo()

    await until(lambda: cards(window) == ["Level"])
    click(window, qtbot, QToolButton, "templatesClose")
    assert (made.name, made.when) == ("Round number", "last crosses above 5600")
