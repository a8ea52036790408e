"""What a message says on this machine: the words of toasts and notifications."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.alerts import AlertStatus, Priority, Timing
from tradeassist_desktop.domain.delivery import Cause
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.messages import Digest, DigestLine, Message
from tradeassist_desktop.ui import text

_CAUSES = {
    Cause.REPEAT: "repeated: not acknowledged yet",
    Cause.ESCALATION: "escalated: nobody acknowledged it",
    Cause.SILENCE_ENDED: "still true after its silence",
    Cause.RESENT: "sent again",
}


_REPLAY: Final = "Replay. "
LOCKED: Final = "TradeAssist is locked."
"""What is said in place of a text that is hidden."""


def concealed(title: str) -> str:
    """Return a title that tells no more than that there is an alert, or how many."""
    bare = title.removeprefix(_REPLAY)
    count = bare.split(" ", maxsplit=1)[0].replace(",", "")
    return bare.split(",", maxsplit=1)[0] if count.isdecimal() and " alert" in bare else "An alert"


def counted(count: int, messages: Iterable[Message]) -> str:
    """Return how many alerts these are of, and whether they are all of a replay."""
    words = text.plural(count, "alert")
    return f"{_REPLAY}{words}" if all(each.timing is Timing.REPLAYED for each in messages) else words


def headline(message: Message) -> str:
    """Return the title, or how many alerts a digest is of; how it stands in time comes first."""
    if message.digest is not None:
        return counted(message.digest.count, (message,))
    timing = text.timing(message.timing, message.event_ns, message.late_by_ns)
    return f"{timing[:1].upper()}{timing[1:]}. {message.title}" if timing else message.title


def marks(message: Message) -> tuple[str, ...]:
    """Return what sets a message apart from an alert that has just fired, in words."""
    late = "late" if message.digest is not None else f"late: fired at {text.clock_time(message.event_ns)}"
    said = (
        ("test", message.is_test),
        ("cleared", message.status is AlertStatus.CLEARED),
        (_CAUSES.get(message.cause, ""), message.cause in _CAUSES),
        # What was found out late says so in its headline.
        (late, message.is_late and message.timing is not Timing.LATE),
        ("not saved yet", not message.is_saved),
        ("may have come before", message.is_second_try),
    )
    return tuple(words for words, is_so in said if is_so)


def fact(message: Message) -> tuple[str, str]:
    """Return a symbol and a value that is its own, for the line that is read first."""
    if message.digest is not None:
        return "", ""
    if message.value is None or message.value_symbol is None:
        return message.symbol, ""
    of = message.value_symbol or message.symbol
    if message.value_unit:
        return of, f"{text.number(message.value, 2)} {message.value_unit}"
    return of, text.number(message.value, instrument_of(of).decimals)


def alert_ids(message: Message) -> tuple[str, ...]:
    """Return the alerts a message stands for: those to acknowledge with it."""
    of_digest = message.digest.alert_ids if message.digest is not None else ()
    return of_digest or (message.alert_id,)


def lines_of(message: Message) -> tuple[DigestLine, ...]:
    """Return a message as lines of a digest."""
    if message.digest is not None:
        return message.digest.lines
    return (DigestLine(message.title, 1, message.priority, message.event_ns, (message.alert_id,)),)


def gathered(lines: Iterable[DigestLine]) -> list[DigestLine]:
    """Return lines with those of one title and priority made one, the loudest first, then the newest."""
    like: dict[tuple[str, Priority], list[DigestLine]] = {}
    for line in lines:
        like.setdefault((line.title, line.priority), []).append(line)
    made = [alike[0] if len(alike) == 1 else _one_of(alike) for alike in like.values()]
    return sorted(made, key=lambda line: (-line.priority.loudness, -line.last_ns))


def _one_of(alike: Sequence[DigestLine]) -> DigestLine:
    return replace(
        alike[0],
        count=sum(line.count for line in alike),
        last_ns=max(line.last_ns for line in alike),
        alert_ids=tuple(alert_id for line in alike for alert_id in line.alert_ids),
    )


def in_lines(lines: Sequence[DigestLine], *, count: int, most: int) -> str:
    """Return the first ``most`` lines, and how many of ``count`` alerts are in none of them."""
    shown = lines[:most]
    rest = count - sum(line.count for line in shown)
    said = [f"{line.title[:60]}{f' × {line.count:,}' if line.count > 1 else ''}" for line in shown]
    return "\n".join([*said, *([f"and {rest:,} more"] if rest > 0 else [])])


def without(message: Message, gone: Set[str]) -> Message:
    """Return a message that no longer stands for these alerts; that of a single one stays as it is."""
    digest = message.digest
    if digest is None:
        return message
    left = tuple(alert_id for alert_id in digest.alert_ids if alert_id not in gone)
    if len(left) == len(digest.alert_ids):
        return message
    lines = tuple(line for line in (_line_without(each, gone) for each in digest.lines) if line.count > 0)
    return replace(
        message,
        priority=max((line.priority for line in lines), key=_loudness, default=message.priority),
        digest=Digest(count=digest.count - len(digest.alert_ids) + len(left), lines=lines, alert_ids=left),
    )


def _line_without(line: DigestLine, gone: Set[str]) -> DigestLine:
    left = tuple(alert_id for alert_id in line.alert_ids if alert_id not in gone)
    return replace(line, count=line.count - len(line.alert_ids) + len(left), alert_ids=left)


def _line_within(line: DigestLine, most_ids: int) -> DigestLine:
    is_within = len(line.alert_ids) <= most_ids
    return line if is_within else replace(line, alert_ids=line.alert_ids[-most_ids:])


def merged(older: Message, newer: Message, *, most_lines: int, most_ids: int) -> Message:
    """Return one message for both: ``newer``, with a digest whose count is exact."""
    lines = gathered([*lines_of(older), *lines_of(newer)])
    if len(lines) > most_lines:
        # One "other" for each priority, so that the count of urgent ones stays exact.
        others = (replace(line, title="other alerts") for line in lines[most_lines:])
        lines = gathered([*lines[:most_lines], *others])
    lines = [_line_within(line, most_ids) for line in lines]
    digest = Digest(
        count=sum(line.count for line in lines),
        lines=tuple(lines),
        alert_ids=(*alert_ids(older), *alert_ids(newer))[-most_ids:],
    )
    return replace(
        newer,
        priority=max(older.priority, newer.priority, key=_loudness),
        status=AlertStatus.FIRED if AlertStatus.FIRED in (older.status, newer.status) else newer.status,
        is_test=older.is_test and newer.is_test,
        digest=digest,
    )


def _loudness(priority: Priority) -> int:
    return priority.loudness
