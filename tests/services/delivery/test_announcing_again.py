import random
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes import ManualClock, RecordingChannel
from tradeassist_desktop.domain.delivery import Announcement, Cause, Delivery, DeliveryKey, DeliveryState
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.storage import alerts
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed


@pytest.fixture
async def desk(
    database: Database, bus: Bus, clock: ManualClock, rng: random.Random
) -> AsyncIterator[SimpleNamespace]:
    """A desk whose alerts go to the toast, and are muted in Slack."""
    toast, slack = RecordingChannel("toast"), RecordingChannel("slack")
    dispatcher = Dispatcher(
        database=database, bus=bus, clock=clock, channels={"toast": toast, "slack": slack}, rng=rng
    )
    alerting = Alerting(
        database=database,
        bus=bus,
        clock=clock,
        plan=lambda alert: (
            Delivery(alert_id=alert.id, channel="toast"),
            Delivery(
                alert_id=alert.id, channel="slack", state=DeliveryState.SUPPRESSED, detail="quiet hours"
            ),
        ),
        dispatcher=dispatcher,
        rng=rng,
    )
    await dispatcher.start()
    await alerting.start()
    yield SimpleNamespace(alerting=alerting, dispatcher=dispatcher, toast=toast, slack=slack)
    await alerting.stop()
    await dispatcher.stop()


async def fill_disk(database: Database, pages: int = 1) -> None:
    """Let the file grow no further (SQLite then answers as on a full disk), or again."""

    def limit(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await database.run(limit, durable=True)
    await database.run(limit)


async def kept(database: Database) -> dict[DeliveryKey, Delivery]:
    records = await database.read(lambda connection: alerts.recent(connection, limit=100))
    return {delivery.key: delivery for record in records for delivery in record.deliveries}


async def test_a_suppressed_delivery_is_kept_and_not_sent(
    desk: SimpleNamespace, database: Database, make_alert: Any, until: Any
) -> None:
    desk.alerting.raise_alerts([make_alert(1)], {})
    await until(lambda: desk.toast.messages and desk.dispatcher.pending_count == 0)

    muted = (await kept(database))[DeliveryKey("alert-1", "slack", 0)]
    assert (muted.state, muted.detail) == (DeliveryState.SUPPRESSED, "quiet hours")
    assert desk.slack.messages == []


async def test_each_further_announcement_has_the_next_number_on_its_channel(
    desk: SimpleNamespace, database: Database, make_alert: Any, until: Any
) -> None:
    alert = make_alert(1)
    desk.alerting.raise_alerts([alert], {})
    await until(lambda: desk.toast.messages)

    first = await desk.dispatcher.announce_again([Announcement(alert, ("toast",), Cause.REPEAT)])
    second = await desk.dispatcher.announce_again(
        [Announcement(alert, ("toast", "tray", "toast"), Cause.ESCALATION)]
    )
    await until(lambda: len(desk.toast.messages) == 3)
    await desk.dispatcher.stop()

    assert [delivery.key for delivery in (*first, *second)] == [
        ("alert-1", "toast", 1),
        ("alert-1", "toast", 2),
        ("alert-1", "tray", 0),
    ]
    stored = await kept(database)
    assert stored[DeliveryKey("alert-1", "toast", 2)].state is DeliveryState.DELIVERED
    assert stored[DeliveryKey("alert-1", "toast", 2)].cause is Cause.ESCALATION
    assert stored[DeliveryKey("alert-1", "tray", 0)].state is DeliveryState.UNAVAILABLE


async def test_a_repeat_the_disk_refuses_goes_out_all_the_same_and_is_stored_later(
    desk: SimpleNamespace, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    alert = make_alert(1)
    desk.alerting.raise_alerts([alert], {})
    await until(lambda: desk.toast.messages)
    await desk.alerting.drain(1)
    await fill_disk(database)

    many = [f"pager-{number}-{'x' * 200}" for number in range(50)]
    await desk.dispatcher.announce_again([Announcement(alert, ("toast", *many), Cause.REPEAT)])
    await clock.advance(1)
    await until(lambda: len(desk.toast.messages) == 2)
    await fill_disk(database, pages=1_000_000)
    for _ in range(5):
        await clock.advance(30)
        await database.settle()

    assert (await kept(database))[DeliveryKey("alert-1", "toast", 1)].state is DeliveryState.DELIVERED


async def test_an_alert_the_disk_refuses_is_announced_again_all_the_same(
    desk: SimpleNamespace, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    alert = make_alert(1, message="x" * 100_000)
    await fill_disk(database)
    desk.alerting.raise_alerts([alert], {})
    await until(lambda: desk.toast.messages)

    await desk.dispatcher.announce_again([Announcement(alert, ("toast",), Cause.REPEAT)])
    await desk.dispatcher.announce_again([Announcement(alert, ("slack",), Cause.SILENCE_ENDED)])
    await until(lambda: len(desk.toast.messages) == 2 and desk.slack.messages)
    await fill_disk(database, pages=1_000_000)
    await clock.advance(60)
    await until(lambda: desk.alerting.unsaved_count == 0)
    await desk.dispatcher.stop()

    stored = await kept(database)
    assert {key: delivery.state for key, delivery in stored.items()} == {
        DeliveryKey("alert-1", "toast", 0): DeliveryState.DELIVERED,
        DeliveryKey("alert-1", "toast", 1): DeliveryState.DELIVERED,
        DeliveryKey("alert-1", "slack", 0): DeliveryState.SUPPRESSED,
        DeliveryKey("alert-1", "slack", 1): DeliveryState.DELIVERED,
    }


async def test_what_can_be_announced_again_goes_out_though_the_database_is_gone_for_the_rest(
    desk: SimpleNamespace, database: Database, make_alert: Any, until: Any
) -> None:
    stored, unsaved = make_alert(1), make_alert(2, message="x" * 100_000)
    desk.alerting.raise_alerts([stored], {})
    await until(lambda: desk.toast.messages)
    await desk.alerting.drain(1)
    await fill_disk(database)
    desk.alerting.raise_alerts([unsaved], {})
    await until(lambda: len(desk.toast.messages) == 2)
    await database.stop()

    sent = await desk.dispatcher.announce_again(
        [Announcement(alert, ("toast",), Cause.REPEAT) for alert in (stored, unsaved)]
    )
    with pytest.raises(StorageFailed):
        await desk.dispatcher.announce_again([Announcement(stored, ("toast",), Cause.REPEAT)])
    await until(lambda: len(desk.toast.messages) == 3)

    assert desk.toast.messages[2].alert_id == "alert-2"
    assert [delivery.key for delivery in sent] == [("alert-2", "toast", 1)]
