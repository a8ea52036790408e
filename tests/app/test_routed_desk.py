"""The desk as it is built: an urgent alert that nobody answers, and one that is answered."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.demo import demo_desk
from tests.fakes import NS_PER_SECOND, ManualClock, RecordingChannel
from tests.rule_changes import put
from tradeassist_desktop import paths
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channels import ChannelBarred, ChannelTraits
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.desk import Desk

REMOTE = ChannelTraits(is_local=False)
STEP_S = 10
URGENT = "Urgent"


async def add_urgent_rule(desk: Desk, text: str) -> None:
    """Add a rule, beside the demo's own, that is urgent and sent as toast."""
    rule = await desk.rules.add_text(text)
    await put(desk.rules, replace(rule, name=URGENT, priority=Priority.URGENT, channels=("toast",)))


def urgent(channel: RecordingChannel) -> list[str]:
    """Return the alerts of that rule that a channel was given."""
    return [message.alert_id for message in channel.messages if message.rule_name == URGENT]


async def pass_time(
    clock: ManualClock, seconds: float, condition: Callable[[], object], *, step_s: float = STEP_S
) -> None:
    """Let time pass, a step at once, and sockets and disk have their turn; stop if it comes true."""
    end_ns = clock.now_ns() + seconds * NS_PER_SECOND
    while clock.now_ns() < end_ns and not condition():
        await clock.advance(min(step_s, (end_ns - clock.now_ns()) / NS_PER_SECOND))
        await asyncio.sleep(0.005)


async def test_an_urgent_alert_goes_to_slack_after_two_minutes_and_not_to_e_mail_once_acknowledged(
    tmp_path: Path,
) -> None:
    clock, toast = ManualClock(), RecordingChannel("toast")
    slack, email = (RecordingChannel(name, traits=REMOTE) for name in ("slack", "email"))
    channels = {"toast": toast, "slack": slack, "email": email}
    async with demo_desk(tmp_path, clock=clock, channels=channels) as desk:
        await add_urgent_rule(desk, "AAPL last > 1")
        await pass_time(clock, 60, lambda: urgent(toast))
        (alert_id,) = urgent(toast)
        fired_ns = next(each.committed_ns for each in desk.history.records() if each.alert.id == alert_id)

        await pass_time(clock, 119 - (clock.now_ns() - fired_ns) / NS_PER_SECOND, lambda: urgent(slack))
        sent_early = urgent(slack)
        await pass_time(clock, 30, lambda: urgent(slack), step_s=0.1)  # the disk takes its own time
        await desk.history.acknowledge([alert_id])
        await pass_time(clock, 200, lambda: False)

    assert sent_early == []
    assert [len(urgent(each)) for each in (toast, slack, email)] == [1, 1, 0]


async def test_row_8_a_channel_that_needs_its_trader_is_told_of_through_the_others(tmp_path: Path) -> None:
    clock, toast = ManualClock(), RecordingChannel("toast")
    refused = ChannelBarred("the Slack token was revoked")
    slack = RecordingChannel("slack", traits=REMOTE, answers=[refused] * 100)

    def notices() -> list[str]:
        return [message.body for message in toast.messages if "No alerts by Slack" in message.title]

    async with demo_desk(tmp_path, clock=clock, channels={"toast": toast, "slack": slack}) as desk:
        rule = await desk.rules.add_text("AAPL last > 1")
        await put(desk.rules, replace(rule, channels=("slack",)))
        await pass_time(clock, 120, notices)
        lane = desk.delivery_figures.lanes()["slack"]

    assert [body.split(". ")[0] for body in notices()] == ["It answered: the Slack token was revoked"]
    assert (lane.barred, lane.waiting) == ("the Slack token was revoked", 1)


@pytest.mark.parametrize("is_replay", [False, True], ids=["on the live market", "in a replay"])
async def test_a_change_of_routing_holds_at_once(tmp_path: Path, *, is_replay: bool) -> None:
    recording = paths.resources() / "samples" / "esu24-2024-07-02-level1.csv.gz"
    channels = {name: RecordingChannel(name) for name in ("toast", "tray")}
    feed = f"replay:{recording}" if is_replay else "demo"
    async with demo_desk(tmp_path, channels=channels, feed=feed) as desk:
        rule = Rule(uid="own", name="Own", symbols=("/ESU24",), when="last > 1", priority=Priority.LOW)
        before = [route.channel for route in desk.routing.explain_rule(rule, "/ESU24").routes]

        await desk.settings.set("notify.low", ("tray",))

        after = [route.channel for route in desk.routing.explain_rule(rule, "/ESU24").routes]
    assert (before, after) == (["toast"], ["tray"])
