"""Writes down where deliveries and attempts stand, without holding up the sending."""

import asyncio
import logging
import random
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from tradeassist_desktop.domain.delivery import Attempt, Delivery, DeliveryKey
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import Limit
from tradeassist_desktop.storage import outbox
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed
from tradeassist_desktop.storage.leases import Lease
from tradeassist_desktop.storage.redo import RedoLog

log = logging.getLogger(__name__)

_MOST_A_TRANSACTION: Final = 500
_DELAY_NS: Final = 50_000_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Noted:
    """What is to be written."""

    deliveries: Mapping[DeliveryKey, Delivery]
    attempts: Mapping[tuple[DeliveryKey, int], Attempt]

    def __bool__(self) -> bool:
        return bool(self.deliveries or self.attempts)


_NOTHING: Final = Noted({}, {})


class DeliveryLedger:
    """Keeps the newest state of each delivery and attempt until the database has it.

    States that follow quickly on one another are written in one transaction. What the disk
    refuses is kept and tried again; the sending goes on meanwhile. What somebody else writes at present
    is not written a second time: on a slow disk half of all rows were.

    Args:
        lease: In whose name it writes now; what another desk has taken over is left to that desk.
        redo: Outlives a kill at once, so that nobody waits for the database; ``None`` where that must be
            asked, as another desk may have taken over what we write of.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        rng: random.Random,
        lease: Callable[[], Lease],
        redo: RedoLog | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._lease = lease
        self._redo = redo
        self._backoff = Backoff(base_s=0.5, cap_s=30, rng=rng)
        self._deliveries: dict[DeliveryKey, Delivery] = {}
        self._attempts: dict[tuple[DeliveryKey, int], Attempt] = {}
        self._lost: set[DeliveryKey] = set()
        self._noted = asyncio.Event()
        self._due_ns = 0
        self._elsewhere = _NOTHING
        self._landed = asyncio.Event()
        self._landed.set()
        self._turn = asyncio.Lock()
        self._is_failing = False
        self._is_doubted = False

    def note(self, deliveries: Iterable[Delivery], attempts: Iterable[Attempt] = ()) -> None:
        """Take new states; they are written soon."""
        deliveries, attempts = tuple(deliveries), tuple(attempts)
        if self._redo is not None:
            self._redo.add(deliveries, attempts)
        if not self._unwritten_count:
            self._put_off()
        for delivery in deliveries:
            self._deliveries[delivery.key] = delivery
        for attempt in attempts:
            self._attempts[attempt.key, attempt.number] = attempt
        self._noted.set()

    async def written(self, keys: Sequence[DeliveryKey], *, patience_s: float) -> None:
        """Have what was noted of these outlive a kill; not when the disk fails, and not for long."""
        if self._redo is not None and self._redo.flush():
            return
        try:
            async with Limit(self._clock, patience_s):
                await self._write(keys)
        except TimeoutError:
            log.warning("disk is slow to take delivery states", extra={"waited_s": patience_s})

    def noted(self) -> Noted:
        """Return what is to be written, up to a limit, for who writes anyway.

        He tells ``landed`` in any case, and ``wrote`` if it is.
        """
        if self._is_doubted:
            return _NOTHING
        self._elsewhere = self._next()
        if self._elsewhere:
            self._landed.clear()
        if self.is_within_limit:
            self._put_off()  # what comes meanwhile may go with the next alert
        return self._elsewhere

    def landed(self) -> None:
        """Take notice that the transaction of what was ``noted`` is over, for better or worse."""
        self._elsewhere = _NOTHING
        self._landed.set()

    def wrote(self, noted: Noted, lost: frozenset[DeliveryKey]) -> None:
        """Take notice that this is written, but for what another desk has taken over."""
        # Newer states noted meanwhile stay.
        _forget(noted.deliveries, self._deliveries)
        _forget(noted.attempts, self._attempts)
        self._lost |= lost
        if self._redo is not None and not self._unwritten_count:
            self._redo.all_stored()

    def doubt(self) -> None:
        """Take notice that there may be something in it that cannot be written: it is found one by one."""
        self._is_doubted = True
        self._noted.set()

    @property
    def is_within_limit(self) -> bool:
        """Whether one transaction takes all that is to be written."""
        return not self._is_doubted and max(len(self._deliveries), len(self._attempts)) <= _MOST_A_TRANSACTION

    def take_lost(self, key: DeliveryKey) -> bool:
        """Return whether another desk turned out to have it; once."""
        is_lost = key in self._lost
        self._lost.discard(key)
        return is_lost

    async def run(self) -> None:
        """Write until cancelled; what nobody waits for a little later, with what came meanwhile."""
        while True:
            await self._noted.wait()
            while (left_ns := self._due_ns - self._clock.monotonic_ns()) > 0:
                await self._clock.sleep(left_ns / 1e9)
            if not await self.write_once():
                await self._clock.sleep(self._backoff.next_s())

    async def open(self) -> None:
        """Write down what a killed desk had noted; to be called before anything is.

        Raises:
            StorageFailed: the disk fails.
        """
        if self._redo is None:
            return
        try:
            if count := await self._database.run(self._redo.redo):
                log.info("deliveries redone", extra={"count": count})
        except StorageFailed:
            raise
        except Exception:  # what an earlier run has left must not keep alerts from being sent
            log.exception("redo log not read")
        self._redo.open()

    async def close(self) -> None:
        """Write all that is noted, unless the disk fails: then it is left for the next desk."""
        while self._unwritten_count and await self.write_once():
            pass
        if self._redo is not None:
            self._redo.close(is_stored=not self._unwritten_count)

    async def write_once(self) -> bool:
        """Write what is noted, up to a limit; return whether that is done."""
        self._noted.clear()
        noted, lease = self._next(), self._lease()
        try:
            if not noted:
                await self._landed.wait()
                return True
            lost = await self._database.run(
                lambda connection: outbox.write(
                    connection, noted.deliveries.values(), noted.attempts.values(), lease
                )
            )
        except StorageFailed:
            self._is_failing = True
            return False
        except Exception:  # our own mistake in one of them must not keep all others from the disk
            self._set_aside(noted)
            return True
        else:
            self.wrote(noted, lost)
            self._is_failing = False
            self._backoff.reset()
            return True
        finally:
            if self._unwritten_count:
                self._noted.set()
            else:
                self._is_doubted = False

    def _next(self) -> Noted:
        if self._redo is not None:
            self._redo.flush()  # never behind the database, or it would take that back after a kill
        if not self._unwritten_count:
            return _NOTHING
        most = 1 if self._is_doubted else _MOST_A_TRANSACTION
        deliveries = dict(islice(_but(self._elsewhere.deliveries, self._deliveries), most))
        # A delivery that cannot be written must not take an attempt with it.
        if self._is_doubted and deliveries:
            return Noted(deliveries, {})
        return Noted(deliveries, dict(islice(_but(self._elsewhere.attempts, self._attempts), most)))

    def _put_off(self) -> None:
        self._due_ns = self._clock.monotonic_ns() + _DELAY_NS

    def _set_aside(self, noted: Noted) -> None:
        if not self._is_doubted:
            self.doubt()
            return
        _forget(noted.deliveries, self._deliveries)
        _forget(noted.attempts, self._attempts)
        keys = [*noted.deliveries, *(key for key, _ in noted.attempts)]
        log.error("delivery state cannot be written", extra={"deliveries": keys})

    async def _write(self, keys: Sequence[DeliveryKey]) -> None:
        while not self._is_failing and any(key in self._deliveries for key in keys):
            # One transaction at a time, so that what all channels note meanwhile goes into the next.
            async with self._turn:
                if any(key in self._deliveries for key in keys):
                    await self.write_once()

    @property
    def _unwritten_count(self) -> int:
        return len(self._deliveries) + len(self._attempts)


def _but(elsewhere: Mapping[K, V], noted: Mapping[K, V]) -> Iterator[tuple[K, V]]:
    return ((key, value) for key, value in noted.items() if elsewhere.get(key) is not value)


def _forget(written: Mapping[K, V], noted: dict[K, V]) -> None:
    for key, value in written.items():
        if noted.get(key) is value:
            del noted[key]
