"""Takes old rows out of the audit log, and leaves what the rest can be checked by.

The chain of what is removed is checked first: what was changed by others is never tidied away.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, delete, select

from tradeassist_desktop.domain.audit import (
    AUDIT_LOG,
    AuditAct,
    AuditAnchor,
    AuditBreak,
    AuditEntry,
    AuditResult,
)
from tradeassist_desktop.storage import audit as audit_rows
from tradeassist_desktop.storage.audit_chain import VALUES, values_of
from tradeassist_desktop.storage.audit_checks import (
    LinkedRow,
    broken_kept,
    checkpoint,
    follow,
    kept_rows,
    rows_after,
    seal_of,
)
from tradeassist_desktop.storage.tables import audit

_LASTING_ACTS: Final = (AuditAct.WRITE.value, AuditAct.ROTATE.value)
_ACT, _WHAT, _RESULT = (VALUES.index(name) for name in ("act", "what", "result"))


class AuditBroken(Exception):
    """The rows to be removed are not those that were written. They are kept, as evidence."""

    def __init__(self, broken: AuditBreak) -> None:
        super().__init__(f"the audit log is broken at {broken.number}: {broken.fault}")
        self.broken = broken


def prune(connection: Connection, *, before_ns: int, now_ns: int, below: int, limit: int) -> int:
    """Remove the oldest rows, but the last time each secret was written or rotated.

    Returns how many rows it went through; 0 when there are no more that old.

    Args:
        before_ns: Rows from this time on stay, UTC nanoseconds.
        below: Rows from this number on stay: the anchor's, without which it would vouch for nothing.
        limit: How many rows it goes through, so that the transaction is short.

    Raises:
        AuditBroken: they are not what was written; nothing was removed.
    """
    start = checkpoint(connection)
    old = _old(
        rows_after(connection, start.through, limit=limit), before_ns=before_ns, now_ns=now_ns, below=below
    )
    if not old:
        return 0
    begin = AuditAnchor(start.through, start.chain)
    through, broken = follow(connection, begin, limit=len(old))
    kept_before = kept_rows(connection, start.through)
    broken = broken_kept(start, seal_of(kept_before)) or broken
    if broken is not None:
        raise AuditBroken(broken)
    candidates = [*kept_before, *old]
    kept = _lasting(connection, candidates, through=through.number)
    removed = len(candidates) - len(kept)
    until = datetime.fromtimestamp(before_ns // 1_000_000_000, tz=UTC)
    entry = AuditEntry(
        at_ns=now_ns,
        who=AUDIT_LOG,
        act=AuditAct.PRUNE,
        what=AUDIT_LOG,
        detail=f"entries from before {until:%Y-%m-%d} removed, up to number {through.number:,}",
        count=removed,
    )
    seal = f"{through.chain} {seal_of(kept)}"
    audit_rows.append_rows(connection, [values_of(entry, through=through.number, seal=seal)])
    connection.execute(
        delete(audit).where(
            audit.c.number <= through.number, audit.c.number.not_in([row.number for row in kept])
        )
    )
    return len(old)


def _old(rows: list[LinkedRow], *, before_ns: int, now_ns: int, below: int) -> list[LinkedRow]:
    """Return the rows at the beginning that are too old.

    One from the future, of a clock that was wrong, is as old as what follows it.
    """
    count = 0
    for place, row in enumerate(rows, start=1):
        if row.number >= below or before_ns <= row.at_ns <= now_ns:
            break
        if row.at_ns < before_ns:
            count = place
    return rows[:count]


def _lasting(connection: Connection, candidates: list[LinkedRow], *, through: int) -> list[LinkedRow]:
    newest: dict[tuple[bytes, bytes], LinkedRow] = {}
    for row in candidates:
        what, act = row.values[_WHAT], row.values[_ACT]
        if act.decode() in _LASTING_ACTS and row.values[_RESULT].decode() == AuditResult.OK.value:
            newest[what, act] = row
    return sorted(
        (row for (what, act), row in newest.items() if not _is_followed(connection, what, act, through)),
        key=lambda row: row.number,
    )


def _is_followed(connection: Connection, what: bytes, act: bytes, through: int) -> bool:
    return (
        connection.execute(
            select(audit.c.number)
            .where(
                audit.c.what == what.decode(),
                audit.c.act == act.decode(),
                audit.c.result == AuditResult.OK.value,
                audit.c.number > through,
            )
            .limit(1)
        ).first()
        is not None
    )
