"""Section A of the faults from alert to channel: the real outbox, the real channel, a Slack that fails."""

import asyncio
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.channels.slack_desk import desk_on
from tests.channels.slack_server import CHANNEL_ID, TOKEN, Answer, Fault, SlackServer, refused, slack_server
from tests.fakes import ManualClock
from tests.services.delivery.stored import attempts_of, kept, kept_states, outcomes_of, send
from tradeassist_desktop.channels.slack import SlackChannel
from tradeassist_desktop.domain.delivery import AttemptOutcome
from tradeassist_desktop.domain.events import ChannelSetUp
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.storage.database import Database

Maker = Callable[..., Dispatcher]

UNCERTAIN, DELIVERED, FAILED = AttemptOutcome.UNCERTAIN, AttemptOutcome.DELIVERED, AttemptOutcome.FAILED


def channel_on(folder: Path, server: SlackServer, **changes: Any) -> SlackChannel:
    return SlackChannel(context=desk_on(folder, server, **changes).context)


async def pass_time(
    clock: ManualClock, condition: Callable[[], object], *, most_s: float = 600.0, step_s: float = 0.1
) -> None:
    """Let time pass, slowly enough for real sockets, until the condition holds."""
    for _ in range(int(most_s / step_s)):
        if condition():
            return
        await clock.advance(step_s)
        await asyncio.sleep(0.003)
    assert condition(), f"not within {most_s} s"


async def test_row_4_what_may_have_arrived_is_sent_again_marked_and_slack_keeps_one(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, tmp_path: Path
) -> None:
    async with slack_server(Fault.RESET) as server:
        dispatcher = make(channel_on(tmp_path, server))
        await dispatcher.start()

        await send(database, dispatcher, [make_alert(1)], "slack")
        await pass_time(clock, lambda: dispatcher.pending_count == 0)
        await dispatcher.stop()

        marks = ["may be a repeat" in json.dumps(post["blocks"]) for post in server.posts]
        assert marks == [False, True]
        assert len(server.messages) == 1
        assert await outcomes_of(database, "alert-1") == [UNCERTAIN, DELIVERED]


async def test_row_6_after_a_429_slack_is_left_alone_for_as_long_as_it_asked(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, tmp_path: Path
) -> None:
    posted_ns: list[int] = []
    async with slack_server(Answer("", status=429, headers={"Retry-After": "30"})) as server:
        server.on_post = lambda: posted_ns.append(clock.monotonic_ns())
        dispatcher = make(channel_on(tmp_path, server))
        await dispatcher.start()

        await send(database, dispatcher, [make_alert(1), make_alert(2)], "slack")
        await pass_time(clock, lambda: dispatcher.pending_count == 0)
        await dispatcher.stop()

        assert (posted_ns[1] - posted_ns[0]) / 1e9 >= 30
        assert await kept_states(database, "slack") == ["delivered", "delivered"]


async def test_row_8_a_refused_token_keeps_what_waits_and_a_new_one_sends_it(
    make: Maker, database: Database, clock: ManualClock, bus: Bus, make_alert: Any, tmp_path: Path
) -> None:
    secrets = {"slack.bot": {"token": "xoxb-1-2-revoked"}}
    barred: list[tuple[str, str]] = []
    async with slack_server() as server:
        dispatcher = make(
            channel_on(tmp_path, server, secrets=secrets),
            on_barred=lambda name, reason: barred.append((name, reason)),
        )
        await dispatcher.start()
        await send(database, dispatcher, [make_alert(n) for n in range(3)], "slack")
        await pass_time(clock, lambda: barred)
        for _ in range(100):
            await clock.advance(10)
        asked = len(server.requests)

        secrets["slack.bot"] = {"token": TOKEN}
        bus.publish(ChannelSetUp(channel="slack"))
        await pass_time(clock, lambda: dispatcher.pending_count == 0)
        await dispatcher.stop()

        assert asked == 1
        ((name, reason),) = barred
        assert (name, "give the token of your Slack app anew" in reason) == ("slack", True)
        assert [text.splitlines()[1] for text in server.texts()] == [make_alert(1).message] * 3


