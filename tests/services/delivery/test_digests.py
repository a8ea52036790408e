import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes import ManualClock, RecordingChannel
from tests.services.delivery.stored import all_sent, kept, kept_states, send, store
from tradeassist_desktop.domain.alerts import Priority, Timing
from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    ChannelTraits,
    MessageRefused,
    Receipt,
    Uncertain,
    Undeliverable,
)
from tradeassist_desktop.domain.delivery import Announcement, Cause, DeliveryState
from tradeassist_desktop.domain.messages import DigestLine, Message
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.storage.database import Database

Maker = Callable[..., Dispatcher]
PACED = ChannelTraits(is_local=False, interval_s=1, digest_above=10)


class ReceiptGivingChannel(RecordingChannel):
    async def send(self, message: Message) -> Receipt:
        await super().send(message)
        return Receipt(detail="posted", reference=f"receipt-{len(self.messages)}")


async def test_row_13_a_burst_of_5000_goes_out_as_one_digest_with_exact_counts_and_loses_none(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = ReceiptGivingChannel("slack", traits=PACED)
    dispatcher = make(channel)
    await dispatcher.start()
    names = ["breaks out", "falls back", "is quiet"]
    burst = [make_alert(n, rule_name=names[min(n % 7, 2)], rule_uid=f"rule-{n % 7}") for n in range(5_000)]

    await send(database, dispatcher, burst[:1], "slack")
    await until(lambda: channel.messages)
    await send(database, dispatcher, burst[1:], "slack")
    await clock.advance(1)
    await until(lambda: dispatcher.pending_count == 0, timeout=30)
    await dispatcher.stop()

    single, digested = channel.messages
    assert single.digest is None
    assert digested.digest is not None
    assert (digested.title, digested.digest.count) == ("4,999 alerts", 4_999)
    assert [(line.title, line.count) for line in digested.digest.lines] == [
        ("/ESU24: is quiet", 3_570),
        ("/ESU24: falls back", 715),
        ("/ESU24: breaks out", 714),
    ]
    assert digested.body.splitlines()[0] == "3,570 × /ESU24: is quiet"
    assert digested.digest.alert_ids == tuple(f"alert-{n}" for n in range(1, 5_000))
    stored = (await kept(database)).values()
    assert {delivery.state for delivery in stored} == {DeliveryState.DELIVERED}
    assert {(d.receipt, d.detail) for d in stored if d.alert_id != "alert-0"} == {
        ("receipt-2", "in a digest of 4,999")
    }


async def test_row_13_the_loop_goes_on_while_5000_deliveries_change_their_state(
    make: Maker, database: Database, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("slack", traits=ChannelTraits(digest_above=10))
    dispatcher = make(channel)
    batch = await store(database, dispatcher, [make_alert(n) for n in range(5_000)], "slack")
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while dispatcher.pending_count:
            await asyncio.sleep(0)
            turns += 1

    for alert, deliveries in batch:
        dispatcher.dispatch(alert, deliveries, is_saved=True)
    counting = asyncio.ensure_future(count_turns())
    await dispatcher.start()
    await until(counting.done, timeout=30)

    # Begun and delivered a hundred at a time: 50 turns each.
    assert turns >= 100


@pytest.mark.parametrize(
    ("urgent", "expected"),
    [
        pytest.param(3, [("urgent", None)] * 3 + [("high", 60)], id="a few go first, each by itself"),
        pytest.param(
            40, [("urgent", 40), ("high", 60)], id="many make a digest of their own, which goes first"
        ),
    ],
)
async def test_urgent_alerts_are_never_hidden_among_others(
    make: Maker,
    database: Database,
    clock: ManualClock,
    make_alert: Any,
    urgent: int,
    expected: list[tuple[str, int | None]],
) -> None:
    channel = RecordingChannel("slack", traits=PACED)
    dispatcher = make(channel)
    some = [make_alert(n) for n in range(60)]
    some[30:30] = [make_alert(100 + n, priority=Priority.URGENT) for n in range(urgent)]
    await store(database, None, some, "slack")

    await dispatcher.start()
    await all_sent(dispatcher, clock, database)

    assert [
        (str(message.priority), message.digest and message.digest.count) for message in channel.messages
    ] == expected


async def test_up_to_the_limit_each_alert_is_a_message_of_its_own(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any
) -> None:
    channel = RecordingChannel("slack", traits=PACED)
    dispatcher = make(channel)
    await store(database, None, [make_alert(n) for n in range(10)], "slack")

    await dispatcher.start()
    await all_sent(dispatcher, clock, database)

    assert [message.alert_id for message in channel.messages] == [f"alert-{n}" for n in range(10)]


async def test_a_digest_that_is_sent_again_is_the_same_digest_whatever_came_meanwhile(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("slack", traits=PACED, answers=[Uncertain("cut off")])
    dispatcher = make(channel)
    await store(database, None, [make_alert(n) for n in range(20)], "slack")
    await dispatcher.start()
    await until(lambda: channel.messages)

    await send(database, dispatcher, [make_alert(99)], "slack")
    await all_sent(dispatcher, clock, database)

    first, again, later = channel.messages
    assert (first.idempotency_key, first.is_second_try) == (again.idempotency_key, False)
    assert (again.digest, again.is_second_try) == (first.digest, True)
    assert later.alert_id == "alert-99"


async def test_a_digest_cut_off_by_a_kill_is_sent_again_as_it_was(
    make: Maker, database: Database, make_alert: Any, until: Any
) -> None:
    class HangingChannel(RecordingChannel):
        async def send(self, message: Message) -> Receipt:
            await super().send(message)
            return await asyncio.get_running_loop().create_future()

    hanging = HangingChannel("slack", traits=ChannelTraits(digest_above=10))
    killed = make(hanging)
    await store(database, None, [make_alert(n) for n in range(20)], "slack")
    await killed.start()
    await until(lambda: hanging.messages)

    channel = RecordingChannel("slack", traits=ChannelTraits(digest_above=10))
    dispatcher = make(channel)
    await store(database, None, [make_alert(n) for n in range(20, 23)], "slack")
    await dispatcher.start()
    await until(lambda: dispatcher.pending_count == 0)

    again, *rest = channel.messages
    assert (again.idempotency_key, again.digest) == (
        hanging.messages[0].idempotency_key,
        hanging.messages[0].digest,
    )
    assert again.is_second_try
    assert [message.alert_id for message in rest] == ["alert-20", "alert-21", "alert-22"]


async def test_one_alert_that_breaks_its_channel_is_found_within_a_digest_and_the_others_get_through(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any
) -> None:
    class BreakingChannel(RecordingChannel):
        async def send(self, message: Message) -> Receipt:
            ids = message.digest.alert_ids if message.digest else (message.alert_id,)
            if "alert-13" in ids:
                raise ValueError("cannot be drawn")
            return await super().send(message)

    channel = BreakingChannel("slack", traits=PACED)
    dispatcher = make(channel)
    await store(database, None, [make_alert(n) for n in range(100)], "slack")
    await dispatcher.start()
    await all_sent(dispatcher, clock, database)
    await dispatcher.stop()

    states = await kept_states(database, "slack")
    assert states == ["delivered"] * 13 + ["dead"] + ["delivered"] * 86


async def test_what_waited_for_too_long_expires_and_only_that(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("slack", traits=ChannelTraits(expires_s=600, digest_above=10))
    dispatcher = make(channel)
    old = [make_alert(n, evaluated_ns=clock.now_ns() - 601 * 10**9) for n in range(20)]
    new = [make_alert(n, evaluated_ns=clock.now_ns() - 599 * 10**9) for n in range(20, 25)]
    await store(database, None, [*old, *new], "slack")

    await dispatcher.start()
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    assert await kept_states(database, "slack") == ["expired"] * 20 + ["delivered"] * 5
    (message,) = channel.messages
    assert message.digest is not None
    assert message.digest.count == 5
    detail = {delivery.detail for delivery in (await kept(database)).values() if delivery.finished_ns}
    assert "waited for longer than 10 m" in detail


async def test_a_line_of_a_digest_has_the_highest_priority_and_the_newest_time_of_its_alerts(
    make: Maker, database: Database, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("slack", traits=ChannelTraits(digest_above=1))
    dispatcher = make(channel)
    some = [
        make_alert(1, priority=Priority.LOW, event_ns=30),
        make_alert(2, priority=Priority.HIGH, event_ns=20),
        make_alert(3, rule_uid="", rule_name="Feed down", symbol="", priority=Priority.LOW, event_ns=10),
    ]
    await store(database, None, some, "slack")

    await dispatcher.start()
    await until(lambda: channel.messages)

    (message,) = channel.messages
    assert message.digest is not None
    assert message.digest.lines == (
        DigestLine("/ESU24: ES breaks out", 2, Priority.HIGH, 30, ("alert-1", "alert-2")),
        DigestLine("Feed down", 1, Priority.LOW, 10, ("alert-3",)),
    )
    assert (message.priority, message.symbol, message.rule_uid) == (Priority.HIGH, "", "")


@pytest.mark.parametrize(
    ("timings", "told"),
    [
        pytest.param([Timing.REPLAYED, Timing.REPLAYED], Timing.REPLAYED, id="all replayed"),
        pytest.param([Timing.REPLAYED, Timing.LATE], Timing.LIVE, id="some"),
    ],
)
async def test_a_digest_of_a_replay_says_so_if_all_of_it_is(
    make: Maker, database: Database, make_alert: Any, until: Any, timings: list[Timing], told: Timing
) -> None:
    channel = RecordingChannel("slack", traits=ChannelTraits(digest_above=1))
    dispatcher = make(channel)
    some = [make_alert(number, timing=timing) for number, timing in enumerate(timings)]
    await store(database, None, some, "slack")

    await dispatcher.start()
    await until(lambda: channel.messages)

    assert [message.timing for message in channel.messages] == [told]


async def test_a_refused_digest_is_dead_letters_of_each_of_its_alerts(
    make: Maker, database: Database, make_alert: Any, until: Any
) -> None:
    refused = Undeliverable("is_archived", retry=False)
    channel = RecordingChannel("slack", traits=PACED, answers=[refused])
    dispatcher = make(channel)
    await store(database, None, [make_alert(n) for n in range(20)], "slack")

    await dispatcher.start()
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    assert await kept_states(database, "slack") == ["dead"] * 20


class ChoosyChannel(RecordingChannel):
    """Refuses for good what is too much for it, and what it does not like."""

    def __init__(self, *, most: int = 1_000, dislikes: str = "") -> None:
        super().__init__("slack", traits=PACED)
        self._most = most
        self._dislikes = dislikes

    async def send(self, message: Message) -> Receipt:
        ids = message.digest.alert_ids if message.digest else (message.alert_id,)
        self.script[:] = [MessageRefused("too long")] * (len(ids) > self._most or self._dislikes in ids)
        return await super().send(message)


async def test_a_digest_that_is_too_long_for_its_receiver_goes_out_in_parts(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any
) -> None:
    channel = ChoosyChannel(most=30)
    dispatcher = make(channel)
    await store(database, None, [make_alert(n) for n in range(100)], "slack")

    await dispatcher.start()
    await all_sent(dispatcher, clock, database)
    await dispatcher.stop()

    assert await kept_states(database, "slack") == ["delivered"] * 100
    taken = [m.digest.alert_ids for m in channel.messages if m.digest and m.digest.count <= 30]
    assert [alert_id for ids in taken for alert_id in ids] == [f"alert-{n}" for n in range(100)]
    assert {delivery.attempts for delivery in (await kept(database)).values()} == {1}


async def test_one_alert_that_is_refused_within_a_digest_is_the_only_dead_letter(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any
) -> None:
    channel = ChoosyChannel(dislikes="alert-0")
    dispatcher = make(channel)
    await store(database, None, [make_alert(n) for n in range(5_000)], "slack")

    await dispatcher.start()
    await all_sent(dispatcher, clock, database)
    await dispatcher.stop()

    assert await kept_states(database, "slack") == ["dead"] + ["delivered"] * 4_999


async def test_a_receiver_that_takes_nothing_is_not_asked_for_each_alert_of_a_digest(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any
) -> None:
    channel = ChoosyChannel(most=0)
    dispatcher = make(channel)
    await store(database, None, [make_alert(n) for n in range(500)], "slack")

    await dispatcher.start()
    await all_sent(dispatcher, clock, database)
    await dispatcher.stop()

    assert await kept_states(database, "slack") == ["dead"] * 500
    assert len(channel.messages) < 30


async def test_a_digest_waits_with_all_its_alerts_while_its_channel_is_barred(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("slack", traits=PACED, answers=[ChannelBarred("token revoked")])
    dispatcher = make(channel)
    await store(database, None, [make_alert(n) for n in range(20)], "slack")
    await dispatcher.start()
    await until(lambda: dispatcher.readings()[0].barred)

    waiting = dispatcher.pending_count
    dispatcher.channel_changed("slack")
    await all_sent(dispatcher, clock, database)

    assert waiting == 20
    assert [m.digest and m.digest.count for m in channel.messages] == [20, 20]


async def test_an_alert_that_waits_for_two_announcements_is_one_of_its_digest(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("slack", traits=PACED, answers=[ChannelBarred("token refused")])
    dispatcher = make(channel)
    await dispatcher.start()
    alerts = [make_alert(number) for number in range(12)]
    await send(database, dispatcher, alerts[:1], "slack")
    await until(lambda: channel.messages)
    await send(database, dispatcher, alerts[1:], "slack")

    await dispatcher.announce_again([Announcement(alerts[5], ("slack",), Cause.ESCALATION)])
    dispatcher.channel_changed("slack")
    await all_sent(dispatcher, clock, database)

    digest = channel.messages[-1].digest
    assert digest is not None
    assert (digest.count, sum(line.count for line in digest.lines)) == (11, 11)
    assert digest.alert_ids == tuple(f"alert-{number}" for number in range(1, 12))
