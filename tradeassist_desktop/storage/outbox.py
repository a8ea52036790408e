"""Alerts and what is still to be sent of them: stored together, or not at all."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, func, insert, select, update

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Delivery, DeliveryState
from tradeassist_desktop.storage import alerts as alert_rows
from tradeassist_desktop.storage import arming
from tradeassist_desktop.storage.arming import ArmingStates
from tradeassist_desktop.storage.compiled import text_of
from tradeassist_desktop.storage.tables import alerts, deliveries

_KEY = ("alert_id", "channel", "announcement")
_LEASE = ("lease_owner", "leased_until_ns")
_COLUMNS = tuple(column.name for column in deliveries.c if column.name not in _LEASE)
_INSERT = text_of(insert(deliveries), _COLUMNS)
_MARK = (
    f"INSERT INTO deliveries ({', '.join(_COLUMNS)}) SELECT {', '.join('?' * len(_COLUMNS))} "  # noqa: S608 - names of columns
    f"WHERE EXISTS (SELECT 1 FROM alerts WHERE id = ?) ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEY)
)
_OPEN = (DeliveryState.PENDING.value, DeliveryState.SENDING.value)


def raise_alerts(
    connection: Connection,
    batch: Sequence[tuple[Alert, Sequence[Delivery]]],
    arming_states: ArmingStates,
    *,
    committed_ns: int,
) -> set[str]:
    """Store alerts, their deliveries and the rules' arming; return the ids that were new.

    An alert already stored is the same firing found again: neither it nor its deliveries change.
    Belongs into a durable transaction.
    """
    new: set[str] = set()
    planned_rows: list[tuple[object, ...]] = []
    for alert, planned in batch:
        row = tuple(alert_rows.to_row(alert, committed_ns=committed_ns).values())
        if not connection.exec_driver_sql(alert_rows.INSERT, row).rowcount:
            continue
        new.add(alert.id)
        planned_rows.extend(tuple(_to_row(delivery).values()) for delivery in planned)
    if planned_rows:
        connection.exec_driver_sql(_INSERT, planned_rows)
    arming.put(connection, arming_states)
    return new


def note(connection: Connection, arming_states: ArmingStates, counts: Mapping[str, int]) -> None:
    """Keep what changed without an alert: rules' arming, and how many firings stored alerts stand for."""
    arming.put(connection, arming_states)
    alert_rows.set_counts(connection, counts)


def mark(connection: Connection, changed: Iterable[Delivery]) -> None:
    """Write down where deliveries stand, also new ones; those of alerts never stored are passed over."""
    for delivery in changed:
        connection.exec_driver_sql(_MARK, (*_to_row(delivery).values(), delivery.alert_id))


def recover(connection: Connection) -> int:
    """Make what a killed program was sending wait again; return how many.

    Toast, tray and tone may then come twice: better than not at all.
    """
    found = connection.execute(
        update(deliveries)
        .where(deliveries.c.state == DeliveryState.SENDING.value)
        .values(state=DeliveryState.PENDING.value)
    )
    return found.rowcount


def pending(connection: Connection) -> list[tuple[Alert, Delivery]]:
    """Return what is still to be sent, in the order in which the alerts were stored."""
    rows = connection.execute(
        select(deliveries, alerts)
        .join(alerts, alerts.c.id == deliveries.c.alert_id)
        .where(deliveries.c.state.in_(_OPEN))
        .order_by(alerts.c.number, deliveries.c.channel)
    )
    return [(alert_rows.from_row(row), alert_rows.delivery_from_row(row)) for row in rows]


def pending_count(connection: Connection) -> int:
    """Return how many deliveries are still to be made."""
    return connection.execute(
        select(func.count()).select_from(deliveries).where(deliveries.c.state.in_(_OPEN))
    ).scalar_one()


def _to_row(delivery: Delivery) -> dict[str, object]:
    return {
        "alert_id": delivery.alert_id,
        "channel": delivery.channel,
        "announcement": delivery.announcement,
        "cause": delivery.cause.value,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "created_ns": delivery.created_ns,
        "next_attempt_ns": delivery.next_attempt_ns,
        "finished_ns": delivery.finished_ns,
        "detail": delivery.detail,
        "receipt": delivery.receipt,
        "muting": None if delivery.muting is None else delivery.muting.value,
    }
