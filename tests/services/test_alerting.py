import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes import ManualClock, RecordingChannel
from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.delivery import DeliveryState
from tradeassist_desktop.domain.events import (
    AlertRaised,
    AlertsCounted,
    AlertsSaved,
    DeliveryChanged,
    StorageTroubled,
)
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.planning import to_channels
from tradeassist_desktop.storage import alerts, arming
from tradeassist_desktop.storage.database import Database


@pytest.fixture
async def desk(
    database: Database, bus: Bus, clock: ManualClock, rng: random.Random, heard: Any
) -> AsyncIterator[SimpleNamespace]:
    """Alerting and a dispatcher with two channels, running."""
    toast, sound = RecordingChannel("toast"), RecordingChannel("sound")
    dispatcher = Dispatcher(
        database=database, bus=bus, clock=clock, channels={"toast": toast, "sound": sound}, rng=rng
    )
    alerting = Alerting(
        database=database,
        bus=bus,
        clock=clock,
        plan=to_channels(lambda alert: ("toast", "sound")),
        dispatcher=dispatcher,
        rng=rng,
    )
    await dispatcher.start()
    await alerting.start()
    yield SimpleNamespace(alerting=alerting, dispatcher=dispatcher, toast=toast, sound=sound, heard=heard)
    await alerting.stop()
    await dispatcher.stop()


async def fill_disk(database: Database) -> None:
    """Let the file grow no further: SQLite then answers as on a full disk."""

    def limit(connection: Any) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    await database.run(limit, durable=True)
    await database.run(limit)


async def free_disk(database: Database) -> None:
    def limit(connection: Any) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")

    await database.run(limit, durable=True)
    await database.run(limit)


async def stored(database: Database) -> list[Any]:
    return await database.read(lambda connection: alerts.recent(connection, limit=1000))


async def test_an_alert_is_on_disk_before_anyone_hears_of_it(
    desk: SimpleNamespace, database: Database, make_alert: Any, until: Callable[..., Any]
) -> None:
    alert = make_alert()

    desk.alerting.raise_alerts([alert], {"rule-1|/ESU24": {"sequence": 1}})
    assert desk.heard.of(AlertRaised) == []
    await until(lambda: desk.dispatcher.pending_count == 0 and desk.toast.messages and desk.sound.messages)
    await desk.alerting.drain(1)
    await database.settle()

    (raised,) = desk.heard.of(AlertRaised)
    assert (raised.alert.id, raised.is_saved) == (alert.id, True)
    assert raised.committed_ns is not None
    (record,) = await stored(database)
    assert record.alert == raised.alert
    assert await database.read(arming.load) == {"rule-1|/ESU24": {"sequence": 1}}


async def test_an_alert_is_handed_to_the_disk_before_its_frame_is_over(
    desk: SimpleNamespace, database: Database, make_alert: Any
) -> None:
    assert await stored(database) == []

    desk.alerting.raise_alerts([make_alert(1)], {})
    (record,) = await stored(database)  # transactions are done in the order in which they are handed in

    assert record.alert.id == "alert-1"


async def test_each_channel_gets_the_alerts_once_and_in_order(
    desk: SimpleNamespace, make_alert: Any, until: Callable[..., Any]
) -> None:
    made = [make_alert(number) for number in range(50)]

    for alert in made:
        desk.alerting.raise_alerts([alert], {})
    await until(lambda: len(desk.toast.messages) == len(desk.sound.messages) == 50)

    assert [message.alert_id for message in desk.toast.messages] == [alert.id for alert in made]
    assert [message.alert_id for message in desk.sound.messages] == [alert.id for alert in made]


