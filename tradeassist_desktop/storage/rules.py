"""Rules as JSON documents, with what must be asked of them in columns."""

import logging
from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.storage.tables import rules

log = logging.getLogger(__name__)


def load(connection: Connection) -> tuple[Rule, ...]:
    """Return the rules in their order; one that cannot be read is logged and stays in its table."""
    found: list[Rule] = []
    rows = connection.execute(
        select(rules.c.uid, rules.c.document, rules.c.is_active)
        .where(rules.c.deleted_ns.is_(None))
        .order_by(rules.c.position, rules.c.uid)
    )
    for row in rows:
        try:
            rule = msgspec.json.decode(row.document, type=Rule)
        except msgspec.DecodeError as error:
            log.error("kept rule cannot be read", extra={"rule": row.uid, "error": str(error)})
            continue
        found.append(replace(rule, active=bool(row.is_active)))
    return tuple(found)


def put(connection: Connection, rule: Rule, *, now_ns: int) -> None:
    """Add a rule at the end, or replace the one of its uid in its place; a removed one is back."""
    last = connection.execute(select(func.coalesce(func.max(rules.c.position) + 1, 0))).scalar_one()
    values = {
        "document": msgspec.json.encode(rule).decode(),
        "is_active": int(rule.active),
        "updated_ns": now_ns,
        "deleted_ns": None,
    }
    statement = insert(rules).values(uid=rule.uid, position=last, created_ns=now_ns, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["uid"], set_=values))


def set_active(connection: Connection, uids: Sequence[str], *, active: bool, now_ns: int) -> None:
    """Switch rules on or off, as a trader does, or a ``once`` rule that is spent."""
    values = {"is_active": int(active), "updated_ns": now_ns}
    connection.execute(update(rules).where(rules.c.uid.in_(uids)).values(values))


def remove(connection: Connection, uids: Sequence[str], *, now_ns: int) -> None:
    """Remove rules so that ``restore`` can bring them back to their places."""
    connection.execute(
        update(rules).where(rules.c.uid.in_(uids), rules.c.deleted_ns.is_(None)).values(deleted_ns=now_ns)
    )


def restore(connection: Connection, uids: Sequence[str]) -> None:
    """Bring removed rules back."""
    connection.execute(update(rules).where(rules.c.uid.in_(uids)).values(deleted_ns=None))
