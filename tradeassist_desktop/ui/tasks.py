"""Starts what a click asked for, and sees that its failure is told."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject
from shiboken6 import Shiboken

from tradeassist_desktop.domain.errors import TradeAssistError

T = TypeVar("T")

log = logging.getLogger(__name__)


class Tasks:
    """Owner of the coroutines that the window started.

    To be made on the loop they run on.

    Args:
        on_error: Called with one line for the trader when one fails.
    """

    def __init__(self, *, on_error: Callable[[str], None]) -> None:
        self._on_error = on_error
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T], *, shown_in: QObject | None = None) -> asyncio.Task[T]:
        """Run ``work`` on the event loop; its error is shown and logged, never lost.

        Args:
            shown_in: What shows the outcome; once that was closed, neither outcome nor error is wanted.
        """
        # Qt's timers go on where the loop is between two turns.
        task = self._loop.create_task(work)
        self._running.add(task)
        task.add_done_callback(partial(self._finished, shown_in))
        return task

    def call(self, work: Callable[[], object]) -> bool:
        """Do ``work`` now; what it refuses is shown. Return whether it was done."""
        try:
            work()
        except TradeAssistError as error:
            self._on_error(str(error))
            return False
        return True

    async def close(self) -> None:
        """Cancel what still runs and wait for it."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _finished(self, shown_in: QObject | None, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None or (shown_in is not None and not Shiboken.isValid(shown_in)):
            return
        if isinstance(error, TradeAssistError):
            self._on_error(str(error))
            return
        log.error("a task of the window failed", exc_info=error)
        self._on_error(f"Something went wrong, and it is ours to mend: {error}. The log has the details.")
