"""Durations: as traders write them, ``90s``, ``5m``, ``1h``, and as they are told, ``1 m 30 s``."""

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
_MS_NS: Final = 1_000_000


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
    """Return the nanoseconds that people mean by ``10m``, ``90 s``, ``1 h 30 m`` or ``2 days``; 0 for none.

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


def told_duration(nanoseconds: int) -> str:
    """Return a duration in its two coarsest units: ``42 s``, ``3 m 12 s``, ``2 h 5 m``, ``4 d 3 h``.

    What is left below the second of them is left out; there is none below 0.
    """
    parts = _parts(max(0, nanoseconds))
    first = next((place for place, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return _joined(parts[first : first + 2]) or "0 s"


def whole_duration(nanoseconds: int) -> str:
    """Return a duration with nothing left out, to the millisecond: ``1 m 30 s``, ``1 d 30 s``, ``500 ms``."""
    milliseconds = nanoseconds % _UNIT_NS["s"] // _MS_NS
    return _joined([*_parts(nanoseconds), (milliseconds, "ms")]) or "0 s"


def _parts(nanoseconds: int) -> list[tuple[int, str]]:
    parts = []
    for unit in "dhms":
        count, nanoseconds = divmod(nanoseconds, _UNIT_NS[unit])
        parts.append((count, unit))
    return parts


def _joined(parts: list[tuple[int, str]]) -> str:
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
