"""Who sends which deliveries: taken for a time, renewed while they wait, taken over when they lapse."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, or_, select, text, true, update

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import AttemptOutcome, Delivery, DeliveryState
from tradeassist_desktop.storage import alerts as alert_rows
from tradeassist_desktop.storage.tables import IS_OPEN, alerts, deliveries, delivery_attempts


@dataclass(frozen=True, slots=True)
class Lease:
    """A desk's word that it sends a delivery. Until then no other does; after that any may take it.

    Args:
        owner: The desk: another at each start, so that a desk never takes its forerunner for itself.
    """

    owner: str = ""
    until_ns: int = 0


class Claimed(NamedTuple):
    """A delivery that is ours now.

    Args:
        tries: How many attempts were begun.
        may_have_arrived: One of them may have reached its receiver.
        was_sending: Its desk ended in the midst of one. All of a channel's were one message.
        was_postponed: Its receiver asked to wait: ``next_attempt_ns`` is the receiver's word, not ours.
    """

    alert: Alert
    delivery: Delivery
    tries: int
    may_have_arrived: bool
    was_sending: bool
    was_postponed: bool


def claim(
    connection: Connection, channels: Collection[str], lease: Lease, *, now_ns: int, from_all: bool = False
) -> list[Claimed]:
    """Take what no living desk has, oldest alert first. Attempts cut off are uncertain from now on.

    Args:
        channels: Of these only: what is for another desk's toasts waits for that desk.
        from_all: Also what another desk's lease has not lapsed on: there can be no other desk.
    """
    is_free = or_(deliveries.c.lease_owner == "", deliveries.c.leased_until_ns <= now_ns)
    attempts = and_(*(delivery_attempts.c[name] == deliveries.c[name] for name in _KEY))
    uncertain = (AttemptOutcome.SENDING.value, AttemptOutcome.UNCERTAIN.value)
    tries = select(func.coalesce(func.max(delivery_attempts.c.number), 0)).where(attempts)
    arrived = select(delivery_attempts.c.number).where(attempts, delivery_attempts.c.outcome.in_(uncertain))
    is_begun = delivery_attempts.c.outcome == AttemptOutcome.SENDING.value
    begun = select(delivery_attempts.c.number).where(attempts, is_begun)
    newest_first = delivery_attempts.c.number.desc()
    last = select(delivery_attempts.c.outcome).where(attempts).order_by(newest_first).limit(1)
    rows = connection.execute(
        select(
            deliveries,
            alerts,
            tries.scalar_subquery().label("tries"),
            arrived.exists().label("may_have_arrived"),
            begun.exists().label("is_begun"),
            last.scalar_subquery().label("last_outcome"),
        )
        .join(alerts, alerts.c.id == deliveries.c.alert_id)
        .where(
            text(IS_OPEN),
            deliveries.c.channel.in_(list(channels)),
            deliveries.c.lease_owner != lease.owner,
            true() if from_all else is_free,
        )
        .order_by(alerts.c.number, deliveries.c.channel, deliveries.c.announcement)
    )
    claimed = []
    for row in rows:
        delivery = alert_rows.delivery_from_row(row)
        was_sending = delivery.state is DeliveryState.SENDING
        claimed.append(
            Claimed(
                alert=alert_rows.from_row(row),
                delivery=replace(delivery, state=DeliveryState.PENDING),
                tries=row.tries + (was_sending and not row.is_begun),
                may_have_arrived=bool(row.may_have_arrived) or was_sending,
                was_sending=was_sending,
                was_postponed=row.last_outcome == AttemptOutcome.POSTPONED.value,
            )
        )
    _take(connection, [each.delivery for each in claimed], lease)
    _end_attempts(connection, [each for each in claimed if each.was_sending], now_ns=now_ns)
    return claimed


def renew(connection: Connection, lease: Lease) -> None:
    """Let what a desk has, and has not sent yet, be its own for longer."""
    connection.execute(
        update(deliveries)
        .where(text(IS_OPEN), deliveries.c.lease_owner == lease.owner)
        .values(leased_until_ns=lease.until_ns)
    )


def give_back(connection: Connection, owner: str) -> None:
    """Let any desk have what this one leaves unsent."""
    connection.execute(
        update(deliveries)
        .where(text(IS_OPEN), deliveries.c.lease_owner == owner)
        .values(lease_owner="", leased_until_ns=0)
    )


_KEY = ("alert_id", "channel", "announcement")
_IS_KEY = " AND ".join(f"{name} = ?" for name in _KEY)
_TAKE = f"UPDATE deliveries SET lease_owner = ?, leased_until_ns = ?, state = 'pending' WHERE {_IS_KEY}"  # noqa: S608 - names of columns
_BEGUN = (
    f"INSERT INTO delivery_attempts ({', '.join(_KEY)}, number, started_ns, outcome, detail) "  # noqa: S608 - names of columns
    "VALUES (?, ?, ?, ?, ?, 'sending', '') ON CONFLICT DO NOTHING"
)
_END = (
    "UPDATE delivery_attempts SET outcome = 'uncertain', finished_ns = ?, "  # noqa: S608 - names of columns
    f"detail = 'the program ended meanwhile' WHERE {_IS_KEY} AND outcome = 'sending'"
)


def _take(connection: Connection, taken: list[Delivery], lease: Lease) -> None:
    if taken:
        connection.exec_driver_sql(_TAKE, [(lease.owner, lease.until_ns, *each.key) for each in taken])


def _end_attempts(connection: Connection, cut_off: list[Claimed], *, now_ns: int) -> None:
    if cut_off:
        # The attempt itself may not have been written yet, and a second kill must find what this one left.
        connection.exec_driver_sql(_BEGUN, [(*each.delivery.key, each.tries, now_ns) for each in cut_off])
        connection.exec_driver_sql(_END, [(now_ns, *each.delivery.key) for each in cut_off])
