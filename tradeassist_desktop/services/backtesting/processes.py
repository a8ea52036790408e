"""The processes of a backtest: started, listened to, and seen off."""

import signal
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import SpawnProcess
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.services.backtesting.run import BacktestJob, BacktestProgress, BacktestReport
from tradeassist_desktop.services.backtesting.worker import Word, work

_TERMINATE_S: Final = 0.1
_CAN_MASK: Final = hasattr(signal, "pthread_sigmask")  # everywhere but on Windows


class BacktestFailed(TradeAssistError):
    """A worker ended without a result: out of memory, killed, or a fault of the program itself."""


@dataclass(slots=True)
class Worker:
    """One process with a share of the rules, and what it has told so far."""

    process: SpawnProcess
    connection: Connection
    waiting: deque[Alert] = field(default_factory=deque)
    until_ns: float = 0.0
    progress: BacktestProgress | None = None
    report: BacktestReport | None = None


def _shares(job: BacktestJob, most: int) -> list[BacktestJob]:
    """Deal the rules out."""
    count = max(1, min(most, len(job.rules)))
    return [replace(job, rules=job.rules[start::count]) for start in range(count)]


def start(
    job: BacktestJob,
    most: int,
    workers: list[Worker],
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
        start_deaf(process)
        # The worker has its own copy; with ours closed, its end is the end of what can be heard.
        theirs.close()
        workers.append(Worker(process, ours))


def start_deaf(process: SpawnProcess) -> None:
    """Start a process that Ctrl+C cannot reach before it has learnt to ignore it."""
    if not _CAN_MASK:
        process.start()
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def next_word(worker: Worker) -> Word:
    """Wait for what a worker says next.

    Raises:
        BacktestFailed: it ended without a last word.
    """
    try:
        word: Word = worker.connection.recv()
    except (EOFError, OSError):
        worker.process.join(1.0)
        raise BacktestFailed(ended_words(worker.process.exitcode)) from None
    return word


def ended_words(exit_code: int | None) -> str:
    """Return how a process ended that was not done, as a sentence."""
    if exit_code is not None and exit_code < 0:
        name = signal.Signals(-exit_code).name
        memory = " (most likely for want of memory)" if name == "SIGKILL" else ""
        return f"A backtest process was ended by {name}{memory}; try fewer workers or less data."
    return f"A backtest process ended with status {exit_code} before it was done."


def end(workers: Sequence[Worker], ears: ThreadPoolExecutor) -> None:
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
