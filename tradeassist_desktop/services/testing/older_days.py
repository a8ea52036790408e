"""Has minutes of earlier days kept that the desk has not seen, where a venue tells them."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.errors import NotNow, TradeAssistError
from tradeassist_desktop.domain.feed import FetchGap
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar
from tradeassist_desktop.engine.calendars.sessions import NEW_YORK
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.backtesting.kept import KEPT_TIMEFRAME
from tradeassist_desktop.services.testing.preview import Preview
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_ZONE: Final = ZoneInfo(NEW_YORK)
_BARS_AT_ONCE: Final = 500
"""Kept in one transaction: the next alert must not wait for more."""
_APART_S: Final = 0.25
"""Between two questions: rules that wait for a gap's bars use the same budget."""
_HOLIDAYS: Final = 4


class OlderDays:
    """A day at a time, newest first, each asked for once in a run: broken off, it goes on from there.

    Args:
        fetch: Asks the venue of a symbol; ``None`` where none has a past to tell.
        keep: Keeps a symbol's bars.
        on_grown: Told of symbol and timeframe when more is kept.
    """

    def __init__(
        self,
        *,
        fetch: FetchGap | None,
        keep: Callable[[str, Sequence[Bar]], Awaitable[None]],
        clock: Clock,
        on_grown: Callable[[str, str], None],
    ) -> None:
        self._fetch = fetch
        self._keep = keep
        self._clock = clock
        self._on_grown = on_grown
        self._asked_until_ns: dict[str, int] = {}
        self._asked_days: dict[str, int] = {}

    async def fetch(
        self, found: Preview, *, days: int, on_progress: Callable[[float], None] = lambda share: None
    ) -> bool:
        """Fetch what is lacking to so many days of all that a rule reads; return whether anything was found.

        Args:
            found: What the rule did on the days that are kept.
            on_progress: Told what part was asked for, 0 to 1.

        Raises:
            StorageFailed: it could not be kept.
        """
        missing = days - max((report.days for report in found.reports), default=0)
        if self._fetch is None or missing <= 0:
            return False
        is_more = False
        for place, read in enumerate(found.read):
            if days <= self._asked_days.get(read.symbol, 0):
                continue

            def tell(share: float, done: int = place) -> None:
                on_progress((done + share) / len(found.read))

            try:
                is_more |= await self._fetch_back(
                    self._fetch, read.symbol, read.first_ns or self._clock.now_ns(), missing, tell
                )
            except NotNow as error:
                log.info("venue tells no past now", extra={"symbol": read.symbol, "reason": str(error)})
                continue
            except StorageFailed:
                raise
            except TradeAssistError as error:
                log.info("venue tells no past", extra={"symbol": read.symbol, "reason": str(error)})
            self._asked_days[read.symbol] = days
        return is_more

    async def _fetch_back(
        self, fetch: FetchGap, symbol: str, until_ns: int, missing: int, tell: Callable[[float], None]
    ) -> bool:
        """Ask for days back from ``until_ns`` until so many had bars, weekends and holidays aside."""
        most = missing + 2 * (missing // 5 + 1) + _HOLIDAYS
        day, found = _day_of(until_ns), 0
        try:
            for number in range(most + 1):
                from_ns = _begins_ns(day)
                ends_ns = min(until_ns, _begins_ns(day + timedelta(days=1)))
                if from_ns < min(ends_ns, self._asked_until_ns.get(symbol, ends_ns)):
                    bars = [bar for bar in await fetch(symbol, from_ns, ends_ns) if bar.end_ns <= until_ns]
                    for start in range(0, len(bars), _BARS_AT_ONCE):
                        await self._keep(symbol, bars[start : start + _BARS_AT_ONCE])
                    self._asked_until_ns[symbol] = from_ns
                    found += bool(bars)
                    # The day that is kept in part is no further one.
                    missing -= bool(bars) and number > 0
                    if not missing:
                        break
                    await self._clock.sleep(_APART_S)
                tell((number + 1) / (most + 1))
                day -= timedelta(days=1)
        finally:
            if found:
                self._on_grown(symbol, KEPT_TIMEFRAME)
        return found > 0


def _day_of(utc_ns: int) -> datetime:
    moment = datetime.fromtimestamp((utc_ns - 1) // NS_PER_SECOND, UTC).astimezone(_ZONE)
    return datetime.combine(moment.date(), time(), _ZONE)


def _begins_ns(day: datetime) -> int:
    return int(datetime.combine(day.date(), time(), _ZONE).timestamp()) * NS_PER_SECOND
