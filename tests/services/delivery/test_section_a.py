"""Section A of the list of faults, as far as it is the dispatcher's. Channels do what servers did to them."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.fakes import ManualClock, RecordingChannel
from tests.services.delivery.stored import (
    all_sent,
    attempts_of,
    kept,
    kept_states,
    outcomes_of,
    send,
    store,
)
from tradeassist_desktop.domain.breakers import BreakerState
from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    ChannelTraits,
    ChannelUnavailable,
    RateLimited,
    Receipt,
    Uncertain,
    Undeliverable,
)
from tradeassist_desktop.domain.delivery import AttemptOutcome, DeliveryKey
from tradeassist_desktop.domain.events import ChannelSetUp
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.channel_breakers import channel_guards
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.planning import to_channels
from tradeassist_desktop.services.delivery.verdict import LOCAL_ATTEMPTS
from tradeassist_desktop.services.notices import Notices
from tradeassist_desktop.storage.database import Database

Maker = Callable[..., Dispatcher]
REMOTE = ChannelTraits(is_local=False)


def slack(*answers: Exception | None, traits: ChannelTraits = REMOTE) -> RecordingChannel:
    return RecordingChannel("slack", answers=answers, traits=traits)


async def test_row_1_an_alert_and_all_its_deliveries_are_stored_before_any_is_sent(
    make: Maker, database: Database, bus: Bus, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    seen: list[int] = []

    class LookingChannel(RecordingChannel):
        async def send(self, message: Message) -> Receipt:
            seen.append(len([key for key in await kept(database) if key.alert_id == message.alert_id]))
            return await super().send(message)

    dispatcher = make(LookingChannel("toast"), LookingChannel("sound"))
    plan = to_channels(lambda alert: ("toast", "sound"))
    alerting = Alerting(database=database, bus=bus, clock=clock, plan=plan, dispatcher=dispatcher)
    await dispatcher.start()
    await alerting.start()

    alerting.raise_alerts([make_alert(number) for number in range(5)], {})
    await until(lambda: len(seen) == 10)
    await alerting.stop()

    assert set(seen) == {2}


async def test_row_2_what_a_kill_left_between_commit_and_sending_is_sent_by_the_next_run(
    make: Maker, database: Database, make_alert: Any, until: Any
) -> None:
    killed = make(RecordingChannel("toast"))
    await store(database, killed, [make_alert(number) for number in range(20)], "toast")
    channel = RecordingChannel("toast")
    dispatcher = make(channel)

    await dispatcher.start()
    await until(lambda: dispatcher.pending_count == 0)

    assert [message.alert_id for message in channel.messages] == [f"alert-{n}" for n in range(20)]
    assert not any(message.is_second_try for message in channel.messages)


@pytest.mark.parametrize(
    ("resends", "states", "tries"),
    [
        pytest.param(True, ["delivered"], [False, True], id="sent again, and marked"),
        pytest.param(False, ["uncertain"], [False], id="left uncertain"),
    ],
)
async def test_row_4_what_a_server_took_without_an_answer_is_uncertain_and_the_policy_decides(
    make: Maker,
    database: Database,
    clock: ManualClock,
    make_alert: Any,
    until: Any,
    resends: bool,
    states: list[str],
    tries: list[bool],
) -> None:
    channel = slack(Uncertain("cut off"), traits=replace(REMOTE, resends_uncertain=resends))
    dispatcher = make(channel)
    await dispatcher.start()

    await send(database, dispatcher, [make_alert(1)], "slack")
    await until(lambda: channel.messages)
    await clock.advance(2)
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    assert await kept_states(database, "slack") == states
    assert [message.is_second_try for message in channel.messages] == tries
    outcomes = await outcomes_of(database, "alert-1")
    assert outcomes[0] is AttemptOutcome.UNCERTAIN
    assert len(outcomes) == len(channel.messages)


async def test_row_5_a_request_that_hangs_is_closed_in_time_and_delays_no_other_channel(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    class HangingChannel(RecordingChannel):
        async def send(self, message: Message) -> Receipt:
            await super().send(message)
            return await asyncio.get_running_loop().create_future()

    hanging = HangingChannel("slack", traits=replace(REMOTE, attempt_s=8, resends_uncertain=False))
    toast = RecordingChannel("toast")
    dispatcher = make(hanging, toast)
    await dispatcher.start()
    began_ns = clock.now_ns()

    await send(database, dispatcher, [make_alert(1)], "slack", "toast")
    await until(lambda: toast.messages and hanging.messages)
    toasted_ns = clock.now_ns()
    await clock.advance(30)
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    attempt = next(each for each in await attempts_of(database, "alert-1") if each.key.channel == "slack")
    assert toasted_ns == began_ns
    assert (attempt.outcome, attempt.finished_ns) == (AttemptOutcome.UNCERTAIN, began_ns + 8 * 10**9)
    assert await kept_states(database, "slack") == ["uncertain"]


async def test_row_6_a_receiver_that_asks_to_wait_is_left_alone_for_as_long_also_by_the_next_run(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    before = slack(RateLimited("rate limited", retry_after_s=30))
    first = make(before)
    await first.start()
    planned_ns = clock.now_ns()
    await send(database, first, [make_alert(n, evaluated_ns=planned_ns) for n in (1, 2)], "slack")
    await until(lambda: first.states()["slack"] == "asked to wait: rate limited")
    (waiting,) = first.readings()
    await clock.advance(10)
    await first.stop()
    assert (waiting.waiting, waiting.oldest_ns, round(waiting.held_s)) == (2, planned_ns, 30)
    assert len(before.messages) == 1

    after = slack()
    second = make(after)
    await second.start()
    await send(database, second, [make_alert(3)], "slack")
    second.channel_changed("slack")  # new settings are no leave to ask before its time
    await clock.advance(19.9)
    early = len(after.messages)
    await clock.advance(0.2)
    await until(lambda: second.pending_count == 0)
    await second.stop()

    assert early == 0
    assert [message.alert_id for message in after.messages] == ["alert-1", "alert-2", "alert-3"]
    assert (await kept(database))[DeliveryKey("alert-1", "slack", 0)].attempts == 1
    assert await outcomes_of(database, "alert-1") == [AttemptOutcome.POSTPONED, AttemptOutcome.DELIVERED]


@pytest.mark.parametrize("wait_s", [float("inf"), float("nan"), -1.0, 1e30])
async def test_row_6_a_channel_that_asks_for_no_real_wait_loses_nothing(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any, wait_s: float
) -> None:
    channel = slack(RateLimited("slow down", retry_after_s=wait_s))
    dispatcher = make(channel)
    await dispatcher.start()

    await send(database, dispatcher, [make_alert(1), make_alert(2)], "slack")
    await until(lambda: channel.messages)
    await all_sent(dispatcher, clock, database, step_s=600)

    assert [message.alert_id for message in channel.messages] == ["alert-1", "alert-1", "alert-2"]


async def test_row_6_being_asked_to_wait_again_and_again_trips_no_breaker(
    make: Maker, database: Database, clock: ManualClock, rng: random.Random, make_alert: Any, until: Any
) -> None:
    channel = slack(*[RateLimited("rate limited", retry_after_s=30)] * 20)
    breakers = Breakers(clock=clock, rng=rng)
    dispatcher = make(channel, guards=channel_guards(breakers, {"slack": channel}))
    await dispatcher.start()

    await send(database, dispatcher, [make_alert(1)], "slack")
    for asked in range(1, 21):
        await until(lambda asked=asked: len(channel.messages) == asked)
        await clock.advance(30)
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    assert breakers.get("slack").reading.state is BreakerState.CLOSED
    assert await kept_states(database, "slack") == ["delivered"]


async def test_row_8_a_channel_whose_token_is_refused_waits_for_its_trader_and_he_is_told_elsewhere(
    make: Maker, database: Database, bus: Bus, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel, toast = (
        slack(ChannelBarred("invalid_auth"), ChannelBarred("invalid_auth")),
        RecordingChannel("toast"),
    )
    said: list[Notices] = []
    dispatcher = make(
        channel,
        toast,
        on_barred=lambda name, reason: said[0].tell_barred(name, reason, through=["toast"]),
    )
    plan = to_channels(lambda alert: ("slack",))
    alerting = Alerting(database=database, bus=bus, clock=clock, plan=plan, dispatcher=dispatcher)
    said.append(Notices(alerting=alerting, clock=clock))
    await dispatcher.start()
    await alerting.start()

    alerting.raise_alerts([make_alert(1), make_alert(2)], {})
    await until(lambda: toast.messages)
    await clock.advance(86_400)
    asked_in_a_day = len(channel.messages)
    await database.settle()
    while_barred = await kept_states(database, "slack")
    marked = (dispatcher.readings()[0].barred, dispatcher.states()["slack"])
    bus.publish(ChannelSetUp(channel="slack"))
    await until(lambda: len(toast.messages) == 2)  # still refused, so told again
    dispatcher.channel_changed("slack")
    await until(lambda: dispatcher.pending_count == 0)
    await alerting.stop()
    await dispatcher.stop()

    assert asked_in_a_day == 1
    assert while_barred == ["pending", "pending"]
    assert marked == ("invalid_auth", "needs you: invalid_auth")
    assert toast.messages[0].title == "No alerts by Slack until you change its settings"
    assert "invalid_auth" in toast.messages[0].body
    assert await kept_states(database, "slack") == ["delivered", "delivered"]
    assert (await kept(database))[DeliveryKey("alert-1", "slack", 0)].attempts == 1


async def test_row_9_a_refusal_for_good_is_a_dead_letter_and_touches_nothing_else(
    make: Maker, database: Database, make_alert: Any, until: Any
) -> None:
    channel, toast = slack(Undeliverable("channel_not_found", retry=False)), RecordingChannel("toast")
    dispatcher = make(channel, toast)
    await dispatcher.start()

    await send(database, dispatcher, [make_alert(1), make_alert(2)], "slack", "toast")
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    assert await kept_states(database, "slack") == ["dead", "delivered"]
    assert await kept_states(database, "toast") == ["delivered", "delivered"]
    assert await outcomes_of(database, "alert-1") == [AttemptOutcome.REFUSED, AttemptOutcome.DELIVERED]


async def test_row_12_an_answer_that_makes_no_sense_is_tried_again(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = slack(Undeliverable("answered with a web page", retry=True))
    dispatcher = make(channel)
    await dispatcher.start()

    await send(database, dispatcher, [make_alert(1)], "slack")
    await until(lambda: channel.messages)
    await clock.advance(2)
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    assert await outcomes_of(database, "alert-1") == [AttemptOutcome.FAILED, AttemptOutcome.DELIVERED]
    assert not channel.messages[1].is_second_try


async def test_row_13_a_burst_keeps_the_pace_and_order_of_a_channel_and_loses_nothing(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    sent_ns: list[int] = []
    channel = slack(traits=ChannelTraits(is_local=False, interval_s=1, digest_above=10))
    channel.before_answer = lambda: sent_ns.append(clock.now_ns())
    dispatcher = make(channel)
    await dispatcher.start()

    await send(database, dispatcher, [make_alert(number) for number in range(8)], "slack")
    for _ in range(8):
        await clock.advance(1)
        await until(lambda: dispatcher.readings()[0].held_s > 0 or dispatcher.pending_count == 0)
    await send(database, dispatcher, [make_alert(number) for number in range(8, 508)], "slack")
    await all_sent(dispatcher, clock, database)
    await dispatcher.stop()

    assert [message.alert_id for message in channel.messages[:8]] == [f"alert-{n}" for n in range(8)]
    assert min(later - before for before, later in pairwise(sent_ns)) >= 10**9
    told = [id_ for m in channel.messages for id_ in (m.digest.alert_ids if m.digest else [m.alert_id])]
    assert told == [f"alert-{number}" for number in range(508)]
    assert set(await kept_states(database, "slack")) == {"delivered"}


async def test_row_14_one_of_four_channels_that_fails_for_ever_repeats_nothing_on_the_others(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    broken = slack(*[Undeliverable("server said 500", retry=True)] * 1_000)
    others = [RecordingChannel(name) for name in ("toast", "tray", "sound")]
    dispatcher = make(broken, *others)
    await dispatcher.start()

    await send(
        database, dispatcher, [make_alert(n) for n in range(10)], "slack", *(each.name for each in others)
    )
    await until(lambda: all(len(each.messages) == 10 for each in others))
    for _ in range(30):
        await clock.advance(60)
        await database.settle()

    assert [[m.alert_id for m in each.messages] for each in others] == [[f"alert-{n}" for n in range(10)]] * 3
    assert len(broken.messages) > 10


async def test_row_20_a_message_its_channel_breaks_on_is_a_dead_letter_and_the_rest_flow(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    class BreakingChannel(RecordingChannel):
        async def send(self, message: Message) -> Receipt:
            receipt = await super().send(message)
            if message.alert_id == "alert-1":
                raise ValueError("cannot be drawn")
            return receipt

    channel = BreakingChannel("slack", traits=REMOTE)
    dispatcher = make(channel)
    await dispatcher.start()

    await send(database, dispatcher, [make_alert(number) for number in range(4)], "slack")
    await until(lambda: len(channel.messages) >= 4)
    await all_sent(dispatcher, clock, database, step_s=60)
    await dispatcher.stop()

    assert await kept_states(database, "slack") == ["delivered", "dead", "delivered", "delivered"]
    dead = (await kept(database))[DeliveryKey("alert-1", "slack", 0)]
    assert (dead.attempts, dead.detail) == (LOCAL_ATTEMPTS, "ValueError: cannot be drawn")


async def test_row_22_behind_an_open_breaker_alerts_wait_untried_and_go_out_in_order_once_it_closes(
    make: Maker, database: Database, clock: ManualClock, rng: random.Random, make_alert: Any
) -> None:
    channel = slack(*[Undeliverable("server said 503", retry=True)] * 5)
    breakers = Breakers(clock=clock, rng=rng)
    dispatcher = make(channel, guards=channel_guards(breakers, {"slack": channel}))
    await dispatcher.start()
    await send(database, dispatcher, [make_alert(number) for number in range(3)], "slack")
    breaker = breakers.get("slack")
    while breaker.reading.state is BreakerState.CLOSED:
        await clock.advance(1)
        await database.settle()
    asked = len(channel.messages)

    await clock.advance(breaker.reading.retry_after_s - 0.1)
    await database.settle()
    while_open = len(channel.messages)
    states_while_open = await kept_states(database, "slack")
    await all_sent(dispatcher, clock, database)
    await dispatcher.stop()

    assert while_open == asked == 5
    assert states_while_open == ["pending"] * 3
    assert [message.alert_id for message in channel.messages[5:]] == ["alert-0", "alert-1", "alert-2"]
    stored = await kept(database)
    assert [stored[DeliveryKey(f"alert-{n}", "slack", 0)].attempts for n in range(3)] == [6, 1, 1]
    assert [len(await attempts_of(database, f"alert-{n}")) for n in range(3)] == [6, 1, 1]


async def test_row_22_a_breaker_closed_by_hand_is_heeded_at_once(
    make: Maker, database: Database, clock: ManualClock, rng: random.Random, make_alert: Any, until: Any
) -> None:
    channel = slack()
    breakers = Breakers(clock=clock, rng=rng)
    dispatcher = make(channel, guards=channel_guards(breakers, {"slack": channel}))
    breakers.force("slack", BreakerState.FORCED_OPEN)
    await dispatcher.start()
    await send(database, dispatcher, [make_alert(1)], "slack")
    await until(lambda: dispatcher.states()["slack"].startswith("left alone"))

    breakers.reset("slack")
    await until(lambda: dispatcher.pending_count == 0)

    assert len(channel.messages) == 1


async def test_row_23_a_delivery_keeps_its_receipt_as_text_and_the_next_message_answers_to_it(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    class ReceiptGivingChannel(RecordingChannel):
        async def send(self, message: Message) -> Receipt:
            await super().send(message)
            await clock.advance(0.25)
            return Receipt(detail="posted", reference=f"C1:1719900000.00010{len(self.messages)}")

    first_channel = ReceiptGivingChannel("slack", traits=REMOTE)
    first = make(first_channel)
    await first.start()
    decided = make_alert(1, evaluated_ns=clock.now_ns())
    await send(database, first, [decided, make_alert(2), make_alert(3, symbol="/NQU24")], "slack")
    await until(lambda: first.pending_count == 0)
    await first.stop()
    second_channel = ReceiptGivingChannel("slack", traits=REMOTE)
    second = make(second_channel)
    await second.start()
    await send(database, second, [make_alert(4), make_alert(5, rule_uid="another")], "slack")
    await until(lambda: second.pending_count == 0)
    await second.stop()

    receipt = (await kept(database))[DeliveryKey("alert-1", "slack", 0)]
    (attempt,) = await attempts_of(database, "alert-1")
    took_ns = 250_000_000
    assert (receipt.receipt, receipt.attempts) == ("C1:1719900000.000101", 1)
    assert (receipt.finished_ns, attempt.finished_ns) == (
        decided.evaluated_ns + took_ns,
        attempt.started_ns + took_ns,
    )
    assert [message.reply_to for message in first_channel.messages] == ["", "C1:1719900000.000101", ""]
    assert [message.reply_to for message in second_channel.messages] == ["C1:1719900000.000102", ""]


async def test_row_24_quitting_sends_what_is_due_for_five_seconds_and_keeps_the_rest(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = slack(traits=ChannelTraits(is_local=False, interval_s=1, digest_above=100))
    dispatcher = make(channel)
    await dispatcher.start()
    await send(database, dispatcher, [make_alert(number) for number in range(20)], "slack")
    await until(lambda: channel.messages)

    stopping = asyncio.ensure_future(dispatcher.stop(drain_s=5))
    for _ in range(50):
        await clock.advance(0.1)
        await database.settle()
    await stopping

    states = await kept_states(database, "slack")
    assert 4 <= len(channel.messages) <= 6
    assert states == ["delivered"] * len(channel.messages) + ["pending"] * (20 - len(channel.messages))


async def test_row_25_a_channel_with_nothing_to_send_to_is_recorded_as_unavailable(
    make: Maker, database: Database, make_alert: Any, until: Any
) -> None:
    tray, toast = RecordingChannel("tray", answers=[ChannelUnavailable("no tray")]), RecordingChannel("toast")
    dispatcher = make(tray, toast)
    await dispatcher.start()

    await send(database, dispatcher, [make_alert(1)], "tray", "toast")
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    assert await kept_states(database, "tray") == ["unavailable"]
    assert await kept_states(database, "toast") == ["delivered"]
    assert AttemptOutcome.UNAVAILABLE in await outcomes_of(database, "alert-1")
