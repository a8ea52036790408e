"""The messages of one channel: in which order, and when each is due."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.channels import ChannelTraits
from tradeassist_desktop.domain.delivery import DeliveryKey
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.delivery.item import Batch, Item
from tradeassist_desktop.services.delivery.waiting import WaitingLine

_NS_PER_SECOND: Final = 1_000_000_000
_RESERVED_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class LaneReading:
    """How a channel is now.

    Args:
        state: ``ready``, or in words what its last attempt came to.
        waiting: How many deliveries are to be made.
        oldest_ns: When the first of them was planned, UTC nanoseconds; ``None`` for none.
        held_s: For how long nothing is sent to it, seconds.
        barred: Why nothing is sent until its trader changes something; empty if it is not so.
    """

    name: str
    state: str
    waiting: int
    oldest_ns: int | None
    held_s: float
    barred: str


class Lane:
    """A line of messages; what was tried and is to be tried again goes before it, or waits beside it.

    Two holds keep all of it back: one for what failed, and one, which no change of settings ends, for
    the receiver's own pace.

    Args:
        backoff: The channel's waits between attempts.
    """

    def __init__(self, *, name: str, traits: ChannelTraits, clock: Clock, backoff: Backoff) -> None:
        self.backoff = backoff
        self.state = "ready"
        self.barred = ""
        self._name = name
        self._interval_s = traits.interval_s
        self._clock = clock
        self._line = WaitingLine(digest_above=traits.digest_above)
        self._again: deque[Batch] = deque()
        self._aside: list[Item] = []
        self._in_hand: Batch | None = None
        self._keys: set[DeliveryKey] = set()
        self._retry_ns = 0
        self._pace_ns = 0
        self._reserved_ns = 0
        self._changed = asyncio.Event()
        self._idle = asyncio.Event()

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: DeliveryKey) -> bool:
        return key in self._keys

    @property
    def reading(self) -> LaneReading:
        """How it is now."""
        return LaneReading(
            name=self._name,
            state=self.state,
            waiting=len(self),
            oldest_ns=min(self._planned_ns(), default=None),
            held_s=self.held_s,
            barred=self.barred,
        )

    @property
    def held_s(self) -> float:
        """For how long nothing may go out, seconds; 0 for none."""
        until_ns = max(self._retry_ns, self._pace_ns, self._reserved_ns)
        return max(0, until_ns - self._clock.monotonic_ns()) / _NS_PER_SECOND

    @property
    def pace_s(self) -> float:
        """For how long the receiver wants nothing, seconds; 0 for none."""
        return max(0, self._pace_ns - self._clock.monotonic_ns()) / _NS_PER_SECOND

    # --- what comes in

    def add(self, item: Item) -> None:
        """Put an item at the end; one that is there already is passed over."""
        if item.delivery.key in self._keys:
            return
        self._keys.add(item.delivery.key)
        self._line.add(item)
        self._wake()

    def reserve(self) -> bool:
        """Keep the next turn for an item that is being stored as begun; return whether that can be.

        Nothing else goes out until it is added, or the turn is given back, or two seconds have passed.
        """
        if self._keys or self._in_hand is not None or self.barred or self.held_s > 0:
            return False
        self._reserved_ns = self._clock.monotonic_ns() + round(_RESERVED_S * _NS_PER_SECOND)
        return True

    def give_back_turn(self) -> None:
        """Take notice that what the turn was kept for does not come."""
        self._reserved_ns = 0
        self._wake()

    def add_begun(self, item: Item) -> None:
        """Put first what the turn was kept for."""
        if item.delivery.key in self._keys:
            return
        self._keys.add(item.delivery.key)
        self._again.appendleft(Batch((item,)))
        self.give_back_turn()

    def add_again(self, batch: Batch) -> None:
        """Put first what was a message already when another desk ended."""
        self._keys.update(item.delivery.key for item in batch.items)
        self._again.append(batch)
        self._wake()

    # --- the worker's side

    async def next_due(self) -> Batch:
        """Wait for what is to go out next and hand it out; it is in hand until ``done``."""
        while True:
            wait_s = self._wait_s()
            if wait_s == 0:
                self._in_hand = self._take()
                self._idle.clear()
                return self._in_hand
            # A pause for the sake of pace is work under way.
            if wait_s is None or wait_s > self._interval_s:
                self._idle.set()
            self._changed.clear()
            if wait_s is None:
                await self._changed.wait()
                continue
            try:
                await within(self._clock, wait_s, self._changed.wait())
            except TimeoutError:
                continue  # what was waited for is due

    def settle(self, items: Iterable[Item]) -> None:
        """Take notice that these are not to be sent any more."""
        self._keys.difference_update(item.delivery.key for item in items)

    def again(self, *batches: Batch) -> None:
        """Take back what goes out before all others."""
        self._again.extendleft(reversed(batches))
        self._wake()

    def aside(self, item: Item, *, wait_s: float) -> None:
        """Take back an item that is due later, and holds up nobody meanwhile."""
        item.due_ns = self._clock.monotonic_ns() + round(wait_s * _NS_PER_SECOND)
        self._aside.append(item)
        self._wake()

    def done(self) -> None:
        """Take notice that what was in hand is settled, or was given back."""
        self._in_hand = None

    # --- holding

    def hold(self, seconds: float) -> None:
        """Send nothing for so long, since it did not work; never shortens that."""
        until_ns = self._clock.monotonic_ns() + round(seconds * _NS_PER_SECOND)
        self._retry_ns = max(self._retry_ns, until_ns)

    def pace(self, seconds: float) -> None:
        """Send nothing for so long, as the receiver has it; never shortens that."""
        until_ns = self._clock.monotonic_ns() + round(seconds * _NS_PER_SECOND)
        self._pace_ns = max(self._pace_ns, until_ns)

    def bar(self, reason: str) -> None:
        """Send nothing until ``free``."""
        self.barred = reason

    def retry(self) -> None:
        """Try at once what did not work. The receiver's pace holds all the same."""
        self._retry_ns = 0
        self._wake()

    def free(self) -> None:
        """End the bar, and try at once: its trader has changed something."""
        self.barred = ""
        self.backoff.reset()
        self.retry()

    async def idle(self) -> None:
        """Wait until nothing is due."""
        await self._idle.wait()

    # --- within

    def _wake(self) -> None:
        self._idle.clear()
        self._changed.set()

    def _wait_s(self) -> float | None:
        """Return the seconds until something is due; ``None`` until something changes."""
        if self.barred:
            return None
        if self._again or self._line:
            return self.held_s
        if self._aside:
            first_ns = min(item.due_ns for item in self._aside)
            return max(self.held_s, max(0, first_ns - self._clock.monotonic_ns()) / _NS_PER_SECOND)
        return None

    def _take(self) -> Batch:
        now_ns = self._clock.monotonic_ns()
        for item in self._aside:
            if item.due_ns <= now_ns:
                self._aside.remove(item)
                return Batch((item,))
        return self._again.popleft() if self._again else self._line.take()

    def _planned_ns(self) -> Iterable[int]:
        in_hand = [] if self._in_hand is None else [self._in_hand]
        for batch in (*in_hand, *self._again):
            yield batch.items[0].delivery.created_ns
        yield from (item.delivery.created_ns for item in self._aside)
        oldest_ns = self._line.oldest_ns()
        if oldest_ns is not None:
            yield oldest_ns
