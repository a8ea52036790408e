"""A loss of sight as a field of a recording: ``lost: the feed is down``, ``silent: nothing has come``."""

from typing import Final

from tradeassist_desktop.domain.market import SightLost
from tradeassist_desktop.recordings.numbers import shown

_LOST: Final = "lost"
_SILENT: Final = "silent"


def lost_text(lost: SightLost) -> str:
    """Return the field, on one line."""
    return f"{_SILENT if lost.is_stale else _LOST}: {' '.join(lost.reason.split())}"


def read_lost(text: str) -> tuple[str, bool] | None:
    """Return the reason, and whether the feed worked; ``None`` if ``text`` is no such field."""
    kind, colon, reason = text.partition(": ")
    return (reason, kind == _SILENT) if colon and kind in (_LOST, _SILENT) else None


def no_loss(text: str) -> str:
    """Return what is wrong with a field that is none."""
    return f"expected {_LOST}: or {_SILENT}: and a reason, found {shown(text)}"
