"""The Notifications dock: what was not delivered, and sending it again."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.delivery import Delivery, DeliveryState
from tradeassist_desktop.services.dead_letters import DeadLetter
from tradeassist_desktop.ui.main_window import MainWindow


@pytest.fixture
def shown(window: MainWindow) -> MainWindow:
    """The window, with the dock in front."""
    window.show_dock("notifications")
    return window


def find(window: MainWindow, kind: type, name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def rows(window: MainWindow) -> list[list[str]]:
    model = find(window, QTableView, "undeliveredTable").model()
    return [
        [model.index(row, column).data() for column in (0, 1, 2, 3, 5)] for row in range(model.rowCount())
    ]


def given_up(alert: Callable[..., Any], alert_id: str, state: DeliveryState, detail: str) -> DeadLetter:
    delivery = Delivery(alert_id, "slack", state=state, attempts=20, finished_ns=1, detail=detail)
    return DeadLetter(alert(alert_id).alert, delivery)


async def test_what_was_given_up_is_listed_with_its_reason(
    shown: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    desk.dead_letters.give_up(given_up(alert, "a1", DeliveryState.DEAD, "the channel is archived"))
    desk.dead_letters.give_up(given_up(alert, "a2", DeliveryState.UNCERTAIN, "no answer"))

    await until(
        lambda: (
            rows(shown)
            == [
                ["ES breakout", "Slack", "may have arrived", "20", "no answer"],
                ["ES breakout", "Slack", "given up", "20", "the channel is archived"],
            ]
        )
    )


async def test_the_chosen_one_is_sent_again_and_leaves_the_list(
    shown: MainWindow, desk: Any, alert: Callable[..., Any], qtbot: QtBot, until: Callable[..., Any]
) -> None:
    letter = given_up(alert, "a1", DeliveryState.DEAD, "refused")
    desk.dead_letters.give_up(letter)
    button = find(shown, QPushButton, "resendChosen")
    await until(button.isEnabled)

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    await until(lambda: rows(shown) == [])
    assert desk.dead_letters.resent == [letter.delivery.key]
    assert find(shown, QLabel, "undeliveredSaid").text() == "1 message on the way again."
    await until(lambda: not button.isEnabled())


async def test_the_keyboard_stays_on_the_button_that_sends_again_and_does_not_go_on_to_discard(
    shown: MainWindow, desk: Any, alert: Callable[..., Any], qtbot: QtBot, until: Callable[..., Any]
) -> None:
    for alert_id in ("a1", "a2"):
        desk.dead_letters.give_up(given_up(alert, alert_id, DeliveryState.DEAD, "refused"))
    await until(lambda: len(rows(shown)) == 2)
    button = find(shown, QPushButton, "resendChosen")
    await until(button.isEnabled)
    button.setFocus()

    qtbot.keyClick(button, Qt.Key.Key_Space)
    await until(lambda: len(rows(shown)) == 1)

    assert shown.focusWidget() is button


async def test_all_are_sent_again_at_one_click(
    shown: MainWindow, desk: Any, alert: Callable[..., Any], qtbot: QtBot, until: Callable[..., Any]
) -> None:
    for alert_id in ("a1", "a2", "a3"):
        desk.dead_letters.give_up(given_up(alert, alert_id, DeliveryState.DEAD, "refused"))
    button = find(shown, QPushButton, "resendAll")
    await until(lambda: button.text() == "Re-send all 3")

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    await until(lambda: len(desk.dead_letters.resent) == 3)
    await until(lambda: rows(shown) == [])


async def test_the_chosen_one_is_discarded_and_listed_again_after_undo(
    shown: MainWindow, desk: Any, alert: Callable[..., Any], qtbot: QtBot, until: Callable[..., Any]
) -> None:
    for alert_id in ("a1", "a2"):
        desk.dead_letters.give_up(given_up(alert, alert_id, DeliveryState.DEAD, f"refused {alert_id}"))
    await until(lambda: len(rows(shown)) == 2)
    button = find(shown, QPushButton, "discardChosen")
    await until(button.isEnabled)

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    await until(lambda: [row[-1] for row in rows(shown)] == ["refused a1"])
    undo = find(shown, QToolButton, "undoChange")
    await until(undo.isEnabled)
    told = undo.toolTip()
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)

    await until(lambda: [row[-1] for row in rows(shown)] == ["refused a2", "refused a1"])
    assert told == "Undo: Discard: ES breakout (Ctrl+Z)"
    assert desk.dead_letters.resent == []


async def test_the_choice_stays_where_it_is_when_another_is_given_up_whatever_keys_are_held(
    shown: MainWindow,
    desk: Any,
    alert: Callable[..., Any],
    qtbot: QtBot,
    choose_row: Callable[..., None],
    until: Callable[..., Any],
) -> None:
    table = find(shown, QTableView, "undeliveredTable")
    chosen: list[list[int]] = []

    qtbot.keyPress(table, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
    for alert_id in ("a1", "a2", "a3"):
        desk.dead_letters.give_up(given_up(alert, alert_id, DeliveryState.DEAD, "refused"))
        await until(lambda alert_id=alert_id: len(rows(shown)) == int(alert_id[1]))
        chosen.append([index.row() for index in table.selectionModel().selectedRows()])
        choose_row(table, table.model().rowCount() - 1)
    qtbot.keyRelease(table, Qt.Key.Key_Control)

    assert chosen == [[0], [1], [2]]


async def test_all_are_discarded_at_one_click(
    shown: MainWindow, desk: Any, alert: Callable[..., Any], qtbot: QtBot, until: Callable[..., Any]
) -> None:
    for alert_id in ("a1", "a2", "a3"):
        desk.dead_letters.give_up(given_up(alert, alert_id, DeliveryState.DEAD, "refused"))
    button = find(shown, QPushButton, "discardAll")
    await until(lambda: button.isEnabled() and len(rows(shown)) == 3)

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    await until(lambda: rows(shown) == [] and not button.isEnabled())
    assert find(shown, QToolButton, "undoChange").toolTip() == "Undo: Discard: 3 messages (Ctrl+Z)"
