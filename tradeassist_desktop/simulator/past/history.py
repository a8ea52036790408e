"""A symbol's candles from its made-up past to the minute that is forming."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from tradeassist_desktop.simulator.board import Board
from tradeassist_desktop.simulator.past.candles import MINUTE_MS, Candle, joined
from tradeassist_desktop.simulator.past.past import Past, day_of, midnight_ms

_AT_A_TIME: Final = timedelta(days=90)


class History:
    """Joins what the market traded with a past that is made up once, at the first question.

    Args:
        seed: The same seed, the same past.
    """

    def __init__(self, *, board: Board, seed: int) -> None:
        self._board = board
        self._seed = seed
        self._pasts: dict[str, Past] = {}

    async def minutes(self, symbol: str, first_ms: int, last_ms: int) -> list[Candle]:
        """Return the minutes that begin in a range, ends included, oldest first."""
        traded = self._board.candles.of(symbol)
        if not traded:
            return []
        past = self._past(symbol, traded[0])
        began_ms = traded[0].start_ms
        made_up: list[Candle] = []
        day, last = day_of(first_ms), day_of(min(last_ms, began_ms))
        while day <= last and first_ms < began_ms:
            made_up.extend(past.minutes(day))
            day += timedelta(days=1)
            # Months of minutes take a second to make up: others need their turn.
            await asyncio.sleep(0)
        return [each for each in (*made_up, *traded) if first_ms <= each.start_ms <= last_ms]

    async def days(self, symbol: str, first: date, last: date) -> list[Candle]:
        """Return the daily candles of a range of the exchange's dates, ends included."""
        traded = self._board.candles.of(symbol)
        if not traded:
            return []
        past = self._past(symbol, traded[0])
        await self._make_up(past, first)
        began = day_of(traded[0].start_ms)
        recent = [*past.minutes(began), *traded]
        days = [
            joined(list(minutes), midnight_ms(day))
            for day, minutes in groupby(recent, key=lambda candle: day_of(candle.start_ms))
            if first <= day <= last
        ]
        return past.days(first, last) + days

    def rename(self, old: str, new: str) -> None:
        """Let the past go on under another name."""
        if old in self._pasts:
            self._pasts[new] = self._pasts.pop(old)

    def rebase(self, symbol: str) -> None:
        """Forget the past that was made up: it will be made anew from the candles as they are now."""
        self._pasts.pop(symbol, None)

    async def _make_up(self, past: Past, first: date) -> None:
        while past.oldest > first:
            past.make_days(max(first, past.oldest - _AT_A_TIME))
            await asyncio.sleep(0)

    def _past(self, symbol: str, first: Candle) -> Past:
        past = self._pasts.get(symbol)
        if past is None:
            prev_close = self._board.shown(symbol).get("prev_close") or first.open
            past = self._pasts[symbol] = Past(
                seed=self._seed,
                symbol=symbol,
                prev_close=prev_close,
                began_ms=first.start_ms,
                first_price=first.open,
                tick_size=self._board.listings[symbol].tick_size,
            )
        return past


def in_steps(candles: Iterable[Candle], step_minutes: int) -> list[Candle]:
    """Return candles of several minutes each, on the clock's multiples."""
    step_ms = step_minutes * MINUTE_MS
    return [
        joined(list(group), start_ms)
        for start_ms, group in groupby(candles, key=lambda each: each.start_ms - each.start_ms % step_ms)
    ]


def in_weeks(days: Sequence[Candle]) -> list[Candle]:
    """Return weekly candles, each stamped with its first day of trading."""
    return _by(days, lambda day: day.isocalendar()[:2])


def in_months(days: Sequence[Candle]) -> list[Candle]:
    """Return monthly candles, each stamped with its first day of trading."""
    return _by(days, lambda day: (day.year, day.month))


def _by(days: Sequence[Candle], of: Callable[[date], object]) -> list[Candle]:
    groups = (list(group) for _, group in groupby(days, key=lambda candle: of(day_of(candle.start_ms))))
    return [joined(group, group[0].start_ms) for group in groups]
