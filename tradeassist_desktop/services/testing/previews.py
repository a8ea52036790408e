"""Asks a process of its own where a rule would have fired, so that typing never waits for it."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.backtesting.kept import KeptMarket, KeptSymbol, symbols_read
from tradeassist_desktop.services.backtesting.processes import ended_words, start_deaf
from tradeassist_desktop.services.backtesting.run import BacktestProgress
from tradeassist_desktop.services.testing.preview import MarketFile, Preview, PreviewAsk
from tradeassist_desktop.services.testing.worker import Answer, Question, work

log = logging.getLogger(__name__)


class PreviewFailed(TradeAssistError):
    """What is kept could not be looked at; the rule is as it was."""


@dataclass(slots=True)
class _Waiting:
    """Somebody who has asked."""

    answer: asyncio.Future[Preview]
    on_progress: Callable[[BacktestProgress], None]


@dataclass(slots=True)
class _Helper:
    """The process, and who waits for its answers, by number of the question."""

    process: SpawnProcess
    connection: Connection
    over: asyncio.Event
    ended: str = ""
    waiting: dict[int, _Waiting] = field(default_factory=dict)


class Previews:
    """One process, made when first asked and gone when long unused.

    Of each who asks the newest question counts: it ends the older one. Different ones have their turns.

    Args:
        database: The desk's own file.
        venue_of: Returns the venue a symbol is kept under.
        instrument: Returns what is known of a symbol.
        event_now_ns: The present, in event time.
        recording: What is being replayed: the past is what was played of it; ``None`` live.
    """

    def __init__(
        self,
        *,
        database: Path,
        venue_of: Callable[[str], str],
        instrument: Callable[[str], Instrument],
        event_now_ns: Callable[[], int],
        recording: MarketFile | None = None,
    ) -> None:
        self._database = database
        self._venue_of = venue_of
        self._instrument = instrument
        self._event_now_ns = event_now_ns
        self.recording = recording
        self._helper: _Helper | None = None
        self._starting: asyncio.Task[_Helper] | None = None
        self._turn = asyncio.Lock()
        self._newest: dict[object, _Waiting] = {}
        self._number = 0

    def kept(self, *rules: Rule, days: int) -> KeptMarket:
        """Return the newest days that are kept of what rules read, up to now.

        Raises:
            BadInput: a condition cannot be read.
        """
        return KeptMarket(
            database=self._database,
            symbols=tuple(
                KeptSymbol(self._instrument(symbol), self._venue_of(symbol)) for symbol in symbols_read(rules)
            ),
            until_ns=self._event_now_ns(),
            days=days,
            since_of=tuple(dict.fromkeys(symbol for rule in rules for symbol in rule.symbols)),
        )

    def data(self, *rules: Rule, days: int) -> KeptMarket | MarketFile:
        """Return what rules are run over where no file is named: what is kept, or was replayed.

        Raises:
            BadInput: a condition cannot be read.
        """
        if self.recording is None:
            return self.kept(*rules, days=days)
        return replace(self.recording, until_ns=self._event_now_ns())

    def prepare(self) -> None:
        """Begin to start the process, which takes longer than an answer."""
        if self._helper is None:
            self._begun()

    async def look(
        self,
        rule: Rule,
        *,
        by: object,
        days: int = 5,
        file: MarketFile | None = None,
        on_progress: Callable[[BacktestProgress], None] = lambda progress: None,
    ) -> Preview:
        """Return where a rule would have fired; a later question ``by`` the same ends this one as cancelled.

        Args:
            by: Who asks.
            days: How many of the newest days that are kept.
            file: Looked at, whole, in place of what is kept.

        Raises:
            BadInput: the rule or the file cannot be used.
            PreviewFailed: what is kept cannot be read, or the process broke down.
        """
        ask = PreviewAsk(rule, self.data(rule, days=days) if file is None else file)
        waiting = _Waiting(asyncio.get_running_loop().create_future(), on_progress)
        older = self._newest.get(by)
        if older is not None:
            older.answer.cancel()
        self._newest[by] = waiting
        try:
            async with self._turn:
                if waiting.answer.cancelled():
                    raise asyncio.CancelledError
                return await self._ask(ask, waiting)
        finally:
            if self._newest.get(by) is waiting:
                del self._newest[by]

    async def close(self) -> None:
        """End the process, and wait until it is gone."""
        if self._starting is not None:
            await asyncio.wait([self._starting])
        helper, self._helper = self._helper, None
        if helper is not None and not helper.over.is_set():
            helper.process.terminate()
            for waiting in helper.waiting.values():
                waiting.answer.cancel()
            await helper.over.wait()

    async def _ask(self, ask: PreviewAsk, waiting: _Waiting) -> Preview:
        for _ in range(2):
            helper = await self._running()
            self._number += 1
            number = self._number
            helper.waiting[number] = waiting
            try:
                helper.connection.send(Question(number, ask))
                return await waiting.answer
            except (_GoneError, OSError):
                # It had just ended for want of questions: another one answers.
                await helper.over.wait()
                waiting.answer = asyncio.get_running_loop().create_future()
            finally:
                del helper.waiting[number]
                if waiting.answer.cancelled() and not helper.over.is_set():
                    with contextlib.suppress(OSError):
                        helper.connection.send(Question(number, None))
        raise PreviewFailed("The process that tries rules ends as soon as it is started.")

    async def _running(self) -> _Helper:
        if self._helper is not None and not self._helper.over.is_set():
            return self._helper
        # Whoever gives up meanwhile leaves it to the next who asks.
        return await asyncio.shield(self._begun())

    def _begun(self) -> asyncio.Task[_Helper]:
        if self._starting is None:
            self._starting = asyncio.create_task(self._begin(), name="preview")
            # Nobody may be waiting for it by then; who asks next finds out for himself.
            self._starting.add_done_callback(lambda begun: begun.cancelled() or begun.exception())
        return self._starting

    async def _begin(self) -> _Helper:
        try:
            process, connection = await asyncio.to_thread(_start)
            self._helper = helper = _Helper(process, connection, asyncio.Event())
        except OSError as error:
            words = f"The process that tries rules could not be started: {error.strerror}."
            raise PreviewFailed(words) from error
        finally:
            self._starting = None
        listening = (helper, asyncio.get_running_loop())
        threading.Thread(target=_listen, args=listening, name="preview", daemon=True).start()
        return helper


class _GoneError(Exception):
    """It ended by itself, with nothing wrong."""


def _start() -> tuple[SpawnProcess, Connection]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs,), daemon=True, name="preview")
    start_deaf(process)
    theirs.close()
    return process, ours


def _listen(helper: _Helper, loop: asyncio.AbstractEventLoop) -> None:
    """Hand on what the process says, until it has ended; in a thread of its own."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            answer: Answer = helper.connection.recv()
            _call(loop, _take, helper, answer)
    helper.process.join()
    helper.ended = "" if helper.process.exitcode == 0 else ended_words(helper.process.exitcode)
    _call(loop, _end, helper)


def _call(loop: asyncio.AbstractEventLoop, act: Callable[..., None], *arguments: object) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(act, *arguments)


def _take(helper: _Helper, answer: Answer) -> None:
    waiting = helper.waiting.get(answer.number)
    if waiting is None or waiting.answer.done():
        return
    if answer.progress is not None:
        waiting.on_progress(answer.progress)
    elif answer.preview is not None:
        waiting.answer.set_result(answer.preview)
    elif answer.faults:
        waiting.answer.set_exception(BadInput(answer.faults))
    else:
        if answer.details:
            log.error("preview failed", extra={"details": answer.details})
        waiting.answer.set_exception(PreviewFailed(answer.trouble))


def _end(helper: _Helper) -> None:
    helper.over.set()
    helper.connection.close()
    for waiting in helper.waiting.values():
        if not waiting.answer.done():
            waiting.answer.set_exception(PreviewFailed(helper.ended) if helper.ended else _GoneError())
