"""The way of one alert to its trader, in the explanation beside the alerts; read from real SQLite."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QScrollArea, QTableView, QWidget

from tradeassist_desktop.domain.delivery import (
    Attempt,
    AttemptOutcome,
    Cause,
    Delivery,
    DeliveryState,
    Muting,
)
from tradeassist_desktop.domain.events import DeliveryChanged
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.services.delivery_figures import DeliveryFigures
from tradeassist_desktop.storage import attempts, outbox
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.widgets.delivery_lines import lines_of_deliveries
from tradeassist_desktop.ui.widgets.why_lines import Line

MS = 1_000_000
S = 1_000 * MS
FIRED_NS = 1_719_928_800 * S


def told(lines: tuple[Line, ...]) -> list[tuple[str, str, str]]:
    return [(line.mark, line.name, line.said) for line in lines]


def at(after_ns: int) -> str:
    return text.exact_time(FIRED_NS + after_ns, now_ns=FIRED_NS)


def of(delivery: Delivery, *tried: Attempt, alert: Callable[..., AlertRecord]) -> tuple[Line, ...]:
    made = alert("one", received_ns=FIRED_NS - 2 * MS)
    record = replace(made, deliveries=(delivery,), committed_ns=FIRED_NS + 4 * MS)
    return lines_of_deliveries(record, tried, now_ns=FIRED_NS)


SLACK = Delivery("one", "slack", created_ns=FIRED_NS)


def test_a_message_that_failed_once_shows_its_attempts_and_the_wait_between(alert: Any) -> None:
    delivered = replace(
        SLACK,
        state=DeliveryState.DELIVERED,
        attempts=2,
        finished_ns=FIRED_NS + 6_506 * MS,
        receipt="1719.22",
        detail="shown in #desk",
    )
    first = Attempt(
        SLACK.key,
        1,
        FIRED_NS + 10 * MS,
        FIRED_NS + 1_210 * MS,
        AttemptOutcome.FAILED,
        "no route to host",
    )
    second = Attempt(
        SLACK.key,
        2,
        FIRED_NS + 6_416 * MS,
        FIRED_NS + 6_506 * MS,
        AttemptOutcome.DELIVERED,
        "shown in #desk",
    )

    lines = of(delivered, first, second, alert=alert)

    assert told(lines) == [
        ("", "", "Deliveries"),
        ("✓", "Slack", "delivered 6.5 s after it was saved, 6.5 s after receipt: shown in #desk"),
        ("", at(0), "planned"),
        ("✗", at(10 * MS), "attempt 1: failed after 1.2 s: no route to host"),
        ("", "", "waited 5.2 s"),
        ("✓", at(6_416 * MS), "attempt 2: delivered after 90 ms"),
        ("", "", "receipt 1719.22"),
    ]
    assert lines[3].tip == "2024-07-02 14:00:00.010 UTC"


def test_what_went_out_before_it_was_saved_counts_from_the_decision(alert: Any) -> None:
    early = replace(SLACK, state=DeliveryState.DELIVERED, finished_ns=FIRED_NS + 3 * MS)

    assert told(of(early, alert=alert))[1][2] == "delivered 3.00 ms after the decision, 5.00 ms after receipt"


def test_what_a_silence_muted_says_so_and_has_no_attempt(alert: Any) -> None:
    muted = replace(
        SLACK,
        state=DeliveryState.SUPPRESSED,
        muting=Muting.QUIET_HOURS,
        finished_ns=FIRED_NS + 3 * MS,
        detail="quiet hours until 08:00",
    )

    assert told(of(muted, alert=alert))[1:] == [
        ("–", "Slack", "muted by quiet hours: quiet hours until 08:00"),
        ("", at(0), "planned"),
        ("", at(3 * MS), "muted"),
    ]


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        pytest.param(Cause.REPEAT, "repeated, as nobody acknowledged it: delivered", id="repeat"),
        pytest.param(Cause.ESCALATION, "escalated, as nobody acknowledged it: delivered", id="escalation"),
        pytest.param(
            Cause.SILENCE_ENDED, "told as its silence ended, still true: delivered", id="silence ended"
        ),
        pytest.param(Cause.RESENT, "sent again by hand: delivered", id="by hand"),
    ],
)
def test_a_further_announcement_says_why_it_was_made(alert: Any, cause: Cause, words: str) -> None:
    again = replace(SLACK, state=DeliveryState.DELIVERED, cause=cause, announcement=1, finished_ns=FIRED_NS)

    lines = told(of(again, alert=alert))

    assert lines[1][2] == f"{words} 0.00 ms after it was planned"
    assert lines[2][2] == "planned again"


def test_what_waits_says_when_it_is_tried_next(alert: Any) -> None:
    waits = replace(SLACK, next_attempt_ns=FIRED_NS + 4 * S, detail="no route to host")
    asked = Attempt(
        SLACK.key, 1, FIRED_NS, FIRED_NS + 5 * MS, AttemptOutcome.POSTPONED, "Slack asks to be slower"
    )
    under_way = Attempt(SLACK.key, 2, FIRED_NS + 900 * MS)

    assert told(of(waits, asked, under_way, alert=alert))[1:] == [
        ("…", "Slack", "waits: no route to host"),
        ("", at(0), "planned"),
        ("…", at(0), "attempt 1: asked to wait after 5.00 ms: Slack asks to be slower"),
        ("", "", "waited 895 ms"),
        ("…", at(900 * MS), "attempt 2: under way"),
        ("", at(4 * S), "next attempt"),
    ]


# --- in the window


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(path=tmp_path / "desk.db")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def desk(desk: Any, database: Database) -> Any:
    desk.delivery_figures = DeliveryFigures(database=database, clock=desk.clock, lanes=lambda: ())
    return desk


def words(window: MainWindow) -> list[str]:
    page = window.findChild(QWidget, "whyPage")
    assert page is not None
    return [label.text() for label in page.findChildren(QLabel)]


async def test_an_alert_older_than_the_list_is_explained_with_its_attempts(
    window: MainWindow, database: Database, alert: Any, until: Callable[..., Any]
) -> None:
    delivered = replace(SLACK, state=DeliveryState.DELIVERED, finished_ns=FIRED_NS + 8 * MS, attempts=1)
    batch = [(alert("one").alert, (delivered,))]
    tried = Attempt(SLACK.key, 1, FIRED_NS + 1 * MS, FIRED_NS + 8 * MS, AttemptOutcome.DELIVERED)
    await database.run(lambda c: outbox.raise_alerts(c, batch, {}, committed_ns=FIRED_NS + 1))
    await database.run(lambda c: attempts.put(c, [tried]))

    window.navigator.alert_chosen.emit("one")

    await until(lambda: "attempt 1: delivered after 7.00 ms" in words(window))
    assert words(window)[0].startswith("Why it fired")


async def test_no_line_is_wider_than_its_pane_however_long_a_receipt_is(
    window: MainWindow,
    desk: Any,
    alert: Any,
    choose_row: Callable[..., None],
    until: Callable[..., Any],
) -> None:
    receipt = f"<{40 * 'f'}@{60 * 'mail'}.example.com>"
    delivered = replace(SLACK, channel="email", state=DeliveryState.DELIVERED, receipt=receipt)
    desk.history.fire(replace(alert("one"), deliveries=(delivered,)))
    table = window.findChild(QTableView, "alertsTable")
    assert table is not None
    await until(lambda: table.model().rowCount() == 1)
    choose_row(table, 0)
    await until(lambda: f"receipt {receipt}" in words(window))

    pane = window.findChild(QScrollArea, "whyPane")
    assert pane is not None
    await until(lambda: pane.widget().width() == pane.viewport().width())


async def test_an_alert_that_is_not_stored_any_more_is_said_to_be_gone(
    window: MainWindow, until: Callable[..., Any]
) -> None:
    window.navigator.alert_chosen.emit("long gone")

    await until(lambda: "This alert is not stored any more." in words(window))


async def test_the_attempts_follow_the_delivery_while_it_is_shown(
    window: MainWindow,
    desk: Any,
    database: Database,
    alert: Any,
    choose_row: Callable[..., None],
    until: Callable[..., Any],
) -> None:
    record = replace(alert("one"), deliveries=(replace(SLACK, state=DeliveryState.SENDING, attempts=1),))
    desk.history.fire(record)
    table = window.findChild(QTableView, "alertsTable")
    assert table is not None
    await until(lambda: table.model().rowCount() == 1)
    begun = Attempt(SLACK.key, 1, FIRED_NS + 1 * MS)
    await database.run(lambda c: attempts.put(c, [begun]))
    choose_row(table, 0)
    await until(lambda: "attempt 1: under way" in words(window))

    ended = replace(
        begun, finished_ns=FIRED_NS + 8 * MS, outcome=AttemptOutcome.FAILED, detail="no route to host"
    )
    await database.run(lambda c: attempts.put(c, [ended]))
    waits = replace(SLACK, attempts=1, detail="no route to host")
    desk.history.kept[0] = replace(record, deliveries=(waits,))
    desk.bus.publish(DeliveryChanged(delivery=waits))

    await until(lambda: "attempt 1: failed after 7.00 ms: no route to host" in words(window))
    assert "waits: no route to host" in words(window)


async def test_attempts_that_cannot_be_read_are_not_passed_over(
    window: MainWindow,
    desk: Any,
    database: Database,
    alert: Any,
    choose_row: Callable[..., None],
    until: Callable[..., Any],
) -> None:
    await database.stop()
    desk.history.fire(alert("one"))
    table = window.findChild(QTableView, "alertsTable")
    assert table is not None
    await until(lambda: table.model().rowCount() == 1)

    choose_row(table, 0)

    await until(lambda: "The attempts could not be read: The database is closed." in words(window))
