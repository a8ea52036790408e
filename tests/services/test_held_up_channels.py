"""What of an alert is sent once a channel is up again that was down when it fired."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import NS_PER_SECOND, ManualClock
from tests.services.routed_desk import NOON_NS, Market, RoutedDesk, rule, running_desk
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channels import ChannelBarred, Undeliverable
from tradeassist_desktop.domain.delivery import DeliveryKey
from tradeassist_desktop.domain.events import ChannelSetUp
from tradeassist_desktop.domain.routing import SilenceScope
from tradeassist_desktop.domain.rules import Trigger
from tradeassist_desktop.services.history import KEPT


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[RoutedDesk]:
    """Alerts go to the toast and to Slack, whose token is refused until it is set up anew."""
    async with running_desk(tmp_path, clock=ManualClock(now_ns=NOON_NS), market=Market()) as desk:
        await desk.set(notify__urgent=("toast", "slack"), escalate__urgent="off", repeat__urgent="5m")
        desk.channels["slack"].script.append(ChannelBarred("token refused"))
        yield desk


async def set_up(desk: RoutedDesk) -> None:
    desk.bus.publish(ChannelSetUp(channel="slack"))
    await desk.settle()


async def newer_alerts(desk: RoutedDesk) -> None:
    """Raise so many that the history in memory no longer has what fired before."""
    alert = await desk.fire("noise", "/NQ", priority=Priority.LOW, channels=())
    for number in range(KEPT):
        desk.alerting.raise_alerts([replace(alert, id=f"newer-{number}")], {})
    await desk.settle()


async def test_repeats_do_not_pile_up_before_a_channel_that_is_down(desk: RoutedDesk) -> None:
    await desk.fire()
    await desk.advance(3_600)
    while_down = desk.got("toast")

    await set_up(desk)
    await desk.advance(300)

    assert while_down == ["fired", *["repeat"] * 12]
    assert desk.got("slack") == ["fired", "repeat"]


async def test_a_repeat_that_waits_is_not_sent_once_the_alert_is_acknowledged(desk: RoutedDesk) -> None:
    desk.channels["slack"].script.clear()
    alert = await desk.fire()
    desk.channels["slack"].script.append(ChannelBarred("token refused"))
    await desk.advance(300)

    await desk.history.acknowledge([alert.id])
    await set_up(desk)

    assert desk.got("slack") == ["fired"]


async def test_an_alert_that_was_acknowledged_calls_for_attention_on_this_machine_no_more(
    desk: RoutedDesk,
) -> None:
    desk.channels["sound"].script.append(Undeliverable("the tone player hangs", retry=True))
    alert = await desk.fire(channels=("toast", "sound", "slack"))

    await desk.history.acknowledge([alert.id])
    await desk.advance(10)
    await set_up(desk)

    # An urgent tone begun now would be repeated until an acknowledgement that has been.
    assert (desk.got("toast"), desk.got("sound"), desk.got("slack")) == (["fired"], [], ["fired"])


async def test_what_fired_before_its_condition_was_acknowledged_is_kept_elsewhere(desk: RoutedDesk) -> None:
    desk.market.rules["level"] = rule("level", trigger=Trigger.EVERY)
    alert = await desk.fire("level")

    await desk.history.acknowledge([alert.id])
    await desk.settle()
    await set_up(desk)

    assert desk.got("slack") == ["fired"]


async def test_what_waits_while_a_pause_begins_is_sent_at_its_end(desk: RoutedDesk) -> None:
    await desk.set(repeat__urgent="off")
    await desk.fire()
    await desk.silences.pause()

    await set_up(desk)
    in_pause = desk.got("slack")
    await desk.silences.end_pause()
    await desk.settle()

    assert in_pause == []
    assert len(desk.got("slack")) == 1


async def test_what_waits_through_a_whole_pause_is_sent_once(desk: RoutedDesk) -> None:
    await desk.set(repeat__urgent="off")
    await desk.fire()
    await desk.silences.pause(until_ns=NOON_NS + 60 * NS_PER_SECOND)
    await desk.advance(120)

    await set_up(desk)
    await desk.silences.add(SilenceScope.SYMBOL, symbol="/NQ", until_ns=None)  # all are looked at anew
    await desk.advance(60)

    assert (desk.got("toast"), desk.got("slack")) == (["fired", "silence_ended"], ["fired"])


async def test_an_alert_with_five_hundred_newer_ones_is_told_once_all_the_same(desk: RoutedDesk) -> None:
    await desk.set(repeat__urgent="off")
    await desk.fire()
    await newer_alerts(desk)
    await desk.silences.pause(until_ns=NOON_NS + 60 * NS_PER_SECOND)
    await desk.advance(120)

    await set_up(desk)
    await desk.silences.add(SilenceScope.SYMBOL, symbol="/NQ", until_ns=None)  # all are looked at anew
    await desk.advance(60)

    assert desk.got("slack") == ["fired"]


@pytest.mark.parametrize("is_restarted", [False, True], ids=["", "after a restart"])
async def test_an_acknowledgement_holds_for_what_waits_of_an_alert_with_five_hundred_newer_ones(
    tmp_path: Path, is_restarted: bool
) -> None:
    clock, market, numbers = ManualClock(now_ns=NOON_NS), Market(), itertools.count(1)
    async with running_desk(tmp_path, clock=clock, market=market, numbers=numbers) as desk:
        await desk.set(notify__urgent=("toast",), escalate__urgent="2m slack", repeat__urgent="off")
        desk.channels["slack"].script += [ChannelBarred("token refused")] * 2
        alert = await desk.fire()
        await desk.advance(120)
        await newer_alerts(desk)
        await desk.history.acknowledge([alert.id])
        if not is_restarted:
            await set_up(desk)

            assert len(desk.channels["slack"].messages) == 1

    async with running_desk(tmp_path, clock=clock, market=market, numbers=numbers) as desk:
        await desk.settle()

        assert desk.channels["slack"].messages == []


async def test_what_waits_while_quiet_hours_begin_is_sent_when_they_end(desk: RoutedDesk) -> None:
    await desk.set(repeat__urgent="off", quiet__slack="12:10-12:30 UTC", quiet__urgent_breaks_through=False)
    await desk.fire()
    await desk.advance(600)

    await set_up(desk)
    in_quiet_hours = desk.got("slack")
    await desk.advance(1_200)

    assert in_quiet_hours == []
    assert desk.got("slack") == ["silence_ended"]


async def test_what_was_muted_while_it_waited_is_owed_after_a_restart_too(tmp_path: Path) -> None:
    clock, market, numbers = ManualClock(now_ns=NOON_NS), Market(), itertools.count(1)
    async with running_desk(tmp_path, clock=clock, market=market, numbers=numbers) as desk:
        await desk.set(notify__urgent=("slack",), escalate__urgent="off", repeat__urgent="off")
        desk.channels["slack"].script.append(ChannelBarred("token refused"))
        await desk.fire()
        await desk.silences.pause()
        await set_up(desk)

    async with running_desk(tmp_path, clock=clock, market=market, numbers=numbers) as desk:
        await desk.settle()
        in_pause = desk.got("slack")
        await desk.silences.end_pause()
        await desk.advance(60)

        assert in_pause == []
        assert desk.got("slack") == ["silence_ended"]


async def test_a_digest_leaves_out_what_was_muted_while_it_waited(desk: RoutedDesk) -> None:
    await desk.set(repeat__urgent="off", notify__duplicate_seconds=0.0)
    slack = desk.channels["slack"]
    for number in range(30):
        await desk.fire(priority=Priority.HIGH, symbol="/ES", channels=("slack",), value=5530.0 + number)
        await desk.fire(priority=Priority.HIGH, symbol="/NQ", channels=("slack",), value=5530.0 + number)
    await desk.silences.add(SilenceScope.SYMBOL, symbol="/NQ", until_ns=None)
    slack.messages.clear()

    await set_up(desk)

    assert [sent.symbol for sent in slack.messages if sent.digest is None] == ["/ES"]
    (digest,) = [sent.digest for sent in slack.messages if sent.digest is not None]
    assert (digest.count, [line.title for line in digest.lines]) == (29, ["ES breaks out"])


async def test_what_the_trader_has_sent_again_himself_is_sent_in_a_pause(desk: RoutedDesk) -> None:
    alert = await desk.fire()
    await desk.silences.pause()

    await desk.dispatcher.resend([DeliveryKey(alert.id, "slack", 0)])
    await set_up(desk)

    assert desk.got("slack") == ["resent"]


async def test_a_replay_sends_what_the_live_desk_has_left(tmp_path: Path) -> None:
    clock, market, numbers = ManualClock(now_ns=NOON_NS), Market(), itertools.count(1)
    async with running_desk(tmp_path, clock=clock, market=market, numbers=numbers) as desk:
        desk.channels["slack"].script.append(ChannelBarred("token refused"))
        await desk.fire(channels=("slack",))

    async with running_desk(tmp_path, clock=clock, market=market, is_live=False, numbers=numbers) as desk:
        await desk.settle()

        assert desk.got("slack") == ["fired"]
