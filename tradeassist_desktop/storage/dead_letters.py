"""Deliveries that were given up, and those of them that were put away."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Select, delete, literal_column, select
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Delivery, DeliveryKey
from tradeassist_desktop.storage import alerts as alert_rows
from tradeassist_desktop.storage.tables import IS_GIVEN_UP, alerts, deliveries
from tradeassist_desktop.storage.tables import discarded_deliveries as discarded


def given_up(connection: Connection, *, limit: int) -> list[tuple[Alert, Delivery]]:
    """Return what never surely arrived and is not tried any more, the newest first: the dead letters.

    What was announced again on the same channel since then, or was put away, is not among them.
    """
    rows = connection.execute(
        select(deliveries, alerts)
        .join(alerts, alerts.c.id == deliveries.c.alert_id)
        .where(
            literal_column(f"deliveries.{IS_GIVEN_UP}"),
            ~_announced_again().exists(),
            ~_put_away().exists(),
        )
        .order_by(deliveries.c.finished_ns.desc())
        .limit(limit)
    )
    return [(alert_rows.from_row(row), alert_rows.delivery_from_row(row)) for row in rows]


def discard(connection: Connection, keys: Sequence[DeliveryKey]) -> None:
    """Put these away; what is put away stays so."""
    if keys:
        connection.execute(insert(discarded).on_conflict_do_nothing(), [key._asdict() for key in keys])


def take_back(connection: Connection, keys: Iterable[DeliveryKey]) -> None:
    """List these again."""
    for key in keys:
        connection.execute(
            delete(discarded).where(
                discarded.c.alert_id == key.alert_id,
                discarded.c.channel == key.channel,
                discarded.c.announcement == key.announcement,
            )
        )


def _announced_again() -> Select[tuple[str]]:
    later = deliveries.alias("later")
    return select(later.c.alert_id).where(
        later.c.alert_id == deliveries.c.alert_id,
        later.c.channel == deliveries.c.channel,
        later.c.announcement > deliveries.c.announcement,
    )


def _put_away() -> Select[tuple[str]]:
    return select(discarded.c.alert_id).where(
        discarded.c.alert_id == deliveries.c.alert_id,
        discarded.c.channel == deliveries.c.channel,
        discarded.c.announcement == deliveries.c.announcement,
    )
