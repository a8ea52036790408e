import asyncio
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import ManualClock, RecordingChannel
from tests.services.delivery.stored import all_sent
from tradeassist_desktop.domain.channels import (
    ChannelTraits,
    ChannelUnavailable,
    RateLimited,
    Receipt,
    Undeliverable,
)
from tradeassist_desktop.domain.delivery import Delivery, DeliveryState
from tradeassist_desktop.domain.events import DeliveryChanged
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.verdict import LOCAL_ATTEMPTS
from tradeassist_desktop.storage import alerts, outbox
from tradeassist_desktop.storage.database import Database

Maker = Callable[..., Dispatcher]


@pytest.fixture
async def make(database: Database, bus: Bus, clock: ManualClock, rng: random.Random) -> Any:
    running: list[Dispatcher] = []

    def dispatcher(*channels: Any) -> Dispatcher:
        made = Dispatcher(
            database=database,
            bus=bus,
            clock=clock,
            channels={channel.name: channel for channel in channels},
            rng=rng,
        )
        running.append(made)
        return made

    yield dispatcher
    for made in running:
        await made.stop(drain_s=0)


async def store(database: Database, alert: Any, *channels: str) -> tuple[Delivery, ...]:
    planned = tuple(Delivery(alert_id=alert.id, channel=channel) for channel in channels)
    await database.run(
        lambda connection: outbox.raise_alerts(connection, [(alert, planned)], {}, committed_ns=1),
        durable=True,
    )
    return planned


async def deliveries(database: Database) -> dict[tuple[str, str], Delivery]:
    records = await database.read(lambda connection: alerts.recent(connection, limit=1000))
    return {(d.alert_id, d.channel): d for record in records for d in record.deliveries}


async def send(dispatcher: Dispatcher, database: Database, alert: Any, *channels: str) -> None:
    dispatcher.dispatch(alert, await store(database, alert, *channels), is_saved=True)


async def test_a_delivery_goes_from_pending_by_sending_to_delivered(
    make: Maker, database: Database, make_alert: Any, heard: Any, until: Any
) -> None:
    channel = RecordingChannel("toast")
    dispatcher = make(channel)
    await dispatcher.start()

    await send(dispatcher, database, make_alert(), "toast")
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    states = [event.delivery.state for event in heard.of(DeliveryChanged)]
    assert states == [DeliveryState.SENDING, DeliveryState.DELIVERED]
    kept = (await deliveries(database))["alert-1", "toast"]
    assert (kept.state, kept.attempts, kept.detail) == (DeliveryState.DELIVERED, 1, "receipt 1")
    assert kept.finished_ns is not None


async def test_an_attempt_a_kill_cuts_off_is_known_to_the_next_run(
    make: Maker, database: Database, make_alert: Any, until: Any, tmp_path: Path
) -> None:
    killed, sent = tmp_path / "killed", RecordingChannel("tray")

    class LeavingChannel:
        name = "tray"
        traits = ChannelTraits()

        async def send(self, message: Message) -> Receipt:
            if message.alert_id == "alert-2":  # a kill would leave just this
                shutil.copytree(database.path.parent, killed, dirs_exist_ok=True)
            return Receipt()

    dispatcher = make(LeavingChannel())
    await dispatcher.start()
    three = [make_alert(number) for number in (1, 2, 3)]
    planned = [await store(database, alert, "tray") for alert in three]
    for alert, its_deliveries in zip(three, planned, strict=True):
        dispatcher.dispatch(alert, its_deliveries, is_saved=True)
    await until(lambda: dispatcher.pending_count == 0)
    left = Database(path=killed / database.path.name)
    await left.start()
    next_run = Dispatcher(database=left, bus=Bus(), clock=ManualClock(), channels={"tray": sent})
    await next_run.start()
    await next_run.stop()
    await left.stop()

    assert [(message.alert_id, message.is_second_try) for message in sent.messages] == [
        ("alert-2", True),
        ("alert-3", False),
    ]


