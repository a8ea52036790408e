"""Counts deliveries and attempts, one channel at a time: no read holds up an alert's commit for long."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, select, tuple_

from tradeassist_desktop.domain.delivery import AttemptOutcome, DeliveryState, Muting
from tradeassist_desktop.domain.delivery_figures import DeliveryPick, FailureReason, PickedDeliveries
from tradeassist_desktop.storage import alerts as alert_rows
from tradeassist_desktop.storage.tables import IS_OPEN, alerts, deliveries, delivery_attempts

_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)
_ENDED = tuple(state.value for state in DeliveryState if state not in _OPEN)
# SQLite writes the durations of a stretch as one text: a row of its own for each of a hundred thousand
# would cost three times as much, most of it in Python, where the window waits for it.
_DELIVERED = (
    "SELECT finished_ns / ?, group_concat(max(finished_ns - created_ns, 0)) FROM deliveries "
    "WHERE channel = ? AND state = 'delivered' AND finished_ns >= ? AND created_ns > 0 GROUP BY 1"
)
# All of a digest's attempts began together, and were one request.
_REQUESTS = (
    "SELECT group_concat(took) FROM (SELECT max(max(finished_ns) - started_ns, 0) AS took "
    "FROM delivery_attempts WHERE channel = ? AND started_ns >= ? AND finished_ns IS NOT NULL "
    "AND outcome = 'delivered' GROUP BY started_ns)"
)


class Counts(NamedTuple):
    """How many announcements of a channel ended how, and how many attempts were made again."""

    states: dict[DeliveryState, int]
    mutings: dict[Muting, int]
    retries: int


def counts(connection: Connection, channel: str, *, since_ns: int) -> Counts:
    """Return how the announcements ended that came to their end since then."""
    again = func.coalesce(func.sum(func.max(deliveries.c.attempts - 1, 0)), 0).label("again")
    rows = connection.execute(
        select(deliveries.c.state, func.count().label("number"), again)
        .where(*_ended_since(channel, since_ns))
        .group_by(deliveries.c.state)
    ).all()
    muted = connection.execute(
        select(deliveries.c.muting, func.count().label("number"))
        .where(
            deliveries.c.channel == channel,
            deliveries.c.state == DeliveryState.SUPPRESSED.value,
            deliveries.c.finished_ns >= since_ns,
            deliveries.c.muting.is_not(None),
        )
        .group_by(deliveries.c.muting)
    )
    return Counts(
        states={DeliveryState(row.state): row.number for row in rows},
        mutings={Muting(row.muting): row.number for row in muted},
        retries=sum(row.again for row in rows),
    )


def latencies(
    connection: Connection, channel: str, *, since_ns: int, point_ns: int
) -> dict[int, NDArray[np.int64]]:
    """Return how long after they were planned deliveries arrived since then, by stretches of time.

    Shape (n,), nanoseconds, by the start of each stretch of ``point_ns`` in which something arrived,
    oldest first.
    """
    rows = connection.exec_driver_sql(_DELIVERED, (point_ns, channel, since_ns))
    return {number * point_ns: _numbers(durations) for number, durations in rows}


def requests(connection: Connection, channel: str, *, since_ns: int) -> NDArray[np.int64]:
    """Return how long the requests took that delivered, of those begun since then.

    Shape (n,), nanoseconds.
    """
    return _numbers(connection.exec_driver_sql(_REQUESTS, (channel, since_ns)).scalar_one())


def reasons(connection: Connection, channel: str, *, since_ns: int) -> list[FailureReason]:
    """Return why attempts failed that began since then, and why announcements expired."""
    tried = delivery_attempts
    failed = connection.execute(
        select(
            tried.c.outcome,
            tried.c.detail,
            func.count(tried.c.started_ns.distinct()).label("number"),
            func.max(tried.c.finished_ns).label("last_ns"),
        )
        .where(
            tried.c.channel == channel,
            tried.c.started_ns >= since_ns,
            tried.c.finished_ns.is_not(None),
            tried.c.outcome != AttemptOutcome.DELIVERED.value,
        )
        .group_by(tried.c.outcome, tried.c.detail)
    )
    expired = connection.execute(
        select(
            deliveries.c.detail,
            func.count().label("number"),
            func.max(deliveries.c.finished_ns).label("last_ns"),
        )
        .where(
            deliveries.c.channel == channel,
            deliveries.c.state == DeliveryState.EXPIRED.value,
            deliveries.c.finished_ns >= since_ns,
        )
        .group_by(deliveries.c.detail)
    )
    return [
        *(
            FailureReason(channel, AttemptOutcome(row.outcome), row.detail, row.number, row.last_ns)
            for row in failed
        ),
        *(FailureReason(channel, None, row.detail, row.number, row.last_ns) for row in expired),
    ]


def picked(connection: Connection, pick: DeliveryPick, *, since_ns: int, limit: int) -> PickedDeliveries:
    """Return the deliveries a figure stands for, the newest or the slowest first."""
    wanted = and_(*_conditions(pick, since_ns))
    newest = func.coalesce(deliveries.c.finished_ns, deliveries.c.created_ns)
    rows = connection.execute(
        select(deliveries, alerts)
        .join(alerts, alerts.c.id == deliveries.c.alert_id)
        .where(wanted)
        .order_by((newest if pick.least_latency_ns is None else _latency_ns()).desc(), alerts.c.number.desc())
        .limit(limit)
    )
    found = tuple((alert_rows.from_row(row), alert_rows.delivery_from_row(row)) for row in rows)
    number = select(func.count()).select_from(deliveries).where(wanted)
    return PickedDeliveries(connection.execute(number).scalar_one(), found)


def first_end_ns(connection: Connection, channels: Iterable[str]) -> int | None:
    """Return when the first announcement of these channels came to its end; ``None`` if none has."""
    firsts = [
        connection.execute(
            select(func.min(deliveries.c.finished_ns)).where(
                deliveries.c.channel == channel,
                deliveries.c.state == DeliveryState.DELIVERED.value,
                deliveries.c.finished_ns >= 0,
            )
        ).scalar_one()
        for channel in channels
    ]
    return min((first for first in firsts if first is not None), default=None)


def _numbers(words: str | None) -> NDArray[np.int64]:
    # A clock on the wall that was set back makes no duration shorter than none: the queries see to it.
    return np.fromstring(words, dtype=np.int64, sep=",") if words else np.empty(0, dtype=np.int64)


def _latency_ns() -> ColumnElement[int]:
    return deliveries.c.finished_ns - deliveries.c.created_ns


def _ended_since(channel: str, since_ns: int) -> tuple[ColumnElement[bool], ...]:
    return (
        deliveries.c.channel == channel,
        deliveries.c.state.in_(_ENDED),
        deliveries.c.finished_ns >= since_ns,
    )


def _conditions(pick: DeliveryPick, since_ns: int) -> list[ColumnElement[bool]]:
    if pick.reason is not None and pick.reason.outcome is not None:
        return [_failed_so(pick.reason, since_ns)]
    if any(state in _OPEN for state in pick.states):
        return [deliveries.c.channel == pick.channel, literal_column(IS_OPEN)]
    conditions = [*_ended_since(pick.channel, since_ns)]
    if pick.states:
        conditions.append(deliveries.c.state.in_([state.value for state in pick.states]))
    if pick.muting is not None:
        conditions.append(deliveries.c.muting == pick.muting.value)
    if pick.is_retried:
        conditions.append(deliveries.c.attempts > 1)
    if pick.least_latency_ns is not None:
        conditions += [
            deliveries.c.state == DeliveryState.DELIVERED.value,
            deliveries.c.created_ns > 0,
            _latency_ns() >= pick.least_latency_ns,
        ]
    if pick.reason is not None:
        conditions += [
            deliveries.c.state == DeliveryState.EXPIRED.value,
            deliveries.c.detail == pick.reason.words,
        ]
    return conditions


def _failed_so(reason: FailureReason, since_ns: int) -> ColumnElement[bool]:
    """Also of what is tried again still."""
    tried = delivery_attempts.c
    assert reason.outcome is not None
    keys = select(tried.alert_id, tried.channel, tried.announcement).where(
        tried.channel == reason.channel,
        tried.started_ns >= since_ns,
        tried.finished_ns.is_not(None),
        tried.outcome == reason.outcome.value,
        tried.detail == reason.words,
    )
    return tuple_(deliveries.c.alert_id, deliveries.c.channel, deliveries.c.announcement).in_(keys)