async def test_row_9_a_misspelt_channel_ends_its_alerts_with_words_and_no_other_channel_s(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, tmp_path: Path
) -> None:
    async with slack_server() as server:
        dispatcher = make(channel_on(tmp_path, server, given={"slack.channel": "#alrets"}))
        await dispatcher.start()

        await send(database, dispatcher, [make_alert(1)], "slack")
        await pass_time(clock, lambda: dispatcher.pending_count == 0)
        await dispatcher.stop()

        (delivery,) = (await kept(database)).values()
        assert delivery.state.value == "dead"
        assert "no Slack channel #alrets: check its spelling" in delivery.detail
        assert len(server.requests) == 1


async def test_row_11_a_refused_layout_costs_one_attempt_and_the_next_is_plain(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, tmp_path: Path
) -> None:
    async with slack_server(refused("invalid_blocks")) as server:
        dispatcher = make(channel_on(tmp_path, server))
        await dispatcher.start()

        await send(database, dispatcher, [make_alert(1)], "slack")
        await pass_time(clock, lambda: dispatcher.pending_count == 0)
        await dispatcher.stop()

        assert ["blocks" in post for post in server.posts] == [True, False]
        assert await outcomes_of(database, "alert-1") == [FAILED, DELIVERED]


async def test_row_13_a_burst_of_500_is_at_most_a_message_a_second_and_loses_none(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, tmp_path: Path
) -> None:
    posted_ns: list[int] = []
    async with slack_server() as server:
        server.on_post = lambda: posted_ns.append(clock.monotonic_ns())
        dispatcher = make(channel_on(tmp_path, server))
        await dispatcher.start()

        for start in range(0, 500, 50):
            await send(database, dispatcher, [make_alert(n) for n in range(start, start + 50)], "slack")
            await clock.advance(0.3)
        await pass_time(clock, lambda: dispatcher.pending_count == 0)
        await dispatcher.stop()

        assert min((later - earlier) / 1e9 for earlier, later in pairwise(posted_ns)) >= 1.0
        assert sum(_count(post) for post in server.posts) == 500
        assert len(server.posts) <= 10
        assert set(await kept_states(database, "slack")) == {"delivered"}


async def test_row_23_channel_and_stamp_are_stored_as_text_with_each_attempt(
    make: Maker, database: Database, clock: ManualClock, make_alert: Any, tmp_path: Path
) -> None:
    async with slack_server() as server:
        dispatcher = make(channel_on(tmp_path, server))
        await dispatcher.start()

        await send(database, dispatcher, [make_alert(1)], "slack")
        await pass_time(clock, lambda: dispatcher.pending_count == 0)
        await dispatcher.stop()

        (delivery,) = (await kept(database)).values()
        receipt = json.loads(delivery.receipt)
        (attempt,) = await attempts_of(database, "alert-1")
        assert (receipt["channel"], receipt["ts"]) == (CHANNEL_ID, "1700000000.000000")
        assert (attempt.outcome, attempt.detail) == (DELIVERED, "posted in #alerts")
        assert attempt.finished_ns is not None


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.HALF], ids=["hangs", "is cut short"])
async def test_row_5_an_answer_that_never_comes_whole_ends_its_attempt_as_uncertain(
    make: Maker,
    database: Database,
    clock: ManualClock,
    make_alert: Any,
    tmp_path: Path,
    fault: Fault,
    until: Any,
) -> None:
    async with slack_server(fault) as server:
        channel = SlackChannel(context=desk_on(tmp_path, server).context, timeout_s=0.2)
        dispatcher = make(channel)
        await dispatcher.start()

        await send(database, dispatcher, [make_alert(1)], "slack")
        await until(lambda: dispatcher.states()["slack"] != "ready")
        await pass_time(clock, lambda: dispatcher.pending_count == 0)
        await dispatcher.stop()

        assert (await outcomes_of(database, "alert-1"))[0] is UNCERTAIN
        assert await kept_states(database, "slack") == ["delivered"]


def _count(post: dict[str, Any]) -> int:
    """Return how many alerts a message stands for, from what a trader reads in it."""
    lines = [
        line for block in post["blocks"] if "text" in block for line in block["text"]["text"].splitlines()
    ]
    counts = [int(line.split(" × ")[0].replace(",", "")) for line in lines if " × " in line]
    return sum(counts) or 1
