"""Backtests beside the desk: in worker processes, with progress, and gone at once when cancelled."""

import asyncio
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from heapq import merge as merge_sorted
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.services.backtesting.processes import BacktestFailed, Worker, end, next_word, start
from tradeassist_desktop.services.backtesting.run import BacktestJob, BacktestProgress, BacktestReport
from tradeassist_desktop.services.backtesting.worker import Broken, Done, Refused, Word

log = logging.getLogger(__name__)

_MOST_WAITING: Final = 20_000
"""Alerts kept of a worker that is ahead of the others, before it has to wait for them."""


class Backtests:
    """Runs jobs in processes of their own, so that neither a long run nor a greedy one harms the desk.

    The rules are dealt out to the workers and each of them reads the data. The outcome is that of one
    process, alert for alert.

    Args:
        most_workers: ``None`` means one for each processor.
    """

    def __init__(self, *, most_workers: int | None = None) -> None:
        self._most_workers = most_workers or os.cpu_count() or 1

    async def run(
        self,
        job: BacktestJob,
        *,
        on_alerts: Callable[[Sequence[Alert]], None] | None = None,
        on_progress: Callable[[BacktestProgress], None] | None = None,
    ) -> BacktestReport:
        """Run a job to its end; cancelling the task ends its processes within a fifth of a second.

        Args:
            on_alerts: Takes the alerts as they come, by event time, then rule, then symbol.
            on_progress: Told about ten times a second how far the slowest worker has come.

        Raises:
            BadInput: the rules or a file cannot be used.
            BacktestFailed: a worker has crashed or was killed.
        """
        workers: list[Worker] = []
        # Threads of its own: one listens to each worker, and the loop's are for short work.
        ears = ThreadPoolExecutor(max_workers=self._most_workers, thread_name_prefix="backtest")
        gathering = _Gathering(
            job=job, workers=workers, ears=ears, on_alerts=on_alerts, on_progress=on_progress
        )
        try:
            await self._start(job, workers, hands_on_alerts=on_alerts is not None)
            async with asyncio.TaskGroup() as tasks:
                for worker in workers:
                    tasks.create_task(gathering.listen(worker))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        finally:
            for worker in workers:
                worker.process.terminate()
            await asyncio.shield(asyncio.to_thread(end, workers, ears))
        return gathering.report()

    async def _start(self, job: BacktestJob, workers: list[Worker], *, hands_on_alerts: bool) -> None:
        # Starting a process takes some milliseconds, so it is done beside the loop.
        stop = threading.Event()
        starting = asyncio.create_task(
            asyncio.to_thread(start, job, self._most_workers, workers, stop, hands_on_alerts=hands_on_alerts)
        )
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            stop.set()
            await starting  # else one might be started after the others were ended
            raise
        except OSError as error:
            raise BacktestFailed(f"A backtest process could not be started: {error.strerror}.") from error


class _Gathering:
    """Puts what the workers tell into the order of one process."""

    def __init__(
        self,
        *,
        job: BacktestJob,
        workers: Sequence[Worker],
        ears: ThreadPoolExecutor,
        on_alerts: Callable[[Sequence[Alert]], None] | None,
        on_progress: Callable[[BacktestProgress], None] | None,
    ) -> None:
        self._job = job
        self._workers = workers
        self._ears = ears
        self._places = {rule.uid: place for place, rule in enumerate(job.rules)}
        self._on_alerts = on_alerts
        self._on_progress = on_progress
        self._moved = asyncio.Condition()

    async def listen(self, worker: Worker) -> None:
        """Take what one worker tells until it is done.

        Raises:
            BadInput: it refuses its job.
            BacktestFailed: it ended without having done it.
        """
        loop = asyncio.get_running_loop()
        while worker.report is None:
            self._take(worker, await loop.run_in_executor(self._ears, next_word, worker))
            self._hand_on()
            async with self._moved:
                self._moved.notify_all()
                # Not listened to, a worker soon stops; the slowest never has to wait.
                while len(worker.waiting) > _MOST_WAITING and worker.until_ns > self._settled_ns():
                    await self._moved.wait()

    def report(self) -> BacktestReport:
        """Return what the workers came to, as one."""
        reports = [worker.report for worker in self._workers if worker.report is not None]
        first = reports[0]
        places = self._places
        return BacktestReport(
            rules=tuple(
                sorted(
                    (each for report in reports for each in report.rules), key=lambda each: places[each.uid]
                )
            ),
            files=first.files,
            silent=tuple(
                sorted(
                    (each for report in reports for each in report.silent), key=lambda each: places[each.uid]
                )
            ),
            errors=tuple(error for report in reports for error in report.errors),
            rejected=first.rejected,
            absent=tuple(sorted({symbol for report in reports for symbol in report.absent})),
        )

    def _take(self, worker: Worker, word: Word) -> None:
        if isinstance(word, Refused):
            raise BadInput(word.faults)
        if isinstance(word, Broken):
            log.error("backtest worker failed", extra={"details": word.details})
            raise BacktestFailed(f"The backtest failed in the program itself: {word.error}")
        worker.waiting.extend(word.alerts)
        if isinstance(word, Done):
            worker.report = word.report
            worker.until_ns = float("inf")
        else:
            worker.until_ns = word.until_ns
            worker.progress = word.progress or worker.progress

    def _hand_on(self) -> None:
        """Give out the alerts that no worker can come before any more, and tell how far all have come."""
        until_ns = self._settled_ns()
        if self._on_alerts is not None:
            ready = [_ready(worker.waiting, until_ns) for worker in self._workers]
            alerts = list(merge_sorted(*ready, key=self._order))
            if alerts:
                self._on_alerts(alerts)
        if self._on_progress is not None:
            running = [worker.progress for worker in self._workers if worker.report is None]
            known = [progress for progress in running if progress is not None]
            if running and len(known) == len(running):
                self._on_progress(min(known, key=lambda progress: progress.events))

    def _settled_ns(self) -> float:
        """Return the instant before which nothing is still to come."""
        return min(worker.until_ns for worker in self._workers)

    def _order(self, alert: Alert) -> tuple[int, int, str]:
        return alert.event_ns, self._places[alert.rule_uid], alert.symbol


def _ready(waiting: deque[Alert], until_ns: float) -> list[Alert]:
    ready = []
    while waiting and waiting[0].event_ns < until_ns:
        ready.append(waiting.popleft())
    return ready


__all__ = ["BacktestFailed", "BacktestJob", "BacktestProgress", "BacktestReport", "Backtests"]
