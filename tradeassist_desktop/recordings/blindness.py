"""What was seen of a symbol, as a field of a recording.

``lost: the feed is down`` and ``silent: nothing has come`` are losses of sight; ``told: begins`` and
``told: is over`` stand around updates of a past that was not seen.
"""

from typing import Final

from tradeassist_desktop.domain.market import PastTold, SightLost
from tradeassist_desktop.recordings.numbers import shown

_LOST: Final = "lost"
_SILENT: Final = "silent"
_TOLD: Final = "told"
_BEGINS: Final = "begins"
_IS_OVER: Final = "is over"


def lost_text(event: SightLost | PastTold) -> str:
    """Return the field, on one line."""
    if isinstance(event, PastTold):
        return f"{_TOLD}: {_IS_OVER if event.is_over else _BEGINS}"
    return f"{_SILENT if event.is_stale else _LOST}: {' '.join(event.reason.split())}"


def read_lost(text: str) -> tuple[str, str] | None:
    """Return the kind and what is said of it; ``None`` if ``text`` is no such field."""
    kind, colon, said = text.partition(": ")
    if kind == _TOLD:
        return (kind, said) if said in (_BEGINS, _IS_OVER) else None
    return (kind, said) if colon and kind in (_LOST, _SILENT) else None


def lost_event(utc_ns: int, symbol: str, kind: str, said: str) -> SightLost | PastTold:
    """Return what a row with such a field stands for."""
    if kind == _TOLD:
        return PastTold(utc_ns, symbol, said == _IS_OVER)
    return SightLost(utc_ns, symbol, said, kind == _SILENT)


def no_loss(text: str) -> str:
    """Return what is wrong with a field that is none."""
    return f"expected {_LOST}:, {_SILENT}: or {_TOLD}: and what there is to say, found {shown(text)}"