async def test_the_loop_goes_on_while_a_storm_that_was_saved_at_once_is_told(
    desk: SimpleNamespace, bus: Bus, make_alert: Any, until: Callable[..., Any]
) -> None:
    turn = 0
    turns_of_telling: list[int] = []
    bus.subscribe(AlertRaised, lambda event: turns_of_telling.append(turn))
    desk.alerting.raise_alerts([make_alert(number) for number in range(500)], {})

    while len(turns_of_telling) < 500:
        await asyncio.sleep(0)
        turn += 1

    busiest = max(turns_of_telling.count(turn) for turn in set(turns_of_telling))
    assert busiest <= 100
    assert [event.alert.id for event in desk.heard.of(AlertRaised)] == [f"alert-{n}" for n in range(500)]


async def test_a_firing_known_already_raises_nothing(
    desk: SimpleNamespace, database: Database, make_alert: Any, until: Callable[..., Any]
) -> None:
    desk.alerting.raise_alerts([make_alert(1)], {})
    desk.alerting.raise_alerts([make_alert(1), make_alert(2)], {})
    await until(lambda: len(desk.toast.messages) == 2)
    await desk.alerting.drain(1)

    desk.alerting.raise_alerts([make_alert(1)], {})
    await until(lambda: desk.alerting.unsaved_count == 0)

    assert [event.alert.id for event in desk.heard.of(AlertRaised)] == ["alert-1", "alert-2"]
    assert len(await stored(database)) == 2


async def test_a_suppressed_alert_is_kept_and_sent_nowhere(
    desk: SimpleNamespace, database: Database, make_alert: Any, until: Callable[..., Any]
) -> None:
    desk.alerting.raise_alerts([make_alert(status=AlertStatus.SUPPRESSED, reason="cooldown")], {})
    await until(lambda: desk.heard.of(AlertRaised))

    (record,) = await stored(database)
    assert (record.alert.reason, record.deliveries) == ("cooldown", ())
    assert desk.toast.messages == []


async def test_a_rules_own_channels_go_before_the_routing(
    desk: SimpleNamespace, make_alert: Any, until: Callable[..., Any]
) -> None:
    desk.alerting.raise_alerts([make_alert(channels=("sound", "sound"))], {})
    await until(lambda: desk.sound.messages and desk.dispatcher.pending_count == 0)

    assert len(desk.sound.messages) == 1
    assert desk.toast.messages == []


async def test_row_1_a_full_disk_does_not_keep_an_alert_from_its_trader(
    desk: SimpleNamespace, database: Database, make_alert: Any, until: Callable[..., Any]
) -> None:
    await fill_disk(database)

    for number in range(30):
        desk.alerting.raise_alerts(
            [make_alert(number, message="x" * 20_000)], {"rule-1|/ESU24": {"n": number}}
        )
    await until(lambda: len(desk.toast.messages) == len(desk.sound.messages) == 30)

    assert [message.is_saved for message in desk.toast.messages] == [False] * 30
    assert [event.is_saved for event in desk.heard.of(AlertRaised)] == [False] * 30
    assert [event.reason for event in desk.heard.of(StorageTroubled)] == ["The disk is full."]


async def test_row_1_what_could_not_be_saved_is_saved_when_there_is_room_again(
    desk: SimpleNamespace, database: Database, clock: ManualClock, make_alert: Any, until: Callable[..., Any]
) -> None:
    await fill_disk(database)
    for number in range(30):
        desk.alerting.raise_alerts(
            [make_alert(number, message="x" * 20_000)], {"rule-1|/ESU24": {"n": number}}
        )
    await until(lambda: len(desk.toast.messages) == len(desk.sound.messages) == 30)
    await until(lambda: desk.dispatcher.pending_count == 0)

    await free_disk(database)
    await clock.advance(60)
    await until(lambda: desk.alerting.unsaved_count == 0)
    await clock.advance(60)

    records = await stored(database)
    assert [record.alert.sequence for record in records] == list(reversed(range(30)))
    assert {delivery.state for record in records for delivery in record.deliveries} == {
        DeliveryState.DELIVERED
    }
    assert len(desk.toast.messages) == 30
    assert sum(len(event.alert_ids) for event in desk.heard.of(AlertsSaved)) == 30
    assert await database.read(arming.load) == {"rule-1|/ESU24": {"n": 29}}
    assert [event.reason for event in desk.heard.of(StorageTroubled)] == ["The disk is full.", None]


