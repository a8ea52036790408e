"""The worker of one channel: sends what is due, one message at a time, and sees what comes of it."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import (
    Attempt,
    AttemptOutcome,
    Cause,
    Channel,
    DeliveryState,
    Message,
    Receipt,
)
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.delivery.book import DeliveryBook
from tradeassist_desktop.services.delivery.in_turns import in_turns
from tradeassist_desktop.services.delivery.item import Batch, Item
from tradeassist_desktop.services.delivery.lane import Lane
from tradeassist_desktop.services.delivery.ledger import DeliveryLedger
from tradeassist_desktop.services.delivery.messages import digest_message, message_of
from tradeassist_desktop.services.delivery.threads import Threads
from tradeassist_desktop.services.delivery.verdict import (
    LOCAL_ATTEMPTS,
    REMOTE_ATTEMPTS,
    Then,
    Verdict,
    verdict_on,
)

log = logging.getLogger(__name__)

_LEDGER_PATIENCE_S: Final = 1.0
_LATENCIES_KEPT: Final = 1_000

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
        on_barred: Told that a channel is of no use until its trader changes something, and why.
    """

    book: DeliveryBook
    ledger: DeliveryLedger
    clock: Clock
    tags_of: Callable[[Alert], tuple[str, ...]]
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
        self.latencies_ns: deque[int] = deque(maxlen=_LATENCIES_KEPT)
        self._guard = guard
        self._desk = desk
        self._most_attempts = LOCAL_ATTEMPTS if channel.traits.is_local else REMOTE_ATTEMPTS

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            batch = await self.lane.next_due()
            try:
                await self._send(await self._without_expired(batch))
            finally:
                self.lane.done()

    async def send_test(self, message: Message) -> Receipt:
        """Send a message at once, past all that waits, and past the breaker: the trader asked for it.

        Raises:
            Undeliverable: as the channel says.
            TimeoutError: it took too long.
        """
        receipt = await within(self._desk.clock, self.channel.traits.attempt_s, self.channel.send(message))
        self.lane.pace(self.channel.traits.interval_s)
        return receipt

    # --- one message

    async def _send(self, batch: Batch | None) -> None:
        if batch is None:
            return
        attempt = _Try(batch)
        try:
            if self._guard is None:
                receipt = await self._attempt(attempt)
            else:
                receipt = await self._guard.call(lambda: self._attempt(attempt))
        except BreakerOpen as error:
            self._wait_for_breaker(batch, error)
        except asyncio.CancelledError:
            self._break_off(attempt)
            raise
        except Exception as error:  # whatever it is, the other messages and channels must go on
            await self._fail(attempt, verdict_on(error), error)
        else:
            if receipt is not None:
                await self._deliver(attempt, receipt)
        finally:
            if attempt.is_out:
                self.lane.pace(self.channel.traits.interval_s)

    async def _attempt(self, attempt: "_Try") -> Receipt | None:
        """Make one request; ``None`` if all of it turned out to be another desk's."""
        attempt.started_ns = self._desk.clock.now_ns()
        await in_turns(attempt.batch.items, lambda item: self._begin(item, attempt.started_ns))
        # Written before the request, so that a killed program knows what may have gone out.
        keys = [item.delivery.key for item in attempt.batch.items]
        await self._desk.ledger.written(keys, patience_s=_LEDGER_PATIENCE_S)
        left = attempt.batch.items
        lost = [item for item in left if self._desk.ledger.take_lost(item.delivery.key)]
        if lost:
            log.warning("another desk sends", extra={"channel": self.channel.name, "deliveries": len(lost)})
            self.lane.settle(lost)
            left = tuple(item for item in left if item not in lost)
            if not left:
                return None
            attempt.batch = Batch(left)
        message = self._message(attempt.batch)
        attempt.is_out = True
        return await within(self._desk.clock, self.channel.traits.attempt_s, self.channel.send(message))

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

    async def _without_expired(self, batch: Batch) -> Batch | None:
        expires_s = self.channel.traits.expires_s
        if expires_s is None:
            return batch
        now_ns = self._desk.clock.now_ns()
        old = [
            item for item in batch.items if now_ns - (item.delivery.created_ns or now_ns) > expires_s * 1e9
        ]
        if not old:
            return batch
        detail = f"waited for longer than {expires_s:,.0f} s"
        await in_turns(old, lambda item: self._finish(item, DeliveryState.EXPIRED, detail, now_ns))
        self.lane.settle(old)
        left = tuple(item for item in batch.items if item.delivery.is_open)
        return Batch(left) if left else None

    # --- what comes of it

    def _begin(self, item: Item, now_ns: int) -> None:
        item.tries += 1
        delivery = replace(item.delivery, state=DeliveryState.SENDING, attempts=item.delivery.attempts + 1)
        self._desk.book.change(item, delivery, Attempt(delivery.key, item.tries, now_ns))

    async def _deliver(self, attempt: "_Try", receipt: Receipt) -> None:
        self.lane.backoff.reset()
        self.lane.state = "ready"
        now_ns = self._desk.clock.now_ns()
        batch = attempt.batch
        detail = f"in a digest of {len(batch.items):,}" if batch.is_digest else receipt.detail

        def deliver(item: Item) -> None:
            alert = item.alert
            if alert.received_ns and item.delivery.cause is Cause.FIRED:
                self.latencies_ns.append(max(0, now_ns - alert.received_ns))
            tried = attempt.ended(item, now_ns, AttemptOutcome.DELIVERED, receipt.detail)
            self._finish(
                item, DeliveryState.DELIVERED, detail, now_ns, receipt=receipt.reference, tried=tried
            )

        if not batch.is_digest or len({(i.alert.rule_uid, i.alert.symbol) for i in batch.items}) == 1:
            self.threads.remember(batch.items[-1].alert, receipt.reference)
        self.lane.settle(batch.items)
        log.info(
            "delivered",
            extra={
                "channel": self.channel.name,
                "alert": batch.items[-1].alert.id,
                "count": len(batch.items),
            },
        )
        await in_turns(batch.items, deliver)

    async def _fail(self, attempt: "_Try", verdict: Verdict, error: Exception) -> None:
        if verdict.then is Then.ASIDE:
            log.error("channel failed", extra={"channel": self.channel.name}, exc_info=error)
        now_ns = self._desk.clock.now_ns()
        wait_s = self._wait_s(verdict)
        counts = verdict.counts and not (verdict.then is Then.ASIDE and attempt.batch.is_digest)
        again: list[Item] = []

        def take_back(item: Item) -> None:
            item.may_have_arrived |= verdict.outcome is AttemptOutcome.UNCERTAIN
            tried = attempt.ended(item, now_ns, verdict.outcome, verdict.reason)
            state = self._final_state(item, verdict) if counts else DeliveryState.PENDING
            if state is not DeliveryState.PENDING:
                self._finish(item, state, verdict.reason, now_ns, tried=tried)
                return
            again.append(item)
            waiting = replace(
                item.delivery,
                state=state,
                attempts=item.delivery.attempts - (not counts),
                next_attempt_ns=now_ns + round(wait_s * 1e9),
                detail=verdict.reason,
            )
            self._desk.book.change(item, waiting, tried)

        await in_turns(attempt.batch.items, take_back)
        self.lane.settle(item for item in attempt.batch.items if not item.delivery.is_open)
        self._hold(verdict, wait_s)
        self._put_back(verdict, again, wait_s)

    def _wait_s(self, verdict: Verdict) -> float:
        if verdict.then in (Then.RETRY, Then.ASIDE):
            return self.lane.backoff.next_s()
        return verdict.wait_s

    def _final_state(self, item: Item, verdict: Verdict) -> DeliveryState:
        """Return where a delivery ends after this attempt; ``PENDING`` if it is tried again."""
        is_uncertain = verdict.outcome is AttemptOutcome.UNCERTAIN
        most = LOCAL_ATTEMPTS if verdict.then is Then.ASIDE else self._most_attempts
        if verdict.then is Then.UNAVAILABLE:
            return DeliveryState.UNAVAILABLE
        if is_uncertain and not self.channel.traits.resends_uncertain:
            return DeliveryState.UNCERTAIN
        if verdict.then is not Then.GIVE_UP and item.delivery.attempts < most:
            return DeliveryState.PENDING
        return DeliveryState.UNCERTAIN if item.may_have_arrived else DeliveryState.DEAD

    def _hold(self, verdict: Verdict, wait_s: float) -> None:
        if verdict.then is Then.RETRY:
            self.lane.hold(wait_s)
        elif verdict.then is Then.PACE:
            self.lane.pace(wait_s)
        elif verdict.then is Then.BAR and not self.lane.barred:
            self.lane.bar(verdict.reason)
            self._desk.on_barred(self.channel.name, verdict.reason)
        self._say(f"{_STATES[verdict.then]}: {verdict.reason}")

    def _put_back(self, verdict: Verdict, again: list[Item], wait_s: float) -> None:
        if not again:
            return
        batch = Batch(tuple(again))
        if verdict.then is not Then.ASIDE:
            self.lane.again(batch)
        elif batch.is_digest:
            # One of them breaks the channel: it is found by halves, so that the others get through.
            self.lane.again(*batch.halves())
        else:
            self.lane.aside(again[0], wait_s=wait_s)

    def _wait_for_breaker(self, batch: Batch, error: BreakerOpen) -> None:
        self._say(f"left alone: {error.cause or 'it did not answer'}")
        self.lane.hold(error.retry_after_s)
        self.lane.again(batch)

    def _break_off(self, attempt: "_Try") -> None:
        """Take back what the end of the program cut off; it may be out."""
        now_ns = self._desk.clock.now_ns()
        outcome = AttemptOutcome.UNCERTAIN if attempt.is_out else AttemptOutcome.FAILED
        is_final = attempt.is_out and not self.channel.traits.resends_uncertain
        for item in attempt.batch.items:
            if item.delivery.state is not DeliveryState.SENDING:
                continue
            tried = attempt.ended(item, now_ns, outcome, "the program ended meanwhile")
            if is_final:
                self._finish(item, DeliveryState.UNCERTAIN, tried.detail, now_ns, tried=tried)
            else:
                waiting = replace(
                    item.delivery,
                    state=DeliveryState.PENDING,
                    attempts=item.delivery.attempts - (not attempt.is_out),
                )
                self._desk.book.change(item, waiting, tried)

    def _finish(
        self,
        item: Item,
        state: DeliveryState,
        detail: str,
        now_ns: int,
        *,
        receipt: str = "",
        tried: Attempt | None = None,
    ) -> None:
        finished = replace(item.delivery, state=state, finished_ns=now_ns, detail=detail, receipt=receipt)
        self._desk.book.change(item, finished, tried)

    def _say(self, state: str) -> None:
        if self.lane.state != state:  # the same failure once, then on change
            log.warning("channel trouble", extra={"channel": self.channel.name, "state": state})
        self.lane.state = state


class _Try:
    """One request. ``is_out`` once the channel has it."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.is_out = False
        self.started_ns = 0

    def ended(self, item: Item, now_ns: int, outcome: AttemptOutcome, detail: str) -> Attempt:
        return Attempt(item.delivery.key, item.tries, self.started_ns, now_ns, outcome, detail)


_STATES: Final = {
    Then.RETRY: "failing",
    Then.ASIDE: "failing",
    Then.PACE: "asked to wait",
    Then.BAR: "needs you",
    Then.UNAVAILABLE: "unavailable",
    Then.GIVE_UP: "dead",
}
