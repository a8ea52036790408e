from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.theme import Theme

Until = Callable[..., Any]


def shown(window: MainWindow, kind: type[QWidget], name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None and found.isVisible(), name
    return found


async def test_a_new_desk_s_sheet_leads_to_data_symbols_channels_and_a_first_rule_then_stays_away(
    desk: Any, theme: Theme, tmp_path: Path, qtbot: QtBot, until: Until
) -> None:
    file = tmp_path / "layout.ini"
    window = MainWindow(desk=desk, theme=theme, state_file=file)
    window.start()
    await until(lambda: window.findChild(QWidget, "welcome") is not None)

    qtbot.mouseClick(shown(window, QPushButton, "welcomeTest_toast"), Qt.MouseButton.LeftButton)
    said = shown(window, QLabel, "welcomeSaid_toast")
    await until(lambda: said.text().startswith("Delivered"))
    line = shown(window, QLineEdit, "welcomeSymbol")
    qtbot.keyClicks(line, "nvda, msft")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    await until(lambda: desk.watchlist.symbols[-2:] == ("NVDA", "MSFT"))
    qtbot.mouseClick(shown(window, QToolButton, "welcomeSource_schwab"), Qt.MouseButton.LeftButton)
    story = shown(window, QLabel, "welcomeSource")
    await until(lambda: story.height() >= story.heightForWidth(story.width()))
    qtbot.mouseClick(shown(window, QToolButton, "welcomeSource_coinbase"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(shown(window, QPushButton, "welcomeTakeSource"), Qt.MouseButton.LeftButton)
    await until(lambda: desk.reopened == [None])
    qtbot.mouseClick(shown(window, QPushButton, "welcomeRule"), Qt.MouseButton.LeftButton)
    quick = shown(window, QLineEdit, "quickAddLine")
    qtbot.keyClicks(quick, "last > 5540")
    qtbot.keyClick(quick, Qt.Key.Key_Return)
    await until(lambda: len(desk.rules.all()) == 2)
    await window.finish()
    window.deleteLater()

    again = MainWindow(desk=desk, theme=theme, state_file=file)
    ready: list[bool] = []
    again.ready.connect(lambda: ready.append(True))
    again.start()
    await until(lambda: ready)
    came_by_itself = again.findChild(QWidget, "welcome") is not None
    next(each for each in again.findChildren(QAction) if each.text() == "Welcome…").trigger()

    assert desk.settings.values["feed.name"] == "coinbase"
    assert not came_by_itself
    assert shown(again, QToolButton, "welcomeSource_coinbase").isChecked()
    qtbot.mouseClick(shown(again, QPushButton, "welcomeDone"), Qt.MouseButton.LeftButton)
    await again.finish()
    again.deleteLater()


async def test_a_sheet_that_was_not_closed_is_there_again_at_the_next_start(
    desk: Any, theme: Theme, tmp_path: Path, until: Until
) -> None:
    for _ in range(2):
        window = MainWindow(desk=desk, theme=theme, state_file=tmp_path / "layout.ini")
        window.start()
        await until(lambda window=window: window.findChild(QWidget, "welcome") is not None)
        await window.finish()
        window.deleteLater()
