from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes import ManualClock, RecordingChannel
from tests.services.delivery.stored import attempts_of, kept, send
from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.channels import ChannelBarred, ChannelTraits, RateLimited, Undeliverable
from tradeassist_desktop.domain.delivery import AttemptOutcome, Cause, DeliveryKey, DeliveryState
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.storage import dead_letters
from tradeassist_desktop.storage.database import Database

Maker = Callable[..., Dispatcher]
REMOTE = ChannelTraits(is_local=False)


def trial(number: int = 1) -> Message:
    return Message(
        alert_id=f"test-{number}",
        rule_uid="",
        title="A test",
        body="",
        symbol="",
        priority=Priority.NORMAL,
        status=AlertStatus.FIRED,
        event_ns=1,
        value=None,
        is_test=True,
    )


async def listed(database: Database) -> list[DeliveryKey]:
    found = await database.read(lambda connection: dead_letters.given_up(connection, limit=100))
    return [delivery.key for _, delivery in found]


async def test_dead_letters_are_listed_until_they_are_sent_again(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    refused = Undeliverable("channel_not_found", retry=False)
    channel = RecordingChannel("slack", traits=REMOTE, answers=[refused, refused])
    dispatcher = make(channel)
    await dispatcher.start()
    await send(database, dispatcher, [make_alert(1), make_alert(2), make_alert(3)], "slack")
    await until(lambda: dispatcher.pending_count == 0)
    await database.settle()
    await until(lambda: len(channel.messages) == 3)
    await dispatcher.stop()
    dispatcher = make(channel)
    await dispatcher.start()
    dead_before = await listed(database)

    again = await dispatcher.resend([DeliveryKey("alert-1", "slack", 0)])
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    assert sorted(dead_before) == [("alert-1", "slack", 0), ("alert-2", "slack", 0)]
    assert [(delivery.key, delivery.cause) for delivery in again] == [(("alert-1", "slack", 1), Cause.RESENT)]
    assert (await kept(database))[DeliveryKey("alert-1", "slack", 1)].state is DeliveryState.DELIVERED
    assert await listed(database) == [("alert-2", "slack", 0)]
    assert channel.messages[-1].cause is Cause.RESENT
    assert channel.messages[-1].idempotency_key != channel.messages[0].idempotency_key


async def test_each_attempt_at_an_alert_is_kept_with_its_times_and_reason(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    failures = [Undeliverable("server said 503", retry=True), RateLimited("slow down", retry_after_s=5)]
    channel, toast = RecordingChannel("slack", traits=REMOTE, answers=failures), RecordingChannel("toast")
    dispatcher = make(channel, toast)
    await dispatcher.start()

    await send(database, dispatcher, [make_alert(1)], "slack", "toast")
    for sent in (1, 2, 3):
        await until(lambda sent=sent: len(channel.messages) == sent)
        await clock.advance(5)
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    tried = await attempts_of(database, "alert-1")
    assert [(each.key.channel, each.number, each.outcome, each.detail) for each in tried] == [
        ("slack", 1, AttemptOutcome.FAILED, "server said 503"),
        ("toast", 1, AttemptOutcome.DELIVERED, "receipt 1"),
        ("slack", 2, AttemptOutcome.POSTPONED, "slow down"),
        ("slack", 3, AttemptOutcome.DELIVERED, "receipt 3"),
    ]
    assert all(each.finished_ns is not None and each.finished_ns >= each.started_ns for each in tried)
    assert len({message.idempotency_key for message in channel.messages}) == 1


async def test_a_test_goes_past_all_that_waits_and_frees_the_channel_when_it_arrives(
    make: Maker, database: Database, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("slack", traits=REMOTE, answers=[ChannelBarred("token_revoked")])
    dispatcher = make(channel)
    await dispatcher.start()
    await send(database, dispatcher, [make_alert(1)], "slack")
    await until(lambda: dispatcher.readings()[0].barred == "token_revoked")

    receipt = await dispatcher.send_test("slack", trial())
    await until(lambda: dispatcher.pending_count == 0)

    assert receipt.detail == "receipt 2"
    assert [message.alert_id for message in channel.messages] == ["alert-1", "test-1", "alert-1"]
    assert dispatcher.readings()[0].barred == ""


async def test_a_test_does_not_ask_a_receiver_that_wants_to_be_left_alone(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("slack", traits=REMOTE, answers=[RateLimited("slow down", retry_after_s=30)])
    dispatcher = make(channel)
    await dispatcher.start()
    await send(database, dispatcher, [make_alert(1)], "slack")
    await until(lambda: dispatcher.readings()[0].held_s)

    with pytest.raises(Undeliverable, match="it asked us to wait; 30 s are left"):
        await dispatcher.send_test("slack", trial())

    assert len(channel.messages) == 1


async def test_row_6_what_a_test_is_asked_to_wait_holds_for_alerts_too(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("slack", traits=REMOTE, answers=[RateLimited("slow down", retry_after_s=30)])
    dispatcher = make(channel)
    await dispatcher.start()

    with pytest.raises(RateLimited):
        await dispatcher.send_test("slack", trial())
    await send(database, dispatcher, [make_alert(1)], "slack")
    await clock.advance(29.9)
    early = len(channel.messages)
    await clock.advance(0.1)
    await until(lambda: dispatcher.pending_count == 0)

    assert early == 1
    assert [message.alert_id for message in channel.messages] == ["test-1", "alert-1"]


async def test_a_test_of_a_channel_there_is_none_of_says_so(make: Maker) -> None:
    with pytest.raises(Undeliverable, match="pager is not set up"):
        await make().send_test("pager", trial())
