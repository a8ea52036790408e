import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.empty_database import empty_database
from tests.fakes import ManualClock, RecordingChannel
from tests.services.delivery.stored import kept_states, outcomes_of, send, store
from tradeassist_desktop.domain.channels import ChannelTraits, Receipt
from tradeassist_desktop.domain.delivery import AttemptOutcome, DeliveryState
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.storage import leases, outbox
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.leases import Lease


class HeldChannel(RecordingChannel):
    """A channel whose receiver answers once it is let."""

    def __init__(self, name: str, *, traits: ChannelTraits = ChannelTraits(attempt_s=3_600)) -> None:  # noqa: B008 - frozen
        super().__init__(name, traits=traits)
        self.answers = asyncio.Event()

    async def send(self, message: Message) -> Receipt:
        receipt = await super().send(message)
        await self.answers.wait()
        return receipt


@dataclass(frozen=True)
class OneOfTwo:
    """A desk that is not alone on its database, with a clock of its own: where that stands, it hangs."""

    database: Database
    clock: ManualClock
    channel: HeldChannel
    dispatcher: Dispatcher


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Callable[[], Any]]:
    desks: list[OneOfTwo] = []

    async def open_desk() -> OneOfTwo:
        database = Database(path=empty_database(tmp_path / "desk.db"))
        await database.start()
        clock, channel = ManualClock(), HeldChannel("slack")
        dispatcher = Dispatcher(
            database=database,
            bus=Bus(),
            clock=clock,
            channels={"slack": channel},
            rng=random.Random(1),
            is_shared=True,
        )
        desks.append(OneOfTwo(database, clock, channel, dispatcher))
        return desks[-1]

    yield open_desk
    for each in desks:
        await each.dispatcher.stop(drain_s=0)
        await each.database.stop()


async def test_what_a_living_desk_has_to_send_is_no_other_desk_s(
    desk: Any, make_alert: Any, until: Any
) -> None:
    one, other = await desk(), await desk()
    await one.dispatcher.start()
    await send(one.database, one.dispatcher, [make_alert(n) for n in range(5)], "slack")
    await until(lambda: one.channel.messages)

    await other.dispatcher.start()
    for _ in range(120):  # four leases long, at the same time on both
        await one.clock.advance(1)
        await one.database.settle()
        await other.clock.advance(1)
        await other.database.settle()
    one.channel.answers.set()
    await until(lambda: one.dispatcher.pending_count == 0)

    assert [message.alert_id for message in one.channel.messages] == [f"alert-{n}" for n in range(5)]
    assert other.channel.messages == []


async def test_what_a_desk_that_hangs_has_is_taken_over_once_its_lease_lapses_and_sent_once_more_at_most(
    desk: Any, make_alert: Any, until: Any
) -> None:
    one, other = await desk(), await desk()
    await one.dispatcher.start()
    await send(one.database, one.dispatcher, [make_alert(n) for n in range(5)], "slack")
    await until(lambda: one.channel.messages)
    other.channel.answers.set()
    await other.dispatcher.start()

    await other.clock.advance(29)
    before_it_lapsed = len(other.channel.messages)
    for _ in range(15):
        await other.clock.advance(1)
        await other.database.settle()
    await until(lambda: len(other.channel.messages) == 5 and other.dispatcher.pending_count == 0)
    one.channel.answers.set()
    await until(lambda: one.dispatcher.pending_count == 0)
    await one.dispatcher.stop()
    await other.dispatcher.stop()

    assert before_it_lapsed == 0
    assert [(m.alert_id, m.is_second_try) for m in other.channel.messages] == [
        ("alert-0", True),
        *((f"alert-{n}", False) for n in range(1, 5)),
    ]
    assert [message.alert_id for message in one.channel.messages] == ["alert-0"]
    assert await kept_states(other.database, "slack") == ["delivered"] * 5


async def test_a_desk_that_stops_leaves_the_rest_to_another_at_once(
    desk: Any, make_alert: Any, until: Any
) -> None:
    one, other = await desk(), await desk()
    await one.dispatcher.start()
    await send(one.database, one.dispatcher, [make_alert(n) for n in range(3)], "slack")
    await until(lambda: one.channel.messages)
    await one.dispatcher.stop(drain_s=0)

    other.channel.answers.set()
    await other.dispatcher.start()
    await until(lambda: len(other.channel.messages) == 3)
    await other.dispatcher.stop()

    assert [m.is_second_try for m in other.channel.messages] == [True, False, False]
    assert await outcomes_of(other.database, "alert-0") == [
        AttemptOutcome.UNCERTAIN,
        AttemptOutcome.DELIVERED,
    ]


async def test_what_is_for_a_channel_this_desk_does_not_have_waits_for_one_that_has_it(
    desk: Any, make_alert: Any
) -> None:
    one, other = await desk(), await desk()
    await store(one.database, one.dispatcher, [make_alert(1)], "toast")

    await other.dispatcher.start()
    for _ in range(60):
        await other.clock.advance(1)
        await other.database.settle()

    assert await kept_states(one.database, "toast") == ["pending"]


async def test_attempts_cut_off_by_a_kill_are_uncertain_and_left_so_where_the_channel_wants_it(
    desk: Any, tmp_path: Path, make_alert: Any, until: Any
) -> None:
    killed = await desk()
    await killed.dispatcher.start()
    await send(killed.database, killed.dispatcher, [make_alert(1), make_alert(2)], "slack")
    await until(lambda: killed.channel.messages)
    channel = RecordingChannel("slack", traits=ChannelTraits(resends_uncertain=False))
    next_run = Dispatcher(
        database=killed.database, bus=Bus(), clock=ManualClock(), channels={"slack": channel}
    )

    await next_run.start()
    await until(lambda: next_run.pending_count == 0)
    await next_run.stop()

    assert [message.alert_id for message in channel.messages] == ["alert-2"]
    assert await kept_states(killed.database, "slack") == ["uncertain", "delivered"]
    assert await outcomes_of(killed.database, "alert-1") == [AttemptOutcome.UNCERTAIN]


async def test_what_a_kill_cut_off_is_a_second_try_after_two_kills_though_its_attempt_was_not_written(
    database: Database, make: Any, make_alert: Any, until: Any
) -> None:
    ((_, deliveries),) = await store(database, None, [make_alert(1)], "slack")
    sending = [replace(delivery, state=DeliveryState.SENDING, attempts=1) for delivery in deliveries]
    await database.run(lambda connection: outbox.mark(connection, sending))
    killed_at_once = Lease("killed at once", 0)
    await database.run(lambda connection: leases.claim(connection, ["slack"], killed_at_once, now_ns=1))
    channel = RecordingChannel("slack")
    next_run = make(channel)

    await next_run.start()
    await until(lambda: next_run.pending_count == 0)
    await next_run.stop()

    assert [message.is_second_try for message in channel.messages] == [True]
    assert await outcomes_of(database, "alert-1") == [AttemptOutcome.UNCERTAIN, AttemptOutcome.DELIVERED]
