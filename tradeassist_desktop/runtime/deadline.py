"""A time limit on the injected clock."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from tradeassist_desktop.runtime.clock import Clock

T = TypeVar("T")


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
