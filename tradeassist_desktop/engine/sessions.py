"""When an instrument trades: regular and whole sessions by kind, in New York's time, DST-right.

Exchange holidays are not in the table: a holiday is a session without trades.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.market import NS_PER_SECOND, InstrumentKind

NEW_YORK: Final = "America/New_York"
_DAYS_AHEAD: Final = 8
_WEEKDAYS: Final = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of trading a day, half-open.

    Args:
        weekdays: Days on which it opens, 0 is Monday.
        closes_next_day: Whether ``closes`` is on the day after it opened.
    """

    zone: str
    weekdays: frozenset[int]
    opens: time
    closes: time
    closes_next_day: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time ``[start_ns, end_ns)`` that is inside a session, or between two."""

    start_ns: int
    end_ns: int
    is_open: bool


_REGULAR: Final = Session(NEW_YORK, _WEEKDAYS, time(9, 30), time(16, 0))
_EXTENDED: Final = Session(NEW_YORK, _WEEKDAYS, time(4, 0), time(20, 0))
_SUNDAY_TO_THURSDAY: Final = frozenset((6, 0, 1, 2, 3))
_GLOBEX: Final = Session(NEW_YORK, _SUNDAY_TO_THURSDAY, time(18, 0), time(17, 0), closes_next_day=True)
_FOREX: Final = Session(NEW_YORK, _SUNDAY_TO_THURSDAY, time(17, 0), time(17, 0), closes_next_day=True)
_UTC_DAY: Final = Session("UTC", frozenset(range(7)), time(0, 0), time(0, 0), closes_next_day=True)

_SESSIONS: Final = {
    InstrumentKind.EQUITY: (_REGULAR, _EXTENDED),
    InstrumentKind.ETF: (_REGULAR, _EXTENDED),
    InstrumentKind.INDEX: (_REGULAR, _EXTENDED),
    InstrumentKind.INDICATOR: (_REGULAR, _EXTENDED),
    InstrumentKind.OPTION: (_REGULAR, _EXTENDED),
    InstrumentKind.FUTURE: (_REGULAR, _GLOBEX),
    InstrumentKind.FOREX: (_FOREX, _FOREX),
    InstrumentKind.UNKNOWN: (_UTC_DAY, _UTC_DAY),
}
"""Regular and whole session by kind."""


class Calendar:
    """Finds the stretch an instant lies in; remembers the last, so most answers are one comparison."""

    __slots__ = ("_session", "_stretch")

    def __init__(self, *, session: Session) -> None:
        self._session = session
        self._stretch = Stretch(0, 0, False)

    def at(self, now_ns: int) -> Stretch:
        """Return the stretch that holds ``now_ns``, UTC nanoseconds."""
        stretch = self._stretch
        if not stretch.start_ns <= now_ns < stretch.end_ns:
            stretch = self._stretch = find_stretch(self._session, now_ns)
        return stretch

    def is_open(self, now_ns: int) -> bool:
        """Whether the session is on at ``now_ns``."""
        return self.at(now_ns).is_open

    def start_ns(self, now_ns: int) -> int | None:
        """Return when the session that holds ``now_ns`` began; ``None`` between sessions."""
        stretch = self.at(now_ns)
        return stretch.start_ns if stretch.is_open else None


class Always:
    """A schedule that is never closed."""

    def is_open(self, now_ns: int) -> bool:
        """Return true."""
        return True


def regular(kind: InstrumentKind) -> Calendar:
    """Return the calendar of the regular session (``rth``, ``[1d]``)."""
    return Calendar(session=_SESSIONS[kind][0])


def whole(kind: InstrumentKind) -> Calendar:
    """Return the calendar of the whole session (``eth``)."""
    return Calendar(session=_SESSIONS[kind][1])


def parse_schedule(text: str) -> Callable[[InstrumentKind], Calendar | Always]:
    """Return what makes the calendar of a rule's ``schedule``.

    A range that ends before it begins goes over midnight; every day of the week.

    Raises:
        ValueError: it is none of ``always``, ``rth``, ``eth``, ``HH:MM-HH:MM tz``.
    """
    named: dict[str, Callable[[InstrumentKind], Calendar | Always]] = {
        "always": lambda kind: Always(),
        "rth": regular,
        "eth": whole,
    }
    if text in named:
        return named[text]
    session = _parse_range(text)
    return lambda kind: Calendar(session=session)


@lru_cache(maxsize=1024)
def _parse_range(text: str) -> Session:
    hours, space, zone = text.partition(" ")
    try:
        opens, dash, closes = hours.partition("-")
        start, end = _time_of_day(opens), _time_of_day(closes)
        zone = zone.strip()
        if not space or not dash or start == end:
            raise ValueError
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        message = f"expected always, rth, eth or HH:MM-HH:MM and a time zone, found {text[:60]!r}"
        raise ValueError(message) from None
    return Session(zone, frozenset(range(7)), start, end, closes_next_day=end < start)


def _time_of_day(text: str) -> time:
    if len(text) != 5 or text[2] != ":":
        raise ValueError
    return time(int(text[:2]), int(text[3:]))


def find_stretch(session: Session, now_ns: int) -> Stretch:
    """Return the stretch of or between sessions that holds ``now_ns``."""
    day = _utc(now_ns).astimezone(ZoneInfo(session.zone)).date()
    last_end_ns = 0
    for offset in range(-_DAYS_AHEAD, _DAYS_AHEAD + 1):
        bounds = _bounds(session, day + timedelta(days=offset))
        if bounds is None:
            continue
        start_ns, end_ns = bounds
        if now_ns < start_ns:
            return Stretch(last_end_ns, start_ns, False)
        if now_ns < end_ns:
            return Stretch(start_ns, end_ns, True)
        last_end_ns = end_ns
    raise AssertionError("every session in the table opens at least once a week")


def _bounds(session: Session, day: date) -> tuple[int, int] | None:
    if day.weekday() not in session.weekdays:
        return None
    closing_day = day + timedelta(days=1) if session.closes_next_day else day
    return _ns(day, session.opens, session.zone), _ns(closing_day, session.closes, session.zone)


def _ns(day: date, at: time, zone: str) -> int:
    moment = datetime.combine(day, at, ZoneInfo(zone))
    return int(moment.timestamp()) * NS_PER_SECOND


def _utc(now_ns: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now_ns // 1000)
