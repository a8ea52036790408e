"""Time as a constructor argument, so that tests can move it."""

import asyncio
import time
from typing import Protocol

_NS_PER_SECOND = 1_000_000_000


class Clock(Protocol):
    """What time it is, and a sleep that ends no earlier than asked."""

    def now_ns(self) -> int:
        """Return wall-clock time, UTC nanoseconds since 1970; may be set back by the user."""
        ...

    def monotonic_ns(self) -> int:
        """Return nanoseconds since some start; never goes back. For durations and deadlines."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait at least ``seconds``; 0 or less only lets others run."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ns(self) -> int:
        """Return wall-clock time, UTC nanoseconds since 1970."""
        return time.time_ns()

    def monotonic_ns(self) -> int:
        """Return the monotonic clock, nanoseconds."""
        return time.monotonic_ns()

    async def sleep(self, seconds: float) -> None:
        """Wait at least ``seconds`` on the running loop."""
        end_ns = time.monotonic_ns() + int(seconds * _NS_PER_SECOND)
        await asyncio.sleep(max(0.0, seconds))
        # A loop on Qt's coarse timers may wake 5 % early, so one sleep is not enough.
        while (left_ns := end_ns - time.monotonic_ns()) > 0:
            await asyncio.sleep(left_ns / _NS_PER_SECOND)
