"""When exchanges trade, on the days that random markets play on; a table written by hand.

Shares, funds, indices: 09:30 to 16:00 New York, the whole session 04:00 to 20:00. Futures: the same
regular session, the whole one from 18:00 to 17:00 of the next day, on holidays of the shares to 13:00
and on their half-days to 13:15. What has no exchange: UTC days.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.market import InstrumentKind

_NEW_YORK = ZoneInfo("America/New_York")
_UTC = ZoneInfo("UTC")
_CLOSED = {date(2024, 7, 4), date(2024, 11, 28), date(2024, 12, 25)}
_CLOSES_EARLY = {date(2024, 7, 3), date(2024, 11, 29), date(2024, 12, 24)}


def sessions(kind: InstrumentKind, word: str, day: date) -> tuple[int, int] | None:
    """The session (``rth`` or ``eth``) that ends on a day: from, to; UTC nanoseconds, half-open."""
    if kind is InstrumentKind.UNKNOWN:
        start = datetime.combine(day, time(0), _UTC)
        return _ns(start), _ns(start + timedelta(days=1))
    if day.weekday() >= 5:
        return None
    if kind is InstrumentKind.FUTURE and word == "eth":
        opens = datetime.combine(day - timedelta(days=1), time(18), _NEW_YORK)
        closes = time(13) if day in _CLOSED else time(13, 15) if day in _CLOSES_EARLY else time(17)
        return _ns(opens), _ns(datetime.combine(day, closes, _NEW_YORK))
    if day in _CLOSED:
        return None
    opens_at, closes_at = (time(9, 30), time(16)) if word == "rth" else (time(4), time(20))
    if day in _CLOSES_EARLY:
        closes_at = time(13) if word == "rth" else time(17)
    return tuple(_ns(datetime.combine(day, at, _NEW_YORK)) for at in (opens_at, closes_at))  # type: ignore[return-value]  # two of them


def session_start(kind: InstrumentKind, word: str, now_ns: int) -> int | None:
    """When the session that holds an instant began; None outside of every session."""
    today = datetime.fromtimestamp(now_ns // 1_000_000_000, _UTC).date()
    for shift in (-1, 0, 1):
        session = sessions(kind, word, today + timedelta(days=shift))
        if session is not None and session[0] <= now_ns < session[1]:
            return session[0]
    return None


def is_in_schedule(schedule: str, kind: InstrumentKind, now_ns: int) -> bool:
    """``always``, ``rth``, ``eth`` or ``HH:MM-HH:MM zone``, half-open.

    A range that ends before it starts spans midnight.
    """
    if schedule == "always":
        return True
    if schedule in ("rth", "eth"):
        return session_start(kind, schedule, now_ns) is not None
    hours, zone = schedule.split(" ")
    start, end = (time.fromisoformat(text) for text in hours.split("-"))
    now = datetime.fromtimestamp(now_ns // 1_000_000_000, ZoneInfo(zone)).time()
    return start <= now < end if start <= end else now >= start or now < end


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000_000
