"""Durations as traders write them: ``90s``, ``5m``, ``1h``, ``2d``."""

import re
from typing import Final

_UNIT_NS: Final = {
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}
_SHAPE: Final = re.compile(r"([1-9][0-9]{0,5})([smhd])", re.ASCII)
_PART: Final = (
    r"([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)"
)
_SPOKEN_PART: Final = re.compile(_PART, re.ASCII)
_SPOKEN: Final = re.compile(rf"{_PART}(?:[\s,]*{_PART})*", re.ASCII)
_LONGEST_NS: Final = 30 * _UNIT_NS["d"]


def parse_duration(text: str, *, longest_ns: int = _LONGEST_NS) -> int:
    """Return the nanoseconds that a duration stands for; by default of up to 30 days.

    Raises:
        ValueError: it is not written so; the message says what could stand there.
    """
    found = _SHAPE.fullmatch(text)
    nanoseconds = int(found[1]) * _UNIT_NS[found[2]] if found else 0
    if not 0 < nanoseconds <= longest_ns:
        longest = duration_text(longest_ns)
        raise ValueError(f"expected a duration of up to {longest} such as 90s, 5m or 1h, found {text[:40]!r}")
    return nanoseconds


def spoken_duration(text: str, *, longest_ns: int = _LONGEST_NS) -> int:
    """Return the nanoseconds that people mean by ``10m``, ``90 s``, ``1 h 30 min`` or ``2 days``; 0 for none.

    Raises:
        ValueError: it cannot be told, or is longer; the message says what could stand there.
    """
    written = text.strip().lower()
    if written in ("", "0", "none", "never"):
        return 0
    if _SPOKEN.fullmatch(written):
        parts = _SPOKEN_PART.findall(written)
        nanoseconds = round(sum(float(count) * _UNIT_NS[unit[0]] for count, unit in parts))
        if nanoseconds <= longest_ns:
            return nanoseconds
    longest = duration_text(longest_ns)
    raise ValueError(
        f"expected a duration of up to {longest} such as 90 s, 10m or 1 h 30 m, found {text[:40]!r}"
    )


def duration_text(nanoseconds: int) -> str:
    """Return the shortest text that ``parse_duration`` reads as that many nanoseconds, to the second."""
    for unit in "dhm":
        if nanoseconds and nanoseconds % _UNIT_NS[unit] == 0:
            return f"{nanoseconds // _UNIT_NS[unit]}{unit}"
    return f"{round(nanoseconds / _UNIT_NS['s'])}s"
