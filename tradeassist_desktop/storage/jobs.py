"""The queue of the storage thread: what someone waits for goes before what nobody does."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from sqlalchemy import Connection

from tradeassist_desktop.storage.connections import Lane


@dataclass(frozen=True, slots=True)
class Job:
    """One transaction to do; its outcome goes to ``outcome``."""

    work: Callable[[Connection], Any]
    lane: Lane
    outcome: Future[Any]


class JobQueue:
    """Two queues in one: foreground jobs in order, then background jobs in order.

    An alert then never waits behind a burst of ticks, and background jobs are done when
    nothing else is asked for. Any thread may put, one gets.
    """

    def __init__(self) -> None:
        self._foreground: deque[Job] = deque()
        self._background: deque[Job] = deque()
        # One entry for each job, and one for the end. A condition, which is Python, wakes later.
        self._entries: SimpleQueue[None] = SimpleQueue()
        self._closing = threading.Lock()
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._foreground) + len(self._background)

    @property
    def background_length(self) -> int:
        """How many jobs wait that nobody waits for."""
        return len(self._background)

    def put(self, job: Job, *, is_background: bool = False) -> bool:
        """Add a job; return whether it was taken: a closed queue takes none."""
        with self._closing:
            if self._is_closed:
                return False
            (self._background if is_background else self._foreground).append(job)
        self._entries.put(None)
        return True

    def put_back(self, job: Job) -> None:
        """Let a background job go on before all others of its kind, also in a closed queue.

        To be called from within a job: it does its work in several transactions.
        """
        self._background.appendleft(job)
        self._entries.put(None)

    def get(self) -> Job | None:
        """Wait for the next job; ``None`` when the queue is closed and empty."""
        while True:
            self._entries.get()
            jobs = self._foreground or self._background
            if jobs:
                return jobs.popleft()
            if self._is_closed:
                return None

    def close(self) -> None:
        """Take no more jobs; those taken are still given out."""
        with self._closing:
            self._is_closed = True
        self._entries.put(None)
