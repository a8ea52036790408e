"""The process that looks at the past for the window: one question at a time, the newest at once."""

import os
import signal
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault, TradeAssistError
from tradeassist_desktop.services.backtesting.run import BacktestProgress
from tradeassist_desktop.services.testing.preview import Preview, PreviewAsk, preview
from tradeassist_desktop.storage.faults import world_fault

IDLE_S: Final = 300.0
"""Asked nothing for so long, it ends and gives its memory back."""
_SECONDS_BETWEEN: Final = 0.1
_NICE: Final = 5


@dataclass(frozen=True, slots=True)
class Question:
    """An ask with its number; none is the order to let go of what is being looked at."""

    number: int
    ask: PreviewAsk | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Something about the question of that number: how far it is, what it came to, or why not."""

    number: int
    progress: BacktestProgress | None = None
    preview: Preview | None = None
    faults: tuple[Fault, ...] = ()
    trouble: str = ""
    details: str = ""


class _Overtaken(Exception):
    """Something newer is asked."""


def work(parent: Connection, *, idle_s: float = IDLE_S) -> None:
    """Answer questions until the parent is gone, or has asked nothing for a while."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(_NICE)  # the live market goes first
    with suppress(EOFError, OSError):
        while parent.poll(idle_s):
            question: Question = parent.recv()
            if question.ask is not None:
                _answer(parent, question.number, question.ask)


def _answer(parent: Connection, number: int, ask: PreviewAsk) -> None:
    told_s = time.monotonic()

    def on_progress(progress: BacktestProgress) -> None:
        nonlocal told_s
        if parent.poll():
            raise _Overtaken
        now_s = time.monotonic()
        if now_s - told_s >= _SECONDS_BETWEEN:
            told_s = now_s
            parent.send(Answer(number, progress=progress))

    try:
        answer = Answer(number, preview=preview(ask, on_progress))
    except _Overtaken:
        return
    except BadInput as refusal:
        answer = Answer(number, faults=refusal.faults)
    except TradeAssistError as error:
        answer = Answer(number, trouble=str(error))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # the program's own fault: told, and the next question is answered
        fault = world_fault(error)
        if fault is not None:
            answer = Answer(number, trouble=str(fault))
        else:
            words = f"The rule could not be tried: {type(error).__name__}: {error}"
            answer = Answer(number, trouble=words, details=traceback.format_exc())
    parent.send(answer)
