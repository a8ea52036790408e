"""What a message looks like in Slack: Block Kit, and plain text where that is refused."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from tradeassist_desktop.channels.slack_text import escaped, width
from tradeassist_desktop.channels.wording import cleaned, remarks, times, value_text
from tradeassist_desktop.domain.alerts import AlertStatus, Priority, Timing
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.messages import Digest, DigestLine, Message

Block = dict[str, Any]

# Slack's limits, some of them only known from refusals: a header of 150, a text of 3,000, 50 blocks,
# and all of it together somewhere above 13,000. What stays below is never refused for its length.
_HEADER_LENGTH: Final = 150
_SECTION_LENGTH: Final = 2_900
_FIELD_LENGTH: Final = 500
_NOTE_LENGTH: Final = 300
_BODY_LENGTH: Final = 2_900
_TITLE_LENGTH: Final = 200
_FALLBACK_LENGTH: Final = 1_000
_PLAIN_LENGTH: Final = 3_900
_DIGEST_SECTIONS: Final = 2
_DIGEST_ROOM: Final = _SECTION_LENGTH - 80  # what is left out must be said, too

_MARKS: Final = {
    Priority.LOW: "⚪ ",
    Priority.NORMAL: "🔵 ",
    Priority.HIGH: "🟠 HIGH · ",
    Priority.URGENT: "🔴 URGENT · ",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message for Slack; every text in it is escaped.

    Args:
        text: For notifications and readers aloud, and the whole message where ``blocks`` is empty.
    """

    text: str
    blocks: tuple[Block, ...]


def rendered(message: Message, *, is_plain: bool = False, zone: tzinfo | None = None) -> Rendered:
    """Return a message as Slack shows it, below every limit Slack has.

    Args:
        is_plain: Only text, for a message whose blocks were refused.
        zone: Of the times beside UTC; ``None`` is this machine's.
    """
    header, body = _header(message), cleaned(message.body, _BODY_LENGTH)
    notes = [*remarks(message), times(message.event_ns, zone=zone)]
    if is_plain:
        text = "\n".join(filter(None, [header, body, *_fields(message), *notes]))
        return Rendered(text=escaped(text, _PLAIN_LENGTH), blocks=())
    blocks: list[Block] = [{"type": "header", "text": _plain(header, _HEADER_LENGTH)}]
    if message.digest is not None:
        blocks += [_section(text) for text in _digest_texts(message.digest, zone)]
    elif body:
        blocks.append(_section(body))
    fields = _fields(message)
    if fields:
        blocks.append({"type": "section", "fields": [_plain(field, _FIELD_LENGTH) for field in fields]})
    blocks.append({"type": "context", "elements": [_plain(note, _NOTE_LENGTH) for note in notes]})
    return Rendered(text=escaped(f"{header}\n{body}".strip(), _FALLBACK_LENGTH), blocks=tuple(blocks))


def _plain(text: str, limit: int) -> Block:
    # Without emoji: ":100:" in a rule's name stays as typed.
    return {"type": "plain_text", "text": escaped(text, limit), "emoji": False}


def _section(text: str) -> Block:
    return {"type": "section", "text": _plain(text, _SECTION_LENGTH)}


def _header(message: Message) -> str:
    title = cleaned(message.title, _HEADER_LENGTH, is_one_line=True) or "Alert"
    if message.is_test:
        return f"🧪 TEST · {title}"
    if message.timing is Timing.REPLAYED:
        return f"⏪ REPLAY · {title}"
    if message.status is AlertStatus.CLEARED:
        return f"✅ Cleared · {title}"
    return _MARKS[message.priority] + title


def _fields(message: Message) -> list[str]:
    if message.digest is not None:
        return []
    named = (("Value", value_text(message)), ("When", message.condition), ("Tags", ", ".join(message.tags)))
    return [f"{name}: {cleaned(text, _FIELD_LENGTH, is_one_line=True)}" for name, text in named if text]


def _digest_texts(digest: Digest, zone: tzinfo | None) -> list[str]:
    """Return the lines of a digest in as many texts as they need; what has no room is counted."""
    texts: list[list[str]] = [[]]
    room, told = _DIGEST_ROOM, 0
    for number, line in enumerate(digest.lines):
        text = _digest_line(line, zone)
        needed = width(escaped(text, _SECTION_LENGTH)) + 1
        if needed > room and len(texts) == _DIGEST_SECTIONS:
            left = len(digest.lines) - number
            titles = "1 more title" if left == 1 else f"{left:,} more titles"
            texts[-1].append(f"… and {titles}: {digest.count - told:,} × in all")
            break
        if needed > room:
            texts.append([])
            room = _DIGEST_ROOM
        texts[-1].append(text)
        room -= needed
        told += line.count
    return ["\n".join(lines) for lines in texts if lines]


def _digest_line(line: DigestLine, zone: tzinfo | None) -> str:
    title = cleaned(line.title, _TITLE_LENGTH, is_one_line=True)
    last = datetime.fromtimestamp(line.last_ns // NS_PER_SECOND, UTC).astimezone(zone)
    return f"{line.count:,} × {title} · {line.priority} · last at {last:%H:%M:%S}"
