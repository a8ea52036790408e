"""What follows from an attempt, for the message and for its channel."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.channels import Channel, Receipt
from tradeassist_desktop.domain.delivery import Attempt, AttemptOutcome, Cause, DeliveryState
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.delivery.book import DeliveryBook
from tradeassist_desktop.services.delivery.in_turns import in_turns
from tradeassist_desktop.services.delivery.item import Batch, Item
from tradeassist_desktop.services.delivery.lane import Lane
from tradeassist_desktop.services.delivery.threads import Threads
from tradeassist_desktop.services.delivery.verdict import (
    LOCAL_ATTEMPTS,
    REMOTE_ATTEMPTS,
    Then,
    Verdict,
    verdict_on,
)

log = logging.getLogger(__name__)

_LATENCIES_KEPT: Final = 1_000
_MOST_REFUSED: Final = 16
"""So many parts of a digest in a row: the receiver takes nothing, and is asked no more. To find one alert
in 5,000 takes 13."""

_STATES: Final = {
    Then.RETRY: "failing",
    Then.ASIDE: "failing",
    Then.PACE: "asked to wait",
    Then.BAR: "needs you",
    Then.REFUSE: "refused",
    Then.UNAVAILABLE: "unavailable",
    Then.GIVE_UP: "dead",
}


class Try:
    """One attempt at a message. ``is_out`` once the channel has it."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.is_out = False
        self.started_ns = 0

    def ended(self, item: Item, now_ns: int, outcome: AttemptOutcome, detail: str) -> Attempt:
        """Return its row for one of the deliveries."""
        return Attempt(item.delivery.key, item.tries, self.started_ns, now_ns, outcome, detail)


