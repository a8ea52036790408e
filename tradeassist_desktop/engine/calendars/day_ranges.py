"""A range of the clock on the wall, every day: ``09:30-16:00 America/New_York``."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.market import NS_PER_SECOND

_HOUR_S: Final = 3_600
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class DayRange:
    """All instants at which the wall clock shows a time in ``[opens_s, closes_s)``.

    Where the clock is put back, what it shows twice counts twice; where it is put forward,
    what it never shows does not exist. A range that ends before it begins goes over midnight.

    Args:
        opens_s: Seconds since midnight, below 86,400; likewise ``closes_s``.
    """

    zone: str
    opens_s: int
    closes_s: int

    def beginning(self, day: int) -> tuple[tuple[int, int], ...]:
        """Return the stretches inside the range that begin on a UTC day, UTC nanoseconds."""
        first_s = day * _DAY_S
        merged: list[tuple[int, int]] = []
        # Two days to either side: what begins on this one may be cut by midnights and clock changes.
        for start_s, end_s, offset_s in _offsets(self.zone, first_s - 2 * _DAY_S, first_s + 3 * _DAY_S):
            for opens_s, closes_s in self._in_local(start_s + offset_s, end_s + offset_s):
                start, end = max(opens_s - offset_s, start_s), min(closes_s - offset_s, end_s)
                if start >= end:
                    continue
                if merged and merged[-1][1] == start:
                    merged[-1] = merged[-1][0], end
                else:
                    merged.append((start, end))
        return tuple(
            (start * NS_PER_SECOND, end * NS_PER_SECOND)
            for start, end in merged
            if first_s <= start < first_s + _DAY_S
        )

    def _in_local(self, start_s: int, end_s: int) -> list[tuple[int, int]]:
        """Return the range's daily pieces around a stretch of local time."""
        pieces: list[tuple[int, int]] = []
        for midnight_s in range(start_s - start_s % _DAY_S, end_s, _DAY_S):
            opens_s, closes_s = midnight_s + self.opens_s, midnight_s + self.closes_s
            if self.opens_s < self.closes_s:
                pieces.append((opens_s, closes_s))
            else:
                pieces += [(midnight_s, closes_s), (opens_s, midnight_s + _DAY_S)]
        return pieces


def parse_day_range(text: str) -> DayRange:
    """Return the range that ``HH:MM-HH:MM tz`` stands for.

    Raises:
        ValueError: it is not written so, is empty, or the zone is not known.
    """
    hours, space, zone = text.partition(" ")
    opens, dash, closes = hours.partition("-")
    opens_s, closes_s = _seconds(opens), _seconds(closes)
    zone = zone.strip()
    if not space or not dash or opens_s == closes_s:
        raise ValueError
    try:
        ZoneInfo(zone)
    except (OSError, KeyError) as error:
        raise ValueError from error
    return DayRange(zone, opens_s, closes_s)


def _seconds(text: str) -> int:
    hour, minute = text[:2], text[3:]
    if len(text) != 5 or text[2] != ":" or not (hour + minute).isascii() or not (hour + minute).isdigit():
        raise ValueError
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError
    return int(hour) * 3_600 + int(minute) * 60


@lru_cache(maxsize=1024)
def _offsets(zone: str, start_s: int, end_s: int) -> tuple[tuple[int, int, int], ...]:
    """Return the stretches of one offset from UTC in a stretch of time: start, end, offset; seconds."""
    at = ZoneInfo(zone)
    found: list[tuple[int, int, int]] = []
    begun_s, offset_s = start_s, _offset(at, start_s)
    for hour_s in range(start_s + _HOUR_S, end_s + 1, _HOUR_S):
        if _offset(at, hour_s) == offset_s:
            continue
        before_s, after_s = hour_s - _HOUR_S, hour_s
        while after_s - before_s > 1:
            middle_s = (before_s + after_s) // 2
            if _offset(at, middle_s) == offset_s:
                before_s = middle_s
            else:
                after_s = middle_s
        found.append((begun_s, after_s, offset_s))
        begun_s, offset_s = after_s, _offset(at, hour_s)
    found.append((begun_s, end_s, offset_s))
    return tuple(found)


def _offset(zone: ZoneInfo, at_s: int) -> int:
    offset = datetime.fromtimestamp(at_s, zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