async def test_row_6_a_kill_does_not_shorten_the_wait_a_receiver_asked_for(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any, tmp_path: Path
) -> None:
    killed, sent = tmp_path / "killed", RecordingChannel("tray")

    class BusyChannel:
        name = "tray"
        traits = ChannelTraits()

        async def send(self, message: Message) -> Receipt:
            raise RateLimited("wait", retry_after_s=30)

    dispatcher = make(BusyChannel())
    await dispatcher.start()
    await send(dispatcher, database, make_alert(), "tray")
    await until(lambda: dispatcher.states()["tray"].startswith("asked to wait"))
    await clock.advance(0.1)
    await database.settle()
    shutil.copytree(database.path.parent, killed)
    left = Database(path=killed / database.path.name)
    await left.start()
    later = ManualClock(now_ns=clock.now_ns())
    next_run = Dispatcher(database=left, bus=Bus(), clock=later, channels={"tray": sent})
    await next_run.start()
    await later.advance(29)
    early = len(sent.messages)
    await later.advance(1)
    await until(lambda: sent.messages)
    await next_run.stop()
    await left.stop()

    assert early == 0
    assert not sent.messages[0].is_second_try


async def test_sending_is_stored_before_the_attempt_where_there_can_be_no_redo_log(
    make: Maker, database: Database, make_alert: Any, until: Any
) -> None:
    database.path.with_name("desk.db-redo").mkdir()
    seen: list[DeliveryState] = []

    class LookingChannel:
        name = "toast"
        traits = ChannelTraits()

        async def send(self, message: Message) -> Receipt:
            seen.append((await deliveries(database))[message.alert_id, "toast"].state)
            return Receipt()

    dispatcher = make(LookingChannel())
    await dispatcher.start()

    await send(dispatcher, database, make_alert(), "toast")
    await until(lambda: dispatcher.pending_count == 0)

    assert seen == [DeliveryState.SENDING]


