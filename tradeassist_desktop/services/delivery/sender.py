"""The worker of one channel: sends what is due, one message at a time, and sees what comes of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.channels import Channel, RateLimited, Receipt
from tradeassist_desktop.domain.delivery import Attempt, Delivery, DeliveryState
from tradeassist_desktop.domain.durations import told_duration
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.domain.routing import Route
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import Limit, within
from tradeassist_desktop.services.delivery.aftermath import Aftermath, Try
from tradeassist_desktop.services.delivery.book import DeliveryBook
from tradeassist_desktop.services.delivery.in_turns import in_turns
from tradeassist_desktop.services.delivery.item import Batch, Item
from tradeassist_desktop.services.delivery.lane import Lane
from tradeassist_desktop.services.delivery.ledger import DeliveryLedger
from tradeassist_desktop.services.delivery.messages import digest_message, message_of
from tradeassist_desktop.services.delivery.threads import Threads
from tradeassist_desktop.services.delivery.verdict import verdict_on

log = logging.getLogger(__name__)

_LEDGER_PATIENCE_S: Final = 1.0

T = TypeVar("T")


class Guard(Protocol):
    """What may refuse a call: a circuit breaker."""

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what ``work()`` returns, or raise ``BreakerOpen`` without calling it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the workers of all channels share.

    Args:
        tags_of: A rule's tags, for channels that show them.
        route_of: Says whether a delivery that has waited is still to be sent.
        on_barred: Told that a channel is of no use until its trader changes something, and why.
    """

    book: DeliveryBook
    ledger: DeliveryLedger
    clock: Clock
    tags_of: Callable[[Alert], tuple[str, ...]]
    route_of: Callable[[Alert, Delivery], Route]
    on_barred: Callable[[str, str], object]


class Sender:
    """Sends through one channel.

    Args:
        guard: ``None`` for a channel of this machine.
    """

    def __init__(
        self, *, channel: Channel, lane: Lane, threads: Threads, guard: Guard | None, desk: Desk
    ) -> None:
        self.channel = channel
        self.lane = lane
        self.threads = threads
        self._guard = guard
        self._desk = desk
        self._aftermath = Aftermath(
            channel=channel,
            lane=lane,
            threads=threads,
            book=desk.book,
            clock=desk.clock,
            on_barred=desk.on_barred,
        )

    @property
    def latencies_ns(self) -> Sequence[int]:
        """The newest durations from an update's arrival to its alert's delivery here."""
        return self._aftermath.latencies_ns

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            batch = await self.lane.next_due()
            try:
                await self._send(await self._still_wanted(batch))
            finally:
                self.lane.done()

    async def send_test(self, message: Message) -> Receipt:
        """Send a message at once, past all that waits, and past the breaker: the trader asked for it.

        Raises:
            Undeliverable: as the channel says.
            TimeoutError: it took too long.
        """
        try:
            return await within(self._desk.clock, self.channel.traits.attempt_s, self.channel.send(message))
        except RateLimited as error:
            self.lane.pace(verdict_on(error).wait_s)  # alerts are to heed it too
            raise
        finally:
            self.lane.pace(self.channel.traits.interval_s)

    # --- one message

    async def _send(self, batch: Batch | None) -> None:
        if batch is None:
            return
        attempt = Try(batch)
        try:
            if self._guard is None:
                receipt = await self._attempt(attempt)
            else:
                receipt = await self._guard.call(lambda: self._attempt(attempt))
        except BreakerOpen as error:
            self._aftermath.wait_for_breaker(batch, error)
        except asyncio.CancelledError:
            self._aftermath.break_off(attempt)
            raise
        except Exception as error:  # whatever it is, the other messages and channels must go on
            await self._aftermath.fail(attempt, error)
        else:
            if receipt is not None:
                await self._aftermath.deliver(attempt, receipt)
        finally:
            if attempt.is_out:
                self.lane.pace(self.channel.traits.interval_s)

    async def _attempt(self, attempt: Try) -> Receipt | None:
        """Make one request; ``None`` if all of it turned out to be another desk's."""
        first = attempt.batch.items[0]
        if first.begun_ns is not None:
            # Written down with its alert: it waits for the disk no second time.
            attempt.started_ns, first.begun_ns = first.begun_ns, None
        elif not await self._begin_all(attempt):
            return None
        message = self._message(attempt.batch)
        attempt.is_out = True
        async with Limit(self._desk.clock, self.channel.traits.attempt_s):
            return await self.channel.send(message)

    async def _begin_all(self, attempt: Try) -> bool:
        """Write down that the attempt is made; return whether any of it is still ours to make."""
        items = attempt.batch.items
        attempt.started_ns = self._desk.clock.now_ns()
        await in_turns(items, lambda item: self._begin(item, attempt.started_ns))
        if self.channel.traits.is_transient:
            return True
        # Written before the request, so that a killed program knows what may have gone out.
        keys = [item.delivery.key for item in items]
        await self._desk.ledger.written(keys, patience_s=_LEDGER_PATIENCE_S)
        lost = [item for item in items if self._desk.ledger.take_lost(item.delivery.key)]
        if lost:
            log.warning("another desk sends", extra={"channel": self.channel.name, "deliveries": len(lost)})
            self.lane.settle(lost)
            items = tuple(item for item in items if item not in lost)
        if items:
            attempt.batch = replace(attempt.batch, items=items)
        return bool(items)

    def _message(self, batch: Batch) -> Message:
        book, now_ns = self._desk.book, self._desk.clock.now_ns()
        if batch.is_digest:
            is_saved = all(book.unsaved(item.alert.id) is None for item in batch.items)
            return digest_message(batch, now_ns=now_ns, is_saved=is_saved)
        (item,) = batch.items
        return message_of(
            item.alert,
            item.delivery,
            now_ns=now_ns,
            is_saved=book.unsaved(item.alert.id) is None,
            is_second_try=item.may_have_arrived,
            reply_to=self.threads.reply_to(item.alert),
            tags=self._desk.tags_of(item.alert),
        )

    async def _still_wanted(self, batch: Batch) -> Batch | None:
        """End what has waited too long, or is muted since it was planned; return what is left, if any."""
        now_ns = self._desk.clock.now_ns()
        await in_turns(batch.items, lambda item: self._end_unwanted(item, now_ns))
        ended = [item for item in batch.items if not item.delivery.is_open]
        if not ended:
            return batch
        self.lane.settle(ended)
        left = tuple(item for item in batch.items if item.delivery.is_open)
        return replace(batch, items=left) if left else None

    def _end_unwanted(self, item: Item, now_ns: int) -> None:
        if item.begun_ns is not None:  # planned just now, and written down as begun
            return
        expires_s = self.channel.traits.expires_s
        waited_ns = now_ns - (item.delivery.created_ns or now_ns)
        if expires_s is not None and waited_ns > expires_s * 1e9:
            detail = f"waited for longer than {told_duration(round(expires_s * 1e9))}"
            self._aftermath.finish(item, DeliveryState.EXPIRED, detail, now_ns)
            return
        route = self._desk.route_of(item.alert, item.delivery)
        if route.muting is not None:
            item.delivery = replace(item.delivery, muting=route.muting)
            self._aftermath.finish(item, DeliveryState.SUPPRESSED, route.reason, now_ns)

    def _begin(self, item: Item, now_ns: int) -> None:
        item.tries += 1
        delivery = replace(item.delivery, state=DeliveryState.SENDING, attempts=item.delivery.attempts + 1)
        self._desk.book.change(item, delivery, Attempt(delivery.key, item.tries, now_ns))
