"""What follows of an alert that nobody acknowledges: by default Slack after 2 minutes, e-mail after 5."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import ManualClock
from tests.services.routed_desk import NOON_NS, Market, RoutedDesk, running_desk
from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority
from tradeassist_desktop.domain.routing import SilenceScope
from tradeassist_desktop.domain.rules import Standing

MINUTE_NS = 60_000_000_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now_ns=NOON_NS)


@pytest.fixture
def market() -> Market:
    return Market()


@pytest.fixture
async def desk(tmp_path: Path, clock: ManualClock, market: Market) -> AsyncIterator[RoutedDesk]:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.set(repeat__urgent="off", notify__urgent=("toast",))
        yield desk


async def test_an_urgent_alert_goes_to_slack_then_to_e_mail_until_it_is_acknowledged(
    desk: RoutedDesk,
) -> None:
    await desk.fire()

    await desk.advance(119)
    before = (desk.got("slack"), desk.got("email"))
    await desk.advance(1)
    at_two = (desk.got("slack"), desk.got("email"))
    await desk.advance(180)
    at_five = (desk.got("slack"), desk.got("email"))
    await desk.advance(3_600)

    assert before == ([], [])
    assert at_two == (["escalation"], [])
    assert at_five == (["escalation"], ["escalation"])
    assert (desk.got("slack"), desk.got("email"), desk.got("toast")) == (
        ["escalation"],
        ["escalation"],
        ["fired"],
    )


async def test_acknowledging_stops_it(desk: RoutedDesk) -> None:
    alert = await desk.fire()
    await desk.advance(120)

    await desk.history.acknowledge([alert.id])
    await desk.advance(600)

    assert (desk.got("slack"), desk.got("email")) == (["escalation"], [])


async def test_acknowledging_an_earlier_alert_of_the_rule_and_symbol_stops_it_too(desk: RoutedDesk) -> None:
    first = await desk.fire()
    await desk.advance(60)
    await desk.fire(value=5531.0)

    await desk.history.acknowledge([first.id])
    await desk.advance(600)

    assert desk.got("slack") == []


async def test_taking_an_acknowledgement_back_takes_it_up_again(desk: RoutedDesk) -> None:
    alert = await desk.fire()
    await desk.history.acknowledge([alert.id])
    await desk.advance(60)
    await desk.history.unacknowledge([alert.id])

    await desk.advance(60)

    assert desk.got("slack") == ["escalation"]


async def test_a_condition_that_is_no_longer_true_stops_it(desk: RoutedDesk) -> None:
    await desk.fire()
    desk.clear()

    await desk.advance(600)

    assert desk.got("slack") == []


async def test_a_message_that_it_cleared_stops_it(desk: RoutedDesk) -> None:
    await desk.fire()
    await desk.fire(status=AlertStatus.CLEARED)

    await desk.advance(600)

    assert desk.got("slack") == []


async def test_what_cannot_be_told_to_be_true_still_is_escalated(desk: RoutedDesk) -> None:
    await desk.fire(standing=Standing(None))

    await desk.advance(120)

    assert desk.got("slack") == ["escalation"]


async def test_a_rule_that_fires_each_minute_does_not_put_it_off(desk: RoutedDesk) -> None:
    for number in range(3):
        await desk.fire(value=5530.0 + number, standing=Standing(True))
        await desk.advance(50)

    assert desk.got("slack") == ["escalation"]


async def test_what_goes_on_is_escalated_once_and_a_new_event_once_more(desk: RoutedDesk) -> None:
    await desk.set(escalate__urgent="2m slack")
    await desk.fire()
    await desk.advance(120)
    await desk.fire(value=5531.0)  # of an `every` rule: true all the while
    await desk.advance(300)
    same = desk.got("slack")
    desk.clear()
    await desk.fire(value=5532.0)
    await desk.advance(120)

    assert (same, desk.got("slack")) == (["escalation"], ["escalation", "escalation"])


async def test_a_restart_between_two_steps_neither_repeats_nor_forgets_one(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.set(repeat__urgent="off", notify__urgent=("toast",))
        await desk.fire()
        await desk.advance(150)
        first = (desk.got("slack"), desk.got("email"))

    async with running_desk(tmp_path, clock=clock, market=market) as again:
        await again.advance(149)
        before = (again.got("slack"), again.got("email"))
        await again.advance(1)

        assert first == (["escalation"], [])
        assert before == ([], [])
        assert (again.got("slack"), again.got("email")) == ([], ["escalation"])


async def test_steps_that_fell_due_while_the_program_was_off_are_taken_at_the_start(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.set(repeat__urgent="off", notify__urgent=("toast",))
        await desk.fire()
    await clock.advance(600)

    async with running_desk(tmp_path, clock=clock, market=market) as again:
        await again.settle()

        assert (again.got("slack"), again.got("email")) == (["escalation"], ["escalation"])


async def test_alerts_of_days_ago_are_not_taken_up_at_the_start(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.fire()
    await clock.advance(2 * 86_400)

    async with running_desk(tmp_path, clock=clock, market=market) as again:
        await again.advance(600)

        assert (again.got("toast"), again.got("slack")) == ([], [])


async def test_what_was_acknowledged_before_a_restart_stays_answered(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        alert = await desk.fire()
        await desk.history.acknowledge([alert.id])

    async with running_desk(tmp_path, clock=clock, market=market) as again:
        await again.advance(600)

        assert again.got("slack") == []


async def test_a_silence_holds_the_steps_back_and_its_end_counts_anew(desk: RoutedDesk) -> None:
    await desk.silences.add(SilenceScope.ALL, until_ns=NOON_NS + 10 * MINUTE_NS)
    await desk.fire()

    await desk.advance(600)
    at_end = (desk.got("toast"), desk.got("slack"))
    await desk.advance(119)
    before = desk.got("slack")
    await desk.advance(1)

    assert at_end == (["silence_ended"], [])
    assert (before, desk.got("slack")) == ([], ["escalation"])


async def test_quiet_hours_of_a_step_s_channel_put_that_step_off(desk: RoutedDesk) -> None:
    await desk.set(
        notify__high=("toast",),
        escalate__high="2m slack, 5m email",
        quiet__slack="11:00-12:30 UTC",
    )
    await desk.fire(priority=Priority.HIGH)

    await desk.advance(300)
    inside = (desk.got("slack"), desk.got("email"))
    await desk.advance(25 * 60)

    assert (inside, desk.got("slack")) == (([], ["escalation"]), ["escalation"])


async def test_an_alert_that_is_sent_nowhere_escalates_all_the_same(desk: RoutedDesk) -> None:
    await desk.set(notify__urgent=())
    await desk.fire()

    await desk.advance(120)

    assert desk.got("slack") == ["escalation"]


async def test_one_channel_may_be_told_twice(desk: RoutedDesk) -> None:
    await desk.set(escalate__urgent="1m slack, 3m slack")
    await desk.fire()

    await desk.advance(60)
    first = desk.got("slack")
    await desk.advance(600)

    assert (first, desk.got("slack")) == (["escalation"], ["escalation", "escalation"])


async def test_a_chain_changed_meanwhile_holds_at_once(desk: RoutedDesk) -> None:
    await desk.fire()
    await desk.advance(30)

    await desk.set(escalate__urgent="20s email")
    await desk.settle()

    assert desk.got("email") == ["escalation"]


async def test_a_notice_of_the_desk_escalates_but_is_not_repeated(desk: RoutedDesk) -> None:
    await desk.set(repeat__urgent="1m")
    await desk.fire("", "", rule_name="The sign-in ends in an hour")

    await desk.advance(600)

    assert (desk.got("toast"), desk.got("slack")) == (["fired"], ["escalation"])


async def test_repeats_go_wherever_the_alert_has_gone(desk: RoutedDesk) -> None:
    await desk.set(escalate__urgent="1m slack", repeat__urgent="2m")
    await desk.fire()

    await desk.advance(120)

    assert (desk.got("toast"), desk.got("slack")) == (["fired", "repeat"], ["escalation", "repeat"])


async def test_repeats_do_not_go_where_alerts_no_longer_go(desk: RoutedDesk) -> None:
    await desk.set(
        notify__urgent=("toast", "email"), escalate__urgent="1m slack, 3m email", repeat__urgent="2m"
    )
    await desk.fire()

    await desk.set(notify__urgent=("toast",))
    await desk.advance(120)
    before_its_step = desk.got("email")
    await desk.advance(120)

    assert (desk.got("toast"), desk.got("slack")) == (
        ["fired", "repeat", "repeat"],
        ["escalation", "repeat", "repeat"],
    )
    assert (before_its_step, desk.got("email")) == (["fired"], ["fired", "escalation", "repeat"])


async def test_repeats_do_not_go_where_there_was_nothing_to_send_to(desk: RoutedDesk) -> None:
    """Of the channels here, tray and webhook are not set up."""
    await desk.set(notify__urgent=("toast", "tray"), escalate__urgent="90s webhook", repeat__urgent="1m")
    alert = await desk.fire()

    await desk.advance(180)

    assert desk.got("toast") == ["fired", "repeat", "repeat", "repeat"]
    others = [(name, state) for name, state, _ in await desk.deliveries(alert) if name != "toast"]
    assert others == [("tray", "unavailable"), ("webhook", "unavailable")]


async def test_five_hundred_alerts_need_one_task(desk: RoutedDesk) -> None:
    before = desk.clock.sleepers
    for number in range(500):
        desk.market.standing[f"rule-{number}", "/ES"] = Standing(True)
        desk.alerting.raise_alerts([_urgent(number)], {})
    await desk.settle()

    assert desk.followups.followed_count == 500
    assert desk.clock.sleepers <= before + 1


def _urgent(number: int) -> Alert:
    return Alert(
        id=f"storm-{number}",
        rule_uid=f"rule-{number}",
        rule_name="Storm",
        symbol="/ES",
        sequence=0,
        priority=Priority.URGENT,
        status=AlertStatus.FIRED,
        event_ns=NOON_NS,
        value=1.0,
        message=f"Storm {number}",
        condition="last > 1",
    )
