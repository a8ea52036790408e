"""What the failures of a channel say of its receiver, and what makes good for them."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes import ManualClock, RecordingChannel
from tests.services.delivery.stored import kept, send, store
from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.breakers import BreakerState
from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    ChannelTraits,
    ChannelUnavailable,
    Misshapen,
    RateLimited,
    Uncertain,
    Undeliverable,
)
from tradeassist_desktop.domain.delivery import Delivery, DeliveryState
from tradeassist_desktop.domain.events import ChannelSetUp
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.runtime.breakers.outcomes import Outcome
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.delivery.channel_breakers import channel_guards, judge
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.storage.database import Database


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Undeliverable("server said 503", retry=True), Outcome.FAILURE),
        (Uncertain("cut off"), Outcome.FAILURE),
        (TimeoutError(), Outcome.FAILURE),
        (RateLimited("slow down", retry_after_s=30), Outcome.NEUTRAL),
        (ChannelBarred("token refused"), Outcome.NEUTRAL),
        (ChannelUnavailable("no token"), Outcome.NEUTRAL),
        (Misshapen("too long"), Outcome.NEUTRAL),
        (Undeliverable("no such channel", retry=False), Outcome.NEUTRAL),
        (ValueError("cannot be drawn"), Outcome.NEUTRAL),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.value,
)
def test_only_what_may_pass_speaks_against_a_receiver(error: Exception, outcome: Outcome) -> None:
    assert judge(error) is outcome


async def desk_behind_an_open_breaker(
    make: Callable[..., Dispatcher], database: Database, clock: ManualClock, rng: random.Random, alert: Any
) -> tuple[Dispatcher, Breaker, RecordingChannel]:
    """Return a desk whose Slack failed too often and is well now, with an alert that waits."""
    failing = [Undeliverable("server said 503", retry=True)] * 5
    channel = RecordingChannel("slack", traits=ChannelTraits(is_local=False), answers=failing)
    breakers = Breakers(clock=clock, rng=rng)
    dispatcher = make(channel, guards=channel_guards(breakers, {"slack": channel}))
    await dispatcher.start()
    await send(database, dispatcher, [alert], "slack")
    while (breaker := breakers.get("slack")).reading.state is BreakerState.CLOSED:
        await clock.advance(1)
        await database.settle()
    return dispatcher, breaker, channel


async def test_a_test_that_arrives_closes_an_open_breaker_and_what_waited_goes_out(
    make: Callable[..., Dispatcher],
    database: Database,
    clock: ManualClock,
    rng: random.Random,
    make_alert: Any,
    until: Any,
) -> None:
    dispatcher, breaker, channel = await desk_behind_an_open_breaker(
        make, database, clock, rng, make_alert(1)
    )

    await dispatcher.send_test("slack", trial())
    await until(lambda: dispatcher.pending_count == 0)

    assert breaker.reading.state is BreakerState.CLOSED
    assert [message.alert_id for message in channel.messages[5:]] == ["test-1", "alert-1"]


async def test_new_settings_are_tried_at_once_though_the_old_ones_failed_too_often(
    make: Callable[..., Dispatcher],
    database: Database,
    bus: Bus,
    clock: ManualClock,
    rng: random.Random,
    make_alert: Any,
    until: Any,
) -> None:
    dispatcher, breaker, channel = await desk_behind_an_open_breaker(
        make, database, clock, rng, make_alert(1)
    )

    bus.publish(ChannelSetUp(channel="slack"))
    await until(lambda: dispatcher.pending_count == 0)

    assert breaker.reading.state is not BreakerState.OPEN
    assert [message.alert_id for message in channel.messages[5:]] == ["alert-1"]


def trial() -> Message:
    return Message(
        alert_id="test-1",
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


async def test_an_attempt_is_begun_with_its_alert_unless_the_breaker_would_refuse_it(
    make: Callable[..., Dispatcher], clock: ManualClock, rng: random.Random
) -> None:
    channel = RecordingChannel("slack", traits=ChannelTraits(is_local=False))
    breakers = Breakers(clock=clock, rng=rng)
    dispatcher = make(channel, guards=channel_guards(breakers, {"slack": channel}))
    planned = (Delivery("alert-1", "slack"),)

    closed = dispatcher.begun(planned)
    dispatcher.never_mind(closed)
    breakers.get("slack").force(BreakerState.OPEN)
    opened = dispatcher.begun(planned)

    assert [delivery.state for delivery in (*closed, *opened)] == [
        DeliveryState.SENDING,
        DeliveryState.PENDING,
    ]


async def test_what_was_begun_as_the_breaker_opened_waits_like_all_others(
    make: Callable[..., Dispatcher],
    database: Database,
    clock: ManualClock,
    rng: random.Random,
    make_alert: Any,
    until: Any,
) -> None:
    channel = RecordingChannel("slack", traits=ChannelTraits(is_local=False))
    breakers = Breakers(clock=clock, rng=rng)
    dispatcher = make(channel, guards=channel_guards(breakers, {"slack": channel}))
    await dispatcher.start()
    ((alert, planned),) = await store(database, dispatcher, [make_alert(1)], "slack")
    begun = dispatcher.begun(planned)
    breakers.get("slack").force(BreakerState.OPEN)

    dispatcher.dispatch(alert, begun, is_saved=True)
    await until(lambda: dispatcher.states()["slack"] != "ready")
    await dispatcher.stop(drain_s=0)

    (left,) = (await kept(database)).values()
    assert (left.state, left.attempts) == (DeliveryState.PENDING, 0)
    assert channel.messages == []
