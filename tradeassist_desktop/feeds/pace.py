"""Keeps requests to a venue as far apart as it asks for."""

import asyncio

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.clock import Clock


class Pace:
    """Lets callers through one after the other, in the order they came, at even intervals.

    Args:
        per_second: How many a second at the most; above 0.
    """

    def __init__(self, *, clock: Clock, per_second: float) -> None:
        self._clock = clock
        self._interval_ns = round(NS_PER_SECOND / per_second)
        self._free_ns = 0
        self._one_at_a_time = asyncio.Lock()

    async def turn(self) -> None:
        """Return when it is this caller's turn."""
        async with self._one_at_a_time:
            wait_ns = self._free_ns - self._clock.monotonic_ns()
            if wait_ns > 0:
                await self._clock.sleep(wait_ns / NS_PER_SECOND)
            self._free_ns = self._clock.monotonic_ns() + self._interval_ns
