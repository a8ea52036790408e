"""Docks by keyboard alone: gone to, floated, moved and closed; and torn off by the mouse."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.panels import PANELS

pytestmark = pytest.mark.qt_loop

Area = Qt.DockWidgetArea
Until = Callable[..., Any]
Press = Callable[[str], None]


@pytest.fixture
def press(window: MainWindow, qtbot: QtBot) -> Press:
    """``press("Alt+Shift+Left")``: in what has the keyboard."""

    def press(keys: str) -> None:
        qtbot.keySequence(QApplication.focusWidget(), keys)

    return press


def said(window: MainWindow) -> str:
    label = window.findChild(QLabel, "statusNotice")
    assert label is not None
    return label.text()


def has_keyboard(window: MainWindow, name: str) -> bool:
    return window.dock(name).isAncestorOf(QApplication.focusWidget() or window)


async def test_f6_goes_from_dock_to_dock_also_to_one_that_floats_and_shows_where_the_keyboard_is(
    window: MainWindow, press: Press, until: Until
) -> None:
    window.dock("rules").switch_floating()
    await until(window.dock("rules").isActiveWindow)
    window.show_dock("watchlist")
    await until(lambda: window.isActiveWindow() and has_keyboard(window, "watchlist"))
    went: list[str] = []
    marked: list[bool] = []

    for _ in range(4):
        before = QApplication.focusWidget()
        press("F6")
        await until(lambda before=before: QApplication.focusWidget() not in (None, before))
        went += [spec.name for spec in PANELS if has_keyboard(window, spec.name)]
        marks = [
            each
            for each in (*window.findChildren(QTabBar), *window.findChildren(QWidget, "dockTitle"))
            if each.property("hasKeyboard") and not each.visibleRegion().isEmpty()
        ]
        marked.append(len(marks) == 1)
    press("Shift+F6")

    await until(lambda: has_keyboard(window, went[-2]))
    assert went == ["chart", "rules", "editor", "alerts"]
    assert marked == [True] * 4


async def test_a_dock_floats_and_comes_back_by_keyboard_and_is_still_the_one_in_use(
    window: MainWindow, press: Press, until: Until
) -> None:
    window.show_dock("rules")

    press("Ctrl+Shift+F")
    await until(lambda: window.dock("rules").isActiveWindow() and has_keyboard(window, "rules"))
    told = said(window)
    press("Ctrl+K")
    await until(lambda: window.findChild(QLineEdit, "paletteLine").hasFocus())
    press("Escape")
    await until(lambda: window.dock("rules").isActiveWindow() and has_keyboard(window, "rules"))
    press("Ctrl+Shift+F")

    await until(lambda: window.isActiveWindow() and has_keyboard(window, "rules"))
    assert told == "Rules floats. Ctrl+Shift+F docks it again."
    assert not window.dock("rules").isFloating()


async def test_keys_of_the_window_work_while_one_types_in_a_dock_that_floats(
    window: MainWindow, press: Press, until: Until
) -> None:
    window.dock("rules").switch_floating()
    window.show_dock("rules")
    await until(window.dock("rules").isActiveWindow)
    window.findChild(QLineEdit, "rulesSearch").setFocus()

    press("Ctrl+E")  # which to a line of text is the way to its end

    await until(lambda: has_keyboard(window, "editor"))


@pytest.mark.parametrize(
    ("arrow", "area"),
    [
        ("Left", Area.LeftDockWidgetArea),
        ("Right", Area.RightDockWidgetArea),
        ("Up", Area.TopDockWidgetArea),
        ("Down", Area.BottomDockWidgetArea),
    ],
)
async def test_a_dock_goes_to_each_side_and_stands_in_front_there(
    window: MainWindow, press: Press, until: Until, arrow: str, area: Area
) -> None:
    window.show_dock("chart")

    press(f"Alt+Shift+{arrow}")
    dock = window.dock("chart")
    await until(lambda: has_keyboard(window, "chart") and not dock.visibleRegion().isEmpty())
    press(f"Alt+Shift+{arrow}")

    assert window.dockWidgetArea(dock) is area
    assert said(window).startswith("Chart stands at the ")
    assert window.minimumSizeHint().height() <= 720


async def test_a_dock_that_is_closed_leaves_the_keyboard_to_the_tab_beside_it(
    window: MainWindow, press: Press, until: Until
) -> None:
    window.show_dock("delivery")

    press("Ctrl+W")

    await until(lambda: has_keyboard(window, "alerts"))
    assert window.dock("delivery").isHidden()
    assert said(window) == "Delivery is closed. Ctrl+8 brings it back."
    press("Ctrl+8")
    await until(lambda: has_keyboard(window, "delivery"))


async def test_what_is_done_with_docks_has_an_answer_when_none_is_open(
    window: MainWindow, qtbot: QtBot
) -> None:
    for spec in PANELS:
        window.dock(spec.name).close()
    told = []

    for keys in ("F6", "Shift+F6", "Ctrl+Shift+F", "Alt+Shift+Left", "Ctrl+W"):
        window.findChild(QLabel, "statusNotice").clear()
        qtbot.keySequence(window, keys)
        told.append(said(window))

    assert set(told) == {"No dock is open: the View menu opens one."}


async def test_a_dock_is_torn_off_by_its_title_and_comes_back_where_it_was_left_outside(
    window: MainWindow, qtbot: QtBot, until: Until
) -> None:
    dock = window.dock("watchlist")
    title = dock.titleBarWidget()
    grip = QPoint(60, 14)
    beside = title.mapFromGlobal(window.geometry().topRight() + QPoint(300, 300))

    qtbot.mousePress(title, Qt.MouseButton.LeftButton, pos=grip)
    for part in range(1, 6):
        qtbot.mouseMove(title, grip + (beside - grip) * part / 5)
    qtbot.mouseRelease(title, Qt.MouseButton.LeftButton, pos=grip)
    await until(dock.isFloating)
    left_at = dock.pos()
    dock.close()
    window.show_dock("watchlist")

    assert dock.isVisible()
    assert dock.isFloating()
    assert dock.pos() == left_at
