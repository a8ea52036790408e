"""Gives the engine the closed bars of the past that its rules need, so that they are armed at once."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.feed import FetchBars
from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.services.closed_bars import ClosedBars
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)


class HistoryStore(Protocol):
    """Where bars of earlier runs are."""

    async def history(self, wanted: Sequence[tuple[str, str, int]]) -> list[list[Bar]]:
        """Return, for each symbol, timeframe and number of bars, those from which so many are known."""
        ...


class Past:
    """Looks for bars where operands lack some: on disk, then at the feed.

    What was looked for is not looked for again in this run, unless more is wanted.

    Args:
        closed: This run's bars, which the engine knows: what it lacks is before them.
        fetch_bars: Asks the feed; ``None`` where it has no history to offer. Rules then say
            themselves how many bars they still need.
    """

    def __init__(
        self, *, engine: Engine, store: HistoryStore, closed: ClosedBars, fetch_bars: FetchBars | None
    ) -> None:
        self._engine = engine
        self._store = store
        self._closed = closed
        self._fetch_bars = fetch_bars
        self._asked: dict[tuple[str, str], int] = {}
        self._one_at_a_time = asyncio.Lock()

    async def fill(self) -> None:
        """Look for what rules are lacking now."""
        async with self._one_at_a_time:
            wanted = [
                (symbol, timeframe, missing + len(self._closed.held(symbol, timeframe)))
                for symbol, timeframe, missing in self._engine.wanted_history()
            ]
            looked_for = await self._look(wanted)
            if self._fetch_bars is not None and looked_for:
                await self._fetch(looked_for)

    async def recall(self, symbol: str, timeframe: str, count: int) -> None:
        """Have the engine know the newest kept bars, whoever wants them."""
        async with self._one_at_a_time:
            await self._look([(symbol, timeframe, count)])

    async def _look(self, wanted: Sequence[tuple[str, str, int]]) -> list[tuple[str, str]]:
        """Give the engine kept bars; return of what any were looked for."""
        fresh = [
            (symbol, timeframe, count)
            for symbol, timeframe, count in wanted
            if count > self._asked.get((symbol, timeframe), 0)
        ]
        if not fresh:
            return []
        try:
            found = await self._store.history(fresh)
        except StorageFailed as error:
            log.warning("kept bars cannot be read", extra={"reason": str(error)})
            return []
        for (symbol, timeframe, count), bars in zip(fresh, found, strict=True):
            self._asked[symbol, timeframe] = count
            self._engine.backfill(bars)
            await asyncio.sleep(0)  # the market goes on between two
        return [(symbol, timeframe) for symbol, timeframe, _ in fresh]

    async def _fetch(self, looked_for: Sequence[tuple[str, str]]) -> None:
        assert self._fetch_bars is not None
        for symbol, timeframe, missing in self._engine.wanted_history():
            if (symbol, timeframe) not in looked_for:
                continue
            try:
                self._engine.backfill(await self._fetch_bars(symbol, timeframe, missing))
            except TradeAssistError as error:
                extra = {"symbol": symbol, "timeframe": timeframe, "reason": str(error)}
                log.warning("feed has no history", extra=extra)
