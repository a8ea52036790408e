from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.alerts import AlertState, AlertStatus
from tradeassist_desktop.domain.delivery import Delivery, DeliveryState
from tradeassist_desktop.domain.events import (
    AlertRaised,
    AlertsAcknowledged,
    AlertsCounted,
    AlertsSaved,
    DeliveryChanged,
)
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.history import KEPT, History
from tradeassist_desktop.storage import alerts, outbox
from tradeassist_desktop.storage.database import Database


@pytest.fixture
async def history(database: Database, bus: Bus, clock: ManualClock) -> Any:
    history = History(database=database, bus=bus, clock=clock)
    yield history
    await history.stop()


async def store(database: Database, *made: Any) -> None:
    batch = [(alert, (Delivery(alert_id=alert.id, channel="toast"),)) for alert in made]
    await database.run(lambda connection: outbox.raise_alerts(connection, batch, {}, committed_ns=7))


async def test_the_newest_kept_alerts_are_there_at_the_start(
    history: History, database: Database, make_alert: Any
) -> None:
    await store(database, *(make_alert(number) for number in range(KEPT + 5)))

    await history.start()

    records = history.records()
    assert [record.alert.sequence for record in records] == list(range(KEPT + 4, 4, -1))
    assert records[0].deliveries == (Delivery(alert_id=f"alert-{KEPT + 4}", channel="toast"),)
    assert (records[0].committed_ns, records[0].state) == (7, AlertState.NEW)


async def test_an_alert_appears_at_the_top_and_follows_its_deliveries(
    history: History, bus: Bus, make_alert: Any
) -> None:
    await history.start()
    planned = (Delivery(alert_id="alert-2", channel="toast"),)
    delivered = Delivery(alert_id="alert-2", channel="toast", state=DeliveryState.DELIVERED)

    bus.publish(AlertRaised(alert=make_alert(1), deliveries=(), is_saved=True, committed_ns=3))
    bus.publish(AlertRaised(alert=make_alert(2), deliveries=planned, is_saved=False))
    unsaved = history.record("alert-2")
    bus.publish(DeliveryChanged(delivery=delivered))
    bus.publish(AlertsSaved(alert_ids=("alert-2",), committed_ns=9))

    assert unsaved is not None
    assert unsaved.committed_ns is None
    newest, oldest = history.records()
    assert (newest.alert.id, newest.deliveries, newest.committed_ns) == ("alert-2", (delivered,), 9)
    assert (oldest.alert.id, oldest.committed_ns) == ("alert-1", 3)


async def test_a_suppression_shows_how_often_it_happened(history: History, bus: Bus, make_alert: Any) -> None:
    await history.start()
    bus.publish(AlertRaised(alert=make_alert(1), deliveries=(), is_saved=True, committed_ns=3))

    bus.publish(AlertsCounted(counts={"alert-1": 12, "long gone": 3}))

    assert [record.alert.count for record in history.records()] == [12]


async def test_no_more_than_the_newest_are_kept_in_memory(
    history: History, bus: Bus, make_alert: Any
) -> None:
    await history.start()

    for number in range(KEPT + 3):
        bus.publish(AlertRaised(alert=make_alert(number), deliveries=(), is_saved=True, committed_ns=1))

    assert len(history.records()) == KEPT
    assert history.record("alert-2") is None
    assert history.record("alert-3") is not None


async def test_acknowledging_is_kept_and_can_be_taken_back(
    history: History, database: Database, bus: Bus, clock: ManualClock, make_alert: Any
) -> None:
    await store(database, make_alert(1), make_alert(2), make_alert(3, status=AlertStatus.SUPPRESSED))
    await history.start()
    heard: list[AlertsAcknowledged] = []
    bus.subscribe(AlertsAcknowledged, heard.append)
    waiting = history.unacknowledged_count

    await history.acknowledge(["alert-1", "alert-2"])
    acknowledged = history.record("alert-1"), history.unacknowledged_count
    await history.unacknowledge(["alert-2"])

    assert waiting == 2
    assert acknowledged[0] is not None
    assert (acknowledged[0].state, acknowledged[0].acknowledged_ns) == (
        AlertState.ACKNOWLEDGED,
        clock.now_ns(),
    )
    assert acknowledged[1] == 0
    assert history.unacknowledged_count == 1
    assert [event.is_acknowledged for event in heard] == [True, False]
    kept = await database.read(lambda connection: alerts.recent(connection, limit=10))
    assert {record.alert.id: record.state for record in kept} == {
        "alert-1": AlertState.ACKNOWLEDGED,
        "alert-2": AlertState.NEW,
        "alert-3": AlertState.NEW,
    }


async def test_what_was_acknowledged_before_it_could_be_saved_stays_so(
    history: History, database: Database, bus: Bus, make_alert: Any
) -> None:
    await history.start()
    bus.publish(AlertRaised(alert=make_alert(1), deliveries=(), is_saved=False))
    await history.acknowledge(["alert-1"])

    await store(database, make_alert(1))
    bus.publish(AlertsSaved(alert_ids=("alert-1",), committed_ns=9))
    await database.settle()

    (record,) = await database.read(lambda connection: alerts.recent(connection, limit=10))
    assert record.state is AlertState.ACKNOWLEDGED


async def test_the_list_is_the_same_object_until_something_changes(
    history: History, bus: Bus, make_alert: Any
) -> None:
    await history.start()
    bus.publish(AlertRaised(alert=make_alert(1), deliveries=(), is_saved=True, committed_ns=1))

    first, second = history.records(), history.records()
    bus.publish(DeliveryChanged(delivery=Delivery(alert_id="somebody else's", channel="toast")))
    third = history.records()
    bus.publish(AlertRaised(alert=make_alert(2), deliveries=(), is_saved=True, committed_ns=1))

    assert first is second is third
    assert history.records() is not first