async def test_what_an_earlier_run_left_unsent_is_sent_late(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    for number, state in enumerate([DeliveryState.SENDING, DeliveryState.PENDING, DeliveryState.DELIVERED]):
        alert = make_alert(number, evaluated_ns=clock.now_ns())
        (planned,) = await store(database, alert, "toast")
        kept = Delivery(alert_id=planned.alert_id, channel="toast", state=state, attempts=1)
        await database.run(lambda connection, kept=kept: outbox.mark(connection, [kept]))
    await clock.advance(61)
    channel = RecordingChannel("toast")
    dispatcher = make(channel)

    await dispatcher.start()
    await until(lambda: dispatcher.pending_count == 0)

    assert [(message.alert_id, message.is_late) for message in channel.messages] == [
        ("alert-0", True),
        ("alert-1", True),
    ]


async def test_a_channel_that_says_later_is_tried_again_and_keeps_its_order(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("toast", answers=[Undeliverable("no answer", retry=True)])
    dispatcher = make(channel)
    await dispatcher.start()

    for number in range(3):
        await send(dispatcher, database, make_alert(number), "toast")
    await until(lambda: channel.messages and dispatcher.states()["toast"] == "failing: no answer")
    before_time = len(channel.messages)
    await clock.advance(2)
    await until(lambda: dispatcher.pending_count == 0)

    assert before_time == 1
    assert [message.alert_id for message in channel.messages] == ["alert-0", "alert-0", "alert-1", "alert-2"]
    assert dispatcher.states() == {"toast": "ready"}


@pytest.mark.parametrize("is_set_up_anew", [False, True], ids=["", "new settings do not wait for it"])
async def test_the_time_of_the_next_attempt_outlives_the_program(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any, is_set_up_anew: bool
) -> None:
    first = make(RecordingChannel("toast", answers=[Undeliverable("no answer", retry=True)]))
    await first.start()
    await send(first, database, make_alert(), "toast")
    await until(lambda: first.states()["toast"] == "failing: no answer")
    await first.stop()

    channel = RecordingChannel("toast")
    second = make(channel)
    await second.start()
    await clock.advance(0)
    early = len(channel.messages)
    if is_set_up_anew:
        second.channel_changed("toast")
    else:
        await clock.advance(2)
    await until(lambda: second.pending_count == 0)
    await second.stop()

    kept = (await deliveries(database))["alert-1", "toast"]
    assert early == 0
    assert (kept.state, kept.attempts) == (DeliveryState.DELIVERED, 2)


async def test_a_delivery_is_given_up_after_its_last_attempt(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("toast", answers=[Undeliverable("no answer", retry=True)] * LOCAL_ATTEMPTS)
    dispatcher = make(channel)
    await dispatcher.start()

    await send(dispatcher, database, make_alert(1), "toast")
    await send(dispatcher, database, make_alert(2), "toast")
    for attempt in range(1, LOCAL_ATTEMPTS + 1):
        await until(lambda attempt=attempt: len(channel.messages) >= attempt)
        await clock.advance(61)
    await until(lambda: dispatcher.pending_count == 0)
    await dispatcher.stop()

    kept = await deliveries(database)
    assert (kept["alert-1", "toast"].state, kept["alert-1", "toast"].attempts) == (DeliveryState.DEAD, 5)
    assert kept["alert-1", "toast"].detail == "no answer"
    assert kept["alert-2", "toast"].state is DeliveryState.DELIVERED


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(
            (ChannelUnavailable("no tray here"), DeliveryState.UNAVAILABLE, "unavailable: no tray here"),
            id="nothing to send to",
        ),
        pytest.param(
            (Undeliverable("token refused", retry=False), DeliveryState.DEAD, "dead: token refused"),
            id="refused",
        ),
    ],
)
async def test_what_retrying_cannot_mend_is_tried_once(
    make: Maker,
    database: Database,
    make_alert: Any,
    until: Any,
    outcome: tuple[Exception, DeliveryState, str],
) -> None:
    answer, state, said = outcome
    channel = RecordingChannel("tray", answers=[answer])
    dispatcher = make(channel)
    await dispatcher.start()

    await send(dispatcher, database, make_alert(), "tray")
    await until(lambda: dispatcher.pending_count == 0)
    states = dispatcher.states()
    await dispatcher.stop()

    assert (await deliveries(database))["alert-1", "tray"].state is state
    assert states == {"tray": said}
    assert len(channel.messages) == 1


async def test_one_failing_channel_leaves_the_others_alone(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    broken = RecordingChannel("sound", answers=[RuntimeError("driver crashed")] * 100)
    sound = [RecordingChannel(name) for name in ("toast", "tray")]
    dispatcher = make(broken, *sound)
    await dispatcher.start()

    for number in range(10):
        await send(dispatcher, database, make_alert(number), "sound", "toast", "tray")
    await until(lambda: all(len(channel.messages) == 10 for channel in sound))
    await all_sent(dispatcher, clock, database, step_s=61)

    assert [len(channel.messages) for channel in sound] == [10, 10]
    assert len(broken.messages) == 10 * LOCAL_ATTEMPTS


async def test_a_message_the_channel_breaks_on_does_not_hold_up_the_rest(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    class BreakingChannel(RecordingChannel):
        async def send(self, message: Message) -> Receipt:
            if message.alert_id == "alert-0":
                raise ValueError("cannot be drawn")
            return await super().send(message)

    channel = BreakingChannel("toast")
    dispatcher = make(channel)
    await dispatcher.start()

    for number in range(3):
        await send(dispatcher, database, make_alert(number), "toast")
    await until(lambda: len(channel.messages) == 2)

    assert [message.alert_id for message in channel.messages] == ["alert-1", "alert-2"]
    assert dispatcher.pending_count == 1


async def test_an_attempt_that_never_ends_is_broken_off(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    attempts: list[str] = []

    class HangingOnce:
        name = "toast"
        traits = ChannelTraits()

        async def send(self, message: Message) -> Receipt:
            attempts.append(message.alert_id)
            if len(attempts) == 1:
                await asyncio.get_running_loop().create_future()
            return Receipt()

    dispatcher = make(HangingOnce())
    await dispatcher.start()
    await send(dispatcher, database, make_alert(), "toast")
    await until(lambda: attempts)

    await clock.advance(10)
    await until(lambda: dispatcher.states()["toast"] == "failing: not done within 10 s")
    await clock.advance(2)
    await until(lambda: dispatcher.pending_count == 0)

    assert len(attempts) == 2


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("slack", "slack is not set up"),
        ("toast", "toast needs the window"),
        ("sound", "sound needs the window"),
    ],
)
async def test_a_channel_the_desk_does_not_have_is_unavailable_at_once(
    make: Maker, database: Database, make_alert: Any, channel: str, said: str
) -> None:
    dispatcher = make()
    await dispatcher.start()

    await send(dispatcher, database, make_alert(), channel)
    await dispatcher.stop()

    kept = (await deliveries(database))["alert-1", channel]
    assert (kept.state, kept.detail) == (DeliveryState.UNAVAILABLE, said)


async def test_stopping_leaves_what_was_not_sent_in_the_outbox(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    begun: list[str] = []

    class HangingChannel:
        name = "toast"
        traits = ChannelTraits()

        async def send(self, message: Message) -> Receipt:
            begun.append(message.alert_id)
            await asyncio.get_running_loop().create_future()
            raise AssertionError

    dispatcher = make(HangingChannel())
    await dispatcher.start()
    for number in (1, 2):
        await send(dispatcher, database, make_alert(number), "toast")
    await until(lambda: begun)

    stopping = asyncio.ensure_future(dispatcher.stop(drain_s=5))
    await clock.advance(4.9)
    in_time = stopping.done()
    await clock.advance(0.2)
    await stopping

    kept = await deliveries(database)
    assert not in_time
    assert [kept[f"alert-{number}", "toast"].state for number in (1, 2)] == [DeliveryState.PENDING] * 2


async def test_a_wall_clock_set_back_does_not_postpone_attempts(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    channel = RecordingChannel("toast", answers=[Undeliverable("no answer", retry=True)])
    dispatcher = make(channel)
    await dispatcher.start()
    await send(dispatcher, database, make_alert(1), "toast")
    await until(lambda: dispatcher.states()["toast"] == "failing: no answer")

    clock.set_wall(clock.now_ns() - 3600 * 10**9)
    await clock.advance(2)
    await until(lambda: dispatcher.pending_count == 0)

    assert len(channel.messages) == 2


async def test_nothing_is_sent_again_because_the_disk_could_not_note_it(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    sent: list[str] = []

    class TalkativeChannel:
        name = "toast"
        traits = ChannelTraits()

        async def send(self, message: Message) -> Receipt:
            sent.append(message.alert_id)
            return Receipt(detail="x" * 100_000)

    def allow_pages(count: int) -> Callable[[Any], None]:
        return lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {count}")

    dispatcher = make(TalkativeChannel())
    await dispatcher.start()
    await database.run(allow_pages(1))

    await send(dispatcher, database, make_alert(), "toast")
    await until(lambda: sent)
    await clock.advance(0.1)
    await until(lambda: database.trouble == "The disk is full.")
    await clock.advance(5)
    was_open = (await deliveries(database))["alert-1", "toast"].is_open
    await database.run(allow_pages(1_000_000))
    await clock.advance(60)
    await dispatcher.stop()

    assert sent == ["alert-1"]
    assert was_open
    assert (await deliveries(database))["alert-1", "toast"].state is DeliveryState.DELIVERED
