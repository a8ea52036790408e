"""What messages to other machines say, whatever they are written in: cleaned texts and plain words."""

import math
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Final

from tradeassist_desktop.domain.alerts import AlertStatus, Priority, Timing
from tradeassist_desktop.domain.delivery import Cause
from tradeassist_desktop.domain.durations import told_duration
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.messages import Message

CUT: Final = "…"
_BREAKS: Final = frozenset("\n\u2028\u2029")
_UNSEEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
_CAUSES: Final = {
    Cause.FIRED: "",
    Cause.REPEAT: "A repeat: it is not acknowledged yet.",
    Cause.ESCALATION: "Escalated: it was not acknowledged in time.",
    Cause.SILENCE_ENDED: "Its silence has ended, and it is still true.",
    Cause.RESENT: "Sent again on request.",
}


def cleaned(text: str, most: int, *, is_one_line: bool = False) -> str:
    """Return ``text`` without what is not seen, cut to ``most`` characters.

    Control, bidirectional and invisible characters could turn a price around, hide half of a rule's
    name, or begin a header of their own.
    """
    kept: list[str] = []
    # However long it is, and whatever it begins with, no more than this is looked at.
    for letter in text[: 2 * most + 64]:
        if letter in _BREAKS:
            kept.append(" " if is_one_line else "\n")
        elif letter == "\t":
            kept.append(" ")
        elif unicodedata.category(letter) not in _UNSEEN:
            kept.append(letter)
    short = "".join(kept).strip()
    return short if len(short) <= most and len(text) <= 2 * most + 64 else short[: most - 1] + CUT


def headline(message: Message, most: int) -> str:
    """Return the message in one line, with what makes it stand out in a list of others."""
    if message.is_test:
        mark = "Test: "
    elif message.timing is Timing.REPLAYED:
        mark = "Replay: "
    elif message.status is AlertStatus.CLEARED:
        mark = "Cleared: "
    elif message.priority is Priority.URGENT:
        mark = "URGENT "
    else:
        mark = ""
    return mark + (cleaned(message.title, most - len(mark), is_one_line=True) or "Alert")


def remarks(message: Message) -> Iterator[str]:
    """Yield a sentence for all that is not as usual with the message."""
    if message.is_test:
        yield "A test: nothing has happened in the market."
    if message.is_second_try:
        yield "This may be a repeat: an earlier attempt may have arrived."
    if message.is_late:
        yield "Late: it was to be sent earlier."
    if message.timing is Timing.LATE:
        yield f"Found out late: it happened {told_duration(message.late_by_ns)} before."
    elif message.timing is Timing.AFTER_GAP:
        yield "After a gap: when it turned true is not known."
    elif message.timing is Timing.REPLAYED:
        yield "From the replay of a recording."
    if not message.is_saved:
        yield "Not saved: the desk could not write it down yet."
    if _CAUSES[message.cause]:
        yield _CAUSES[message.cause]


def value_text(message: Message) -> str:
    """Return the value, and its symbol where that is another than the message's; empty for none."""
    if message.value is None or not math.isfinite(message.value):
        return ""
    of = message.symbol if message.value_symbol == "" else message.value_symbol
    if message.value_unit:
        number = f"{message.value:,.2f} {message.value_unit}"
    else:
        number = f"{message.value:,.8f}".rstrip("0").rstrip(".")
    return f"{number} ({of})" if of and of != message.symbol else number


def times(event_ns: int, *, zone: tzinfo | None = None) -> str:
    """Return an instant in ``zone`` (``None``: this machine's) and in UTC to the millisecond.

    Where both clocks show the same, it stands there once.
    """
    utc = datetime.fromtimestamp(event_ns // NS_PER_SECOND, UTC)
    local = utc.astimezone(zone)
    exact = f"{utc:%H:%M:%S}.{event_ns % NS_PER_SECOND // 1_000_000:03d} UTC"
    return f"{local:%Y-%m-%d} {exact}" if not local.utcoffset() else f"{local:%Y-%m-%d %H:%M:%S %Z} · {exact}"
