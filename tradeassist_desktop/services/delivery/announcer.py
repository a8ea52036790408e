"""Announces alerts again: repeats, escalations, what a silence held back, what did not arrive."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Announcement, Cause, Delivery, DeliveryKey
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.delivery.book import DeliveryBook
from tradeassist_desktop.storage import alerts as alert_rows
from tradeassist_desktop.storage import announcements as announcement_rows
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed
from tradeassist_desktop.storage.leases import Lease

log = logging.getLogger(__name__)

_MOST_A_COMMIT: Final = 5_000


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

    async def announce_again(self, announcements: Sequence[Announcement]) -> tuple[Delivery, ...]:
        """Announce alerts once more, each among them once, and return how: stored first, then sent.

        They are stored in one transaction and reach each channel together, so that many of them are
        one digest. What cannot be stored is sent all the same, and storing it is tried again. Of stored
        ones nothing is sent while their numbers cannot be read.

        Raises:
            StorageFailed: they cannot be read, and nothing was sent.
        """
        added: list[tuple[Alert, Delivery]] = []
        stored: list[Announcement] = []
        for each in announcements:
            unsaved = self._book.unsaved(each.alert.id)
            if unsaved is None:
                stored.append(each)
            else:
                of_unsaved = unsaved.announce_again(each, now_ns=self._clock.now_ns())
                added += [(each.alert, delivery) for delivery in of_unsaved]
        alerts = {each.alert.id: each.alert for each in stored}
        try:
            for first in range(0, len(stored), _MOST_A_COMMIT):
                stored_now = await self._stored_again(stored[first : first + _MOST_A_COMMIT])
                added += [(alerts[delivery.alert_id], delivery) for delivery in stored_now]
        except StorageFailed:
            if not added:
                raise
            # Who asked must hear of what is sent: he would ask for it again, each time that he tries.
        finally:
            # Also where a later part fails: what is stored as ours nobody else would send.
            await self._send_all(added)
        return tuple(delivery for _, delivery in added)

    async def resend(self, keys: Sequence[DeliveryKey]) -> tuple[Delivery, ...]:
        """Announce once more what did not arrive, as the trader asked; return how."""
        channels: defaultdict[str, list[str]] = defaultdict(list)
        for key in keys:
            channels[key.alert_id].append(key.channel)
        records = await self._database.read(lambda connection: alert_rows.by_ids(connection, channels))
        return await self.announce_again(
            [
                Announcement(record.alert, tuple(channels[record.alert.id]), Cause.RESENT)
                for record in reversed(records)
            ]
        )

    async def _stored_again(self, announcements: Sequence[Announcement]) -> tuple[Delivery, ...]:
        now_ns, lease = self._clock.now_ns(), self._lease()
        try:
            return await self._database.run(
                lambda connection: announcement_rows.announce_again(
                    connection, announcements, now_ns=now_ns, lease=lease
                ),
                durable=True,
            )
        except StorageFailed as error:
            log.warning("announced again unsaved", extra={"alerts": len(announcements), "reason": str(error)})
        # A full disk can still be read.
        ids = [each.alert.id for each in announcements]
        last = await self._database.read(lambda connection: announcement_rows.last_numbers(connection, ids))
        added = announcement_rows.added_after(last, announcements, now_ns=now_ns)
        self._book.note(added)
        return added

    async def _send_all(self, added: Sequence[tuple[Alert, Delivery]]) -> None:
        by_channel: defaultdict[str, list[tuple[Alert, Delivery]]] = defaultdict(list)
        for alert, delivery in added:
            by_channel[delivery.channel].append((alert, delivery))
        for of_channel in by_channel.values():
            # In one turn of the loop: a channel that sends meanwhile would make many digests of them.
            for alert, delivery in of_channel:
                self._send(alert, delivery)
            await asyncio.sleep(0)