async def test_a_stuck_disk_delays_an_alert_by_a_second_and_no_more(
    desk: SimpleNamespace, database: Database, clock: ManualClock, make_alert: Any, until: Callable[..., Any]
) -> None:
    import threading

    is_free = threading.Event()
    stuck = database.run(lambda connection: is_free.wait(), durable=True)
    import asyncio

    task = asyncio.ensure_future(stuck)
    await asyncio.sleep(0)
    desk.alerting.raise_alerts([make_alert(1)], {})

    await clock.advance(0.9)
    before = len(desk.toast.messages)
    await clock.advance(0.2)
    desk.alerting.raise_alerts([make_alert(2)], {})
    await until(lambda: len(desk.toast.messages) == 2)
    is_free.set()
    await task
    await until(lambda: desk.alerting.unsaved_count == 0)
    await until(lambda: desk.dispatcher.pending_count == 0)
    await clock.advance(1)
    await database.settle()

    assert before == 0
    assert [message.is_saved for message in desk.toast.messages] == [False, False]
    records = await stored(database)
    assert [record.alert.id for record in records] == ["alert-2", "alert-1"]
    assert {delivery.state for record in records for delivery in record.deliveries} == {
        DeliveryState.DELIVERED
    }


async def test_an_alert_the_database_cannot_take_does_not_keep_others_from_it(
    desk: SimpleNamespace, database: Database, make_alert: Any, until: Callable[..., Any]
) -> None:
    beyond_64_bits = 2**70

    for number in range(5):
        changes = {"sequence": beyond_64_bits} if number == 2 else {}
        desk.alerting.raise_alerts([make_alert(number, **changes)], {})
    await until(lambda: len(desk.toast.messages) == 5)
    await until(lambda: desk.alerting.unsaved_count == 0)

    assert [record.alert.id for record in await stored(database)] == [
        "alert-4",
        "alert-3",
        "alert-1",
        "alert-0",
    ]


async def test_changes_of_arming_are_gathered_before_they_are_saved(
    desk: SimpleNamespace, database: Database, clock: ManualClock
) -> None:
    desk.alerting.save_arming({"a|X": {"n": 1}, "b|X": {"n": 1}})
    desk.alerting.save_arming({"a|X": {"n": 2}})
    await clock.advance(0.2)
    early = await database.read(arming.load)
    await clock.advance(0.1)
    await desk.alerting.drain(1)

    assert early == {}
    assert await database.read(arming.load) == {"a|X": {"n": 2}, "b|X": {"n": 1}}


async def test_arming_the_disk_refused_is_saved_later_and_never_over_newer_states(
    desk: SimpleNamespace, database: Database, clock: ManualClock, make_alert: Any, until: Callable[..., Any]
) -> None:
    await fill_disk(database)
    desk.alerting.save_arming({f"{number}|X": {"n": 1, "note": "x" * 1000} for number in range(50)})
    await clock.advance(0.3)
    await until(lambda: database.trouble)
    desk.alerting.raise_alerts([make_alert(1)], {"7|X": {"n": 2}})
    await free_disk(database)

    await clock.advance(60)
    await until(lambda: desk.alerting.unsaved_count == 0)
    await clock.advance(60)
    settled = await desk.alerting.drain(1)

    states = await database.read(arming.load)
    assert settled
    assert len(states) == 50
    assert {key: state["n"] for key, state in states.items() if state["n"] != 1} == {"7|X": 2}


async def test_stopping_with_a_full_disk_ends_all_the_same(
    desk: SimpleNamespace, database: Database, make_alert: Any, until: Callable[..., Any], caplog: Any
) -> None:
    await fill_disk(database)
    desk.alerting.raise_alerts([make_alert(1, message="x" * 100_000)], {})
    await until(lambda: desk.toast.messages)

    await desk.alerting.stop()

    assert "stopped with unsaved alerts" in caplog.messages
    assert desk.alerting.unsaved_count == 1


