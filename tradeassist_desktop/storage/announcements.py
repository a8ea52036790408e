"""Further announcements of alerts that are stored: repeats, escalations, what a silence held back."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, func, select

from tradeassist_desktop.domain.delivery import Announcement, Delivery, announcements_after
from tradeassist_desktop.storage import outbox
from tradeassist_desktop.storage.leases import Lease
from tradeassist_desktop.storage.tables import deliveries


def last_numbers(connection: Connection, alert_ids: Collection[str]) -> Mapping[str, Mapping[str, int]]:
    """Return the numbers of alerts' last announcements, by alert and channel."""
    # SQLite takes 32,766 values in one statement, more than are ever announced together.
    rows = connection.execute(
        select(
            deliveries.c.alert_id,
            deliveries.c.channel,
            func.max(deliveries.c.announcement).label("number"),
        )
        .where(deliveries.c.alert_id.in_(list(alert_ids)))
        .group_by(deliveries.c.alert_id, deliveries.c.channel)
    )
    last: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        last[row.alert_id][row.channel] = row.number
    return last


def announce_again(
    connection: Connection, announcements: Sequence[Announcement], *, now_ns: int, lease: Lease
) -> tuple[Delivery, ...]:
    """Store one more announcement of each stored alert on each of its channels; return them, in order.

    Each alert is among them once. Belongs into a durable transaction.
    """
    last = last_numbers(connection, [each.alert.id for each in announcements])
    added = added_after(last, announcements, now_ns=now_ns)
    outbox.mark(connection, added, lease)
    return added


def added_after(
    last: Mapping[str, Mapping[str, int]], announcements: Sequence[Announcement], *, now_ns: int
) -> tuple[Delivery, ...]:
    """Return the deliveries that these announcements add to those that there are, in order."""
    return tuple(
        delivery
        for each in announcements
        for delivery in announcements_after(last.get(each.alert.id, {}), each, now_ns=now_ns)
    )
