"""Rules as JSON documents, with what must be asked of them in columns."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.storage.tables import rules

log = logging.getLogger(__name__)

_CHANGED: Final = ("document", "is_active", "updated_ns", "deleted_ns")


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


def keep(connection: Connection, after: Mapping[str, Rule | None], *, now_ns: int) -> None:
    """Add rules at the end, replace those there are in their places, remove those that are ``None``.

    A removed one keeps its row and place, so that it can come back to it.
    """
    removed = [{"removed": uid} for uid, rule in after.items() if rule is None]
    if removed:
        of_uid = rules.c.uid == bindparam("removed")
        connection.execute(
            update(rules).where(of_uid, rules.c.deleted_ns.is_(None)).values(deleted_ns=now_ns), removed
        )
    last = connection.execute(select(func.coalesce(func.max(rules.c.position) + 1, 0))).scalar_one()
    put = [
        {
            "uid": rule.uid,
            "position": last + number,
            "document": msgspec.json.encode(rule).decode(),
            "is_active": int(rule.active),
            "created_ns": now_ns,
            "updated_ns": now_ns,
            "deleted_ns": None,
        }
        for number, rule in enumerate(rule for rule in after.values() if rule is not None)
    ]
    if put:
        statement = insert(rules)
        changed = {name: statement.excluded[name] for name in _CHANGED}
        connection.execute(statement.on_conflict_do_update(index_elements=["uid"], set_=changed), put)
