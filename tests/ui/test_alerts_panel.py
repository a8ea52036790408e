from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.alerts import AlertState, AlertStatus, Leg
from tradeassist_desktop.domain.delivery import Cause, Delivery, DeliveryState
from tradeassist_desktop.domain.events import DeliveryChanged
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.alerts import AlertsColumn


def alerts_table(window: MainWindow) -> QTableView:
    table = window.findChild(QTableView, "alertsTable")
    assert table is not None
    return table


def column(window: MainWindow, which: AlertsColumn) -> list[str]:
    model = alerts_table(window).model()
    return [str(model.index(row, which).data()) for row in range(model.rowCount())]


def words_of(pane: QWidget | None) -> list[str]:
    assert pane is not None
    return [label.text() for label in pane.findChildren(QLabel)]


async def test_alerts_appear_newest_first(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    desk.history.fire(alert("one", value=5530.25))
    desk.history.fire(alert("two", value=5531.5))

    await until(lambda: column(window, AlertsColumn.VALUE) == ["5,531.50", "5,530.25"])


async def test_a_value_of_another_symbol_names_it_and_a_percentage_has_its_unit(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    legs = (Leg("BTC-USD.last > 60000", 60031.18, 60000, True, symbol="BTC-USD"),)
    moved = (Leg("change(last, 1m) <= -1%", -1.0689, -1, True, unit="%"),)

    desk.history.fire(alert("one", value=60031.18, legs=legs))
    desk.history.fire(alert("two", value=-1.0689, legs=moved))

    await until(lambda: column(window, AlertsColumn.VALUE) == ["−1.07 %", "BTC-USD 60,031.18"])


async def test_a_acknowledges_the_selected_alert_and_undo_takes_it_back(
    window: MainWindow,
    fire: Callable[..., None],
    until: Callable[..., Any],
    qtbot: QtBot,
    choose_row: Callable[..., None],
) -> None:
    fire("one")
    await until(lambda: column(window, AlertsColumn.STATE) == ["new"])
    table = alerts_table(window)
    table.setFocus()
    choose_row(table, 0)

    qtbot.keyClick(table, Qt.Key.Key_A)
    await until(lambda: column(window, AlertsColumn.STATE) == ["acknowledged"])
    button = window.findChild(QWidget, "undoButton")
    assert button is not None
    await until(button.isVisible)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    await until(lambda: column(window, AlertsColumn.STATE) == ["new"])


async def test_the_keys_of_the_dock_select_the_newest_alert_but_not_over_a_rule_s_explanation(
    window: MainWindow, fire: Callable[..., None], until: Callable[..., Any], qtbot: QtBot
) -> None:
    table = alerts_table(window)
    fire("one")
    await until(lambda: column(window, AlertsColumn.STATE) == ["new"])

    qtbot.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    by_keys = [index.row() for index in table.selectionModel().selectedRows()]
    window.navigator.rule_explained.emit("rule-0")

    assert by_keys == [0]
    assert not table.selectionModel().hasSelection()


async def test_only_what_can_be_done_with_the_selection_can_be_clicked(
    window: MainWindow,
    fire: Callable[..., None],
    until: Callable[..., Any],
    qtbot: QtBot,
    choose_row: Callable[..., None],
) -> None:
    bar = window.panel("alerts")
    asked = ("Acknowledge", "Snooze", "Acknowledge all", "Show on chart", "Useful", "Noise")

    def offered() -> set[str]:
        buttons = [each for each in bar.findChildren(QToolButton) if each.text() in asked]
        return {each.text() for each in buttons if each.isEnabled()}

    table = alerts_table(window)
    empty = offered()
    fire("old")
    fire("new")
    await until(lambda: column(window, AlertsColumn.STATE) == ["new", "new"])
    unselected = offered()
    choose_row(table, 0)
    selected = offered()
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_A)
    await until(lambda: column(window, AlertsColumn.STATE) == ["acknowledged", "new"])
    qtbot.keyClick(table, Qt.Key.Key_A)

    assert (empty, unselected, selected) == (set(), {"Acknowledge all"}, set(asked))
    assert offered() == set(asked) - {"Acknowledge"}
    assert [index.row() for index in table.selectionModel().selectedRows()] == [0]


async def test_a_suppressed_alert_says_why_and_can_be_hidden(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    desk.history.fire(alert("one"))
    desk.history.fire(alert("two", status=AlertStatus.SUPPRESSED, reason="cooldown", count=3))
    await until(lambda: column(window, AlertsColumn.STATE) == ["suppressed 3 ×, in its cooldown", "new"])

    buttons = {button.text(): button for button in window.dock("alerts").findChildren(QToolButton)}
    buttons["Suppressed"].click()

    assert column(window, AlertsColumn.STATE) == ["new"]


async def test_a_selection_stays_on_its_alert_when_others_arrive(
    window: MainWindow,
    desk: Any,
    alert: Callable[..., Any],
    until: Callable[..., Any],
    choose_row: Callable[..., None],
) -> None:
    desk.history.fire(alert("one", symbol="AAPL"))
    await until(lambda: alerts_table(window).model().rowCount() == 1)
    choose_row(alerts_table(window), 0)

    desk.history.fire(alert("two"))
    await until(lambda: alerts_table(window).model().rowCount() == 2)

    chosen = alerts_table(window).selectionModel().selectedRows()[0]
    assert (chosen.row(), chosen.siblingAtColumn(AlertsColumn.SYMBOL).data()) == (1, "AAPL")


async def test_rows_scrolled_to_stay_in_place_when_others_arrive(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    table = alerts_table(window)
    for number in range(60):
        desk.history.fire(alert(f"old {number}"))
    await until(lambda: table.model().rowCount() == 60)
    table.scrollToBottom()
    read = table.model().index(59, 0)
    before = table.visualRect(read)

    desk.history.fire(alert("new"))
    await until(lambda: table.model().rowCount() == 61)
    after = table.visualRect(table.model().index(60, 0))
    table.scrollToTop()
    desk.history.fire(alert("newest"))
    await until(lambda: table.model().rowCount() == 62)

    assert after == before
    assert table.verticalScrollBar().value() == 0


async def test_why_shows_each_leg_the_time_of_each_stage_and_each_delivery(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    legs = (Leg("last > 5530", 5530.25, 5530.0, True), Leg("$VIX.last < 20", None, 20.0, None))
    desk.history.fire(alert("one", legs=legs))
    await until(lambda: alerts_table(window).model().rowCount() == 1)

    window.show_alert("one")

    words = words_of(window.findChild(QWidget, "whyPage"))
    assert "Why it fired: ES breakout" in words
    assert {"✓", "last > 5530", "true:  5,530.25  vs  5,530.00"} <= set(words)
    assert {"?", "$VIX.last < 20", "not known:  20.00"} <= set(words)
    assert "2024-07-02 14:00:00.012 UTC  (+12 ms)" in words
    assert {"0.05 ms after receipt", "2.95 ms after the decision"} <= set(words)
    assert {
        "Toasts",
        "delivered 5.00 ms after it was saved, 8.00 ms after receipt",
        "not available: no sound device",
    } <= set(words)


async def test_a_delivery_that_ends_later_shows_in_its_row(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    pending = replace(alert("one"), deliveries=(Delivery("one", "toast"),))
    desk.history.fire(pending)
    await until(lambda: column(window, AlertsColumn.DELIVERY) == ["Toasts …"])

    delivered = Delivery("one", "toast", state=DeliveryState.DELIVERED)
    desk.history.kept = [replace(pending, deliveries=(delivered,))]
    desk.bus.publish(DeliveryChanged(delivery=delivered))

    await until(lambda: column(window, AlertsColumn.DELIVERY) == ["Toasts ✓"])


async def test_a_channel_is_named_once_with_its_newest_announcement_and_what_did_not_arrive_first(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    delivered, dead = DeliveryState.DELIVERED, DeliveryState.DEAD
    deliveries = (
        Delivery("one", "email", state=delivered),
        Delivery("one", "toast", state=delivered),
        Delivery("one", "toast", state=delivered, announcement=1, cause=Cause.REPEAT),
        Delivery("one", "webhook", state=delivered),
        Delivery("one", "webhook", state=dead, detail="no such page", announcement=1, cause=Cause.REPEAT),
    )

    desk.history.fire(replace(alert("one"), deliveries=deliveries))

    await until(lambda: column(window, AlertsColumn.DELIVERY) == ["Webhook ✗   E-mail ✓   Toasts ✓"])
    cell = alerts_table(window).model().index(0, AlertsColumn.DELIVERY)
    assert cell.data(Qt.ItemDataRole.ToolTipRole).splitlines()[-2:] == [
        "Webhook: delivered",
        "Webhook (repeated, as nobody acknowledged it): given up; no such page",
    ]


async def test_markup_in_a_message_stays_text(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    desk.history.fire(alert("one", rule_name='<img src="file:///etc/passwd">'))
    await until(lambda: alerts_table(window).model().rowCount() == 1)

    window.show_alert("one")

    page = window.findChild(QWidget, "whyPage")
    assert page is not None
    labels = page.findChildren(QLabel)
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    assert 'Why it fired: <img src="file:///etc/passwd">' in [label.text() for label in labels]


async def test_all_open_alerts_are_acknowledged_in_one_go(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any], qtbot: QtBot
) -> None:
    for name in ("one", "two", "three"):
        desk.history.fire(alert(name))
    await until(lambda: alerts_table(window).model().rowCount() == 3)
    table = alerts_table(window)
    table.setFocus()

    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)

    await until(lambda: desk.history.unacknowledged_count == 0)
    assert {record.state for record in desk.history.records()} == {AlertState.ACKNOWLEDGED}


async def test_c_shows_the_alert_on_the_chart(
    window: MainWindow,
    fire: Callable[..., None],
    until: Callable[..., Any],
    qtbot: QtBot,
    choose_row: Callable[..., None],
) -> None:
    fire("one", symbol="AAPL")
    await until(lambda: alerts_table(window).model().rowCount() == 1)
    table = alerts_table(window)
    table.setFocus()
    choose_row(table, 0)

    qtbot.keyClick(table, Qt.Key.Key_C)

    await until(lambda: window.findChild(QLineEdit, "chartSymbol").text() == "AAPL")
