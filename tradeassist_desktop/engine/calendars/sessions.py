"""When an instrument trades: regular and whole sessions by kind, with holidays and half-days, DST-right.

Shares, funds, options and indices follow the New York Stock Exchange. Futures follow it in their
regular session, and CME's equity indices on Globex in their whole one. Before 1990 and after 2040
only weekdays and hours are known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, InstrumentKind
from tradeassist_desktop.engine.calendars import exchange_days
from tradeassist_desktop.engine.calendars.day_ranges import parse_day_range
from tradeassist_desktop.engine.calendars.stretches import Always, Calendar, Stretch

NEW_YORK: Final = "America/New_York"
_EPOCH: Final = date(1970, 1, 1).toordinal()
_WEEKDAYS: Final = frozenset(range(5))
_EVERY_DAY: Final = frozenset(range(7))

Schedule = Calendar | Always
"""When a rule may fire."""


@dataclass(frozen=True, eq=False, slots=True)
class Days:
    """Days on which there is a session; ``early`` has the times of early closes.

    Args:
        weekdays: 0 is Monday.
        yearly: Months and days closed every year.
    """

    weekdays: frozenset[int] = _WEEKDAYS
    closed: frozenset[date] = frozenset()
    early: Mapping[date, time] | None = None
    yearly: frozenset[tuple[int, int]] = frozenset()

    def is_open(self, day: date) -> bool:
        """Whether there is a session of that day."""
        return (
            day.weekday() in self.weekdays
            and day not in self.closed
            and (day.month, day.day) not in self.yearly
        )

    def early_close(self, day: date) -> time | None:
        """Return when the exchange closes early; ``None`` on other days."""
        return None if self.early is None else self.early.get(day)


@dataclass(frozen=True, eq=False, slots=True)
class Session:
    """One stretch of trading a day, half-open; the day is that on which it closes.

    Args:
        after_early: How long it goes on after an early close.
    """

    zone: str
    days: Days
    opens: time
    closes: time
    opens_day_before: bool = False
    after_early: timedelta = timedelta()

    def beginning(self, day: int) -> tuple[tuple[int, int], ...]:
        """Return the sessions that begin on a UTC day, UTC nanoseconds."""
        start_s = day * 86_400
        local = (_bounds(self, date.fromordinal(_EPOCH + day + each)) for each in (-1, 0, 1, 2))
        return tuple(
            (opens_s * NS_PER_SECOND, closes_s * NS_PER_SECOND)
            for opens_s, closes_s in filter(None, local)
            if start_s <= opens_s < start_s + 86_400
        )


@lru_cache(maxsize=8192)
def _bounds(session: Session, day: date) -> tuple[int, int] | None:
    """Return when the session of a day opens and closes, seconds; ``None`` where there is none."""
    if not session.days.is_open(day):
        return None
    zone = ZoneInfo(session.zone)
    opening_day = day - timedelta(days=1) if session.opens_day_before else day
    opens = datetime.combine(opening_day, session.opens, zone)
    early = session.days.early_close(day)
    closes = datetime.combine(day, session.closes, zone)
    if early is not None:
        closes = min(closes, datetime.combine(day, early, zone) + session.after_early)
    return int(opens.timestamp()), int(closes.timestamp())


def _dates(by_year: Mapping[int, str]) -> frozenset[date]:
    return frozenset(
        date.fromisoformat(f"{year}-{each}") for year, days in by_year.items() for each in days.split()
    )


def _early(by_time: Mapping[str, Mapping[int, str]]) -> dict[date, time]:
    return {day: time.fromisoformat(closes) for closes, by_year in by_time.items() for day in _dates(by_year)}


_NYSE: Final = Days(
    closed=_dates(exchange_days.NYSE_CLOSED),
    early=_early(exchange_days.NYSE_EARLY),
)
_GLOBEX: Final = Days(
    closed=_dates(exchange_days.GLOBEX_CLOSED),
    early=_early(exchange_days.GLOBEX_EARLY),
)
_BANKS: Final = Days(yearly=frozenset(((1, 1), (12, 25))))
_ALL_DAYS: Final = Days(weekdays=_EVERY_DAY)

_REGULAR: Final = Session(NEW_YORK, _NYSE, time(9, 30), time(16, 0))
_EXTENDED: Final = Session(NEW_YORK, _NYSE, time(4, 0), time(20, 0), after_early=timedelta(hours=4))
_GLOBEX_DAY: Final = Session(NEW_YORK, _GLOBEX, time(18, 0), time(17, 0), opens_day_before=True)
_FOREX: Final = Session(NEW_YORK, _BANKS, time(17, 0), time(17, 0), opens_day_before=True)
_UTC_DAY: Final = Session("UTC", _ALL_DAYS, time(0, 0), time(0, 0), opens_day_before=True)

_SESSIONS: Final = {
    InstrumentKind.EQUITY: (_REGULAR, _EXTENDED),
    InstrumentKind.ETF: (_REGULAR, _EXTENDED),
    InstrumentKind.INDEX: (_REGULAR, _EXTENDED),
    InstrumentKind.INDICATOR: (_REGULAR, _EXTENDED),
    InstrumentKind.OPTION: (_REGULAR, _EXTENDED),
    # On a holiday of the shares Globex has a short session, but no regular one.
    InstrumentKind.FUTURE: (_REGULAR, _GLOBEX_DAY),
    InstrumentKind.FOREX: (_FOREX, _FOREX),
    # Traded round the clock; its day, as its exchanges count it, begins at 00:00 UTC.
    InstrumentKind.CRYPTO: (_UTC_DAY, _UTC_DAY),
    InstrumentKind.UNKNOWN: (_UTC_DAY, _UTC_DAY),
}
"""Regular and whole session by kind."""


def regular(kind: InstrumentKind) -> Calendar:
    """Return the calendar of the regular session (``rth``, ``[1d]``)."""
    return Calendar(hours=_SESSIONS[kind][0])


def whole(kind: InstrumentKind) -> Calendar:
    """Return the calendar of the whole session (``eth``)."""
    return Calendar(hours=_SESSIONS[kind][1])


def is_trading_day(kind: InstrumentKind, day: date) -> bool:
    """Whether the instrument has a regular session that day, a short one included."""
    return _SESSIONS[kind][0].days.is_open(day)


def parse_schedule(text: str) -> Callable[[InstrumentKind], Schedule]:
    """Return what makes the calendar of a rule's ``schedule``.

    A range that ends before it begins goes over midnight; every day of the week.

    Raises:
        ValueError: it is none of ``always``, ``rth``, ``eth``, ``HH:MM-HH:MM tz``.
    """
    named = _NAMED.get(text)
    if named is not None:
        return named
    try:
        hours = parse_day_range(text)
    except ValueError:
        message = f"expected always, rth, eth or HH:MM-HH:MM and a time zone, found {text[:60]!r}"
        raise ValueError(message) from None
    return lambda kind: Calendar(hours=hours)


_NAMED: Final[dict[str, Callable[[InstrumentKind], Schedule]]] = {
    "always": lambda kind: Always(),
    "rth": regular,
    "eth": whole,
}


def bar_start(timeframe: str, kind: InstrumentKind) -> Callable[[int], int]:
    """Return what tells the start of the bar that holds an instant, UTC nanoseconds.

    A daily bar begins with the regular session; what comes after the session still belongs to it.
    """
    length_ns = TIMEFRAMES[timeframe]
    if timeframe != "1d":
        return lambda now_ns: now_ns - now_ns % length_ns
    calendar = regular(kind)
    return lambda now_ns: calendar.at(now_ns).begun_ns


__all__ = [
    "Always",
    "Calendar",
    "Schedule",
    "Stretch",
    "bar_start",
    "is_trading_day",
    "parse_schedule",
    "regular",
    "whole",
]
