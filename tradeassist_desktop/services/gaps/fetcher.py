"""Asks a venue for the minutes of a gap: first what rules wait for, much later what charts lack."""

import asyncio
from typing import Final

from tradeassist_desktop.domain.errors import NotNow, TradeAssistError
from tradeassist_desktop.domain.feed import FetchGap
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.gaps.job import Job

_AT_ONCE: Final = 4
_TRIED_AGAIN_S: Final = (0.5, 1.0)
"""Waits before a question is put again, while rules wait."""
_FOR_CHARTS: Final = 20
"""Symbols whose bars are fetched after a gap though no rule waits for them."""
_AFTER_S: Final = 30.0
"""For them a feed must have held so long: one that comes and goes must not use up what rules wait for."""


class GapFetcher:
    """A few questions at a time, over all jobs.

    Args:
        fetch_gap: Asks the venue; ``None`` where it has no past to offer.
    """

    def __init__(self, *, fetch_gap: FetchGap | None, clock: Clock) -> None:
        self._fetch_gap = fetch_gap
        self._clock = clock
        self._few = asyncio.Semaphore(_AT_ONCE)

    @property
    def can_fetch(self) -> bool:
        """Whether there is anybody to ask."""
        return self._fetch_gap is not None

    async def fetch_urgent(self, job: Job) -> None:
        """Fetch what rules wait for, together with what is added meanwhile; ask no more once they do not.

        A gap in hundreds of symbols is more than a venue answers for in a few seconds. Asking on would
        use up what the next gap's rules will wait for.
        """
        asked: set[str] = set()
        while new := sorted(job.urgent - asked):
            asked.update(new)
            await asyncio.gather(*(self._fetch_in_time(job, symbol) for symbol in new))

    async def fetch_for_charts(self, job: Job) -> None:
        """Fetch the bars of some symbols nobody was asked about, one after another, while the feed holds."""
        rest = sorted(job.unasked, key=lambda symbol: (symbol not in job.urgent, symbol))[:_FOR_CHARTS]
        try:
            await within(self._clock, _AFTER_S, job.ended.wait())
        except TimeoutError:
            while rest and not job.ended.is_set():
                await self._fetch(job, rest.pop(0))

    async def _fetch_in_time(self, job: Job, symbol: str) -> None:
        # What carries the stream often carries the questions too, and may be back a moment later.
        for again_s in (*_TRIED_AGAIN_S, None):
            async with self._few:
                if job.is_over:
                    return
                failure = await self._fetch(job, symbol, is_last=again_s is None)
            if failure is None or again_s is None:
                return
            await self._clock.sleep(again_s)

    async def _fetch(self, job: Job, symbol: str, *, is_last: bool = True) -> NotNow | None:
        """Ask once; return why another try may succeed, unless this is the last."""
        assert self._fetch_gap is not None
        stretch = job.wanted[symbol]
        try:
            bars = await self._fetch_gap(symbol, stretch.since_ns, stretch.until_ns)
        except NotNow as error:
            if not is_last and error.wait_s <= _TRIED_AGAIN_S[0]:
                return error
            job.take(symbol, None, str(error))
        except TradeAssistError as error:
            job.take(symbol, None, str(error))
        else:
            job.take(symbol, bars)
        return None
