"""Alerts as rows, and rows as alerts: newest pages, single ones, acknowledging."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.alerts import Alert, AlertState, AlertStatus, Leg, Priority, Timing
from tradeassist_desktop.domain.delivery import Cause, Delivery, DeliveryState, Muting
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.storage.compiled import text_of
from tradeassist_desktop.storage.tables import (
    IS_OPEN,
    alerts,
    deliveries,
    delivery_attempts,
    discarded_deliveries,
)

_MOST_VALUES: Final = 10_000
"""SQLite takes 32,766 values in one statement."""
_MOST_LOOKED_AT: Final = 20_000
_MOST_OF_ONE: Final = 20


_COLUMNS = tuple(column.name for column in alerts.c if column.name not in ("number", "acknowledged_ns"))

INSERT = text_of(insert(alerts).on_conflict_do_nothing(index_elements=["id"]), _COLUMNS)
"""Keeps the values of one ``to_row``, in its order; an alert that is there already stays as it is."""


def to_row(alert: Alert, *, committed_ns: int) -> dict[str, Any]:
    """Return the columns an alert is kept in, in the table's order."""
    return {
        "id": alert.id,
        "rule_uid": alert.rule_uid,
        "rule_name": alert.rule_name,
        "symbol": alert.symbol,
        "sequence": alert.sequence,
        "priority": alert.priority.value,
        "status": alert.status.value,
        "event_ns": alert.event_ns,
        "value": alert.value,
        "message": alert.message,
        "condition": alert.condition,
        "reason": alert.reason,
        "channels": None if alert.channels is None else msgspec.json.encode(alert.channels).decode(),
        "count": alert.count,
        "legs": msgspec.json.encode(alert.legs).decode(),
        "received_ns": alert.received_ns,
        "evaluated_ns": alert.evaluated_ns,
        "committed_ns": committed_ns,
        "timing": alert.timing.value,
    }


def from_row(row: Row[Any]) -> Alert:
    """Return the alert that was kept."""
    columns = row._mapping
    channels = columns["channels"]
    return Alert(
        id=columns["id"],
        rule_uid=columns["rule_uid"],
        rule_name=columns["rule_name"],
        symbol=columns["symbol"],
        sequence=columns["sequence"],
        priority=Priority(columns["priority"]),
        status=AlertStatus(columns["status"]),
        event_ns=columns["event_ns"],
        value=columns["value"],
        message=columns["message"],
        condition=columns["condition"],
        reason=columns["reason"],
        channels=None if channels is None else msgspec.json.decode(channels, type=tuple[str, ...]),
        # Not columns.count: rows are tuples too, and that is a method of theirs.
        count=columns["count"],
        legs=msgspec.json.decode(columns["legs"], type=tuple[Leg, ...]),
        received_ns=columns["received_ns"],
        evaluated_ns=columns["evaluated_ns"],
        timing=Timing(columns["timing"]),
    )


def delivery_from_row(row: Row[Any]) -> Delivery:
    """Return the delivery that was kept."""
    columns = row._mapping
    return Delivery(
        alert_id=columns["alert_id"],
        channel=columns["channel"],
        state=DeliveryState(columns["state"]),
        attempts=columns["attempts"],
        next_attempt_ns=columns["next_attempt_ns"],
        finished_ns=columns["finished_ns"],
        detail=columns["detail"],
        announcement=columns["announcement"],
        cause=Cause(columns["cause"]),
        created_ns=columns["created_ns"],
        receipt=columns["receipt"],
        muting=None if columns["muting"] is None else Muting(columns["muting"]),
    )


def recent(connection: Connection, *, limit: int) -> list[AlertRecord]:
    """Return the newest records, newest first."""
    return page(connection, before_number=None, limit=limit)


def page(connection: Connection, *, before_number: int | None, limit: int) -> list[AlertRecord]:
    """Return the next records older than that number, newest first; ``None`` starts at the newest."""
    query = select(alerts).order_by(alerts.c.number.desc()).limit(limit)
    if before_number is not None:
        query = query.where(alerts.c.number < before_number)
    return _records(connection, query)


def by_ids(connection: Connection, ids: Iterable[str]) -> list[AlertRecord]:
    """Return the records of these alerts that there are, newest first."""
    return _records(
        connection, select(alerts).where(alerts.c.id.in_(list(ids))).order_by(alerts.c.number.desc())
    )


