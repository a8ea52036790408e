"""Proposes symbols while one is typed: those known here at once, then those the venues know."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.symbols import FoundInstrument, Search
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

_PAUSE_S: Final = 0.25
_ANSWERS_KEPT: Final = 500


class Symbols:
    """Answers what a text could become.

    Who types on cancels the question before: venues are asked only of what stood for a quarter
    of a second, one question at a time, and never twice in a run.

    Args:
        searches: One for each venue that can be searched, the main one first.
        known: The instruments known here, the watched ones first.
        limit: How many proposals at most.
    """

    def __init__(
        self,
        *,
        searches: Sequence[Search],
        known: Callable[[], Iterable[Instrument]],
        clock: Clock,
        limit: int = 8,
    ) -> None:
        self._searches = tuple(searches)
        self._known = known
        self._clock = clock
        self._limit = limit
        self._answers: OrderedDict[str, tuple[FoundInstrument, ...]] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    def at_once(self, text: str) -> tuple[FoundInstrument, ...]:
        """Return what is known without asking: symbols that begin with the text."""
        written = text.strip().upper()
        if not written:
            return ()
        fitting = [
            FoundInstrument(each.symbol, each.description, each.kind)
            for each in self._known()
            if each.symbol.startswith(written)
        ]
        return _merged(self._limit, fitting, self._answers.get(written, ()))

    async def propose(self, text: str) -> tuple[FoundInstrument, ...]:
        """Return what is known, and what the venues know; without them where they cannot be asked now."""
        written = text.strip().upper()
        if not written or not self._searches or written in self._answers:
            return self.at_once(text)
        await self._clock.sleep(_PAUSE_S)
        async with self._one_at_a_time:
            if written not in self._answers:
                await self._ask(text.strip(), written)
        return self.at_once(text)

    async def _ask(self, text: str, written: str) -> None:
        found: list[FoundInstrument] = []
        for search in self._searches:
            try:
                found += await search(text, self._limit)
            except TradeAssistError as error:
                # Proposals are a kindness: without them a symbol is typed whole, as ever.
                log.info("symbols not searched", extra={"reason": str(error)})
                return
        self._answers[written] = _merged(self._limit, found)
        if len(self._answers) > _ANSWERS_KEPT:
            self._answers.popitem(last=False)


def _merged(limit: int, *several: Iterable[FoundInstrument]) -> tuple[FoundInstrument, ...]:
    """Return each symbol once, in order; a description fills in for one that is missing."""
    merged: dict[str, FoundInstrument] = {}
    for each in (each for some in several for each in some):
        before = merged.get(each.symbol)
        if before is None or not before.description:
            merged[each.symbol] = each
    return tuple(merged.values())[:limit]
