"""Fetches what an outage hid and tells it the rules, before they decide on the present."""

import asyncio
import heapq
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from tradeassist_desktop.domain.feed import FetchGap
from tradeassist_desktop.domain.gaps import Gap, GapState
from tradeassist_desktop.domain.market import NS_PER_MS, TIMEFRAMES, Bar, Instrument, InstrumentKind, Tick
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.gaps.alone import GapMarket, alone
from tradeassist_desktop.services.gaps.fetcher import GapFetcher
from tradeassist_desktop.services.gaps.job import Job, Stretch, outcome
from tradeassist_desktop.services.gaps.ledger import GapLedger
from tradeassist_desktop.services.gaps.path import Seen, gap_path
from tradeassist_desktop.services.gaps.telling import PastTelling
from tradeassist_desktop.services.market.feed_line import FeedLine

log = logging.getLogger(__name__)

_ANSWERS_S: Final = 20.0
"""How long questions put in time may go on after rules have decided, for the charts."""
_SLICE_NS: Final = 3 * NS_PER_MS
_TICKS_BETWEEN_LOOKS: Final = 32
_MINUTE_NS: Final = TIMEFRAMES["1m"]
_DOWN_AGAIN: Final = "The feed went down before this was repaired."
_WITH_BARS: Final = frozenset(
    {InstrumentKind.EQUITY, InstrumentKind.ETF, InstrumentKind.CRYPTO, InstrumentKind.UNKNOWN}
)
"""Kinds of which venues give past minutes. Of all others Schwab refuses them, so nothing is asked."""


