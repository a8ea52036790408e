"""The health panel's services, and the status bar's word on them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState, BreakerTotals
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.config import BreakerConfig
from tradeassist_desktop.runtime.breakers.waits import Exponential
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.text_rows import MARK_ROLE
from tradeassist_desktop.ui.widgets.breaker_words import (
    all_in_words,
    breaker_level,
    failures_in_words,
    next_try_in_words,
    state_in_words,
)
from tradeassist_desktop.ui.widgets.gauge import Level

CONFIG = BreakerConfig(failures=3, wait_s=Exponential(base_s=24.0), jitter=0.0)


async def fail(breaker: Breaker, times: int = 3) -> None:
    async def work() -> None:
        raise ConnectionError("no route to host")

    for _ in range(times):
        with pytest.raises(ConnectionError):
            await breaker.call(work)


def button(window: MainWindow, name: str) -> QPushButton:
    found = window.findChild(QPushButton, name)
    assert found is not None
    return found


def status(window: MainWindow) -> QToolButton:
    found = window.findChild(QToolButton, "statusServices")
    assert found is not None
    return found


def table(window: MainWindow) -> QTableView:
    found = window.findChild(QTableView, "breakersTable")
    assert found is not None
    return found


def texts(view: QTableView) -> list[list[str]]:
    model = view.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


@pytest.fixture
def section(window: MainWindow, desk: Any, until: Callable[..., Any]) -> Any:
    async def show(*names: str) -> QTableView:
        for name in names:
            desk.breakers.get(name, CONFIG)
        window.show_dock("health")
        desk.bus.publish(_measured(desk))
        await until(lambda: table(window).isVisible())
        window.pulse.second.emit()
        return table(window)

    return show


def _measured(desk: Any) -> Any:
    from tradeassist_desktop.domain.events import HealthMeasured

    return HealthMeasured(report=desk.report())


async def test_each_service_is_listed_with_what_is_done_with_it(
    window: MainWindow, desk: Any, section: Any
) -> None:
    shown = await section("schwab", "slack")

    await fail(desk.breakers.get("slack"))
    desk.clock.ns += 4_000_000_000
    window.pulse.second.emit()

    assert texts(shown) == [
        ["Schwab data", "in use", "0", "0", ""],
        ["Slack", "left alone", "3", "1", "in 20 s"],
    ]
    marks = [shown.model().index(row, 0).data(MARK_ROLE) for row in range(2)]
    assert marks == [Level.GOOD, Level.BAD]  # of different shapes
    assert "Last failure: no route to host" in shown.model().index(1, 0).data(Qt.ItemDataRole.ToolTipRole)


async def test_without_a_service_there_is_no_section(window: MainWindow, desk: Any) -> None:
    window.show_dock("health")
    desk.bus.publish(_measured(desk))

    assert table(window).isHidden() or not table(window).isVisible()


async def test_a_service_is_reset_forced_open_and_forced_closed(
    window: MainWindow, desk: Any, section: Any, qtbot: QtBot
) -> None:
    shown = await section("schwab", "slack")
    shown.selectRow(1)
    breaker = desk.breakers.get("slack")
    left = Qt.MouseButton.LeftButton
    states = []

    for name in ("forceBreakerOpen", "forceBreakerClosed", "resetBreaker"):
        qtbot.mouseClick(button(window, name), left)
        states.append((breaker.reading.state, texts(shown)[1][1], button(window, name).isEnabled()))

    assert states == [
        (BreakerState.FORCED_OPEN, "left alone, by hand", False),
        (BreakerState.FORCED_CLOSED, "always used, by hand", False),
        (BreakerState.CLOSED, "in use", True),
    ]
    assert desk.breakers.get("schwab").reading.changed_ns is None  # the other one was left as it was
    assert all(button(window, name).toolTip() for name in ("forceBreakerOpen", "resetBreaker"))


async def test_the_chosen_service_stays_chosen_when_another_comes_before_it(
    window: MainWindow, desk: Any, section: Any, qtbot: QtBot
) -> None:
    shown = await section("schwab", "slack")
    shown.selectRow(1)

    desk.breakers.get("coinbase", CONFIG)
    window.pulse.second.emit()
    qtbot.mouseClick(button(window, "forceBreakerOpen"), Qt.MouseButton.LeftButton)

    assert [reading.name for reading in desk.breakers.unhealthy()] == ["slack"]


async def test_the_status_bar_tells_who_is_left_alone_until_it_is_over(
    window: MainWindow, desk: Any, section: Any
) -> None:
    await section("schwab", "slack")
    healthy = status(window).isVisible()

    await fail(desk.breakers.get("slack"))
    one = (status(window).isVisible(), status(window).text())
    await fail(desk.breakers.get("schwab"))
    two = status(window).text()
    tooltip = status(window).toolTip()
    desk.breakers.reset()

    assert not healthy
    assert one == (True, "Slack left alone")
    assert two == "2 services in trouble"
    assert "Schwab data: left alone" in tooltip and "Slack: left alone" in tooltip
    assert not status(window).isVisible()


async def test_a_word_in_the_status_bar_leads_to_the_services(
    window: MainWindow, desk: Any, section: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await section("slack")
    await fail(desk.breakers.get("slack"))
    window.dock("health").close()

    qtbot.mouseClick(status(window), Qt.MouseButton.LeftButton)

    await until(lambda: table(window).isVisible())


READING = BreakerReading("slack", failures=3, totals=BreakerTotals(calls=1_200, successes=1_197, failures=3))


@pytest.mark.parametrize(
    ("reading", "state", "failures", "next_try", "level"),
    [
        pytest.param(READING, "in use", "3", "", Level.GOOD, id="closed"),
        pytest.param(
            replace(READING, failure_rate=0.4),
            "in use", "3, 40 %", "", Level.GOOD, id="with a rate",
        ),
        pytest.param(
            replace(READING, state=BreakerState.OPEN, retry_after_s=90.2),
            "left alone", "3", "in 1 m 31 s", Level.BAD, id="open",
        ),
        pytest.param(
            replace(READING, state=BreakerState.OPEN),
            "left alone", "3", "when next used", Level.BAD, id="wait over",
        ),
        pytest.param(
            replace(READING, state=BreakerState.HALF_OPEN),
            "being tried", "3", "now", Level.WARN, id="half open",
        ),
        pytest.param(
            replace(READING, state=BreakerState.FORCED_OPEN),
            "left alone, by hand", "3", "after a reset", Level.BAD, id="forced open",
        ),
        pytest.param(
            replace(READING, state=BreakerState.METRICS_ONLY, would_trip=True),
            "only counted, by hand; would not be", "3", "", Level.WARN, id="would have opened",
        ),
    ],
)  # fmt: skip
def test_a_breaker_in_words(
    reading: BreakerReading, state: str, failures: str, next_try: str, level: Level
) -> None:
    assert state_in_words(reading) == state
    assert failures_in_words(reading) == failures
    assert next_try_in_words(reading) == next_try
    assert breaker_level(reading) is level


def test_all_there_is_to_say_leaves_out_what_never_happened() -> None:
    assert all_in_words(READING) == "Slack: in use\n1,200 calls: 1,197 answered, 3 failed"
