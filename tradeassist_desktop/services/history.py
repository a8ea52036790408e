"""The newest alerts with all that became of them, for whoever shows them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.alerts import AlertState, AlertStatus
from tradeassist_desktop.domain.events import (
    AlertRaised,
    AlertsAcknowledged,
    AlertsCounted,
    AlertsSaved,
    DeliveryChanged,
)
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.storage import alerts
from tradeassist_desktop.storage.database import Database

__all__ = ["AlertRecord", "History"]

KEPT: Final = 500
_MOST_SEEN: Final = 20_000


class History:
    """Keeps the newest 500 records in memory, up to date from the bus; the database has them all."""

    def __init__(self, *, database: Database, bus: Bus, clock: Clock, access: Gate = OPEN) -> None:
        self._access = access
        self._database = database
        self._bus = bus
        self._clock = clock
        self._records: dict[str, AlertRecord] = {}  # oldest first
        self._newest_first: tuple[AlertRecord, ...] | None = ()
        self._unacknowledged: int | None = 0  # asked for by several at each change
        self._seen: dict[str, None] = {}  # by age: of what is no record any more, something may still wait
        self._subscriptions: list[Callable[[], None]] = []

    async def start(self) -> None:
        """Load the newest records and follow the bus from now on."""
        kept = await self._database.read(lambda connection: alerts.recent(connection, limit=KEPT))
        self._seen = dict.fromkeys(await self._database.read(alerts.seen_but_waiting))
        self._records = {record.alert.id: record for record in reversed(kept)}
        self._newest_first = self._unacknowledged = None
        self._subscriptions = [
            self._bus.subscribe(AlertRaised, self._on_raised),
            self._bus.subscribe(AlertsSaved, self._on_saved),
            self._bus.subscribe(AlertsCounted, self._on_counted),
            self._bus.subscribe(DeliveryChanged, self._on_delivery),
        ]

    async def stop(self) -> None:
        """Leave the bus."""
        for unsubscribe in self._subscriptions:
            unsubscribe()
        self._subscriptions = []

    def records(self) -> tuple[AlertRecord, ...]:
        """Return the newest records, newest first; the same object until something changes."""
        if self._newest_first is None:
            self._newest_first = tuple(reversed(self._records.values()))
        return self._newest_first

    def record(self, alert_id: str) -> AlertRecord | None:
        """Return one of the newest records, or ``None``."""
        return self._records.get(alert_id)

    def is_acknowledged(self, alert_id: str) -> bool:
        """Whether an alert was acknowledged, also an older one that is still to be sent somewhere."""
        record = self._records.get(alert_id)
        return alert_id in self._seen if record is None else record.state is AlertState.ACKNOWLEDGED

    @property
    def unacknowledged_count(self) -> int:
        """How many of the newest alerts fired and were not acknowledged."""
        if self._unacknowledged is None:
            self._unacknowledged = sum(
                record.state is AlertState.NEW and record.alert.status is AlertStatus.FIRED
                for record in self._records.values()
            )
        return self._unacknowledged

    async def acknowledge(self, alert_ids: Sequence[str]) -> None:
        """Mark alerts as seen.

        Raises:
            Denied: who is at the desk may not.
            StorageFailed: it could not be kept; they stay as they were.
        """
        self._access.require(Act.ACKNOWLEDGE)
        await self.settle(alert_ids)

    async def settle(self, alert_ids: Sequence[str]) -> None:
        """Mark alerts as seen that nobody need see any more: the program itself found that out.

        Raises:
            StorageFailed: it could not be kept; they stay as they were.
        """
        ids = tuple(alert_ids)
        now_ns = self._clock.now_ns()
        await self._database.run(lambda connection: alerts.acknowledge(connection, ids, now_ns=now_ns))
        self._seen.update(dict.fromkeys(ids))
        while len(self._seen) > _MOST_SEEN:
            del self._seen[next(iter(self._seen))]
        for alert_id in ids:
            record = self._records.get(alert_id)
            if record is not None and record.state is AlertState.NEW:
                self._put(replace(record, state=AlertState.ACKNOWLEDGED, acknowledged_ns=now_ns))
        self._bus.publish(AlertsAcknowledged(alert_ids=ids))

    async def unacknowledge(self, alert_ids: Sequence[str]) -> None:
        """Take acknowledging back.

        Raises:
            StorageFailed: it could not be kept; they stay as they were.
        """
        self._access.require(Act.ACKNOWLEDGE)
        ids = tuple(alert_ids)
        await self._database.run(lambda connection: alerts.unacknowledge(connection, ids))
        for alert_id in ids:
            self._seen.pop(alert_id, None)
            record = self._records.get(alert_id)
            if record is not None:
                self._put(replace(record, state=AlertState.NEW, acknowledged_ns=None))
        self._bus.publish(AlertsAcknowledged(alert_ids=ids, is_acknowledged=False))

    def _on_raised(self, event: AlertRaised) -> None:
        self._put(
            AlertRecord(
                alert=event.alert,
                deliveries=tuple(sorted(event.deliveries, key=lambda delivery: delivery.key)),
                committed_ns=event.committed_ns,
            )
        )
        while len(self._records) > KEPT:
            del self._records[next(iter(self._records))]

    def _on_saved(self, event: AlertsSaved) -> None:
        seen: list[tuple[str, int]] = []
        for alert_id in event.alert_ids:
            record = self._records.get(alert_id)
            if record is None:
                continue
            self._put(replace(record, committed_ns=event.committed_ns))
            if record.acknowledged_ns is not None:
                seen.append((alert_id, record.acknowledged_ns))
        if seen:
            # They were acknowledged when there was no row yet to write it into.
            self._database.submit(lambda connection: alerts.acknowledge_each(connection, seen))

    def _on_counted(self, event: AlertsCounted) -> None:
        for alert_id, count in event.counts.items():
            record = self._records.get(alert_id)
            if record is not None:
                self._put(replace(record, alert=replace(record.alert, count=count)))

    def _on_delivery(self, event: DeliveryChanged) -> None:
        record = self._records.get(event.delivery.alert_id)
        if record is None:
            return
        others = [delivery for delivery in record.deliveries if delivery.key != event.delivery.key]
        changed = sorted([*others, event.delivery], key=lambda delivery: delivery.key)
        self._put(replace(record, deliveries=tuple(changed)))

    def _put(self, record: AlertRecord) -> None:
        self._records[record.alert.id] = record
        self._newest_first = self._unacknowledged = None
