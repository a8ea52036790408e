"""Alerts and what is still to be sent of them: stored together, or not at all."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, func, insert, select, text

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Attempt, Delivery, DeliveryKey
from tradeassist_desktop.storage import alerts as alert_rows
from tradeassist_desktop.storage import arming, attempts
from tradeassist_desktop.storage.arming import ArmingStates
from tradeassist_desktop.storage.compiled import driver_of, insert_rows, text_of
from tradeassist_desktop.storage.leases import Lease
from tradeassist_desktop.storage.tables import IS_OPEN, deliveries

_KEY = ("alert_id", "channel", "announcement")
_COLUMNS = tuple(column.name for column in deliveries.c)
_INSERT = text_of(insert(deliveries), _COLUMNS)
_MARK = (
    f"INSERT INTO deliveries ({', '.join(_COLUMNS)}) "  # noqa: S608 - names of columns
    f"SELECT * FROM (VALUES ({', '.join('?' * len(_COLUMNS))})) "
    f"WHERE EXISTS (SELECT 1 FROM alerts WHERE id = column{1 + _COLUMNS.index('alert_id')}) "
    f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEY)
    + " WHERE deliveries.lease_owner IN ('', excluded.lease_owner)"
)
_OWNER = f"SELECT lease_owner FROM deliveries WHERE {' AND '.join(f'{name} = ?' for name in _KEY)}"  # noqa: S608 - names of columns
_NO_LEASE = Lease()


def raise_alerts(
    connection: Connection,
    batch: Sequence[tuple[Alert, Sequence[Delivery]]],
    arming_states: ArmingStates,
    *,
    committed_ns: int,
    lease: Lease = _NO_LEASE,
    begun: Iterable[Attempt] = (),
) -> set[str]:
    """Store alerts, their deliveries and the rules' arming; return the ids that were new.

    An alert already stored is the same firing found again: neither it nor its deliveries change.
    Belongs into a durable transaction.

    Args:
        lease: Of the desk that sends them.
        begun: Attempts at some of the deliveries, which are made as soon as this is committed.
    """
    new: set[str] = set()
    planned_rows: list[tuple[object, ...]] = []
    driver = driver_of(connection)
    for alert, planned in batch:
        row = tuple(alert_rows.to_row(alert, committed_ns=committed_ns).values())
        if not driver.execute(alert_rows.INSERT, row).rowcount:
            continue
        new.add(alert.id)
        planned_rows.extend(
            # What is muted is nobody's: whichever desk is there announces it again.
            (*_to_row(delivery).values(), *_leased(lease if delivery.is_open else _NO_LEASE))
            for delivery in planned
        )
    insert_rows(connection, _INSERT, planned_rows)
    attempts.put(connection, (attempt for attempt in begun if attempt.key.alert_id in new))
    arming.put(connection, arming_states)
    return new


def note(connection: Connection, arming_states: ArmingStates, counts: Mapping[str, int]) -> None:
    """Keep what changed without an alert: rules' arming, and how many firings stored alerts stand for."""
    arming.put(connection, arming_states)
    alert_rows.set_counts(connection, counts)


def mark(
    connection: Connection, changed: Iterable[Delivery], lease: Lease = _NO_LEASE
) -> frozenset[DeliveryKey]:
    """Write down where deliveries stand, also new ones; return those that another desk has taken over.

    Those of alerts never stored are passed over.
    """
    keys = []
    rows = []
    for delivery in changed:
        keys.append(delivery.key)
        rows.append((*_to_row(delivery).values(), *_leased(lease)))
    if insert_rows(connection, _MARK, rows) == len(rows):
        return frozenset()
    owners = {key: connection.exec_driver_sql(_OWNER, tuple(key)).scalar_one_or_none() for key in keys}
    return frozenset(key for key, owner in owners.items() if owner not in (None, "", lease.owner))


def write(
    connection: Connection, changed: Iterable[Delivery], tried: Iterable[Attempt], lease: Lease
) -> frozenset[DeliveryKey]:
    """Write down deliveries, as ``mark`` does, together with attempts at them."""
    attempts.put(connection, tried)
    return mark(connection, changed, lease)


def pending_count(connection: Connection) -> int:
    """Return how many deliveries are still to be made."""
    return connection.execute(select(func.count()).select_from(deliveries).where(text(IS_OPEN))).scalar_one()


def _leased(lease: Lease) -> tuple[str, int]:
    return lease.owner, lease.until_ns


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
