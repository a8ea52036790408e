"""The Delivery dock, on figures that are read from real SQLite."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.delivery import Attempt, AttemptOutcome, Delivery, DeliveryState, Muting
from tradeassist_desktop.domain.delivery_figures import Latencies, LatencyPoint, Share, Span
from tradeassist_desktop.domain.events import DeliveryChanged
from tradeassist_desktop.services.delivery.lane import LaneReading
from tradeassist_desktop.services.delivery_figures import DeliveryFigures, DeliveryReport
from tradeassist_desktop.storage import attempts, outbox
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.ui.chart.latency import LatencyChart
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.widgets.delivery.figure_words import share_in_words

MS = 1_000_000
S = 1_000 * MS
HOUR_NS = 3_600 * S


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(path=tmp_path / "desk.db")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def lanes() -> list[LaneReading]:
    return [LaneReading("slack", "ready", 0, None, 0.0, "")]


class HeldUpFigures(DeliveryFigures):
    """Figures that are read once they may be."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.may_read = asyncio.Event()
        self.may_read.set()

    async def report(self, span: Span) -> DeliveryReport:
        await self.may_read.wait()
        return await super().report(span)


@pytest.fixture
def desk(desk: Any, database: Database, lanes: list[LaneReading]) -> Any:
    desk.delivery_figures = HeldUpFigures(database=database, clock=desk.clock, lanes=lambda: lanes)
    return desk


@pytest.fixture
def keep(desk: Any, database: Database, alert: Any) -> Callable[..., Any]:
    """``await keep(id, state, …)``: an alert with a delivery to Slack that ended a minute ago."""

    async def put(
        alert_id: str,
        state: DeliveryState,
        *,
        took_ms: int = 100,
        age_ns: int = 60 * S,
        tried: str = "",
        **more: Any,
    ) -> None:
        ended_ns = desk.clock.ns - age_ns
        values = {
            "state": state,
            "attempts": 1,
            "created_ns": ended_ns - took_ms * MS,
            "finished_ns": ended_ns,
            **more,
        }
        delivery = Delivery(alert_id, "slack", **values)
        batch = [(alert(alert_id).alert, (delivery,))]
        await database.run(lambda c: outbox.raise_alerts(c, batch, {}, committed_ns=1))
        if tried:
            row = Attempt(delivery.key, 1, ended_ns - 9, ended_ns, AttemptOutcome.FAILED, tried)
            await database.run(lambda c: attempts.put(c, [row]))

    return put


def table(window: MainWindow, name: str) -> QTableView:
    found = window.findChild(QTableView, name)
    assert found is not None
    return found


def texts(window: MainWindow, name: str) -> list[list[str]]:
    model = table(window, name).model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def said(window: MainWindow, name: str) -> str:
    found = window.findChild(QLabel, name)
    assert found is not None
    return found.text()


def in_sight(window: MainWindow, name: str) -> list[str]:
    """Return what lies over a table that has no rows."""
    labels = table(window, name).viewport().findChildren(QLabel)
    return [label.text() for label in labels if label.text()]


def cell(window: MainWindow, title: str) -> QModelIndex:
    model = table(window, "deliveryChannels").model()
    titles = [
        model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
        for column in range(model.columnCount())
    ]
    return model.index(0, titles.index(title))


async def test_a_channel_shows_what_arrived_what_did_not_and_how_fast(
    window: MainWindow, keep: Any, until: Callable[..., Any], lanes: list[LaneReading], desk: Any
) -> None:
    for number, took_ms in enumerate((10, 20, 400)):
        await keep(f"ok-{number}", DeliveryState.DELIVERED, took_ms=took_ms)
    await keep("lost", DeliveryState.DEAD, tried="no route to host")
    await keep("unsure", DeliveryState.UNCERTAIN)
    await keep("quiet", DeliveryState.SUPPRESSED, muting=Muting.QUIET_HOURS, attempts=0)
    lanes[0] = LaneReading("slack", "failing: no route to host", 4, desk.clock.ns - 125 * S, 9.0, "")

    window.show_dock("delivery")
    await until(lambda: texts(window, "deliveryReasons"))

    (slack,) = texts(window, "deliveryChannels")
    assert slack[0] == "Slack"
    assert slack[2:] == ["5", "3 of 5", "1", "1", "1", "4, oldest 2 m", "20 ms", "400 ms", "400 ms"]
    assert said(window, "deliverySaid") == "5 announcements sent in the last day, 4 waiting now"
    assert [row[:3] for row in texts(window, "deliveryReasons")] == [
        ["failed: no route to host", "Slack", "1"]
    ]
    assert "1 muted by quiet hours" in said(window, "deliveryDetails")
    chart = window.findChild(LatencyChart)
    assert chart is not None
    assert chart.accessibleDescription() == "Newest: p50 20 ms, p95 400 ms, p99 400 ms"


