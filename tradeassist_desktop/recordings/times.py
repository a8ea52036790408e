"""Times as files write them, to UTC nanoseconds since 1970."""

import re
from datetime import date
from typing import Final

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_NS: Final = 1_000_000_000
# Seconds end below 1e11 (the year 5138), milliseconds below 1e14, and so on.
_EPOCH_UNITS: Final = ((11, _NS), (14, 1_000_000), (17, 1_000), (20, 1))
# What 64 bits hold of nanoseconds, less some days: the years 1678 to 2261.
_FARTHEST_NS: Final = 2**63 - 10**15
_CACHED_CLOCKS: Final = 4096
_TO_DAY: Final = len("2024-07-02")
_TO_SECONDS: Final = len("2024-07-02T00:00:00")

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::([0-5]\d|60))?", re.IGNORECASE | re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d|(?:19|20|21)\d{6}", re.ASCII)
_FRACTION_AND_ZONE = re.compile(
    r"(?:[.,](\d+))?(?: ?(?:Z|UTC|GMT)|([+-])(\d\d):?([0-5]\d)?)?", re.IGNORECASE | re.ASCII
)
_NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d*))?", re.ASCII)


class TimeReader:
    """Reads one column of times; quick where neighbours share their second, or days their minutes.

    ISO 8601 with ``T`` or a space, to nine decimals (more are cut off), with an offset, ``Z`` or
    nothing (UTC); a date alone is its midnight; a plain number is an epoch time whose unit follows
    from its magnitude (s, ms, µs or ns), but eight digits that can be ``YYYYMMDD`` are a date.
    Years from 1678 to 2261, as 64 bits hold them. A leap second, ``23:59:60`` UTC at the end of June
    or December, is the second after it, as epoch time has none.
    """

    def __init__(self) -> None:
        self._days: dict[str, int] = {}
        self._clocks: dict[str, int] = {}
        self._newest: str | None = None
        self._newest_ns = 0

    def read(self, text: str) -> int | None:
        """Return UTC nanoseconds, or ``None`` if ``text`` is no time."""
        second = text[:_TO_SECONDS]
        if second == self._newest:
            second_ns = self._newest_ns
        else:
            day_ns, clock_ns = self._days.get(text[:_TO_DAY]), self._clocks.get(text[_TO_DAY:_TO_SECONDS])
            if day_ns is None or clock_ns is None:
                return self._read_anew(text.strip())
            second_ns = self._newest_ns = day_ns + clock_ns
            self._newest = second
        tail = text[_TO_SECONDS:]
        if not tail or tail == "Z":
            return second_ns
        digits = tail[1:-1]
        if (
            tail[-1] == "Z"
            and tail[0] == "."
            and len(digits) <= 9
            and digits.isdecimal()
            and digits.isascii()
        ):
            return second_ns + int(digits.ljust(9, "0"))
        after_ns = _fraction_and_zone_ns(tail.rstrip())
        return None if after_ns is None else second_ns + after_ns

    def _read_anew(self, text: str) -> int | None:
        found = _TIME.match(text)
        if found is None:
            return _day_or_epoch_ns(text)
        day, hour, minute, second = found.groups()
        day_ns = self._days.get(day)
        if day_ns is None:
            day_ns = _day_ns(day)
            if day_ns is None:
                return None
            self._days[day] = day_ns
        if hour > "23" or minute > "59":
            return None
        clock_ns = ((int(hour) * 60 + int(minute)) * 60 + int(second or 0)) * _NS
        end = found.end()
        if end == _TO_SECONDS and second != "60":
            if len(self._clocks) >= _CACHED_CLOCKS:
                self._clocks.clear()
            self._clocks[text[_TO_DAY:_TO_SECONDS]] = clock_ns
        after_ns = _fraction_and_zone_ns(text[end:])
        if after_ns is None:
            return None
        stamp_ns = day_ns + clock_ns + after_ns
        return stamp_ns if second != "60" or _begins_half_a_year(stamp_ns) else None


def _begins_half_a_year(stamp_ns: int) -> bool:
    """Whether the stamp is in the first second of a January or July."""
    day, clock_ns = divmod(stamp_ns, 86_400 * _NS)
    first = date.fromordinal(_EPOCH_DAY + day)
    return clock_ns < _NS and first.day == 1 and first.month in (1, 7)


def _fraction_and_zone_ns(text: str) -> int | None:
    found = _FRACTION_AND_ZONE.fullmatch(text)
    if found is None:
        return None
    fraction, sign, hours, minutes = found.groups()
    fraction_ns = int(fraction[:9].ljust(9, "0")) if fraction else 0
    if not sign:
        return fraction_ns
    if int(hours) > 23:
        return None
    offset_ns = (int(hours) * 60 + int(minutes or 0)) * 60 * _NS
    return fraction_ns - offset_ns if sign == "+" else fraction_ns + offset_ns


def _day_ns(text: str) -> int | None:
    try:
        day_ns = (date.fromisoformat(text).toordinal() - _EPOCH_DAY) * 86_400 * _NS
    except ValueError:
        return None
    return day_ns if abs(day_ns) <= _FARTHEST_NS else None


def _day_or_epoch_ns(text: str) -> int | None:
    if _DAY.fullmatch(text) is not None:
        day_ns = _day_ns(text)
        if day_ns is not None or "-" in text:
            return day_ns
    number = _NUMBER.fullmatch(text)
    if number is None:
        return None
    sign, whole, fraction = number.groups()
    digits = len(whole.lstrip("0"))
    for below, unit_ns in _EPOCH_UNITS:
        if digits <= below:
            magnitude = int(whole) * unit_ns + int((fraction or "")[:9].ljust(9, "0")) * unit_ns // _NS
            if magnitude > _FARTHEST_NS:
                return None
            return -magnitude if sign else magnitude
    return None
