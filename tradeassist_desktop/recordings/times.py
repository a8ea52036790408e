"""Times as files write them, to UTC nanoseconds since 1970."""

import re
from datetime import date
from typing import Final

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_NS: Final = 1_000_000_000
_MINUTE_NS: Final = 60 * _NS
# Seconds end below 1e11 (the year 5138), milliseconds below 1e14, and so on.
_EPOCH_UNITS: Final = ((11, _NS), (14, 1_000_000), (17, 1_000), (20, 1))
_CACHED_MINUTES: Final = 4096

_MINUTE = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)", re.IGNORECASE | re.ASCII)
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_TAIL = re.compile(
    r"(?::([0-5]\d)(?:[.,](\d+))?)?(?: ?(?:Z|UTC|GMT)|([+-])(\d\d):?([0-5]\d)?)?", re.IGNORECASE | re.ASCII
)
_NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d*))?", re.ASCII)


class TimeReader:
    """Reads one column of times; quick where neighbours share their minute, as in any recording.

    ISO 8601 with ``T`` or a space, to nine decimals (more are cut off), with an offset, ``Z`` or
    nothing (UTC); a date alone is its midnight; a plain number is an epoch time whose unit follows
    from its magnitude (s, ms, µs or ns), but eight digits that can be ``YYYYMMDD`` are a date.
    """

    def __init__(self) -> None:
        self._minutes: dict[str, int] = {}

    def read(self, text: str) -> int | None:
        """Return UTC nanoseconds, or ``None`` if ``text`` is no time."""
        head = text[:16]
        minute_ns = self._minutes.get(head)
        if minute_ns is None:
            text = text.strip()
            head = text[:16]
            minute_ns = _minute_ns(head)
            if minute_ns is None:
                return _day_or_epoch_ns(text)
            if len(self._minutes) >= _CACHED_MINUTES:
                self._minutes.clear()
            self._minutes[head] = minute_ns
        tail = _TAIL.fullmatch(text, 16) or _TAIL.fullmatch(text.rstrip(), 16)
        if tail is None:
            return None
        seconds, fraction, sign, hours, minutes = tail.groups()
        result = minute_ns
        if seconds:
            result += int(seconds) * _NS
        if fraction:
            result += int(fraction[:9].ljust(9, "0"))
        if sign:
            if int(hours) > 23:
                return None
            offset_ns = (int(hours) * 60 + int(minutes or 0)) * _MINUTE_NS
            result += -offset_ns if sign == "+" else offset_ns
        return result


def _minute_ns(text: str) -> int | None:
    found = _MINUTE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute = map(int, found.groups())
    if hour > 23 or minute > 59:
        return None
    day_ns = _day_ns(year, month, day)
    return None if day_ns is None else day_ns + (hour * 60 + minute) * _MINUTE_NS


def _day_ns(year: int, month: int, day: int) -> int | None:
    try:
        return (date(year, month, day).toordinal() - _EPOCH_DAY) * 86_400 * _NS
    except ValueError:
        return None


def _day_or_epoch_ns(text: str) -> int | None:
    found = _DAY.fullmatch(text)
    if found is not None:
        year, month, day = map(int, found.groups())
        if "-" in text or 1900 <= year < 2200:
            day_ns = _day_ns(year, month, day)
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
            return -magnitude if sign else magnitude
    return None
