"""Announces alerts again: repeats, escalations, what a silence held back, what did not arrive."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Cause, Delivery, DeliveryKey, announcements_after
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.delivery.book import DeliveryBook
from tradeassist_desktop.storage import alerts as alert_rows
from tradeassist_desktop.storage import announcements
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed
from tradeassist_desktop.storage.leases import Lease

log = logging.getLogger(__name__)


class Announcer:
    """Stores each further announcement, then has it sent.

    Args:
        lease: What they are marked with.
        send: Puts a delivery into its channel's lane.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        book: DeliveryBook,
        lease: Callable[[], Lease],
        send: Callable[[Alert, Delivery], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._book = book
        self._lease = lease
        self._send = send

    async def announce_again(
        self, alert: Alert, channels: Sequence[str], cause: Cause
    ) -> tuple[Delivery, ...]:
        """Announce an alert once more on these channels, and return how: stored first, then sent.

        Where that cannot be stored it is sent all the same, and storing it is tried again.
        """
        now_ns = self._clock.now_ns()
        unsaved = self._book.unsaved(alert.id)
        if unsaved is not None:
            added = unsaved.announce_again(channels, cause, now_ns=now_ns)
        else:
            added = await self._stored_again(alert.id, channels, cause, now_ns=now_ns)
        for delivery in added:
            self._send(alert, delivery)
        return added

    async def resend(self, keys: Sequence[DeliveryKey]) -> tuple[Delivery, ...]:
        """Announce once more what did not arrive, as the trader asked; return how."""
        channels: defaultdict[str, list[str]] = defaultdict(list)
        for key in keys:
            channels[key.alert_id].append(key.channel)
        records = await self._database.read(lambda connection: alert_rows.by_ids(connection, channels))
        added: list[Delivery] = []
        for record in reversed(records):
            alert = record.alert
            added += await self.announce_again(alert, channels[alert.id], Cause.RESENT)
        return tuple(added)

    async def _stored_again(
        self, alert_id: str, channels: Sequence[str], cause: Cause, *, now_ns: int
    ) -> tuple[Delivery, ...]:
        lease = self._lease()
        try:
            return await self._database.run(
                lambda connection: announcements.announce_again(
                    connection, alert_id, channels, cause, now_ns=now_ns, lease=lease
                ),
                durable=True,
            )
        except StorageFailed as error:
            log.warning("announced again unsaved", extra={"alert": alert_id, "reason": str(error)})
        # A full disk can still be read.
        last = await self._database.read(lambda connection: announcements.last_numbers(connection, alert_id))
        added = announcements_after(last, alert_id, channels, cause, now_ns=now_ns)
        self._book.note(added)
        return added
