"""How the audit log's rows hang together: each row's link is of the link before and its own values.

Whoever changes a row must make all later links anew; the newest one, remembered elsewhere
(``AuditAnchor``), then shows it. Numbers are not part of a link: rows are numbered without gaps, so that
order and number say the same, and a link that fits elsewhere tells what was done to a row.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from tradeassist_desktop.domain.audit import AuditEntry

VALUES: Final = (
    "at_ns",
    "who",
    "act",
    "what",
    "version",
    "source",
    "result",
    "detail",
    "count",
    "through",
    "seal",
)
"""The columns a link is of, in this order for ever: older rows were chained by it."""

FIRST_LINK: Final = ""
"""What the first row's link is of."""


def link(before: str, values: Sequence[bytes]) -> str:
    """Return a row's link, SHA-256 in hexadecimal digits.

    Args:
        before: The link of the row before.
        values: Of ``VALUES``, as UTF-8 texts.
    """
    digest = hashlib.sha256(before.encode())
    for value in values:
        # With its length, so that no text can be moved from one column to the next.
        digest.update(len(value).to_bytes(4, "big"))
        digest.update(value)
    return digest.hexdigest()


def values_of(entry: AuditEntry, *, through: int = 0, seal: str = "") -> tuple[int | str, ...]:
    """Return a row's values, in the order of ``VALUES``.

    Args:
        through: Of a row about pruning: the last row it took into its range.
        seal: Of such a row: the link of that one, and what the kept older rows come to.
    """
    return (
        entry.at_ns,
        entry.who,
        entry.act.value,
        entry.what,
        entry.version,
        entry.source,
        entry.result.value,
        entry.detail,
        entry.count,
        through,
        seal,
    )


def as_bytes(values: Sequence[int | str]) -> tuple[bytes, ...]:
    """Return values as a link takes them."""
    return tuple(str(value).encode() for value in values)
