"""Further announcements of alerts that are stored: repeats, escalations, what a silence held back."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, tuple_

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import (
    Cause,
    Delivery,
    DeliveryKey,
    DeliveryState,
    announcements_after,
)
from tradeassist_desktop.storage import alerts as alert_rows
from tradeassist_desktop.storage import outbox
from tradeassist_desktop.storage.leases import Lease
from tradeassist_desktop.storage.tables import alerts, deliveries

_MOST_KEYS = 5_000
"""SQLite takes 32,766 values in one statement; a key has three."""


def last_numbers(connection: Connection, alert_id: str) -> dict[str, int]:
    """Return the number of an alert's last announcement, by channel."""
    rows = connection.execute(
        select(deliveries.c.channel, func.max(deliveries.c.announcement).label("number"))
        .where(deliveries.c.alert_id == alert_id)
        .group_by(deliveries.c.channel)
    )
    return {row.channel: row.number for row in rows}


def announce_again(
    connection: Connection, alert_id: str, channels: Sequence[str], cause: Cause, *, now_ns: int, lease: Lease
) -> tuple[Delivery, ...]:
    """Store one more announcement of a stored alert on each channel; return them.

    Belongs into a durable transaction.
    """
    last = last_numbers(connection, alert_id)
    added = announcements_after(last, alert_id, channels, cause, now_ns=now_ns)
    outbox.mark(connection, added, lease)
    return added


def release(
    connection: Connection, keys: Sequence[DeliveryKey], cause: Cause, *, now_ns: int, lease: Lease
) -> list[tuple[Alert, Delivery]]:
    """Make suppressed deliveries wait for their turn; return them with their alerts, oldest alert first.

    What is not suppressed (any more) stays as it is. Belongs into a durable transaction.
    """
    found: list[tuple[Alert, Delivery]] = []
    for first in range(0, len(keys), _MOST_KEYS):
        some = [tuple(key) for key in keys[first : first + _MOST_KEYS]]
        rows = connection.execute(
            select(deliveries, alerts)
            .join(alerts, alerts.c.id == deliveries.c.alert_id)
            .where(
                tuple_(deliveries.c.alert_id, deliveries.c.channel, deliveries.c.announcement).in_(some),
                deliveries.c.state == DeliveryState.SUPPRESSED.value,
            )
            .order_by(alerts.c.number, deliveries.c.channel, deliveries.c.announcement)
        )
        found += [
            (alert_rows.from_row(row), alert_rows.delivery_from_row(row).released(cause, now_ns=now_ns))
            for row in rows
        ]
    outbox.mark(connection, [delivery for _, delivery in found], lease)
    return found
