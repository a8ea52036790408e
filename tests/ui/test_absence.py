"""What a trader finds who has been away."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui.absence import Absence
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.widgets.toasts import ToastStack

MINUTE_NS = 60 * NS_PER_SECOND


class Mouse:
    """Lies where it was left."""

    def __init__(self) -> None:
        self.place = QPoint(5, 5)

    def __call__(self) -> QPoint:
        return self.place

    def move(self) -> None:
        self.place = self.place + QPoint(1, 0)  # not "+=": that changes the point that was handed out


@pytest.fixture
def mouse() -> Mouse:
    return Mouse()


@pytest.fixture
def absence(window: MainWindow, stack: ToastStack, mouse: Mouse) -> Absence:
    made = Absence(context=window.context, toasts=stack, window=window, pointer=mouse)
    made.look()
    return made


def words(stack: ToastStack) -> list[str]:
    return [label.text() for label in stack.window.findChildren(QLabel) if label.isVisible()]


async def fire(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Any, *changes: dict[str, Any]
) -> None:
    heard: list[Any] = []
    window.bridge.alerts_raised.connect(heard.extend)
    for number, each in enumerate(changes):
        desk.history.fire(alert(f"alert-{number}", event_ns=desk.clock.ns + number * NS_PER_SECOND, **each))
    await until(lambda: len(heard) == len(changes))
    window.bridge.alerts_raised.disconnect(heard.extend)


async def test_what_the_history_no_longer_has_in_memory_is_counted_too(
    window: MainWindow, absence: Absence, stack: ToastStack, mouse: Mouse, desk: Any, alert: Any, until: Any
) -> None:
    await fire(window, desk, alert, until, *({"rule_name": "ES breakout"},) * 12)
    await desk.history.acknowledge(["alert-1"])
    del desk.history.kept[3:]
    desk.clock.ns += 10 * MINUTE_NS

    mouse.move()
    absence.look()

    await until(lambda: "12 alerts while you were away, 11 unacknowledged" in words(stack))


async def test_a_returning_trader_is_told_what_fired_by_rule_the_newest_first(
    window: MainWindow, stack: ToastStack, absence: Absence, mouse: Mouse, desk: Any, alert: Any, until: Any
) -> None:
    breakout, gap = {"rule_name": "ES breakout"}, {"rule_name": "AAPL gap", "priority": Priority.HIGH}
    quiet = {"rule_name": "held back", "status": AlertStatus.SUPPRESSED}
    await fire(window, desk, alert, until, breakout, breakout, gap, breakout, gap, quiet)
    await desk.history.acknowledge(["alert-0", "alert-1"])

    desk.clock.ns += 30 * MINUTE_NS
    mouse.move()
    absence.look()

    await until(lambda: "5 alerts while you were away, 3 unacknowledged" in words(stack))
    body = next(each for each in words(stack) if "×" in each)
    assert [line.split(", last ")[0] for line in body.splitlines()] == ["AAPL gap × 2", "ES breakout × 3"]


async def test_the_summary_stays_until_it_is_dealt_with(
    window: MainWindow,
    stack: ToastStack,
    requests: AlertRequests,
    absence: Absence,
    mouse: Mouse,
    desk: Any,
    alert: Any,
    until: Any,
) -> None:
    asked: list[tuple[str, ...]] = []
    requests.acknowledge.connect(asked.append)
    await fire(window, desk, alert, until, {}, {})
    desk.clock.ns += 30 * MINUTE_NS
    mouse.move()
    absence.look()
    await until(stack.window.isVisible)

    desk.clock.ns += 60 * MINUTE_NS
    stack.refresh()
    is_there_after_an_hour = stack.window.isVisible()
    buttons = {button.text(): button for button in stack.window.findChildren(QPushButton)}
    buttons["Acknowledge all"].click()

    assert is_there_after_an_hour
    assert asked == [("alert-0", "alert-1")]
    assert not stack.window.isVisible()


async def test_a_trader_who_was_there_is_told_nothing_twice(
    window: MainWindow, stack: ToastStack, absence: Absence, mouse: Mouse, desk: Any, alert: Any, until: Any
) -> None:
    await fire(window, desk, alert, until, {})

    for _ in range(30):
        desk.clock.ns += MINUTE_NS
        mouse.move()
        absence.look()

    assert not stack.window.isVisible()


async def test_a_key_pressed_in_the_window_is_a_sign_of_its_trader(
    window: MainWindow, stack: ToastStack, absence: Absence, desk: Any, alert: Any, until: Any
) -> None:
    desk.clock.ns += 4 * MINUTE_NS
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)
    absence.look()
    await fire(window, desk, alert, until, {})
    desk.clock.ns += 4 * MINUTE_NS
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)
    absence.look()

    assert not stack.window.isVisible()


async def test_nobody_is_summed_up_to_who_does_not_want_it(
    window: MainWindow, stack: ToastStack, absence: Absence, mouse: Mouse, desk: Any, alert: Any, until: Any
) -> None:
    await desk.settings.set("toast.away_minutes", 0)
    await fire(window, desk, alert, until, {})

    desk.clock.ns += 30 * MINUTE_NS
    mouse.move()
    absence.look()

    assert not stack.window.isVisible()
