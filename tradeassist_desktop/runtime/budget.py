"""A limit of requests a minute, shared by importance."""

import asyncio
import itertools
from bisect import insort
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from tradeassist_desktop.runtime.clock import Clock

_NS_PER_SECOND: Final = 1_000_000_000


class Importance(IntEnum):
    """What a request is for; lower goes first."""

    REPAIR = 0
    COMPLETION = 1
    HISTORY = 2


_SHARES: Final[Mapping[Importance, float]] = {
    Importance.REPAIR: 1.0,
    Importance.COMPLETION: 0.75,
    Importance.HISTORY: 0.5,
}
"""How much of the limit each may use up: the less important leave some for what matters.

History comes in hundreds at a start; an outage right after it must not find the budget spent.
"""


@dataclass(frozen=True, slots=True)
class BudgetReading:
    """Requests of the last window, the limit, how many wait, and for how long all are held back."""

    used: int
    limit: int
    waiting: int
    held_s: float


class Budget:
    """Grants at most ``limit`` requests in any window; who waits is served by importance, then in turn.

    Args:
        limit: At least 1.
        window_s: Seconds; above 0.

    Raises:
        ValueError: a limit is not positive.
    """

    def __init__(self, *, limit: int, clock: Clock, window_s: float = 60.0) -> None:
        if limit < 1 or not window_s > 0:
            raise ValueError(f"A budget needs limit >= 1 and window_s > 0, was {limit} and {window_s}")
        self._limit = limit
        self._window_ns = round(window_s * _NS_PER_SECOND)
        self._clock = clock
        self._granted_ns: deque[int] = deque()
        self._held_until_ns = 0
        self._order = itertools.count()
        self._waiting: list[_Waiter] = []

    @property
    def reading(self) -> BudgetReading:
        """What is used and waiting now."""
        now_ns = self._clock.monotonic_ns()
        self._forget(now_ns)
        held_s = max(0, self._held_until_ns - now_ns) / _NS_PER_SECOND
        return BudgetReading(len(self._granted_ns), self._limit, len(self._waiting), held_s)

    def hold(self, seconds: float) -> None:
        """Grant nothing for so long: the server has said that it is too much. Never shortens a hold."""
        until_ns = self._clock.monotonic_ns() + round(seconds * _NS_PER_SECOND)
        self._held_until_ns = max(self._held_until_ns, until_ns)

    async def take(self, importance: Importance) -> None:
        """Wait until one more request may go out; cancelling gives the place up."""
        waiter = _Waiter(importance, next(self._order))
        insort(self._waiting, waiter)
        try:
            while True:
                if self._waiting[0] is not waiter:
                    # Whoever leaves the head of the queue wakes the next; a hold may have come meanwhile.
                    waiter.turn.clear()
                    await waiter.turn.wait()
                    continue
                wait_s = self._wait_s(importance)
                if wait_s <= 0:
                    break
                await self._clock.sleep(wait_s)
            self._granted_ns.append(self._clock.monotonic_ns())
        finally:
            self._waiting.remove(waiter)
            if self._waiting:
                self._waiting[0].turn.set()

    def _wait_s(self, importance: Importance) -> float:
        now_ns = self._clock.monotonic_ns()
        self._forget(now_ns)
        wait_ns = self._held_until_ns - now_ns
        share = max(1, int(self._limit * _SHARES[importance]))
        used = len(self._granted_ns)
        if used >= share:
            wait_ns = max(wait_ns, self._granted_ns[used - share] + self._window_ns - now_ns)
        return wait_ns / _NS_PER_SECOND

    def _forget(self, now_ns: int) -> None:
        while self._granted_ns and self._granted_ns[0] <= now_ns - self._window_ns:
            self._granted_ns.popleft()


class _Waiter:
    __slots__ = ("importance", "number", "turn")

    def __init__(self, importance: Importance, number: int) -> None:
        self.importance = importance
        self.number = number
        self.turn = asyncio.Event()

    def __lt__(self, other: "_Waiter") -> bool:
        return (self.importance, self.number) < (other.importance, other.number)
