"""What a message looks like as an e-mail: a plain and an HTML part that say the same."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import Final

from tradeassist_desktop.channels.wording import cleaned, headline, remarks, times, value_text
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.messages import Digest, Message

_SUBJECT_LENGTH: Final = 150
_BODY_LENGTH: Final = 10_000
_FIELD_LENGTH: Final = 1_000
_DIGEST_LINES: Final = 200
_MESSAGE_ID: Final = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>", re.ASCII)


def message_id(key: str, sender: str) -> str:
    """Return the ``Message-ID`` of an idempotency key: the same in every attempt.

    Mail servers and programs drop a second mail of the same id.
    """
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return f"<{digest}@{sender.rpartition('@')[2]}>"


def email_of(message: Message, *, sender: str, recipients: Sequence[str], now_ns: int) -> EmailMessage:
    """Return the mail.

    Args:
        sender: A bare address, and so are the ``recipients``.
        now_ns: What its date says, UTC nanoseconds.
    """
    subject = headline(message, _SUBJECT_LENGTH)
    facts = _facts(message)
    said = list(remarks(message))
    body = "" if message.digest is not None else cleaned(message.body, _BODY_LENGTH)
    rows = [] if message.digest is None else _rows(message.digest)

    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject
    mail["From"] = Address("TradeAssist", addr_spec=sender)
    mail["To"] = [Address(addr_spec=recipient) for recipient in recipients]
    mail["Date"] = datetime.fromtimestamp(now_ns // NS_PER_SECOND, UTC)
    mail["Message-ID"] = message_id(message.idempotency_key, sender)
    if _MESSAGE_ID.fullmatch(message.reply_to):
        mail["In-Reply-To"] = message.reply_to
        mail["References"] = message.reply_to
    # No out-of-office answer for each alert, RFC 3834.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if message.priority in (Priority.HIGH, Priority.URGENT):
        mail["Importance"] = "high"
    # Quoted-printable: lines stay under 998 octets however long a word is.
    mail.set_content(_plain(subject, body, rows, facts, said), charset="utf-8", cte="quoted-printable")
    html = _html(subject, body, rows, facts, said)
    mail.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    return mail


def _facts(message: Message) -> list[tuple[str, str]]:
    named = [
        ("Symbol", message.symbol),
        ("Value", "" if message.digest is not None else value_text(message)),
        ("Condition", message.condition),
        ("Rule", message.rule_name),
        ("Priority", message.priority.value),
        ("Tags", ", ".join(message.tags)),
        ("Time", times(message.event_ns)),
    ]
    shown = [(label, cleaned(text, _FIELD_LENGTH, is_one_line=True)) for label, text in named]
    return [(label, text) for label, text in shown if text]


def _rows(digest: Digest) -> list[str]:
    rows = [
        f"{line.count:,} × {cleaned(line.title, 200, is_one_line=True)} ({line.priority.value}), "
        f"last at {times(line.last_ns)}"
        for line in digest.lines[:_DIGEST_LINES]
    ]
    left = digest.lines[_DIGEST_LINES:]
    if left:
        rows.append(f"{sum(line.count for line in left):,} × of {len(left):,} more titles")
    return [f"{digest.count:,} alerts in this mail:", *rows]


def _plain(
    subject: str, body: str, rows: Sequence[str], facts: Sequence[tuple[str, str]], said: Sequence[str]
) -> str:
    parts = [
        subject,
        body,
        "\n".join(rows),
        "\n".join(f"{label}: {text}" for label, text in facts),
        "\n".join(said),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(
    subject: str, body: str, rows: Sequence[str], facts: Sequence[tuple[str, str]], said: Sequence[str]
) -> str:
    """Return the same as HTML: every text escaped, nothing loaded from anywhere, nothing to click."""
    lines = "<br>".join(escape(line) for line in body.split("\n"))
    listed = "".join(f"<p style='margin:0'>{escape(row)}</p>" for row in rows)
    cells = "".join(
        f"<tr><td style='color:#666;padding-right:1em;vertical-align:top'>{escape(label)}</td>"
        f"<td>{escape(text)}</td></tr>"
        for label, text in facts
    )
    notes = "".join(f"<p style='color:#666;margin:0'>{escape(sentence)}</p>" for sentence in said)
    return (
        "<!doctype html><html><head><meta charset='utf-8'></head>"
        "<body style='font-family:sans-serif;font-size:15px'>"
        f"<h2 style='font-size:18px'>{escape(subject)}</h2>"
        f"{f'<p>{lines}</p>' if body else ''}{listed}<table>{cells}</table>{notes}</body></html>\n"
    )
