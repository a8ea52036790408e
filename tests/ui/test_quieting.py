"""Snooze, mute, pause: by key, from the menus, and back again."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QPushButton, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.routing import SilenceCause, SilenceScope
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.rules.columns import RulesColumn
from tradeassist_desktop.ui.quieting import Quieting

MINUTE_NS = 60 * NS_PER_SECOND


@pytest.fixture
def press(
    window: MainWindow, until: Callable[..., Any], qtbot: QtBot, choose_row: Callable[..., None]
) -> Callable[..., Any]:
    """``await press(key)``: on the newest alert of the list."""

    async def press_key(key: Qt.Key) -> None:
        table = window.findChild(QTableView, "alertsTable")
        assert table is not None
        await until(lambda: table.model().rowCount() > 0)
        table.setFocus()
        choose_row(table, 0)
        qtbot.keyClick(table, key)

    return press_key


def menu_of_tray(window: MainWindow) -> dict[str, QAction]:
    return {action.text(): action for action in window.tray.menu.actions() if action.text()}


async def test_s_snoozes_what_the_alert_is_about_and_undo_takes_it_back(
    window: MainWindow, desk: Any, fire: Callable[..., None], press: Callable[..., Any], until: Any
) -> None:
    fire("one")

    await press(Qt.Key.Key_S)
    await until(desk.silences.active)
    (made,) = desk.silences.active()
    undo = window.findChild(QPushButton, "undoButton")
    await until(undo.isVisible)
    undo.click()
    await until(lambda: not desk.silences.active())

    assert (made.cause, made.rule_uid, made.symbol) == (SilenceCause.SNOOZE, "rule-0", "/ES")
    assert made.until_ns == desk.clock.now_ns() + 15 * MINUTE_NS


async def test_snoozing_what_is_no_longer_in_the_list_says_so(window: MainWindow, until: Any) -> None:
    Quieting(context=window.context).snooze(["long-gone"], 15)

    notice = window.findChild(QLabel, "statusNotice")
    await until(lambda: notice.text().startswith("Nothing to snooze"))


async def test_m_mutes_the_rule_and_m_again_unmutes_it(
    window: MainWindow, desk: Any, fire: Callable[..., None], press: Callable[..., Any], until: Any
) -> None:
    fire("one")

    await press(Qt.Key.Key_M)
    await until(lambda: desk.silences.muting_rule("rule-0") is not None)
    muted = desk.silences.muting_rule("rule-0")
    await press(Qt.Key.Key_M)
    await until(lambda: desk.silences.muting_rule("rule-0") is None)

    assert muted.until_ns is None


async def test_a_muted_rule_says_so_in_the_table_where_m_unmutes_it(
    window: MainWindow, desk: Any, until: Any, qtbot: QtBot, choose_row: Callable[..., None]
) -> None:
    table = window.findChild(QTableView, "rulesTable")
    state = table.model().index(0, RulesColumn.STATE)
    table.setFocus()
    choose_row(table, 0)

    qtbot.keyClick(table, Qt.Key.Key_M)
    await until(lambda: state.data() == "armed, muted")
    qtbot.keyClick(table, Qt.Key.Key_M)

    await until(lambda: state.data() == "armed")


async def test_ctrl_shift_p_pauses_everything_says_so_and_ends_the_pause(
    window: MainWindow, desk: Any, until: Any, qtbot: QtBot
) -> None:
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    said = window.findChild(QToolButton, "statusPause")

    qtbot.keyClick(window, Qt.Key.Key_P, keys)
    await until(said.isVisible)
    told = (said.text(), window.tray.state)
    qtbot.keyClick(window, Qt.Key.Key_P, keys)
    await until(lambda: not said.isVisible())

    assert told == ("Alerts paused", "paused")
    assert window.tray.state == "normal"
    assert desk.silences.pausing() is None


async def test_a_silence_of_all_alerts_shows_as_a_pause_in_status_bar_and_tray(
    window: MainWindow, desk: Any, until: Any
) -> None:
    said = window.findChild(QToolButton, "statusPause")

    await desk.silences.add(SilenceScope.ALL, until_ns=None)
    await until(said.isVisible)

    assert (said.text(), window.tray.state) == ("Alerts paused", "paused")


@pytest.mark.parametrize(
    ("words", "minutes"),
    [("Snooze all for 15 m", 15), ("Snooze all for 1 h", 60), ("Pause all alerts", None)],
)
async def test_the_tray_pauses_everything_for_as_long_as_it_says_and_resumes(
    window: MainWindow, desk: Any, until: Any, words: str, minutes: int | None
) -> None:
    menu_of_tray(window)[words].trigger()
    await until(lambda: desk.silences.pausing() is not None)
    until_ns = desk.silences.pausing().until_ns
    resume = next(action for text, action in menu_of_tray(window).items() if text.startswith("Resume"))
    resume.trigger()
    await until(lambda: desk.silences.pausing() is None)

    assert until_ns == (None if minutes is None else desk.clock.now_ns() + minutes * MINUTE_NS)
    assert words in menu_of_tray(window)


async def test_the_tray_pauses_until_the_next_open_and_says_when_that_is(
    window: MainWindow, desk: Any, until: Any
) -> None:
    words = next(text for text in menu_of_tray(window) if text.startswith("Snooze all until the open ("))

    menu_of_tray(window)[words].trigger()

    await until(lambda: desk.silences.pausing() is not None)
    # 2024-07-02 is a Tuesday in session: the next open is on the Wednesday at 09:30 in New York.
    assert desk.silences.pausing().until_ns == 1_720_013_400 * NS_PER_SECOND


async def test_the_icon_tells_blind_before_paused_before_new_alerts(
    window: MainWindow, desk: Any, fire: Callable[..., None], until: Any
) -> None:
    states = [window.tray.state]
    fire("one")
    await until(lambda: window.tray.state == "alert")
    await desk.silences.pause()
    states.append(window.tray.state)
    desk.market.become(FeedStatus(state=FeedState.RECONNECTING, name="demo"))
    states.append(window.tray.state)

    assert states == ["normal", "paused", "blind"]


async def test_the_menu_lists_the_last_five_alerts_and_opens_the_one_clicked(
    window: MainWindow, fire: Callable[..., None], until: Any
) -> None:
    chosen: list[str] = []
    window.navigator.alert_chosen.connect(chosen.append)
    for number in range(7):
        fire(f"alert-{number}", rule_name=f"rule & {number}")
    await until(lambda: any("rule && 6" in text for text in menu_of_tray(window)))

    listed = {text: action for text, action in menu_of_tray(window).items() if "rule &&" in text}
    next(action for text, action in listed.items() if "rule && 4" in text).trigger()

    assert [text[-1] for text in listed] == ["6", "5", "4", "3", "2"]
    assert chosen == ["alert-4"]
