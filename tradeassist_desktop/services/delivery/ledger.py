"""Writes down where deliveries stand, without holding up the sending."""

import asyncio
import logging
import random
from collections.abc import Iterable

from tradeassist_desktop.domain.delivery import Delivery, DeliveryKey
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.storage import outbox
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)


class DeliveryLedger:
    """Keeps the newest state of each delivery until the database has it.

    States that follow quickly on one another are written in one transaction. What the disk
    refuses is kept and tried again; the sending goes on meanwhile.
    """

    def __init__(self, *, database: Database, clock: Clock, rng: random.Random) -> None:
        self._database = database
        self._clock = clock
        self._backoff = Backoff(base_s=0.5, cap_s=30, rng=rng)
        self._unwritten: dict[DeliveryKey, Delivery] = {}
        self._noted = asyncio.Event()
        self._tried = asyncio.Event()
        self._is_failing = False

    def note(self, changed: Iterable[Delivery]) -> None:
        """Take new states; they are written soon."""
        for delivery in changed:
            self._unwritten[delivery.key] = delivery
        self._noted.set()

    async def written(self, *, patience_s: float) -> None:
        """Wait until what was noted is written; not when the disk fails, and not for long."""
        if not self._unwritten or self._is_failing:
            return
        try:
            await within(self._clock, patience_s, self._tried.wait())
        except TimeoutError:
            log.warning("disk is slow to take delivery states", extra={"waited_s": patience_s})

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._noted.wait()
            if not await self.write_once():
                await self._clock.sleep(self._backoff.next_s())

    async def write_once(self) -> bool:
        """Write what is noted now; return whether that is done."""
        self._noted.clear()
        taken, self._unwritten = self._unwritten, {}
        tried, self._tried = self._tried, asyncio.Event()
        try:
            await self._database.run(lambda connection: outbox.mark(connection, taken.values()))
        except StorageFailed:
            self._is_failing = True
            return False
        else:
            taken = {}
            self._is_failing = False
            self._backoff.reset()
            return True
        finally:
            # Newer states noted meanwhile stay; refused or broken-off ones come back.
            self._unwritten = {**taken, **self._unwritten}
            if self._unwritten:
                self._noted.set()
            tried.set()
