"""Gives the engine the closed bars of the past that its rules need, so that they are armed at once."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from math import inf
from typing import Final, Protocol

from tradeassist_desktop.domain.errors import NotNow, TradeAssistError
from tradeassist_desktop.domain.feed import FetchBars
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.market.closed_bars import ClosedBars
from tradeassist_desktop.services.market.composing import composed
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_ASK_AGAIN_S: Final = 5.0
_SETTLED_NS: Final = 60 * NS_PER_SECOND


class HistoryStore(Protocol):
    """Where bars of earlier runs are."""

    async def keep_bars(self, symbol: str, closed: Sequence[Bar]) -> None:
        """Keep a symbol's bars of the past."""
        ...

    async def history(
        self, symbol: str, timeframe: str, count: int, before_ns: int | None = None
    ) -> list[Bar]:
        """Return bars from which so many closed ones, and the one forming, are known."""
        ...


class Past:
    """Looks for bars where operands lack some: on disk, then at the feed.

    What was looked for is not looked for again in this run, unless more is wanted.

    Args:
        closed: This run's bars, which the engine knows: what it lacks is before them.
        fetch_bars: Asks the feed; ``None`` where it has no history to offer. Rules then say
            themselves how many bars they still need.
        on_grown: Told of symbol and timeframe when bars from the feed have been kept.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        store: HistoryStore,
        closed: ClosedBars,
        clock: Clock,
        fetch_bars: FetchBars | None,
        on_grown: Callable[[str, str], None],
    ) -> None:
        self._engine = engine
        self._store = store
        self._closed = closed
        self._clock = clock
        self._fetch_bars = fetch_bars
        self._on_grown = on_grown
        self._asked: dict[tuple[str, str], int] = {}
        self._to_fetch: set[tuple[str, str]] = set()
        self._to_show: dict[tuple[str, str], int] = {}
        self._looked_at: dict[tuple[str, str], int] = {}
        self._is_more_to_fetch = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._told = ""

    async def fill(self, *, limit_s: float = inf) -> bool:
        """Look on disk for what rules are lacking now; return whether there was time for all of it.

        What is not there either is for ``fetch``.
        """
        ends_ns = self._clock.monotonic_ns() + limit_s * NS_PER_SECOND
        async with self._one_at_a_time:
            for symbol, timeframe, missing in self._engine.wanted_history():
                if self._clock.monotonic_ns() >= ends_ns:
                    return False
                if await self._look(symbol, timeframe, missing + len(self._closed.held(symbol, timeframe))):
                    self._to_fetch.add((symbol, timeframe))
                    self._is_more_to_fetch.set()
            return True

    async def run(self) -> None:
        """Ask the feed whenever the disk did not have enough, until cancelled."""
        while True:
            await self._is_more_to_fetch.wait()
            wait_s = await self.fetch()
            if wait_s is None:
                continue
            await self._clock.sleep(wait_s)
            self._is_more_to_fetch.set()

    async def fetch(self) -> float | None:
        """Ask the feed for what the disk did not have.

        Return the seconds after which to ask again, where the feed cannot answer now.
        """
        self._is_more_to_fetch.clear()
        if self._fetch_bars is None:
            self._to_fetch.clear()
            return None
        # Rules first: who looks at a chart can wait.
        lacking = [(symbol, timeframe) for symbol, timeframe, _ in self._engine.wanted_history()]
        for key in dict.fromkeys((*(key for key in lacking if key in self._to_fetch), *self._to_show)):
            count = max(self._to_show.get(key, 0), self._asked.get(key, 0))
            try:
                await self._fetch(*key, count)
            except NotNow as error:
                if str(error) != self._told:  # once, however long it lasts
                    self._told = str(error)
                    log.info("feed tells no history now", extra={"symbol": key[0], "reason": self._told})
                return max(_ASK_AGAIN_S, error.wait_s)
            except TradeAssistError as error:
                extra = {"symbol": key[0], "timeframe": key[1], "reason": str(error)}
                level = logging.WARNING if key in self._to_fetch else logging.INFO
                log.log(level, "feed has no history", extra=extra)
            self._to_fetch.discard(key)
            if self._to_show.get(key, 0) <= count:  # more may have been wanted meanwhile
                self._to_show.pop(key, None)
        return None

    def want(self, symbol: str, timeframe: str, count: int) -> None:
        """Have the feed asked for bars that somebody looks at; for so many once in this run."""
        key = (symbol, timeframe)
        if self._fetch_bars is not None and count > self._looked_at.get(key, 0):
            self._looked_at[key] = count
            self._to_show[key] = count
            self._is_more_to_fetch.set()

    async def deepen(self, symbol: str, timeframe: str, count: int) -> None:
        """Have so many of the newest bars kept, where the feed has them; once in this run.

        Raises:
            NotNow: the feed cannot answer now.
            TradeAssistError: it has none.
        """
        key = (symbol, timeframe)
        if self._fetch_bars is None or count <= self._looked_at.get(key, 0):
            return
        bars = await self._fetch_bars(symbol, timeframe, count)
        await self._keep(symbol, timeframe, bars)
        self._looked_at[key] = max(count, self._looked_at.get(key, 0))

    async def recall(self, symbol: str, timeframe: str, count: int) -> None:
        """Have the engine know the newest kept bars, whoever wants them."""
        async with self._one_at_a_time:
            await self._look(symbol, timeframe, count)

    async def _look(self, symbol: str, timeframe: str, count: int) -> bool:
        """Give the engine kept bars; return whether it was time to look for any."""
        if count <= self._asked.get((symbol, timeframe), 0):
            return False
        try:
            # Each in a job of its own: between two an alert can be saved, and the market goes on.
            found = await self._store.history(symbol, timeframe, count)
        except StorageFailed as error:
            log.warning("kept bars cannot be read", extra={"reason": str(error)})
            return False
        self._asked[symbol, timeframe] = count
        self._engine.backfill(found)
        return True

    async def _fetch(self, symbol: str, timeframe: str, count: int) -> None:
        assert self._fetch_bars is not None
        bars = await self._fetch_bars(symbol, timeframe, count)
        self._engine.backfill(bars)
        if await self._keep(symbol, timeframe, bars):
            self._on_grown(symbol, timeframe)

    async def _keep(self, symbol: str, timeframe: str, bars: Sequence[Bar]) -> bool:
        """Keep a feed's bars, and those made of them; return whether there may be more than before."""
        if bars and bars[0].timeframe != timeframe:
            made = await aside(lambda: composed(bars, timeframe)[1:], name="bars")
            bars = [*bars, *made]  # without the first: it may be known in part only
        # A bar that has just closed may still be forming here, and is kept when it closes.
        now_ns = self._clock.now_ns()
        settled = [bar for bar in bars if bar.end_ns <= now_ns - _SETTLED_NS]
        fresh = [bar for bar in bars if now_ns - _SETTLED_NS < bar.end_ns <= now_ns]
        try:
            if settled:
                await self._store.keep_bars(symbol, settled)
        except StorageFailed as error:
            # Some may be, as they are kept in parts: who looks at them looks again.
            log.warning("bars of the past cannot be kept", extra={"reason": str(error)})
        # Nor may one be missing meanwhile between what is kept and this run's.
        self._closed.put_before([bar for bar in fresh if bar.timeframe == timeframe])
        # What was recalled ends where the program was stopped: this run's bars do not follow on it.
        self._closed.fill([bar for bar in bars if bar.timeframe == timeframe and bar.end_ns <= now_ns])
        return bool(settled or fresh)
