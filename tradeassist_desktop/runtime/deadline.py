"""A time limit on the injected clock."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

from tradeassist_desktop.runtime.clock import Clock

T = TypeVar("T")


class Limit:
    """``async with Limit(clock, seconds):`` breaks the block off by ``TimeoutError`` after so long.

    The block runs in its own task: what need not wait takes no turn of the loop, as it does ``within``.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._is_over = False

    async def __aenter__(self) -> None:
        """Begin to count."""
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancels_before = task.cancelling()
        self._timer = asyncio.ensure_future(self._end())

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Tell a block that took too long from one whose task is cancelled.

        Raises:
            TimeoutError: it took too long, or broke itself off.
        """
        self._timer.cancel()
        cancels = self._task.uncancel() if self._is_over else self._task.cancelling()
        if kind is asyncio.CancelledError and cancels <= self._cancels_before:
            raise TimeoutError(f"not done within {self._seconds:g} s" if self._is_over else "broken off")

    async def _end(self) -> None:
        await self._clock.sleep(self._seconds)
        self._is_over = True
        self._task.cancel()


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Return what ``work`` returns, or cancel it after ``seconds``.

    Raises:
        TimeoutError: it was not done in time, or broke itself off.
        Exception: whatever ``work`` raised.
    """
    task = asyncio.ensure_future(work)
    limit = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({task, limit}, return_when=asyncio.FIRST_COMPLETED)
        if task.cancelled():
            # Passed on, it would look to our caller as if he himself had been cancelled.
            raise TimeoutError("broken off")
        if not task.done():
            raise TimeoutError(f"not done within {seconds:g} s")
        return task.result()
    finally:
        limit.cancel()
        if not task.done():
            task.cancel()
            # Let it clean up; what it raises now has nobody left to hear it.
            await asyncio.gather(task, return_exceptions=True)
        elif not task.cancelled():
            task.exception()  # heard: our caller may have been cancelled in that very turn
