from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.alerts import AlertsColumn
from tradeassist_desktop.ui.widgets.toasts import ToastStack

NOTICE: dict[str, Any] = {
    "rule_uid": "",
    "rule_name": "No data from Schwab",
    "symbol": "",
    "priority": Priority.HIGH,
    "value": None,
    "message": "The feed has been down for 20 s. 3 rules are blind.",
    "condition": "",
    "legs": (),
    "received_ns": 0,
}


def alerts_table(window: MainWindow) -> QTableView:
    table = window.findChild(QTableView, "alertsTable")
    assert table is not None
    return table


async def test_a_notice_is_listed_as_the_desk_s(
    window: MainWindow, fire: Callable[..., None], until: Callable[..., Any]
) -> None:
    fire("one", **NOTICE)
    model = alerts_table(window).model()
    await until(lambda: model.rowCount() == 1)

    cells = [model.index(0, column).data() for column in AlertsColumn]

    assert cells[AlertsColumn.SYMBOL : AlertsColumn.DELIVERY] == [
        "Desk",
        "No data from Schwab",
        "The feed has been down for 20 s. 3 rules are blind.",
        "—",
    ]
    tip = model.index(0, AlertsColumn.RULE).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "No data from Schwab"


async def test_a_notice_explains_itself_and_leads_to_no_chart(
    window: MainWindow,
    fire: Callable[..., None],
    until: Callable[..., Any],
    choose_row: Callable[..., None],
    qtbot: QtBot,
) -> None:
    fire("one", **NOTICE)
    table = alerts_table(window)
    await until(lambda: table.model().rowCount() == 1)
    moments: list[str] = []
    window.navigator.moment_chosen.connect(lambda symbol, _: moments.append(symbol))

    table.setFocus()
    choose_row(table, 0)
    qtbot.keyClick(table, Qt.Key.Key_C)

    page = window.findChild(QWidget, "whyPage")
    assert page is not None
    said = [label.text() for label in page.findChildren(QLabel)]
    assert said[0] == "No data from Schwab"
    assert "The feed has been down for 20 s. 3 rules are blind." in said
    assert "Noticed" in said
    assert moments == []
    buttons = {
        button.text(): button
        for button in window.findChildren(QToolButton)
        if button.text() == "Show on chart"
    }
    assert not buttons["Show on chart"].isEnabled()


async def test_the_chart_can_be_asked_for_again_once_an_alert_is_selected(
    window: MainWindow, fire: Callable[..., None], until: Callable[..., Any], choose_row: Callable[..., None]
) -> None:
    fire("one")
    fire("two", **NOTICE)
    table = alerts_table(window)
    await until(lambda: table.model().rowCount() == 2)
    (button,) = [each for each in window.findChildren(QToolButton) if each.text() == "Show on chart"]

    choose_row(table, 0)
    of_notice = button.isEnabled()
    choose_row(table, 1)

    assert (of_notice, button.isEnabled()) == (False, True)


async def test_the_toast_of_a_notice_offers_no_chart(stack: ToastStack, until: Callable[..., Any]) -> None:
    stack.add(
        Message(
            alert_id="one",
            rule_uid="",
            title="No data from Schwab",
            body="3 rules are blind.",
            symbol="",
            priority=Priority.HIGH,
            status=AlertStatus.FIRED,
            event_ns=1,
            value=None,
        )
    )
    await until(stack.window.isVisible)

    words = [button.text() for button in stack.window.findChildren(QPushButton)]

    assert words == ["Acknowledge", "Why?"]


async def test_the_tray_lists_a_notice_by_its_title(
    window: MainWindow, fire: Callable[..., None], until: Callable[..., Any]
) -> None:
    fire("one", **NOTICE)

    await until(lambda: any("No data" in action.text() for action in window.tray.menu.actions()))
    (words,) = [action.text() for action in window.tray.menu.actions() if "No data" in action.text()]
    assert words.startswith("● ") and words.endswith("  No data from Schwab")