async def test_a_figure_leads_to_its_alerts_and_each_of_them_to_its_explanation(
    window: MainWindow, keep: Any, until: Callable[..., Any]
) -> None:
    await keep("lost", DeliveryState.DEAD, detail="bad token")
    await keep("fine", DeliveryState.DELIVERED)
    window.show_dock("delivery")
    await until(lambda: texts(window, "deliveryChannels"))

    table(window, "deliveryChannels").clicked.emit(cell(window, "Lost"))
    await until(lambda: texts(window, "deliveryList"))
    listed, title = texts(window, "deliveryList"), said(window, "deliveryListTitle")
    table(window, "deliveryList").doubleClicked.emit(table(window, "deliveryList").model().index(0, 0))

    assert [row[1:] for row in listed] == [["ES breakout", "given up: bad token", "—"]]
    assert title == "Slack, given up or expired: 1 announcement"
    await until(
        lambda: (
            "given up: bad token" in [label.text() for label in window.dock("alerts").findChildren(QLabel)]
        )
    )


async def test_a_figure_is_reached_and_opened_by_keyboard(
    window: MainWindow, keep: Any, until: Callable[..., Any], qtbot: QtBot
) -> None:
    await keep("lost", DeliveryState.DEAD, detail="bad token")
    await keep("fine", DeliveryState.DELIVERED)
    window.show_dock("delivery")
    await until(lambda: texts(window, "deliveryChannels"))
    channels = table(window, "deliveryChannels")

    while channels.currentIndex().column() < cell(window, "Lost").column():
        qtbot.keyClick(channels, Qt.Key.Key_Right)
    qtbot.keyClick(channels, Qt.Key.Key_Return)

    await until(lambda: texts(window, "deliveryList"))
    assert [row[2] for row in texts(window, "deliveryList")] == ["given up: bad token"]


async def test_a_reason_leads_to_the_alerts_it_befell_and_back(
    window: MainWindow, keep: Any, until: Callable[..., Any], qtbot: QtBot
) -> None:
    await keep("late", DeliveryState.DELIVERED, tried="no route to host")
    window.show_dock("delivery")
    await until(lambda: texts(window, "deliveryReasons"))
    reasons = table(window, "deliveryReasons")

    reasons.clicked.emit(reasons.model().index(0, 0))
    await until(lambda: table(window, "deliveryList").isVisible())
    title = said(window, "deliveryListTitle")
    back = window.findChild(QPushButton, "backToReasons")
    assert back is not None
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)

    assert title == "Slack, failed: no route to host: 1 announcement"
    assert reasons.isVisible() and not back.isVisible()
    assert said(window, "deliveryListTitle") == "Reasons of failure"


async def test_a_link_of_the_details_lists_what_was_muted_by_it(
    window: MainWindow, keep: Any, until: Callable[..., Any]
) -> None:
    await keep("one", DeliveryState.SUPPRESSED, muting=Muting.SNOOZE, detail="snoozed until 11:15")
    await keep("two", DeliveryState.SUPPRESSED, muting=Muting.REPLAY)
    window.show_dock("delivery")
    await until(lambda: "snooze" in said(window, "deliveryDetails"))
    details = window.findChild(QLabel, "deliveryDetails")
    assert details is not None

    details.linkActivated.emit("muting:snooze")

    await until(lambda: texts(window, "deliveryList"))
    assert [row[2] for row in texts(window, "deliveryList")] == ["muted: snoozed until 11:15"]


async def test_another_span_counts_what_is_within_it(
    window: MainWindow, keep: Any, until: Callable[..., Any], qtbot: QtBot
) -> None:
    await keep("now", DeliveryState.DELIVERED)
    await keep("yesterday", DeliveryState.DELIVERED, age_ns=30 * HOUR_NS)
    window.show_dock("delivery")
    await until(lambda: texts(window, "deliveryChannels"))
    day = texts(window, "deliveryChannels")[0][2]
    week = window.findChild(QToolButton, "deliverySpan_week")
    assert week is not None

    qtbot.mouseClick(week, Qt.MouseButton.LeftButton)

    await until(lambda: texts(window, "deliveryChannels")[0][2] == "2")
    assert day == "1"


async def test_figures_follow_deliveries_every_two_seconds_and_only_while_seen(
    window: MainWindow, keep: Any, until: Callable[..., Any], desk: Any
) -> None:
    window.show_dock("delivery")
    await until(lambda: said(window, "deliverySaid").startswith("0 "))

    def sent() -> str:
        return said(window, "deliverySaid").partition(" ")[0]

    async def deliver(alert_id: str) -> None:
        await keep(alert_id, DeliveryState.DELIVERED)
        heard: list[object] = []
        window.bridge.deliveries_changed.connect(heard.append)
        desk.bus.publish(DeliveryChanged(delivery=Delivery(alert_id, "slack")))
        await until(lambda: heard)

    await deliver("one")
    window.pulse.second.emit()
    too_soon = sent()
    desk.clock.ns += 2 * S
    window.pulse.second.emit()
    await until(lambda: sent() == "1")

    window.show_dock("health")
    await until(lambda: table(window, "deliveryChannels").visibleRegion().isEmpty())
    window.pulse.states.emit()
    await deliver("two")
    desk.clock.ns += 60 * S
    window.pulse.second.emit()
    unseen = sent()
    window.show_dock("delivery")

    await until(lambda: sent() == "2")
    assert (too_soon, unseen) == ("0", "1")


