from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from tradeassist_desktop.ui.main_window import MainWindow


async def test_a_word_is_found_by_what_it_does_copied_and_begins_a_rule(
    window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    focus = window.focusWidget() or window
    qtbot.keyClick(focus, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    search = window.findChild(QLineEdit, "languageSearch")
    await until(search.hasFocus)

    qtbot.keyClicks(search, "relative strength wilder")
    table = window.findChild(QTableView, "languageTable")
    first = table.model().index(0, 0).data()
    qtbot.mouseClick(window.findChild(QPushButton, "languageCopy"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.findChild(QPushButton, "languageInsert"), Qt.MouseButton.LeftButton)

    line = window.findChild(QLineEdit, "quickAddLine")
    said = window.findChild(QLabel, "quickAddSaid")
    assert first == "rsi(source, bars)"
    assert QGuiApplication.clipboard().text() == "rsi(14)[5m] > 70"
    assert line is not None and line.text() == "rsi(14)[5m] > 70"
    assert said is not None and said.text().startswith(
        "On /\N{WORD JOINER}ES: when rsi(14) of 5-minute bars is above 70, "
    )


async def test_no_word_is_explained_where_none_is_found(window: MainWindow, qtbot: QtBot) -> None:
    window.show_dock("language")
    search = window.findChild(QLineEdit, "languageSearch")
    copy = window.findChild(QPushButton, "languageCopy")
    assert copy.isVisible()
    QGuiApplication.clipboard().setText("mine")

    qtbot.keyClicks(search, "nothing like it")
    assert not copy.isVisible()
    qtbot.keyClick(
        window.findChild(QTableView, "languageTable"), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier
    )

    assert QGuiApplication.clipboard().text() == "mine"
