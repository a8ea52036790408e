"""Compares the venue's hours of each day with our calendar, and says where they differ."""

import logging
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.market import NS_PER_SECOND, InstrumentKind
from tradeassist_desktop.engine.calendars import sessions
from tradeassist_desktop.feeds.schwab.answers import MarketHours
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

AskHours = Callable[[str, date], Awaitable[MarketHours]]
"""Asks a venue for the hours of a market on a day."""

_LOOK_S: Final = 900.0
_MARKET: Final = "equity"
_NEW_YORK: Final = ZoneInfo(sessions.NEW_YORK)


class HoursWatch:
    """Asks once a day, when connected; an exchange may close without our calendar knowing.

    ``remark`` is what differs today, a sentence for the trader; empty where nothing does.
    """

    def __init__(self, *, ask: AskHours, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._asked_of: date | None = None
        self.remark = ""

    async def run(self, on_change: Callable[[], None]) -> None:
        """Look each quarter of an hour whether it is another day, until cancelled."""
        while True:
            day = datetime.fromtimestamp(self._clock.now_ns() // NS_PER_SECOND, _NEW_YORK).date()
            if day != self._asked_of:
                await self._compare(day, on_change)
            await self._clock.sleep(_LOOK_S)

    async def _compare(self, day: date, on_change: Callable[[], None]) -> None:
        try:
            hours = await self._ask(_MARKET, day)
        except TradeAssistError as error:
            log.info("market hours not read", extra={"reason": str(error)})
            return
        self._asked_of = day
        before, self.remark = self.remark, difference(hours)
        if self.remark:
            log.warning("hours differ from the calendar", extra={"day": day.isoformat(), "told": self.remark})
        if self.remark != before:
            on_change()


def difference(hours: MarketHours) -> str:
    """Return how a venue's hours of shares differ from our calendar's; empty where they do not."""
    noon = datetime(hours.day.year, hours.day.month, hours.day.day, 12, tzinfo=_NEW_YORK)
    ours = sessions.regular(InstrumentKind.EQUITY).at(int(noon.timestamp()) * NS_PER_SECOND)
    if not hours.is_open:
        return "Schwab says that shares do not trade today, against our calendar." if ours.is_open else ""
    if not ours.is_open:
        return "Schwab says that shares trade today, against our calendar."
    if hours.opens_ns is None or hours.closes_ns is None:
        return ""
    theirs, known = (hours.opens_ns, hours.closes_ns), (ours.start_ns, ours.end_ns)
    if theirs == known:
        return ""
    return f"Schwab says that shares trade {_span(theirs)} New York today, and our calendar {_span(known)}."


def _span(stretch: tuple[int, int]) -> str:
    return "-".join(f"{datetime.fromtimestamp(ns // NS_PER_SECOND, _NEW_YORK):%H:%M}" for ns in stretch)
