"""Backtests beside the desk: in worker processes, with progress, and gone at once when cancelled."""

import asyncio
import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from heapq import merge as merge_sorted
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import SpawnProcess
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.recordings.recording import holds_timer_calls
from tradeassist_desktop.services.backtest_run import BacktestJob, BacktestProgress, BacktestReport
from tradeassist_desktop.services.backtest_worker import Broken, Done, Refused, Word, work

log = logging.getLogger(__name__)

_MOST_WAITING: Final = 20_000
"""Alerts kept of a worker that is ahead of the others, before it has to wait for them."""

_TERMINATE_S: Final = 0.1
_CAN_MASK: Final = hasattr(signal, "pthread_sigmask")  # everywhere but on Windows


class BacktestFailed(TradeAssistError):
    """A worker ended without a result: out of memory, killed, or a fault of the program itself."""


@dataclass(slots=True)
class _Worker:
    """One process with a share of the rules, and what it has told so far."""

    process: SpawnProcess
    connection: Connection
    waiting: deque[Alert] = field(default_factory=deque)
    until_ns: float = 0.0
    progress: BacktestProgress | None = None
    report: BacktestReport | None = None


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
        workers: list[_Worker] = []
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
            await asyncio.shield(asyncio.to_thread(_end, workers, ears))
        return gathering.report()

    async def _start(self, job: BacktestJob, workers: list[_Worker], *, hands_on_alerts: bool) -> None:
        # Starting a process takes some milliseconds, so it is done beside the loop.
        stop = threading.Event()
        starting = asyncio.create_task(
            asyncio.to_thread(_start, job, self._most_workers, workers, stop, hands_on_alerts=hands_on_alerts)
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
        workers: Sequence[_Worker],
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

    async def listen(self, worker: _Worker) -> None:
        """Take what one worker tells until it is done.

        Raises:
            BadInput: it refuses its job.
            BacktestFailed: it ended without having done it.
        """
        loop = asyncio.get_running_loop()
        while worker.report is None:
            self._take(worker, await loop.run_in_executor(self._ears, _next_word, worker))
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

    def _take(self, worker: _Worker, word: Word) -> None:
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


def _shares(job: BacktestJob, most: int) -> list[BacktestJob]:
    """Deal the rules out.

    What a recorded timer's call did hung on all the rules there were: a session's recording is not shared.
    """
    count = max(1, min(most, len(job.rules)))
    if count > 1 and any(holds_timer_calls(path) for path in job.data):
        count = 1
    return [replace(job, rules=job.rules[start::count]) for start in range(count)]


def _start(
    job: BacktestJob,
    most: int,
    workers: list[_Worker],
    stop: threading.Event,
    *,
    hands_on_alerts: bool,
) -> None:
    """Start a process for each share of a job, until told to stop."""
    shares = _shares(job, most)
    context = get_context("spawn")
    if _CAN_MASK:
        from multiprocessing import resource_tracker

        # Started with the first process otherwise, and it would lift the mask on the way.
        resource_tracker.ensure_running()
    for share in shares:
        if stop.is_set():
            return
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(
            target=work,
            args=(theirs, share),
            kwargs={"hands_on_alerts": hands_on_alerts},
            daemon=True,
            name="backtest",
        )
        _start_deaf(process)
        # The worker has its own copy; with ours closed, its end is the end of what can be heard.
        theirs.close()
        workers.append(_Worker(process, ours))


def _start_deaf(process: SpawnProcess) -> None:
    """Start a process that Ctrl+C cannot reach before it has learnt to ignore it."""
    if not _CAN_MASK:
        process.start()
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _next_word(worker: _Worker) -> Word:
    try:
        word: Word = worker.connection.recv()
    except (EOFError, OSError):
        worker.process.join(1.0)
        raise BacktestFailed(_ended(worker.process.exitcode)) from None
    return word


def _ended(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        name = signal.Signals(-exit_code).name
        memory = " (most likely for want of memory)" if name == "SIGKILL" else ""
        return f"A backtest process was ended by {name}{memory}; try fewer workers or less data."
    return f"A backtest process ended with status {exit_code} before it was done."


def _end(workers: Sequence[_Worker], ears: ThreadPoolExecutor) -> None:
    """See every process off; one that does not go is killed."""
    deadline_s = time.monotonic() + _TERMINATE_S
    for worker in workers:
        if not wait_for([worker.process.sentinel], max(0.0, deadline_s - time.monotonic())):
            worker.process.kill()
    # Each ear hears the end of its worker. Only then may what it listens to be closed, and the process be
    # asked how it ended: of two threads that ask at once, one is told that it still runs.
    ears.shutdown(wait=True)
    for worker in workers:
        worker.connection.close()
        worker.process.join()
        worker.process.close()


__all__ = ["BacktestFailed", "BacktestJob", "BacktestProgress", "BacktestReport", "Backtests"]
