"""The transaction that makes alerts safe which wait together, with what else the sending has to write."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Attempt, Delivery, DeliveryKey, DeliveryState
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.ledger import Noted
from tradeassist_desktop.storage import outbox
from tradeassist_desktop.storage.database import Database

Planned = tuple[Alert, tuple[Delivery, ...]]


@dataclass(slots=True, kw_only=True)
class Unit:
    """Alerts of one update, and what their rules' arming was right after it: saved together."""

    alerts: list[Planned]
    arming: dict[str, Mapping[str, Any]]
    is_announced: bool = False


Untold = tuple[Unit, Alert, tuple[Delivery, ...]]


@dataclass(slots=True, kw_only=True)
class Saving:
    """A transaction that is under way, and what is to be told when it is over.

    Args:
        outcome: What was taken over by others, and what is new.
        saved_ns: When it had come back from the disk.
        ended: Set on the loop, once that has taken notice.
        untold: What was saved, in order; empty until then, and again when all is told.
        new: The alerts that were not there before and are not told yet.
        told_before: The alerts that had gone out unsaved.
    """

    units: Sequence[Unit]
    noted: Noted
    committed_ns: int
    outcome: Future[tuple[frozenset[DeliveryKey], set[str]]]
    untold: deque[Untold] = field(default_factory=deque)
    saved_ns: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    new: set[str] = field(default_factory=set)
    told_before: list[str] = field(default_factory=list)


def hand_in(
    units: Sequence[Unit], *, database: Database, dispatcher: Dispatcher, committed_ns: int
) -> Saving:
    """Have units saved, begun at once; attempts of channels that are free are begun with them.

    What the dispatcher's ledger has noted goes with them: who is done tells it ``landed``.
    """
    lease = dispatcher.lease
    arming = {key: state for unit in units for key, state in unit.arming.items()}
    batch = [planned for unit in units for planned in _as_it_stands(unit, dispatcher)]
    begun = [
        Attempt(delivery.key, delivery.attempts, committed_ns)
        for alert, deliveries in batch
        if dispatcher.deliveries_of(alert.id) is None
        for delivery in deliveries
        if delivery.state is DeliveryState.SENDING
    ]
    noted = dispatcher.ledger.noted()
    outcome = database.hand_in(
        lambda connection: (
            # Before what is begun is told of: at any time one attempt a channel is under way.
            outbox.write(connection, noted.deliveries.values(), noted.attempts.values(), lease),
            outbox.raise_alerts(
                connection, batch, arming, committed_ns=committed_ns, lease=lease, begun=begun
            ),
        ),
        durable=True,
    )
    return Saving(units=units, noted=noted, committed_ns=committed_ns, outcome=outcome)


def _as_it_stands(unit: Unit, dispatcher: Dispatcher) -> list[Planned]:
    """Return a unit's alerts as they are to be stored: as far as their sending has come."""
    if not unit.is_announced:
        unit.alerts = [(alert, dispatcher.begun(deliveries)) for alert, deliveries in unit.alerts]
    return [(alert, dispatcher.deliveries_of(alert.id) or deliveries) for alert, deliveries in unit.alerts]
