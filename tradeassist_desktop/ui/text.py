"""How numbers, times and durations are written for a trader."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from tradeassist_desktop.domain.alerts import Timing
from tradeassist_desktop.domain.durations import told_duration
from tradeassist_desktop.domain.market import NS_PER_SECOND, Instrument

UNKNOWN: Final = "—"
MINUS: Final = "\N{MINUS SIGN}"

_SLASH_OF_SYMBOL: Final = re.compile(r"(?<![\w/])/(?=[A-Z0-9])")
_UTC_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")
_SHORT_SCALES: Final = ((1e12, 1e12, "T"), (1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))
_AMOUNT: Final = re.compile(r"(\d) (?=(?:ms|[smhd]|(?:milli)?seconds?|minutes?|hours?|days?)\b)")
_SMALL_PERCENT: Final = 0.1
_BYTE_SCALES: Final = ((2**30, "GB"), (2**20, "MB"), (2**10, "kB"))


def unbroken(words: str) -> str:
    """Return words to be shown with no line broken within ``/ES``, as lines may be after a slash, or ``5 s``.

    Not for what can be copied: what holds the slash and the name together cannot be seen.
    """
    return _SLASH_OF_SYMBOL.sub("/\N{WORD JOINER}", with_whole_amounts(words))


def number(value: float | None, decimals: int, *, signed: bool = False) -> str:
    """Return ``-1234.5`` as ``−1,234.50``; with a ``+`` before rising ones if ``signed``."""
    if value is None:
        return UNKNOWN
    text = f"{abs(value):,.{decimals}f}"
    is_zero = not text.strip("0.,")
    if value < 0 and not is_zero:
        return MINUS + text
    return f"+{text}" if signed and not is_zero else text


def price(value: float | None, instrument: Instrument, *, signed: bool = False) -> str:
    """Return a price, or a difference of prices, with the instrument's own decimals."""
    return number(value, instrument.decimals, signed=signed)


def percent(value: float | None) -> str:
    """Return a signed percentage with two decimals."""
    return UNKNOWN if value is None else f"{number(value, 2, signed=True)} %"


def move(value: float | None) -> str:
    """Return how far a price went, in percent: small moves with three decimals."""
    if value is None:
        return UNKNOWN
    return f"{number(value, 2 if abs(value) >= _SMALL_PERCENT else 3, signed=True)} %"


def short(value: float | None) -> str:
    """Return a count in as little room as it needs: ``1,234``, ``56.1k``, ``1.23M``."""
    if value is None:
        return UNKNOWN
    for least, scale, letter in _SHORT_SCALES:
        if abs(value) >= least:
            return f"{value / scale:.{1 if letter == 'k' else 2}f}{letter}".replace("-", MINUS)
    return number(value, 0)


def quantity(value: float | None) -> str:
    """Return how much was traded: whole shares as ``short`` does, parts of a coin as ``0.0246``."""
    if value is None or value >= 1_000 or value.is_integer():
        return short(value)
    text = f"{value:.4g}"
    return text if "e" not in text else f"{value:.8f}".rstrip("0")


def size(count: int) -> str:
    """Return a number of bytes as ``12.3 MB``."""
    for scale, unit in _BYTE_SCALES:
        if count >= scale:
            return f"{count / scale:,.1f} {unit}"
    return f"{count} B"


def duration(nanoseconds: int | None) -> str:
    """Return a duration in its two coarsest units: ``42 s``, ``3 m 12 s``, ``2 h 5 m``, ``4 d 3 h``."""
    return UNKNOWN if nanoseconds is None else told_duration(nanoseconds)


def with_whole_amounts(words: str) -> str:
    """Return words that wrap with no line ending between a number and its unit: ``in 5 s.``"""
    return _AMOUNT.sub("\\1\N{NO-BREAK SPACE}", words)


def age(nanoseconds: int | None) -> str:
    """Return an age in its coarsest unit: ``now``, ``3 s``, ``5 m``, ``2 h``, ``4 d``."""
    if nanoseconds is None:
        return UNKNOWN
    if nanoseconds < NS_PER_SECOND:
        return "now"
    return " ".join(duration(nanoseconds).split(" ")[:2])


def milliseconds(value: float | None) -> str:
    """Return a short duration with its unit: ``0.04 ms``, ``12 ms``, ``1.2 s``."""
    if value is None:
        return UNKNOWN
    if value >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.2f} ms"


def local(event_ns: int) -> datetime:
    """Return an instant as a time of this machine's zone, to the microsecond."""
    seconds, rest = divmod(event_ns, NS_PER_SECOND)
    return _second(seconds).replace(microsecond=rest // 1000)


@lru_cache(maxsize=1024)
def _second(seconds: int) -> datetime:
    # To ask for the zone takes longer than to draw the time, and tables show the same seconds over and over.
    return datetime.fromtimestamp(seconds, UTC).astimezone()


def clock_time(event_ns: int | None, *, now_ns: int | None = None) -> str:
    """Return the local time of day; with its date where that is another than ``now_ns``'s."""
    if event_ns is None:
        return UNKNOWN
    moment = local(event_ns)
    if now_ns is not None and moment.date() != local(now_ns).date():
        return f"{moment:%d %b %H:%M:%S}"
    return f"{moment:%H:%M:%S}"


def time_or_day(event_ns: int | None, *, now_ns: int) -> str:
    """Return the local time of day; of another day than ``now_ns``'s its date alone, where room is short."""
    if event_ns is None or local(event_ns).date() == local(now_ns).date():
        return clock_time(event_ns)
    return f"{local(event_ns):%d %b}"


def exact_time(event_ns: int, *, now_ns: int) -> str:
    """Return what ``clock_time`` does, to the millisecond."""
    return f"{clock_time(event_ns, now_ns=now_ns)}.{event_ns % NS_PER_SECOND // 1_000_000:03d}"


def timing(timing: Timing, event_ns: int, late_by_ns: int) -> str:
    """Return how an alert stands in time: ``late: 14:31:07 (2 m ago)``; empty if live."""
    if timing is Timing.LATE:
        return f"late: {clock_time(event_ns, now_ns=event_ns + late_by_ns)} ({age(late_by_ns)} ago)"
    return {Timing.AFTER_GAP: "after a gap", Timing.REPLAYED: "replay"}.get(timing, "")


def localised(sentence: str, *, now_ns: int) -> str:
    """Return a sentence with its UTC times, as the engine writes them, as local ones."""

    def local_time(found: re.Match[str]) -> str:
        moment = datetime.strptime(found.group(1), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        return clock_time(int(moment.timestamp()) * NS_PER_SECOND, now_ns=now_ns)

    return _UTC_TIME.sub(local_time, sentence)


def utc_time(event_ns: int | None) -> str:
    """Return the instant in UTC to the millisecond, for tooltips."""
    if event_ns is None:
        return UNKNOWN
    seconds, rest = divmod(event_ns, NS_PER_SECOND)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{rest // 1_000_000:03d} UTC"


def plural(count: int, word: str) -> str:
    """Return ``1 alert``, ``2 alerts``."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