def unanswered(connection: Connection, *, since_ns: int) -> list[AlertRecord]:
    """Return the live firings that nobody has answered, oldest first, of those committed after ``since_ns``.

    Acknowledging one answers all of its rule and symbol until then, as does "no longer true".
    """
    columns = ("id", "rule_uid", "symbol", "status", "committed_ns", "acknowledged_ns")
    newest = select(func.coalesce(func.max(alerts.c.number), 0)).scalar_subquery()
    rows = connection.execute(
        select(*(alerts.c[name] for name in columns))
        .where(
            alerts.c.number > newest - _MOST_LOOKED_AT,
            alerts.c.committed_ns > since_ns,
            alerts.c.status != AlertStatus.SUPPRESSED.value,
            alerts.c.timing != Timing.REPLAYED.value,
        )
        .order_by(alerts.c.number)
    )
    fired: defaultdict[tuple[str, str], deque[tuple[str, int]]]
    fired = defaultdict(lambda: deque(maxlen=_MOST_OF_ONE))
    answered_ns: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        subject = row.rule_uid or row.id, row.symbol  # a notice stands for itself
        if row.status == AlertStatus.CLEARED.value:
            fired[subject].clear()
            continue
        if row.acknowledged_ns is None:
            fired[subject].append((row.id, row.committed_ns))
        else:
            answered_ns[subject] = max(answered_ns[subject], row.acknowledged_ns)
    ids = [
        alert_id
        for subject, alerts_of in fired.items()
        for alert_id, committed_ns in alerts_of
        if committed_ns > answered_ns[subject]
    ]
    return by_ids(connection, ids[-_MOST_VALUES:])[::-1]


def seen_but_waiting(connection: Connection) -> list[str]:
    """Return the alerts that were acknowledged though something of them is still to be sent."""
    waiting = select(deliveries.c.alert_id).where(text(IS_OPEN))
    return list(
        connection.execute(
            select(alerts.c.id).where(alerts.c.acknowledged_ns.is_not(None), alerts.c.id.in_(waiting))
        ).scalars()
    )


def acknowledge(connection: Connection, ids: Sequence[str], *, now_ns: int) -> None:
    """Mark alerts as seen; those seen before keep their time."""
    connection.execute(
        update(alerts)
        .where(alerts.c.id.in_(ids), alerts.c.acknowledged_ns.is_(None))
        .values(acknowledged_ns=now_ns)
    )


def acknowledge_each(connection: Connection, seen: Iterable[tuple[str, int]]) -> None:
    """Mark each alert as seen at its own time."""
    for alert_id, acknowledged_ns in seen:
        acknowledge(connection, [alert_id], now_ns=acknowledged_ns)


def unacknowledge(connection: Connection, ids: Sequence[str]) -> None:
    """Take acknowledging back."""
    connection.execute(update(alerts).where(alerts.c.id.in_(ids)).values(acknowledged_ns=None))


def forget(connection: Connection, ids: Sequence[str]) -> None:
    """Remove alerts with their deliveries and attempts: a replay that was turned back raises them again."""
    for first in range(0, len(ids), _MOST_VALUES):
        some = ids[first : first + _MOST_VALUES]
        # Else the attempts to come would be written over those of before, and seem to have taken since then.
        connection.execute(delete(delivery_attempts).where(delivery_attempts.c.alert_id.in_(some)))
        connection.execute(delete(discarded_deliveries).where(discarded_deliveries.c.alert_id.in_(some)))
        connection.execute(delete(deliveries).where(deliveries.c.alert_id.in_(some)))
        connection.execute(delete(alerts).where(alerts.c.id.in_(some)))


def set_counts(connection: Connection, counts: Mapping[str, int]) -> None:
    """Write down how many firings these alerts stand for by now."""
    if counts:
        connection.execute(
            update(alerts).where(alerts.c.id == bindparam("alert")).values(count=bindparam("firings")),
            [{"alert": alert_id, "firings": count} for alert_id, count in counts.items()],
        )


def _records(connection: Connection, query: Select[Any]) -> list[AlertRecord]:
    rows = connection.execute(query).all()
    sent: defaultdict[str, list[Delivery]] = defaultdict(list)
    # SQLite takes 32,766 values in one statement, more than a page ever has.
    wanted = deliveries.c.alert_id.in_([row.id for row in rows])
    for row in connection.execute(
        select(deliveries).where(wanted).order_by(deliveries.c.channel, deliveries.c.announcement)
    ):
        sent[row.alert_id].append(delivery_from_row(row))
    return [
        AlertRecord(
            alert=from_row(row),
            state=AlertState.NEW if row.acknowledged_ns is None else AlertState.ACKNOWLEDGED,
            deliveries=tuple(sent[row.id]),
            committed_ns=row.committed_ns,
            acknowledged_ns=row.acknowledged_ns,
            number=row.number,
        )
        for row in rows
    ]
