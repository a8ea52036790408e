"""Instants as a trader types them: ``2027-01-15 15:30``, ``15:30``, ``+2h``; local time."""

import re
from datetime import datetime, timedelta
from typing import Final

from tradeassist_desktop.domain.durations import spoken_duration
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui.text import local

_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_FURTHEST_NS: Final = 366 * 86_400 * NS_PER_SECOND


def moment_text(event_ns: int | None) -> str:
    """Return an instant as it is typed, to the second; empty for none."""
    if event_ns is None:
        return ""
    moment = local(event_ns)
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment.second else f"{moment:%Y-%m-%d %H:%M}"


def read_moment(text: str, now_ns: int) -> int | None:
    """Return the instant that is meant; ``None`` where nothing was typed. A time alone is the next one.

    Raises:
        ValueError: it cannot be told; the message says what could stand there.
    """
    written = text.strip()
    if not written:
        return None
    try:
        if written.startswith("+"):
            return now_ns + spoken_duration(written[1:], longest_ns=_FURTHEST_NS)
        time = _TIME.fullmatch(written)
        if time is not None:
            now = local(now_ns)
            moment = now.replace(hour=int(time[1]), minute=int(time[2]), second=0, microsecond=0)
            moment = moment if moment > now else moment + timedelta(days=1)
        else:
            moment = datetime.fromisoformat(written)
        seconds = moment.astimezone().timestamp()
        if not 0 <= seconds < 1e11:
            raise ValueError
    except (ValueError, OverflowError, OSError):
        expected = "expected a time such as 2027-01-15 15:30, 15:30 or +2h"
        raise ValueError(f"{expected}, found {written[:40]!r}") from None
    return round(seconds) * NS_PER_SECOND
