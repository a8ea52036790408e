"""When sessions are recorded by themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.market import NS_PER_SECOND, InstrumentKind
from tradeassist_desktop.engine.calendars.sessions import NEW_YORK, parse_schedule
from tradeassist_desktop.engine.calendars.stretches import Calendar

OFF: Final = "off"


@dataclass(frozen=True, slots=True)
class ScheduledSession:
    """One session: ``day`` is that on which it closes, where its exchange is."""

    start_ns: int
    day: str


class RecordingSchedule:
    """The sessions of a schedule: ``off``, ``rth``, ``eth`` or ``HH:MM-HH:MM tz``, as rules have them.

    Args:
        is_round_the_clock: The feed's market never closes: its sessions are UTC's days.

    Raises:
        ValueError: it is none of those; the message says what could stand there.
    """

    def __init__(self, *, text: str, is_round_the_clock: bool) -> None:
        self._calendar: Calendar | None = None
        self._zone = ZoneInfo("UTC" if is_round_the_clock else NEW_YORK)
        if text == OFF:
            return
        # Futures are regular with the shares, and hold the shares' whole session within their own.
        kind = InstrumentKind.CRYPTO if is_round_the_clock else InstrumentKind.FUTURE
        calendar = parse_schedule(text)(kind)
        if not isinstance(calendar, Calendar):
            raise ValueError(f"expected off, rth, eth or HH:MM-HH:MM and a time zone, found {text!r}")
        self._calendar = calendar

    def session(self, now_ns: int) -> ScheduledSession | None:
        """Return the session that is on, or ``None``."""
        if self._calendar is None:
            return None
        stretch = self._calendar.at(now_ns)
        if not stretch.is_open:
            return None
        closes = datetime.fromtimestamp(stretch.end_ns // NS_PER_SECOND - 1, self._zone)
        return ScheduledSession(start_ns=stretch.start_ns, day=f"{closes:%Y-%m-%d}")
