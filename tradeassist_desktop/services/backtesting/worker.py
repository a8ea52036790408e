"""The process that runs a share of a backtest's rules and tells its parent what happens."""

import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.services.backtesting.run import (
    BacktestJob,
    BacktestProgress,
    BacktestReport,
    BacktestRun,
)

_SECONDS_BETWEEN: Final = 0.1
_MOST_ALERTS: Final = 512


@dataclass(frozen=True, slots=True)
class Part:
    """Alerts in order, and how far the worker has come: none before ``until_ns`` is still to come."""

    alerts: tuple[Alert, ...]
    until_ns: int
    progress: BacktestProgress | None


@dataclass(frozen=True, slots=True)
class Done:
    """The last word of a worker that has come to the end."""

    alerts: tuple[Alert, ...]
    report: BacktestReport


@dataclass(frozen=True, slots=True)
class Refused:
    """The rules or a file cannot be used."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """The program itself went wrong; ``details`` is a traceback."""

    error: str
    details: str


Word = Part | Done | Refused | Broken


def work(parent: Connection, job: BacktestJob, *, hands_on_alerts: bool) -> None:
    """Run a job; every word goes to ``parent``. Whose parent has gone ends at its next word."""
    # Ctrl+C reaches the whole group of processes; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _run(parent.send, job, hands_on_alerts=hands_on_alerts)
    except BadInput as refusal:
        _say(parent, Refused(refusal.faults))
    except (BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:
        _say(parent, Broken(f"{type(error).__name__}: {error}", traceback.format_exc()))


def _run(send: Callable[[Word], None], job: BacktestJob, *, hands_on_alerts: bool) -> None:
    run = BacktestRun(job=job)
    pending: list[Alert] = []
    told_s = time.monotonic()

    def tell(progress: BacktestProgress) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= _SECONDS_BETWEEN:
            told_s = now_s
            send(Part(_taken(pending), run.settled_until_ns(), progress))

    for alert in run.alerts(tell):
        if hands_on_alerts:
            pending.append(alert)
        if len(pending) >= _MOST_ALERTS:
            send(Part(_taken(pending), alert.event_ns, None))
    send(Done(_taken(pending), run.report()))


def _taken(pending: list[Alert]) -> tuple[Alert, ...]:
    taken = tuple(pending)
    pending.clear()
    return taken


def _say(parent: Connection, word: Word) -> None:
    try:
        parent.send(word)
    except OSError:
        return  # nobody is left to hear it
