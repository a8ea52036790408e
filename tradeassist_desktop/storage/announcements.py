"""Further announcements of alerts that are stored: repeats, escalations, what a silence held back."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from tradeassist_desktop.domain.delivery import (
    Cause,
    Delivery,
    announcements_after,
)
from tradeassist_desktop.storage import outbox
from tradeassist_desktop.storage.leases import Lease
from tradeassist_desktop.storage.tables import deliveries


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
