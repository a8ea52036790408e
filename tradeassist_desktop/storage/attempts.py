"""Every try to send a delivery, and what the receivers called what they took."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, text
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.delivery import Attempt, AttemptOutcome, DeliveryKey
from tradeassist_desktop.storage.compiled import insert_rows, text_of
from tradeassist_desktop.storage.tables import HAS_RECEIPT, alerts, deliveries, delivery_attempts

_COLUMNS = tuple(column.name for column in delivery_attempts.c)
_INSERT = insert(delivery_attempts)
_PUT = text_of(
    _INSERT.on_conflict_do_update(
        index_elements=list(delivery_attempts.primary_key.columns),
        set_={name: _INSERT.excluded[name] for name in ("finished_ns", "outcome", "detail")},
    ),
    _COLUMNS,
)


class GivenReceipt(NamedTuple):
    """What a channel's receiver called a message about a rule and a symbol."""

    channel: str
    rule_uid: str
    symbol: str
    receipt: str


def put(connection: Connection, changed: Iterable[Attempt]) -> None:
    """Write down how attempts stand, also new ones."""
    rows = [
        (*each.key, each.number, each.started_ns, each.finished_ns, each.outcome.value, each.detail)
        for each in changed
    ]
    insert_rows(connection, _PUT, rows)


def of_alert(connection: Connection, alert_id: str) -> list[Attempt]:
    """Return every attempt to send an alert, through all channels, in the order they began."""
    rows = connection.execute(
        select(delivery_attempts)
        .where(delivery_attempts.c.alert_id == alert_id)
        .order_by(delivery_attempts.c.started_ns, delivery_attempts.c.channel, delivery_attempts.c.number)
    )
    return [from_row(row) for row in rows]


def from_row(row: Row[Any]) -> Attempt:
    """Return the attempt that was kept."""
    return Attempt(
        key=DeliveryKey(row.alert_id, row.channel, row.announcement),
        number=row.number,
        started_ns=row.started_ns,
        finished_ns=row.finished_ns,
        outcome=AttemptOutcome(row.outcome),
        detail=row.detail,
    )


def newest_receipts(connection: Connection, channel: str, *, limit: int) -> list[GivenReceipt]:
    """Return the receipts that a channel gave last, oldest first."""
    rows = connection.execute(
        select(deliveries.c.channel, alerts.c.rule_uid, alerts.c.symbol, deliveries.c.receipt)
        .join(alerts, alerts.c.id == deliveries.c.alert_id)
        .where(deliveries.c.channel == channel, text(HAS_RECEIPT))
        .order_by(deliveries.c.finished_ns.desc())
        .limit(limit)
    ).all()
    return [GivenReceipt(*row) for row in reversed(rows)]
