"""A status bar with more parts than there is room for."""

import pytest
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.widgets.yielding_bar import YieldingBar

PART_PX = 100


class Bar:
    """Four parts; speed gives way first, then the session."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.bar = YieldingBar(parent=self.window)
        self.parts = {name: QToolButton(self.bar) for name in ("feed", "speed", "session", "source")}
        for part in self.parts.values():
            part.setFixedWidth(PART_PX)
            self.bar.addWidget(part)
        self.bar.let_yield(self.parts["speed"], self.parts["session"])
        self.window.show()

    def shown(self, width: int) -> list[str]:
        self.bar.resize(width, 30)
        return [name for name, part in self.parts.items() if part.isVisible()]


@pytest.fixture
def bar(qtbot: QtBot) -> Bar:
    """A bar in a window."""
    return Bar(qtbot)


def test_the_least_telling_parts_give_way_first_and_the_others_stay(bar: Bar) -> None:
    shown = [bar.shown(width) for width in (500, 400, 300, 100)]

    assert shown == [
        ["feed", "speed", "session", "source"],
        ["feed", "session", "source"],
        ["feed", "source"],
        ["feed", "source"],
    ]


def test_a_part_comes_back_only_where_there_is_room_to_spare(bar: Bar) -> None:
    bar.shown(400)

    assert "speed" not in bar.shown(440)
    assert "speed" in bar.shown(470)
    assert "speed" in bar.shown(440)


def test_a_part_that_is_not_wanted_takes_no_room(bar: Bar) -> None:
    bar.shown(400)

    bar.bar.want(bar.parts["session"], is_wanted=False)

    assert bar.shown(400) == ["feed", "speed", "source"]


def test_a_part_that_is_wanted_again_needs_no_room_to_spare(bar: Bar) -> None:
    bar.shown(434)
    bar.bar.want(bar.parts["session"], is_wanted=False)

    bar.bar.want(bar.parts["session"], is_wanted=True)

    assert bar.shown(434) == ["feed", "speed", "session", "source"]


def test_parts_give_way_when_another_grows(bar: Bar, qtbot: QtBot) -> None:
    bar.shown(500)

    bar.parts["feed"].setFixedWidth(2 * PART_PX)

    qtbot.waitUntil(lambda: not bar.parts["speed"].isVisible())
    assert bar.parts["session"].isVisible()


async def test_the_status_bar_makes_no_window_wider_than_its_screen(window: MainWindow) -> None:
    for part in window.statusBar().findChildren(QToolButton):
        part.setText(20 * "What is told. ")

    assert window.minimumSizeHint().width() <= 1280
