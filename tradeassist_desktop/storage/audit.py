"""The audit log as rows: added to at its end, and read page by page.

What is read may have been changed by whoever can write to the file: no value makes a reader fail.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    cast,
    func,
    insert,
    literal_column,
    or_,
    select,
)

from tradeassist_desktop.domain.audit import (
    AuditAct,
    AuditAnchor,
    AuditEntry,
    AuditPick,
    AuditResult,
    RecordedEntry,
)
from tradeassist_desktop.domain.one_line import one_line
from tradeassist_desktop.storage.audit_chain import FIRST_LINK, VALUES, as_bytes, link, values_of
from tradeassist_desktop.storage.compiled import insert_rows, text_of
from tradeassist_desktop.storage.tables import audit

SCANNED_ROWS: Final = 10_000
"""How many rows one read looks through: nobody who waits for the disk is to wait for a search."""

_LONGEST_TEXT: Final = 1_000
_INSERT: Final = text_of(insert(audit), ("number", *VALUES, "chain"))
_TEXTS: Final = ("who", "act", "what", "version", "source", "result", "detail")
_ACTS: Final = {act.value: act for act in AuditAct}
_RESULTS: Final = {result.value: result for result in AuditResult}


def as_blob(name: str) -> ColumnElement[Any]:
    """Return a column as the bytes on disk: a text that is none makes the driver give up all rows.

    Without SQLAlchemy's type, whose work on each value costs more than all the rest.
    """
    return literal_column(f"CAST(audit.{name} AS BLOB)").label(name)


def as_integer(name: str) -> ColumnElement[Any]:
    """Return a column as a whole number, whatever it is."""
    return literal_column(f"CAST(audit.{name} AS INTEGER)").label(name)


_READ: Final = (
    audit.c.number,
    *(as_blob(name) for name in _TEXTS),
    *(as_integer(name) for name in ("at_ns", "count")),
)


def newest(connection: Connection) -> AuditAnchor:
    """Return where the log ends; number 0 where it is empty."""
    row = connection.execute(
        select(audit.c.number, as_blob("chain")).order_by(audit.c.number.desc()).limit(1)
    ).first()
    return AuditAnchor(0, FIRST_LINK) if row is None else AuditAnchor(row.number, text_from(row.chain))


def append(connection: Connection, entries: Iterable[AuditEntry]) -> AuditAnchor:
    """Add entries at the end of the log; return where it ends now.

    The transaction must have taken the lock for writing before: where the log ends is read in it, so
    that two programs never chain two rows to the same one.
    """
    return append_rows(connection, [values_of(entry) for entry in entries])


def append_rows(connection: Connection, rows: Sequence[tuple[int | str, ...]]) -> AuditAnchor:
    """Add rows, given by their ``VALUES``, as ``append`` does."""
    end = newest(connection)
    number, chain = end.number, end.chain
    chained: list[tuple[object, ...]] = []
    for values in rows:
        number, chain = number + 1, link(chain, as_bytes(values))
        chained.append((number, *values, chain))
    insert_rows(connection, _INSERT, chained)
    return AuditAnchor(number, chain)


def page(
    connection: Connection, pick: AuditPick, *, above: int, below: int, limit: int
) -> list[RecordedEntry]:
    """Return picked entries with numbers between the two, newest first."""
    rows = connection.execute(
        select(*_READ)
        .where(audit.c.number > above, audit.c.number < below, *_criteria(pick))
        .order_by(audit.c.number.desc())
        .limit(limit)
    )
    return [_recorded(row) for row in rows]


def following(
    connection: Connection, pick: AuditPick, *, above: int, limit: int
) -> tuple[list[RecordedEntry], int]:
    """Look at the next ``limit`` entries behind a number.

    Returns the picked ones, oldest first, and the last number looked at: ``above`` where there are no more.
    """
    ahead = (
        select(audit.c.number).where(audit.c.number > above).order_by(audit.c.number).limit(limit).subquery()
    )
    last_looked_at = connection.execute(select(func.max(ahead.c.number))).scalar_one()
    if last_looked_at is None:
        return [], above
    rows = connection.execute(
        select(*_READ)
        .where(audit.c.number > above, audit.c.number <= last_looked_at, *_criteria(pick))
        .order_by(audit.c.number)
    )
    return [_recorded(row) for row in rows], int(last_looked_at)


def count(connection: Connection, pick: AuditPick, *, above: int, below: int) -> int:
    """Return how many entries ``page`` would give there without a limit."""
    statement = (
        select(func.count())
        .select_from(audit)
        .where(audit.c.number > above, audit.c.number < below, *_criteria(pick))
    )
    return int(connection.execute(statement).scalar_one())


def number_below(connection: Connection, number: int) -> int:
    """Return the highest number under this one; 0 where there is none."""
    found = connection.execute(select(func.max(audit.c.number)).where(audit.c.number < number)).scalar_one()
    return 0 if found is None else int(found)


def last(
    connection: Connection, whats: Iterable[str], acts: Iterable[AuditAct], except_who: Sequence[str] = ()
) -> dict[tuple[str, AuditAct], AuditEntry]:
    """Return the last entry that went well of each act about each of these, by nobody of ``except_who``."""
    found: dict[tuple[str, AuditAct], AuditEntry] = {}
    wanted = [(what, act) for what in whats for act in acts]
    for what, act in wanted:
        row = connection.execute(
            select(*_READ)
            .where(audit.c.what == what, audit.c.act == act.value, audit.c.result == AuditResult.OK.value)
            .where(audit.c.who.not_in(except_who))
            .order_by(audit.c.number.desc())
            .limit(1)
        ).first()
        if row is not None:
            found[what, act] = _recorded(row).entry
    return found


def whos_and_whats(connection: Connection) -> tuple[list[str], list[str]]:
    """Return who did something and what it was about, among the newest rows, for choosing from."""
    recent = select(audit.c.who, audit.c.what).order_by(audit.c.number.desc()).limit(SCANNED_ROWS).subquery()
    whos, whats = (
        sorted(
            text_from(name) for (name,) in connection.execute(select(cast(column, LargeBinary)).distinct())
        )
        for column in (recent.c.who, recent.c.what)
    )
    return whos, whats


def uses(connection: Connection, source: str) -> bool:
    """Whether this place gave or took a secret, among the newest rows."""
    recent = (
        select(audit.c.source, audit.c.result).order_by(audit.c.number.desc()).limit(SCANNED_ROWS).subquery()
    )
    statement = select(recent.c.source).where(
        recent.c.source == source, recent.c.result == AuditResult.OK.value
    )
    return connection.execute(statement.limit(1)).first() is not None


def text_from(value: object) -> str:
    """Return what a column holds as a text, whatever it is."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _criteria(pick: AuditPick) -> list[ColumnElement[bool]]:
    criteria: list[ColumnElement[bool]] = []
    if pick.who:
        criteria.append(audit.c.who == pick.who)
    if pick.what:
        criteria.append(audit.c.what == pick.what)
    if pick.acts:
        criteria.append(audit.c.act.in_([act.value for act in sorted(pick.acts)]))
    if pick.results:
        criteria.append(audit.c.result.in_([result.value for result in sorted(pick.results)]))
    if pick.since_ns is not None:
        criteria.append(audit.c.at_ns >= pick.since_ns)
    if pick.until_ns is not None:
        criteria.append(audit.c.at_ns < pick.until_ns)
    if pick.text:
        meant = (("what", pick.or_whats), ("act", pick.or_acts), ("result", pick.or_results))
        criteria.append(
            or_(
                *(audit.c[name].icontains(pick.text, autoescape=True) for name in _TEXTS),
                *(audit.c[name].in_([str(each) for each in sorted(texts)]) for name, texts in meant if texts),
            )
        )
    return criteria


def _recorded(row: Sequence[Any]) -> RecordedEntry:
    number, who, act, what, version, source, result, detail, at_ns, count = row
    entry = AuditEntry(
        at_ns=at_ns,
        who=_line(who),
        act=_ACTS.get(text_from(act), AuditAct.UNKNOWN),
        what=_line(what),
        version=_line(version),
        source=_line(source),
        result=_RESULTS.get(text_from(result), AuditResult.UNKNOWN),
        detail=_line(detail),
        count=count,
    )
    return RecordedEntry(number, entry)


def _line(value: object) -> str:
    # Others may have written what a terminal or a file would obey.
    return one_line(text_from(value), _LONGEST_TEXT)