class Aftermath:
    """Settles what an attempt at one channel's messages came to.

    Args:
        on_barred: Told that the channel is of no use until its trader changes something, and why.
    """

    def __init__(
        self,
        *,
        channel: Channel,
        lane: Lane,
        threads: Threads,
        book: DeliveryBook,
        clock: Clock,
        on_barred: Callable[[str, str], object],
    ) -> None:
        self.latencies_ns: deque[int] = deque(maxlen=_LATENCIES_KEPT)
        self._channel = channel
        self._lane = lane
        self._threads = threads
        self._book = book
        self._clock = clock
        self._on_barred = on_barred
        self._refused = 0
        self._most_attempts = LOCAL_ATTEMPTS if channel.traits.is_local else REMOTE_ATTEMPTS

    async def deliver(self, attempt: Try, receipt: Receipt) -> None:
        """Take the receipt of a message: it counts for all alerts of a digest."""
        self._lane.backoff.reset()
        self._lane.state = "ready"
        self._refused = 0
        now_ns = self._clock.now_ns()
        batch = attempt.batch
        detail = f"in a digest of {len(batch.items):,}" if batch.is_digest else receipt.detail

        def deliver(item: Item) -> None:
            alert = item.alert
            if alert.received_ns and item.delivery.cause is Cause.FIRED:
                self.latencies_ns.append(max(0, now_ns - alert.received_ns))
            tried = attempt.ended(item, now_ns, AttemptOutcome.DELIVERED, receipt.detail)
            self.finish(item, DeliveryState.DELIVERED, detail, now_ns, receipt=receipt.reference, tried=tried)

        if not batch.is_digest or len({(i.alert.rule_uid, i.alert.symbol) for i in batch.items}) == 1:
            self._threads.remember(batch.items[-1].alert, receipt.reference)
        self._lane.settle(batch.items)
        log.info(
            "delivered",
            extra={
                "channel": self._channel.name,
                "alert": batch.items[-1].alert.id,
                "count": len(batch.items),
            },
        )
        await in_turns(batch.items, deliver)

    async def fail(self, attempt: Try, error: Exception) -> None:
        """Take the error an attempt ended with; one that is no ``Undeliverable`` is our own mistake."""
        verdict = verdict_on(error)
        if verdict.then is Then.ASIDE:
            log.error("channel failed", extra={"channel": self._channel.name}, exc_info=error)
        now_ns = self._clock.now_ns()
        wait_s = self._wait_s(verdict)
        halves = self._halves(attempt.batch, verdict)
        counts = verdict.counts and not halves
        again: list[Item] = []

        def take_back(item: Item) -> None:
            item.may_have_arrived |= verdict.outcome is AttemptOutcome.UNCERTAIN
            tried = attempt.ended(item, now_ns, verdict.outcome, verdict.reason)
            state = self._final_state(item, verdict) if counts else DeliveryState.PENDING
            if state is not DeliveryState.PENDING:
                self.finish(item, state, verdict.reason, now_ns, tried=tried)
                return
            again.append(item)
            waiting = replace(
                item.delivery,
                state=state,
                attempts=item.delivery.attempts - (not counts),
                next_attempt_ns=now_ns + round(wait_s * 1e9),
                detail=verdict.reason,
            )
            self._book.change(item, waiting, tried)

        await in_turns(attempt.batch.items, take_back)
        self._lane.settle(item for item in attempt.batch.items if not item.delivery.is_open)
        self._hold(verdict, wait_s)
        if halves:
            self._lane.again(*halves)
        else:
            self._put_back(verdict, again, attempt.batch, wait_s)

    def _halves(self, batch: Batch, verdict: Verdict) -> Sequence[Batch]:
        """Return the halves of a digest that are to be tried: one of its alerts, or its length, is amiss."""
        if verdict.then is Then.REFUSE:
            self._refused = self._refused + 1 if batch.is_part else 1
        is_hopeless = verdict.then is Then.REFUSE and self._refused >= _MOST_REFUSED
        if not batch.is_digest or verdict.then not in (Then.ASIDE, Then.REFUSE) or is_hopeless:
            return ()
        return batch.halves()

    def _wait_s(self, verdict: Verdict) -> float:
        if verdict.then in (Then.RETRY, Then.ASIDE):
            return self._lane.backoff.next_s()
        return verdict.wait_s

    def _final_state(self, item: Item, verdict: Verdict) -> DeliveryState:
        """Return where a delivery ends after this attempt; ``PENDING`` if it is tried again."""
        is_uncertain = verdict.outcome is AttemptOutcome.UNCERTAIN
        most = LOCAL_ATTEMPTS if verdict.then is Then.ASIDE else self._most_attempts
        if verdict.then is Then.UNAVAILABLE:
            return DeliveryState.UNAVAILABLE
        if is_uncertain and not self._channel.traits.resends_uncertain:
            return DeliveryState.UNCERTAIN
        if verdict.then not in (Then.GIVE_UP, Then.REFUSE) and item.delivery.attempts < most:
            return DeliveryState.PENDING
        return DeliveryState.UNCERTAIN if item.may_have_arrived else DeliveryState.DEAD

    def _hold(self, verdict: Verdict, wait_s: float) -> None:
        if verdict.then is Then.RETRY:
            self._lane.hold(wait_s)
        elif verdict.then is Then.PACE:
            self._lane.pace(wait_s)
        elif verdict.then is Then.BAR and not self._lane.barred:
            self._lane.bar(verdict.reason)
            self._on_barred(self._channel.name, verdict.reason)
        self._say(f"{_STATES[verdict.then]}: {verdict.reason}")

    def _put_back(self, verdict: Verdict, again: list[Item], batch: Batch, wait_s: float) -> None:
        if again and verdict.then is Then.ASIDE:
            self._lane.aside(again[0], wait_s=wait_s)
        elif again:
            self._lane.again(replace(batch, items=tuple(again)))

    def wait_for_breaker(self, batch: Batch, error: BreakerOpen) -> None:
        """Take back what the breaker did not let through: nothing was tried."""
        now_ns = self._clock.now_ns()
        for item in batch.items:
            if item.begun_ns is not None:  # with its alert, when the breaker was closed still
                tried = Attempt(
                    item.delivery.key, item.tries, item.begun_ns, now_ns, AttemptOutcome.FAILED, "left alone"
                )
                attempts, item.begun_ns = item.delivery.attempts - 1, None
                waiting = replace(item.delivery, state=DeliveryState.PENDING, attempts=attempts)
                self._book.change(item, waiting, tried)
        self._say(f"left alone: {error.cause or 'it did not answer'}")
        self._lane.hold(error.retry_after_s)
        self._lane.again(batch)

    def break_off(self, attempt: Try) -> None:
        """Take back what the end of the program cut off; it may be out."""
        now_ns = self._clock.now_ns()
        outcome = AttemptOutcome.UNCERTAIN if attempt.is_out else AttemptOutcome.FAILED
        is_final = attempt.is_out and not self._channel.traits.resends_uncertain
        for item in attempt.batch.items:
            if item.delivery.state is not DeliveryState.SENDING:
                continue
            tried = attempt.ended(item, now_ns, outcome, "the program ended meanwhile")
            if is_final:
                self.finish(item, DeliveryState.UNCERTAIN, tried.detail, now_ns, tried=tried)
            else:
                waiting = replace(
                    item.delivery,
                    state=DeliveryState.PENDING,
                    attempts=item.delivery.attempts - (not attempt.is_out),
                )
                self._book.change(item, waiting, tried)

    def finish(
        self,
        item: Item,
        state: DeliveryState,
        detail: str,
        now_ns: int,
        *,
        receipt: str = "",
        tried: Attempt | None = None,
    ) -> None:
        """Bring a delivery to its end; ``tried`` is the attempt that did."""
        finished = replace(item.delivery, state=state, finished_ns=now_ns, detail=detail, receipt=receipt)
        self._book.change(item, finished, tried)

    def _say(self, state: str) -> None:
        if self._lane.state != state:  # the same failure once, then on change
            log.warning("channel trouble", extra={"channel": self._channel.name, "state": state})
        self._lane.state = state
