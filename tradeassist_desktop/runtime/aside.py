"""Runs blocking work beside the loop, in a thread that the end of the program need not wait for."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T], *, name: str) -> T:
    """Return what ``work`` returns, in a daemon thread of its own.

    For what may wait for a person, such as a keyring that asks for its password: the loop's own
    threads would keep the program from ending until it is answered. A caller that is cancelled
    leaves the work to itself.

    Args:
        name: Of the thread.

    Raises:
        BaseException: whatever ``work`` raised, also what ends the program: else nobody would hear of it.
            ``StopIteration`` comes as ``RuntimeError``, as out of a coroutine.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if outcome.cancelled():
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)  # type: ignore[arg-type]  # it is what ``work`` returned

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = work()
        except StopIteration as raised:  # no future takes it
            error = RuntimeError("the work raised StopIteration")
            error.__cause__ = raised
        except BaseException as raised:  # the caller's to handle
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await outcome
