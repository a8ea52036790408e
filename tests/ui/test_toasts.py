from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.fakes import ManualClock
from tradeassist_desktop import paths
from tradeassist_desktop.domain.alerts import AlertStatus, Priority, Timing
from tradeassist_desktop.domain.delivery import Message
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui.channels.answering import LocalChannels
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.channels.sound import SoundChannel
from tradeassist_desktop.ui.channels.toast import ToastChannel
from tradeassist_desktop.ui.channels.tray import TrayChannel
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.toasts import ToastStack


def message(alert_id: str, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "alert_id": alert_id,
        "rule_uid": "rule-0",
        "title": "ES breakout",
        "body": "/ES last 5530.25 crosses above 5530",
        "symbol": "/ES",
        "priority": Priority.NORMAL,
        "status": AlertStatus.FIRED,
        "event_ns": 1,
        "value": 5530.25,
    }
    return Message(**{**values, **changes})


@pytest.fixture
def requests(qapp: QApplication) -> AlertRequests:
    return AlertRequests()


@pytest.fixture
def stack(desk: Any, theme: Theme, requests: AlertRequests, tmp_path: Path) -> Iterator[ToastStack]:
    settings = Settings(file=tmp_path / "settings.json", overrides=("toast.position=bottom_left",))
    made = ToastStack(theme=theme, settings=settings, clock=desk.clock, requests=requests)
    yield made
    made.close()


@pytest.fixture
def heard(
    window: MainWindow, stack: ToastStack, requests: AlertRequests, tmp_path: Path
) -> Iterator[MainWindow]:
    """The window, doing what is asked for on toasts."""
    settings = Settings(file=tmp_path / "settings.json")
    tray = TrayChannel(settings=settings, requests=requests, tray_icon=lambda: None)
    sound = SoundChannel(tones_folder=paths.resources() / "tones", settings=settings, clock=ManualClock())
    window.listen(requests, LocalChannels(toasts=stack, tray=tray, sound=sound))
    yield window
    sound.close()


def words(stack: ToastStack) -> list[str]:
    return [label.text() for label in stack.window.findChildren(QLabel) if label.isVisible()]


def button(stack: ToastStack, title: str) -> QPushButton:
    return next(b for b in stack.window.findChildren(QPushButton) if b.text() == title and b.isVisible())


async def test_a_toast_shows_title_symbol_value_and_age_without_taking_the_keyboard(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    await ToastChannel(stack=stack).send(message("one"))

    await until(stack.window.isVisible)
    assert {"ES breakout", "/ES", "5,530.25", "now"} <= set(words(stack))
    assert stack.window.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    assert stack.window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


async def test_the_stack_stands_in_the_corner_that_was_chosen(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(message("one"))
    await until(stack.window.isVisible)

    area = QGuiApplication.primaryScreen().availableGeometry()
    place = stack.window.geometry()

    assert area.contains(place)
    assert (place.left() - area.left(), area.bottom() - place.bottom()) == (16, 17)


async def test_a_toast_goes_after_its_time_and_an_urgent_one_stays(
    stack: ToastStack, desk: Any, until: Callable[..., Any]
) -> None:
    stack.add(message("normal"))
    stack.add(message("urgent", priority=Priority.URGENT))

    desk.clock.ns += 8 * NS_PER_SECOND
    stack.refresh()

    assert stack.alert_ids == ("urgent",)


async def test_six_at_once_become_one_with_a_count(stack: ToastStack, until: Callable[..., Any]) -> None:
    for number in range(50):
        stack.add(message(f"alert-{number}"))

    await until(stack.window.isVisible)
    assert "50 alerts" in words(stack)
    assert len([b for b in stack.window.findChildren(QPushButton) if b.text() == "Acknowledge all"]) == 1


async def test_acknowledging_tells_which_alert_and_takes_the_toast_away(
    stack: ToastStack, requests: AlertRequests, until: Callable[..., Any], qtbot: QtBot
) -> None:
    asked: list[tuple[str, ...]] = []
    requests.acknowledge.connect(asked.append)
    stack.add(message("one"))
    await until(stack.window.isVisible)

    qtbot.mouseClick(button(stack, "Acknowledge"), Qt.MouseButton.LeftButton)

    assert asked == [("one",)]
    assert not stack.window.isVisible()


async def test_markup_in_a_title_stays_text(stack: ToastStack, until: Callable[..., Any]) -> None:
    stack.add(message("one", title="<img src='x'>", body="<b>" * 400))
    await until(stack.window.isVisible)

    labels = stack.window.findChildren(QLabel)

    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    assert max(len(label.text()) for label in labels) <= 280


async def test_what_is_late_or_not_saved_says_so(stack: ToastStack, until: Callable[..., Any]) -> None:
    stack.add(message("one", is_late=True, is_saved=False))

    await until(lambda: "late, not saved yet, now" in words(stack) or "late, not saved yet" in words(stack))


async def test_what_was_found_out_after_the_fact_says_so_first(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(message("one", timing=Timing.AFTER_GAP))

    await until(lambda: "After a gap. ES breakout" in words(stack))


async def test_an_alert_acknowledged_in_the_list_leaves_the_stack(
    heard: MainWindow, stack: ToastStack, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    desk.history.fire(alert("one"))
    stack.add(message("one", priority=Priority.URGENT))

    await desk.history.acknowledge(["one"])

    await until(lambda: stack.alert_ids == ())


async def test_why_and_chart_open_the_window_at_the_alert(
    heard: MainWindow, stack: ToastStack, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    chosen: list[str] = []
    moments: list[tuple[str, int]] = []
    heard.navigator.alert_chosen.connect(chosen.append)
    heard.navigator.moment_chosen.connect(lambda symbol, event_ns: moments.append((symbol, event_ns)))
    desk.history.fire(alert("one"))
    stack.add(message("one"))
    await until(stack.window.isVisible)
    heard.hide()

    button(stack, "Why?").click()
    button(stack, "Show on chart").click()

    assert (chosen, moments) == (["one"], [("/ES", 1)])
    assert heard.isVisible()


def test_the_stack_is_no_taller_than_the_toasts_left_in_it(stack: ToastStack, qtbot: QtBot) -> None:
    stack.add(message("first"))
    qtbot.wait_until(stack.window.isVisible)
    height_of_one = stack.window.height()
    stack.add(message("second"))
    qtbot.wait_until(lambda: stack.window.height() > height_of_one)

    stack.remove(["first"])

    assert stack.window.height() == height_of_one


async def test_a_price_of_another_symbol_stands_beside_that_symbol(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(message("one", value=60031.18, value_symbol="BTC-USD"))

    await until(stack.window.isVisible)
    assert {"BTC-USD", "60,031.18"} <= set(words(stack))
    assert "/ES" not in words(stack)


async def test_a_value_that_several_symbols_make_up_stands_beside_none(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(message("one", value=10.85, value_symbol=None))

    await until(stack.window.isVisible)
    assert "/ES" in words(stack)
    assert "10.85" not in words(stack)