class GapRepair:
    """One job for each line that comes back.

    The line holds its updates. The minutes that symbols read by rules lack are fetched, a few at a
    time; once all are there, or the limit has passed, those that came are told the rules in
    order of time, and the line lets go. What comes later mends the kept bars; so do, half a minute
    later, the bars of a few symbols that no rule reads.

    Args:
        instruments: Returns what is known of a symbol.
        fetch_gap: Asks the venue; ``None`` where it has no past to offer.
        limit_s: How long a line may hold, seconds; 0 for never.
        is_clock_apart: Whether updates are stamped with this machine's time, as the venue's is another:
            its bars would be of other minutes, so none are asked for.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        market: GapMarket,
        past: PastTelling,
        ledger: GapLedger,
        clock: Clock,
        instruments: Callable[[str], Instrument],
        fetch_gap: FetchGap | None,
        limit_s: Callable[[], float],
        is_clock_apart: Callable[[], bool],
    ) -> None:
        self._engine = engine
        self._market = market
        self._past = past
        self._ledger = ledger
        self._clock = clock
        self._instruments = instruments
        self._fetcher = GapFetcher(fetch_gap=fetch_gap, clock=clock)
        self._limit_s = limit_s
        self._is_clock_apart = is_clock_apart
        self._jobs: dict[FeedLine, Job] = {}
        self._waiting: deque[Job] = deque()
        self._resting: dict[FeedLine, list[Job]] = {}
        self._wake = asyncio.Event()
        self._one_look = asyncio.Lock()

    @property
    def is_telling(self) -> bool:
        """Whether rules are being told of the past: nothing else may pass the engine then."""
        return self._one_look.locked()

    def is_repairing(self, line: FeedLine) -> bool:
        """Whether a line waits for a repair that has begun."""
        return line in self._jobs

    def would_hold(self, symbols: Iterable[str]) -> bool:
        """Whether a gap in these symbols is worth waiting for."""
        return self._limit_s() > 0 and bool(self._urgent(self._wanted(symbols)))

    def begin(self, line: FeedLine, gap: Gap, stretches: dict[str, Stretch]) -> None:
        """Repair a gap that has ended, in these symbols, together with what waits for the same line."""
        wanted = self._wanted(stretches)
        urgent = self._urgent(wanted)
        job = self._jobs.get(line)
        if job is None or job.is_telling or job.settled.is_set():
            before, job = job, Job(line=line, gaps=[], wanted={}, urgent=set(), never=set())
            if before is None or urgent:
                self._jobs[line] = job  # the newest for which the line waits lets it go
            self._waiting.append(job)
        job.gaps.append((gap, frozenset(stretches)))
        job.never |= stretches.keys() - wanted
        job.urgent |= urgent - job.wanted.keys()
        for symbol in sorted(wanted, key=lambda each: (each not in urgent, each)):
            job.wanted.setdefault(symbol, stretches[symbol])
        if job.urgent and self._limit_s() > 0:
            line.hold()
        self._wake.set()

    def give_up(self, line: FeedLine, gap: Gap | None) -> bool:
        """Drop what is being fetched for a line that has gone down again; return whether ``gap`` was.

        What is being told already is told to its end. Where only single symbols are under repair
        they are told at once, as far as they can be: what the line holds was seen before it went down.
        """
        for told in self._resting.pop(line, ()):
            told.ended.set()
        job = self._jobs.get(line)
        if job is None or job.is_telling:
            return False
        if gap is None or all(each.number != gap.number for each, _ in job.gaps):
            job.settled.set()
            return False
        del self._jobs[line]
        job.is_void = True
        job.settled.set()
        line.forget_held()
        for each, _ in job.gaps:
            if each.symbol:  # the feed's own gap goes on
                self._ledger.change(each, state=GapState.MISSING, detail=_DOWN_AGAIN)
        return True

    def hurry(self, line: FeedLine) -> None:
        """Wait no longer for a line that cannot hold any more.

        While rules are told of the past it goes on holding: nothing it has brought may be lost.
        """
        job = self._jobs.get(line)
        if job is not None:
            job.settled.set()
        elif not self.is_telling:
            line.forget_held()

    async def run(self) -> None:
        """Repair what comes up, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                while self._waiting:
                    group.create_task(self._do(self._waiting.popleft()))
                await self._wake.wait()
                self._wake.clear()

    # --- one job

    async def _do(self, job: Job) -> None:
        fetching = asyncio.create_task(self._fetcher.fetch_urgent(job))
        try:
            await self._wait(job)
            if not job.is_void:
                await self._tell(job)
                await self._finish(fetching)
                if job.urgent:
                    self._settle(job)
                if job.unasked:
                    self._resting.setdefault(job.line, []).append(job)
                    await self._fetcher.fetch_for_charts(job)
                    self._settle(job)
                elif not job.urgent:
                    self._settle(job)
        except Exception:
            # One gap that cannot be repaired must not keep a line from its present.
            log.exception("gap not repaired", extra={"feed": job.line.name})
            if not job.is_void:
                async with self._one_look:
                    await self._let_go(job)
        finally:
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)
            if job in self._resting.get(job.line, ()):
                self._resting[job.line].remove(job)

    async def _finish(self, fetching: asyncio.Task[None]) -> None:
        """Let what was asked in time be answered, not for ever."""

        async def answered() -> None:
            await asyncio.wait({fetching})

        try:
            await within(self._clock, _ANSWERS_S, answered())
        except TimeoutError:
            fetching.cancel()
        else:
            fetching.result()

    async def _wait(self, job: Job) -> None:
        limit_s = self._limit_s()
        if not job.urgent or limit_s <= 0:
            return
        try:
            await within(self._clock, limit_s, job.settled.wait())
        except TimeoutError:
            log.info("gap fetched too late", extra={"symbols": sorted(job.waits_for)})

    async def _tell(self, job: Job) -> None:
        job.is_telling = True
        job.is_over = self._limit_s() > 0  # where nobody waits, nobody is kept waiting either
        async with self._one_look:
            # What has been heard meanwhile was decided on as the present: its past comes too late.
            in_time = {
                symbol: job.fetched[symbol]
                for symbol in job.urgent & job.fetched.keys()
                if self._engine.is_blind(symbol)
            }
            if self._limit_s() > 0 and in_time:
                async with alone(self._market, self.is_repairing):
                    await self._look_back(job, in_time)
            await self._let_go(job)

    async def _look_back(self, job: Job, in_time: dict[str, Sequence[Bar]]) -> None:
        paths = await self._paths(job, in_time)
        stretches = [job.wanted[symbol] for symbol in in_time]
        look = self._past.begin(in_time.keys(), min(stretch.since_ns for stretch in stretches))
        try:
            ends_ns = self._clock.monotonic_ns() + _SLICE_NS
            for number, tick in enumerate(heapq.merge(*paths, key=_time)):
                job.note_late(self._past.tell(look, tick))
                if number % _TICKS_BETWEEN_LOOKS == 0 and self._clock.monotonic_ns() >= ends_ns:
                    await asyncio.sleep(0)
                    ends_ns = self._clock.monotonic_ns() + _SLICE_NS
            until_ns = max(stretch.until_ns for stretch in stretches)
            job.note_late(self._past.end(look, in_time.keys(), until_ns))
        finally:
            look.leave()
        job.told |= in_time.keys()
        job.line.not_before({path[-1].symbol: path[-1].event_ns for path in paths if path})

    async def _paths(self, job: Job, in_time: dict[str, Sequence[Bar]]) -> list[list[Tick]]:
        held = job.line.held()
        received_ns = self._clock.now_ns()
        paths = []
        for symbol, bars in in_time.items():
            quote = self._engine.quote(symbol)
            if quote is None:
                continue
            stretch = job.wanted[symbol]
            since_ns = max(stretch.since_ns, quote.event_ns)
            seen = Seen(
                quote=quote,
                forming=self._past.minute(symbol, since_ns - since_ns % _MINUTE_NS),
                after=held.get(symbol, ()),
            )
            until_ns = max(since_ns, stretch.until_ns)
            paths.append(gap_path(bars, seen, since_ns=since_ns, until_ns=until_ns, received_ns=received_ns))
            await asyncio.sleep(0)
        return paths

    async def _let_go(self, job: Job) -> None:
        if self._jobs.get(job.line) is not job:
            return  # a later one lets go: what is held may be from after its gap
        del self._jobs[job.line]
        await job.line.release()
        if not job.line.is_seeing:  # it went down meanwhile; what it held was seen before
            self._market.lose_sight_of(job.line)

    def _settle(self, job: Job) -> None:
        """Mend the kept bars, and write down what has become of the gaps."""
        for symbol, bars in job.fetched.items():
            stretch = job.wanted[symbol]
            closed = [bar for bar in bars if stretch.since_ns < bar.end_ns <= stretch.until_ns]
            if closed:
                self._past.mend(closed)
        for gap, symbols in job.gaps:
            changed = self._ledger.change(gap, **outcome(job, symbols))
            log.info(
                "gap closed",
                extra={
                    "feed": changed.feed,
                    "symbol": changed.symbol,
                    "state": changed.state.value,
                    "bars": changed.bars,
                    "late_alerts": changed.late_alerts,
                },
            )

    # --- what is worth asking for

    def _wanted(self, symbols: Iterable[str]) -> set[str]:
        """Return the symbols of which there was something before, and bars can be had."""
        if not self._fetcher.can_fetch or self._is_clock_apart():
            return set()
        return {
            symbol
            for symbol in symbols
            if self._engine.updates(symbol) and self._instruments(symbol).kind in _WITH_BARS
        }

    def _urgent(self, symbols: set[str]) -> set[str]:
        return symbols & self._engine.symbols()


def _time(tick: Tick) -> int:
    return tick.event_ns