async def test_figures_that_cannot_be_read_say_so(
    window: MainWindow, database: Database, until: Callable[..., Any]
) -> None:
    await database.stop()

    window.show_dock("delivery")

    await until(
        lambda: said(window, "deliverySaid") == "The figures could not be read: The database is closed."
    )
    assert said(window, "latencySaid") == "The figures could not be read."
    assert "The reasons could not be read" in in_sight(window, "deliveryReasons")


async def test_until_the_figures_are_read_the_dock_says_that_it_reads_them(
    window: MainWindow, desk: Any, keep: Any, until: Callable[..., Any]
) -> None:
    await keep("one", DeliveryState.DELIVERED)
    desk.delivery_figures.may_read.clear()
    window.show_dock("delivery")
    await until(table(window, "deliveryChannels").isVisible)
    before = (said(window, "deliverySaid"), said(window, "latencySaid"), in_sight(window, "deliveryReasons"))

    desk.delivery_figures.may_read.set()
    await until(lambda: said(window, "deliverySaid").startswith("1 announcement"))

    assert before == ("Reading the figures…", "Reading the figures…", ["Reading the figures…"])
    assert said(window, "latencySaid") == ""
    assert "Nothing failed" in in_sight(window, "deliveryReasons")


async def test_a_desk_that_has_sent_nothing_says_so(window: MainWindow, until: Callable[..., Any]) -> None:
    window.show_dock("delivery")

    await until(lambda: said(window, "latencySaid") == "Nothing was sent yet.")


@pytest.mark.parametrize(
    ("share", "words"),
    [
        pytest.param(Share(0, 0), "—", id="nothing sent"),
        pytest.param(Share(2, 3), "2 of 3", id="a few are counts"),
        pytest.param(Share(146, 150), "97.3 % (93.3–99.0)", id="many are a rate"),
        pytest.param(Share(150, 150), "100 % (97.5–100)", id="all of many"),
        pytest.param(Share(220, 220), "100 % (98.3–100)", id="all, whatever floats make of it"),
        pytest.param(Share(9_999, 10_000), "99.9 % (99.9–99.9)", id="one lost is not all"),
    ],
)
def test_a_rate_says_how_sure_it_is(share: Share, words: str) -> None:
    # By hand, Wilson for 146 of 150: (0.97333 + 0.012805 ± 1.95996 · 0.014628) / 1.025610.
    assert share_in_words(share) == words


async def test_there_is_no_line_where_nothing_was_delivered(window: MainWindow, theme: Any) -> None:
    chart = LatencyChart(theme=theme, parent=window)
    took = Latencies(1, 10 * MS, 10 * MS, 100 * MS)
    points = [LatencyPoint(hour * HOUR_NS, (hour + 1) * HOUR_NS, took) for hour in (1, 2, 5)]

    chart.show_points(points, since_ns=HOUR_NS, until_ns=6 * HOUR_NS)

    p50, _, p99 = (line.getData() for line in chart.getPlotItem().listDataItems())
    assert p50[0].tolist() == [1.5 * 3_600, 2.5 * 3_600, 5 * 3_600, 5.5 * 3_600]
    assert np.allclose(p50[1], [7, 7, np.nan, 7], equal_nan=True)
    assert p99[1][0] == 8


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_legend_is_written_in_the_theme_s_own_colour(theme: Any, qtbot: QtBot, colours: str) -> None:
    desk = QWidget()
    qtbot.addWidget(desk)
    chart = LatencyChart(theme=theme, parent=desk)

    theme.choose(colours, "green_red")

    labels = [label.item.toHtml() for _, label in chart.getPlotItem().legend.items]
    assert len(labels) == 3
    assert all(f"color:{theme.tokens.text_2.lower()}" in label for label in labels)


@pytest.mark.parametrize(
    ("span_ns", "kind"),
    [
        pytest.param(HOUR_NS, r"\d\d:\d\d|\d+ [A-Z][a-z]+", id="an hour"),
        pytest.param(24 * HOUR_NS, r"\d\d:00|\d+ [A-Z][a-z]+", id="a day"),
        pytest.param(7 * 24 * HOUR_NS, r"\d+ [A-Z][a-z]+", id="a week"),
        pytest.param(400 * 24 * HOUR_NS, r"\d+ [A-Z][a-z]+ 202[34]", id="more than a year"),
    ],
)
async def test_the_latency_chart_has_times_of_day_or_dates_below_it(
    window: MainWindow, theme: Any, span_ns: int, kind: str
) -> None:
    chart = LatencyChart(theme=theme, parent=window)
    until_ns = 1_719_928_800 * S  # 2024-07-02 14:00:00 UTC
    chart.show_points([], since_ns=until_ns - span_ns, until_ns=until_ns)
    axis = chart.getPlotItem().getAxis("bottom")

    ((spacing, places),) = axis.tickValues((until_ns - span_ns) / S, until_ns / S, 340.0)
    labels = axis.tickStrings(places, 1.0, spacing)

    assert [label for label in labels if not re.fullmatch(kind, label)] == []
    assert 2 <= len(set(labels)) == len(labels) <= 5
