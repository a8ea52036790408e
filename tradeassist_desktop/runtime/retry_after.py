"""How long a server asks us to wait."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_MOST_S: Final = 600.0


def retry_after_s(headers: Mapping[str, str], *, most_s: float = _MOST_S) -> float:
    """Return what ``Retry-After`` asks for, seconds up to ``most_s``; 0 where it asks for nothing."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), most_s)
    until, now = _instant(text), _instant(headers.get("Date", ""))
    if until is None or now is None:
        return 0.0
    # Both are by the server's clock, so it does not matter that ours may be wrong.
    return min(max(0.0, (until - now).total_seconds()), most_s)


def _instant(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
