"""Looks through the audit log's chain, a part at a time, for the first row that is not what was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, func, select

from tradeassist_desktop.domain.audit import (
    AUDIT_LOG,
    AuditAct,
    AuditAnchor,
    AuditBreak,
    AuditFault,
    AuditResult,
)
from tradeassist_desktop.storage.audit import as_blob, as_integer, text_from
from tradeassist_desktop.storage.audit_chain import FIRST_LINK, VALUES, link
from tradeassist_desktop.storage.tables import audit

_CHECKPOINTS: Final = (AuditAct.PRUNE.value, AuditAct.ACCEPT.value)
_MOST_DIGITS: Final = 20
_AHEAD: Final = 2
"""Rows behind a broken one that tell what was done to it."""


class LinkedRow(NamedTuple):
    """A row as it is on disk: its values as bytes, whatever they are."""

    number: int
    values: tuple[bytes, ...]
    chain: str

    @property
    def at_ns(self) -> int:
        """Its time, UTC nanoseconds; 0 where it has none."""
        digits = self.values[0]
        return int(digits) if digits.isdigit() and len(digits) < _MOST_DIGITS else 0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """From where the chain can be followed: the last row that pruning has passed, or that was accepted.

    Args:
        kept_seal: What the rows up to there come to that were kept all the same.
        number: Of the row that says so; 0 where none does.
    """

    through: int
    chain: str
    kept_seal: str
    number: int = 0


_BEGINNING: Final = Checkpoint(0, FIRST_LINK, FIRST_LINK)


def checkpoint(connection: Connection) -> Checkpoint:
    """Return where checking begins."""
    row = connection.execute(
        select(audit.c.number, as_integer("through"), as_blob("seal"))
        .where(
            audit.c.what == AUDIT_LOG,
            audit.c.act.in_(_CHECKPOINTS),
            audit.c.result == AuditResult.OK.value,
        )
        .order_by(audit.c.number.desc())
        .limit(1)
    ).first()
    if row is None:
        return _BEGINNING
    chain, _, kept_seal = text_from(row.seal).partition(" ")
    return Checkpoint(row.through, chain, kept_seal, row.number)


def kept_rows(
    connection: Connection, through: int, *, above: int = 0, limit: int | None = None
) -> list[LinkedRow]:
    """Return the rows kept beyond their time, oldest first; of those behind a number so many at most."""
    return _rows(connection, _SELECT.where(audit.c.number > above, audit.c.number <= through).limit(limit))


def rows_after(connection: Connection, number: int, *, limit: int) -> list[LinkedRow]:
    """Return rows behind this number, oldest first."""
    return _rows(connection, _SELECT.where(audit.c.number > number).limit(limit))


def seal_of(kept: Sequence[LinkedRow], seal: str = FIRST_LINK) -> str:
    """Return what kept rows come to: one link of them all, numbers and links included.

    Args:
        seal: What those before them come to.
    """
    for row in kept:
        seal = link(seal, (str(row.number).encode(), *row.values, row.chain.encode()))
    return seal


def broken_kept(at: Checkpoint, seal: str) -> AuditBreak | None:
    """Return that the rows kept beyond their time are others, or ``None``.

    Args:
        seal: What they come to now.
    """
    return None if seal == at.kept_seal else AuditBreak(AuditFault.KEPT_CHANGED, at.through, None)


def untold(at: Checkpoint, anchor: AuditAnchor) -> AuditBreak | None:
    """Return that nothing but the file itself says what became of the rows before, or ``None``."""
    return None if at.number <= anchor.number else AuditBreak(AuditFault.UNTOLD, at.number, None)


def follow(connection: Connection, end: AuditAnchor, *, limit: int) -> tuple[AuditAnchor, AuditBreak | None]:
    """Follow the chain from ``end``; return how far it could be followed, and what is broken there.

    ``end`` itself is returned where nothing follows it.
    """
    number, chain = end.number, end.chain
    rows = rows_after(connection, number, limit=limit + _AHEAD)
    for place, row in enumerate(rows[:limit]):
        broken = _broken(number, chain, row, rows[place + 1 : place + 1 + _AHEAD])
        if broken is not None:
            return AuditAnchor(number, chain), broken
        number, chain = row.number, row.chain
    return AuditAnchor(number, chain), None


def broken_anchor(connection: Connection, anchor: AuditAnchor) -> AuditBreak | None:
    """Return why the log is not the one that led to this anchor, or ``None``."""
    row = connection.execute(select(as_blob("chain")).where(audit.c.number == anchor.number)).first()
    if row is not None and text_from(row[0]) == anchor.chain:
        return None
    last_number = connection.execute(select(func.max(audit.c.number))).scalar_one() or 0
    if last_number < anchor.number:
        return AuditBreak(AuditFault.CUT, last_number + 1, None, missing=anchor.number - last_number)
    return AuditBreak(AuditFault.REWRITTEN, anchor.number, None)


def _broken(number: int, chain: str, row: LinkedRow, ahead: Sequence[LinkedRow]) -> AuditBreak | None:
    if row.number != number + 1:
        return AuditBreak(AuditFault.REMOVED, number + 1, row.at_ns, missing=row.number - number - 1)
    if link(chain, row.values) == row.chain:
        return None
    fault = AuditFault.CHANGED
    if ahead and link(chain, ahead[0].values) == ahead[0].chain:
        # The next row follows from the one before: this one has come in between.
        fault = AuditFault.INSERTED
        if len(ahead) > 1 and link(row.chain, ahead[1].values) == ahead[1].chain:
            fault = AuditFault.MOVED
    return AuditBreak(fault, row.number, row.at_ns)


_SELECT: Final = select(
    audit.c.number,
    # As bytes: also what is no text, or no number, can be compared.
    *(as_blob(name) for name in (*VALUES, "chain")),
).order_by(audit.c.number)


def _rows(connection: Connection, statement: Select[Any]) -> list[LinkedRow]:
    return [
        LinkedRow(number, tuple(values), text_from(chain))
        for number, *values, chain in connection.execute(statement)
    ]
