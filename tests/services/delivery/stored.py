"""Alerts put into a database as alerting does, and what became of them there."""

import asyncio
from typing import Any

from tests.fakes import ManualClock
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Attempt, AttemptOutcome, Delivery, DeliveryKey
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.storage import alerts, attempts, outbox
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.leases import Lease


async def store(
    database: Database, dispatcher: Dispatcher | None, some: list[Alert], *channels: str
) -> list[tuple[Alert, tuple[Delivery, ...]]]:
    """Store alerts with a delivery on each channel: the dispatcher's, or what an earlier run has left."""
    batch = [
        (
            alert,
            tuple(
                Delivery(alert_id=alert.id, channel=channel, created_ns=alert.evaluated_ns)
                for channel in channels
            ),
        )
        for alert in some
    ]
    lease = Lease() if dispatcher is None else dispatcher.lease
    await database.run(
        lambda connection: outbox.raise_alerts(connection, batch, {}, committed_ns=1, lease=lease),
        durable=True,
    )
    return batch


async def send(database: Database, dispatcher: Dispatcher, some: list[Alert], *channels: str) -> None:
    """Store alerts and have them sent."""
    for alert, deliveries in await store(database, dispatcher, some, *channels):
        dispatcher.dispatch(alert, deliveries, is_saved=True)


async def all_sent(
    dispatcher: Dispatcher, clock: ManualClock, database: Database, *, step_s: float = 1.0
) -> None:
    """Let time pass until nothing waits any more, in as many steps as this machine needs for it."""
    async with asyncio.timeout(10):
        while dispatcher.pending_count:
            await clock.advance(step_s)
            await database.settle()


async def kept(database: Database) -> dict[DeliveryKey, Delivery]:
    """Return all deliveries the database has."""
    records = await database.read(lambda connection: alerts.recent(connection, limit=10_000))
    return {delivery.key: delivery for record in records for delivery in record.deliveries}


async def kept_states(database: Database, channel: str) -> list[str]:
    """Return the states of one channel's deliveries, in the order of their alerts."""
    records = await database.read(lambda connection: alerts.recent(connection, limit=10_000))
    return [
        delivery.state.value
        for record in reversed(records)
        for delivery in record.deliveries
        if delivery.channel == channel
    ]


async def attempts_of(database: Database, alert_id: str) -> list[Attempt]:
    """Return every attempt at an alert."""
    return await database.read(lambda connection: attempts.of_alert(connection, alert_id))


async def outcomes_of(database: Database, alert_id: str) -> list[AttemptOutcome]:
    """Return how every attempt at an alert ended."""
    return [attempt.outcome for attempt in await attempts_of(database, alert_id)]


async def limit_pages(database: Database, pages: int) -> None:
    """Let the file grow to so many pages: at 1, SQLite answers as on a full disk."""

    def limit(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await database.run(limit, durable=True)
    await database.run(limit)