async def test_stopping_saves_what_waits(desk: SimpleNamespace, database: Database, make_alert: Any) -> None:
    desk.alerting.save_arming({"a|X": {"n": 1}})
    desk.alerting.raise_alerts([make_alert(1)], {"a|X": {"n": 2}})
    desk.alerting.save_arming({"b|X": {"n": 3}})

    await desk.alerting.stop()

    assert [record.alert.id for record in await stored(database)] == ["alert-1"]
    assert await database.read(arming.load) == {"a|X": {"n": 2}, "b|X": {"n": 3}}


async def test_what_is_being_saved_when_the_time_to_stop_is_up_is_told_once_it_is_saved(
    desk: SimpleNamespace, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other_program:
        other_program.execute("BEGIN IMMEDIATE")
        desk.alerting.raise_alerts([make_alert(1)], {})
        await until(lambda: database.queue_length == 0)
        stopping = asyncio.create_task(desk.alerting.stop(drain_s=0))
        await clock.advance(0)
        other_program.execute("ROLLBACK")
    await stopping

    assert [(event.alert.id, event.is_saved) for event in desk.heard.of(AlertRaised)] == [("alert-1", True)]
    await until(lambda: desk.toast.messages and desk.sound.messages)


async def test_each_alert_carries_the_times_of_its_stages(
    desk: SimpleNamespace, clock: ManualClock, make_alert: Any, until: Callable[..., Any]
) -> None:
    received_ns = clock.now_ns() - 7_000_000

    desk.alerting.raise_alerts([make_alert(received_ns=received_ns)], {})
    await until(lambda: desk.toast.messages and desk.dispatcher.pending_count == 0)

    (raised,) = desk.heard.of(AlertRaised)
    assert raised.alert.evaluated_ns == raised.committed_ns == raised.saved_ns == received_ns + 7_000_000
    assert desk.alerting.decided_ns == desk.alerting.saved_ns == (7_000_000,)
    assert desk.dispatcher.delivered_ns == (7_000_000, 7_000_000)
    finished = [event.delivery for event in desk.heard.of(DeliveryChanged) if event.delivery.finished_ns]
    assert {delivery.channel for delivery in finished} == {"toast", "sound"}


async def test_a_suppression_that_grows_is_counted_on_disk_after_it_was_saved(
    desk: SimpleNamespace, database: Database, make_alert: Any, clock: ManualClock, until: Callable[..., Any]
) -> None:
    alert = make_alert(status=AlertStatus.SUPPRESSED, reason="cooldown")

    desk.alerting.raise_alerts([alert], {})
    desk.alerting.save_counts({alert.id: 2})
    desk.alerting.save_counts({alert.id: 12})
    await until(lambda: desk.heard.of(AlertRaised))
    await clock.advance(1)
    await until(lambda: desk.heard.of(AlertsCounted))

    (record,) = await stored(database)
    assert record.alert.count == 12
    assert [dict(event.counts) for event in desk.heard.of(AlertsCounted)] == [{alert.id: 12}]


async def test_counts_a_full_disk_refused_are_saved_later(
    desk: SimpleNamespace, database: Database, make_alert: Any, clock: ManualClock, until: Callable[..., Any]
) -> None:
    alert = make_alert(status=AlertStatus.SUPPRESSED, reason="cooldown")
    desk.alerting.raise_alerts([alert], {})
    await desk.alerting.drain(1)
    await fill_disk(database)

    desk.alerting.save_counts({alert.id: 7})
    desk.alerting.save_arming({f"rule-{n}|/ES": {"padding": "x" * 500} for n in range(200)})
    await clock.advance(1)
    await until(lambda: database.trouble is not None)
    await free_disk(database)
    for _ in range(5):
        await clock.advance(10)
    await until(lambda: desk.heard.of(AlertsCounted))

    (record,) = await stored(database)
    assert record.alert.count == 7
    assert len(await database.read(arming.load)) == 200
