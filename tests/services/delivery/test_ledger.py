import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.delivery import Delivery, DeliveryState
from tradeassist_desktop.services.delivery.ledger import DeliveryLedger
from tradeassist_desktop.storage import alerts, outbox
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.leases import Lease

PENDING = Delivery(alert_id="alert-1", channel="toast", state=DeliveryState.PENDING, created_ns=1)
DELIVERED = replace(PENDING, state=DeliveryState.DELIVERED, attempts=1, finished_ns=2)
TURNS = 20


class CountedDatabase:
    """A database that counts what a ledger has it do."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.transactions = 0

    async def run(self, work: Any) -> Any:
        self.transactions += 1
        return await self._database.run(work)


@pytest.fixture
async def counted(database: Database, make_alert: Any) -> CountedDatabase:
    await database.run(
        lambda connection: outbox.raise_alerts(
            connection, [(make_alert(1), (PENDING,))], {}, committed_ns=1, lease=Lease("us", 2**62)
        )
    )
    return CountedDatabase(database)


@pytest.fixture
async def ledger(counted: CountedDatabase, clock: ManualClock) -> AsyncIterator[DeliveryLedger]:
    ledger = DeliveryLedger(
        database=counted,  # type: ignore[arg-type]  # what it uses of one
        clock=clock,
        rng=random.Random(1),
        lease=lambda: Lease("us", 2**62),
    )
    running = asyncio.create_task(ledger.run())
    yield ledger
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def stands(database: Database) -> Sequence[DeliveryState]:
    (record,) = await database.read(lambda connection: alerts.recent(connection, limit=10))
    return [delivery.state for delivery in record.deliveries]


async def some_turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def test_what_nobody_waits_for_is_written_a_twentieth_of_a_second_later(
    ledger: DeliveryLedger, counted: CountedDatabase, database: Database, clock: ManualClock, until: Any
) -> None:
    ledger.note([DELIVERED])

    await clock.advance(0.04)
    early = counted.transactions
    await clock.advance(0.01)
    await until(lambda: counted.transactions == 1)

    assert early == 0
    assert await stands(database) == [DeliveryState.DELIVERED]


async def test_what_an_alerts_transaction_writes_is_not_written_twice(
    ledger: DeliveryLedger, counted: CountedDatabase, clock: ManualClock
) -> None:
    ledger.note([DELIVERED])
    noted = ledger.noted()

    await clock.advance(1)
    meanwhile = counted.transactions
    ledger.landed()
    ledger.wrote(noted, frozenset())
    await clock.advance(1)
    await some_turns()

    assert list(noted.deliveries) == [DELIVERED.key]
    assert (meanwhile, counted.transactions) == (0, 0)


async def test_what_an_alerts_transaction_could_not_write_is_written_all_the_same(
    ledger: DeliveryLedger, database: Database, counted: CountedDatabase, clock: ManualClock, until: Any
) -> None:
    ledger.note([DELIVERED])
    ledger.noted()

    await clock.advance(1)
    ledger.landed()
    await clock.advance(1)
    await until(lambda: counted.transactions == 1)

    assert await stands(database) == [DeliveryState.DELIVERED]


async def test_who_waits_for_what_an_alert_carries_waits_until_it_is_over(
    ledger: DeliveryLedger, counted: CountedDatabase
) -> None:
    ledger.note([DELIVERED])
    noted = ledger.noted()

    waiting = asyncio.create_task(ledger.written([DELIVERED.key], patience_s=1))
    await some_turns()
    was_early = waiting.done()
    ledger.landed()
    ledger.wrote(noted, frozenset())
    await waiting

    assert (was_early, counted.transactions) == (False, 0)


async def test_a_newer_state_than_an_alert_carries_is_written_after_it(
    ledger: DeliveryLedger, database: Database, counted: CountedDatabase
) -> None:
    ledger.note([replace(PENDING, state=DeliveryState.SENDING)])
    noted = ledger.noted()
    ledger.note([DELIVERED])

    await ledger.written([DELIVERED.key], patience_s=1)
    ledger.landed()
    ledger.wrote(noted, frozenset())

    assert counted.transactions == 1
    assert await stands(database) == [DeliveryState.DELIVERED]
