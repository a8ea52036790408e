"""Learns in a process of its own: scikit-learn never comes into the desk's."""

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Final

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.services.backtesting.processes import ended_words, start_deaf
from tradeassist_desktop.services.worth.lesson import Learned, Lesson, learn

_NICE: Final = 10


class LearningFailed(TradeAssistError):
    """The process broke down; what was learned before is kept."""


@dataclass(frozen=True, slots=True)
class _Answer:
    learned: Learned | None = None
    refusal: TradeAssistError | None = None
    details: str = ""


async def learn_apart(lesson: Lesson) -> Learned:
    """Return what there is to learn; cancelling the task ends the process.

    Raises:
        LearningFailed: the process was ended, or is broken; the log has more.
        TradeAssistError: what is kept cannot be read.
    """
    process, connection = await asyncio.to_thread(_start, lesson)
    try:
        answer = await asyncio.to_thread(_heard, process, connection)
    finally:
        process.terminate()
        await asyncio.shield(asyncio.to_thread(_see_off, process, connection))
    if answer.learned is not None:
        return answer.learned
    raise answer.refusal or LearningFailed(f"Learning failed in the program itself: {answer.details}")


def _start(lesson: Lesson) -> tuple[SpawnProcess, Connection]:
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, lesson), daemon=True, name="score")
    try:
        start_deaf(process)
    except OSError as error:
        raise LearningFailed(f"The process that learns could not be started: {error.strerror}.") from error
    finally:
        theirs.close()
    return process, ours


def _heard(process: SpawnProcess, connection: Connection) -> _Answer:
    try:
        answer: _Answer = connection.recv()
    except (EOFError, OSError):
        process.join(1.0)
        return _Answer(refusal=LearningFailed(ended_words(process.exitcode)))
    return answer


def _see_off(process: SpawnProcess, connection: Connection) -> None:
    process.join()
    connection.close()
    process.close()


def _work(parent: Connection, lesson: Lesson) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(_NICE)  # the live market goes first
    try:
        answer = _Answer(learned=learn(lesson))
    except TradeAssistError as refusal:
        answer = _Answer(refusal=refusal)
    except Exception as error:
        answer = _Answer(details=f"{type(error).__name__}: {error}")
    with suppress(OSError):
        parent.send(answer)
