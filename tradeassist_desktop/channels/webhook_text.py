"""A message as a webhook's JSON, and its signature.

Version 1 of the document::

    {"version": 1, "id": "…", "alert_id": "…", "title": "/ES: Opening drive", "text": "/ES last …",
     "symbol": "/ES", "value": 5530.25, "value_symbol": "/ES", "time": "2026-01-01T00:00:00.123Z",
     "priority": "normal", "status": "fired", "rule": "Opening drive", "rule_uid": "…",
     "condition": "last crosses above 5530", "tags": ["opening"], "cause": "fired", "timing": "live",
     "late_by_s": 0.0, "may_be_repeat": false, "is_late": false, "is_saved": true, "is_test": false,
     "announcement": 0, "digest": null}

``value`` is the left side of what turned true, which is a price only where the rule compares one.
``digest`` is ``{"count": 120, "lines": [{"title": "…", "count": 80, "priority": "high", "last": "…"}],
"more_titles": 0, "more_count": 0}`` where the message stands for several alerts.

Signed as Standard Webhooks 1.0 has it, so that receivers find a library for it:
``webhook-signature: v1,BASE64(HMAC-SHA256(key, id + "." + timestamp + "." + body))``.
Source: https://www.standardwebhooks.com
"""

import base64
import binascii
import hashlib
import hmac
import json
import math
import re
from datetime import UTC, datetime
from typing import Any, Final

from tradeassist_desktop.channels.wording import cleaned
from tradeassist_desktop.domain.channels import ChannelBarred
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.messages import Digest, Message

_LINE_LENGTH: Final = 500
_TEXT_LENGTH: Final = 10_000
_MOST_TAGS: Final = 50
_MOST_LINES: Final = 200
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_:\-]{1,200}", re.ASCII)
_SECRET_PREFIX: Final = "whsec_"


def identity(key: str) -> str:
    """Return an idempotency key as a header can carry it: unchanged where it can be, else hashed."""
    if _PLAIN_KEY.fullmatch(key):
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def document(message: Message) -> dict[str, Any]:
    """Return the message as the document above; every text cleaned and bounded."""
    return {
        "version": 1,
        "id": identity(message.idempotency_key),
        "alert_id": _line(message.alert_id),
        "title": _line(message.title),
        "text": cleaned(message.body, _TEXT_LENGTH),
        "symbol": _line(message.symbol),
        "value": message.value if message.value is not None and math.isfinite(message.value) else None,
        "value_symbol": _line(message.symbol if message.value_symbol == "" else message.value_symbol or ""),
        "time": _iso(message.event_ns),
        "priority": message.priority.value,
        "status": message.status.value,
        "rule": _line(message.rule_name),
        "rule_uid": _line(message.rule_uid),
        "condition": cleaned(message.condition, _TEXT_LENGTH),
        "tags": [_line(tag) for tag in message.tags[:_MOST_TAGS]],
        "cause": message.cause.value,
        "timing": message.timing.value,
        "late_by_s": round(message.late_by_ns / NS_PER_SECOND, 3),
        "may_be_repeat": message.is_second_try,
        "is_late": message.is_late,
        "is_saved": message.is_saved,
        "is_test": message.is_test,
        "announcement": message.announcement,
        "digest": None if message.digest is None else _digest(message.digest),
    }


def encoded(message: Message) -> bytes:
    """Return the document's bytes: what is sent is what is signed."""
    return json.dumps(document(message), ensure_ascii=True, allow_nan=False).encode("ascii")


def signature(key: str, *, of_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``.

    Args:
        key: A text, or ``whsec_`` and base64 as the standard's libraries make them.
        timestamp: UTC seconds, as in ``webhook-timestamp``.

    Raises:
        ChannelBarred: what follows ``whsec_`` is no base64, or nothing.
    """
    if key.startswith(_SECRET_PREFIX):
        try:
            raw = base64.b64decode(key.removeprefix(_SECRET_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise ChannelBarred(
                "the webhook's key begins with whsec_, and what follows is no base64"
            ) from None
        if not raw:  # anybody could sign with it
            raise ChannelBarred("the webhook's key begins with whsec_, and nothing follows: enter it whole")
    else:
        raw = key.encode()
    digest = hmac.digest(raw, f"{of_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def _digest(digest: Digest) -> dict[str, Any]:
    left = digest.lines[_MOST_LINES:]
    return {
        "count": digest.count,
        "lines": [
            {
                "title": _line(line.title),
                "count": line.count,
                "priority": line.priority.value,
                "last": _iso(line.last_ns),
            }
            for line in digest.lines[:_MOST_LINES]
        ],
        "more_titles": len(left),
        "more_count": sum(line.count for line in left),
    }


def _line(text: str) -> str:
    return cleaned(text, _LINE_LENGTH, is_one_line=True)


def _iso(event_ns: int) -> str:
    moment = datetime.fromtimestamp(event_ns // NS_PER_SECOND, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{event_ns % NS_PER_SECOND // 1_000_000:03d}Z"
