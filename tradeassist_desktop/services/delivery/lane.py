"""The messages of one channel, in order, and when each is due."""

import asyncio
from collections import deque
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Delivery
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

_LONGEST_WAIT_NS: Final = 60_000_000_000


class Item:
    """One alert for the channel, with its delivery as it stands."""

    __slots__ = ("alert", "delivery")

    def __init__(self, *, alert: Alert, delivery: Delivery) -> None:
        self.alert = alert
        self.delivery = delivery


class Lane:
    """A queue whose first item holds up the rest, beside items that hold up nobody.

    Args:
        backoff: The channel's waits between attempts, of at most a minute.
    """

    def __init__(self, *, clock: Clock, backoff: Backoff) -> None:
        self.backoff = backoff
        self.state = "ready"
        self._clock = clock
        self._queue: deque[Item] = deque()
        self._aside: list[Item] = []
        self._in_hand: Item | None = None
        self._changed = asyncio.Event()
        self._idle = asyncio.Event()

    def __len__(self) -> int:
        return len(self._queue) + len(self._aside) + (self._in_hand is not None)

    def add(self, item: Item) -> None:
        """Put an item at the end."""
        self._queue.append(item)
        self._wake()

    def again(self, item: Item, *, holds_lane: bool) -> None:
        """Take back an item that is due later: before all others, or beside them."""
        if holds_lane:
            self._queue.appendleft(item)
        else:
            self._aside.append(item)
        self._wake()

    async def next_due(self) -> Item:
        """Wait for the next item and hand it out; it counts until ``done``."""
        while True:
            item = self._take_due()
            if item is not None:
                self._in_hand = item
                self._idle.clear()
                return item
            self._idle.set()
            self._changed.clear()
            wait_s = self._wait_s()
            if wait_s is None:
                await self._changed.wait()
                continue
            try:
                await within(self._clock, wait_s, self._changed.wait())
            except TimeoutError:
                continue  # what was waited for is due

    def done(self, item: Item) -> None:
        """Take notice that the item is final, or was given back."""
        self._in_hand = None

    async def idle(self) -> None:
        """Wait until nothing is due."""
        await self._idle.wait()

    def _wake(self) -> None:
        self._idle.clear()
        self._changed.set()

    def _take_due(self) -> Item | None:
        now_ns = self._clock.now_ns()
        if self._queue and _is_due(self._queue[0], now_ns):
            return self._queue.popleft()
        for item in self._aside:
            if _is_due(item, now_ns):
                self._aside.remove(item)
                return item
        return None

    def _wait_s(self) -> float | None:
        waiting = [*list(self._queue)[:1], *self._aside]
        if not waiting:
            return None
        first_ns = min(item.delivery.next_attempt_ns for item in waiting)
        return (first_ns - self._clock.now_ns()) / 1e9


def _is_due(item: Item, now_ns: int) -> bool:
    # Further ahead than any wait means that the wall clock was set back meanwhile.
    return not 0 < item.delivery.next_attempt_ns - now_ns <= _LONGEST_WAIT_NS
