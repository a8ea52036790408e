"""Where an alert goes and what keeps it from going there; the clock begins at noon UTC."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import NS_PER_SECOND, ManualClock
from tests.services.routed_desk import NOON_NS, Market, RoutedDesk, rule, running_desk
from tradeassist_desktop.domain.alerts import AlertStatus, Priority, Timing
from tradeassist_desktop.domain.delivery import Muting
from tradeassist_desktop.domain.routing import Route
from tradeassist_desktop.domain.rules import Standing, Trigger
from tradeassist_desktop.storage import silences

HOUR_S = 3_600


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now_ns=NOON_NS)


@pytest.fixture
def market() -> Market:
    return Market()


@pytest.fixture
async def desk(tmp_path: Path, clock: ManualClock, market: Market) -> AsyncIterator[RoutedDesk]:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.set(escalate__urgent="off", repeat__urgent="off")
        yield desk


def states(deliveries: list[tuple[str, str, str]]) -> dict[str, str]:
    return {channel: state for channel, state, _ in deliveries}


# --- the matrix


async def test_each_priority_has_its_channels(desk: RoutedDesk) -> None:
    await desk.set(notify__low=("toast",), notify__high=("toast", "slack"))

    low = await desk.fire("a", priority=Priority.LOW)
    high = await desk.fire("b", priority=Priority.HIGH)

    assert states(await desk.deliveries(low)) == {"toast": "delivered"}
    assert states(await desk.deliveries(high)) == {"toast": "delivered", "slack": "delivered"}


async def test_the_channels_a_rule_names_come_before_the_matrix(desk: RoutedDesk) -> None:
    named = await desk.fire("a", channels=("email", "email"))
    none = await desk.fire("b", channels=())

    assert states(await desk.deliveries(named)) == {"email": "delivered"}
    assert await desk.deliveries(none) == []


async def test_a_change_of_the_matrix_holds_for_the_next_alert(desk: RoutedDesk) -> None:
    await desk.fire("a", priority=Priority.LOW)
    await desk.set(notify__low=("sound",))
    after = await desk.fire("b", priority=Priority.LOW)

    assert states(await desk.deliveries(after)) == {"sound": "delivered"}


# --- quiet hours


async def test_quiet_hours_mute_their_channel_only_and_say_until_when(desk: RoutedDesk) -> None:
    await desk.set(notify__high=("toast", "slack"), quiet__slack="22:00-09:30 America/New_York")

    alert = await desk.fire(priority=Priority.HIGH)

    assert await desk.deliveries(alert) == [
        ("slack", "suppressed", "quiet hours of Slack until 09:30"),
        ("toast", "delivered", "receipt 1"),
    ]


async def test_urgent_alerts_break_through_quiet_hours_unless_set_otherwise(desk: RoutedDesk) -> None:
    await desk.set(notify__urgent=("slack",), quiet__slack="11:00-13:00 UTC")

    through = await desk.fire("a")
    await desk.set(quiet__urgent_breaks_through=False)
    muted = await desk.fire("b")

    assert states(await desk.deliveries(through)) == {"slack": "delivered"}
    assert states(await desk.deliveries(muted)) == {"slack": "suppressed"}


async def test_what_quiet_hours_muted_and_is_true_still_is_sent_when_they_end(desk: RoutedDesk) -> None:
    await desk.set(notify__high=("toast", "slack"), quiet__slack="11:00-13:00 UTC")
    await desk.fire("true still", priority=Priority.HIGH)
    await desk.fire("cleared", priority=Priority.HIGH)
    desk.clear("cleared")

    await desk.advance(HOUR_S - 1)
    before = desk.got("slack")
    await desk.advance(1)

    assert (before, desk.got("slack"), desk.got("toast")) == ([], ["silence_ended"], ["fired", "fired"])


# --- duplicates


async def test_the_same_again_within_seconds_is_suppressed_as_a_duplicate(desk: RoutedDesk) -> None:
    await desk.set(notify__high=("toast",))
    first = await desk.fire(priority=Priority.HIGH)
    await desk.advance(2)
    second = await desk.fire(priority=Priority.HIGH)
    await desk.advance(1)
    third = await desk.fire(priority=Priority.HIGH)

    assert states(await desk.deliveries(first)) == {"toast": "delivered"}
    assert await desk.deliveries(second) == [
        ("toast", "suppressed", "duplicate of what was sent 2.0 s before")
    ]
    assert states(await desk.deliveries(third)) == {"toast": "delivered"}


@pytest.mark.parametrize(
    "difference",
    [
        pytest.param({"value": 5531.0, "message": "Look at /ES"}, id="another value"),
        pytest.param({"symbol": "/NQ", "message": "Look at it"}, id="another symbol"),
        pytest.param({"rule_uid": "other", "message": "Look at /ES"}, id="another rule"),
        pytest.param({"status": AlertStatus.CLEARED, "message": "Look at /ES"}, id="no longer true"),
    ],
)
async def test_another_value_symbol_rule_or_status_is_no_duplicate(
    desk: RoutedDesk, difference: dict[str, Any]
) -> None:
    await desk.set(notify__high=("toast",))
    await desk.fire(priority=Priority.HIGH, message=difference["message"])

    other = await desk.fire(priority=Priority.HIGH, **difference)

    assert states(await desk.deliveries(other)) == {"toast": "delivered"}


async def test_what_fires_after_no_longer_true_was_sent_is_no_duplicate(desk: RoutedDesk) -> None:
    await desk.set(notify__high=("toast",))
    await desk.fire(priority=Priority.HIGH)
    await desk.fire(priority=Priority.HIGH, status=AlertStatus.CLEARED)

    again = await desk.fire(priority=Priority.HIGH)

    assert states(await desk.deliveries(again)) == {"toast": "delivered"}


async def test_duplicates_are_told_by_the_time_of_the_market(desk: RoutedDesk) -> None:
    """Late alerts come in one go, hours apart."""
    await desk.set(notify__high=("toast",))
    now_ns = desk.clock.now_ns()

    late = [
        await desk.fire(
            priority=Priority.HIGH, timing=Timing.LATE, event_ns=now_ns - hours * HOUR_S * NS_PER_SECOND
        )
        for hours in (2, 1)
    ]

    assert [states(await desk.deliveries(alert)) for alert in late] == [{"toast": "delivered"}] * 2


async def test_without_a_window_nothing_is_a_duplicate(desk: RoutedDesk) -> None:
    await desk.set(notify__high=("toast",), notify__duplicate_seconds=0.0)
    await desk.fire(priority=Priority.HIGH)

    same = await desk.fire(priority=Priority.HIGH)

    assert states(await desk.deliveries(same)) == {"toast": "delivered"}


# --- replays


async def test_the_alerts_of_a_replay_stay_on_this_machine(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market, is_live=False) as desk:
        await desk.set(notify__high=("toast", "slack"))

        alert = await desk.fire(priority=Priority.HIGH, timing=Timing.REPLAYED)
        late = await desk.fire("late", priority=Priority.HIGH, timing=Timing.LATE)

        muted = ("slack", "suppressed", "replay: what is past is not sent to Slack")
        assert muted in await desk.deliveries(alert)
        assert muted in await desk.deliveries(late)
        assert len(desk.channels["toast"].messages) == 2


async def test_the_alerts_of_a_replay_are_sent_if_set(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market, is_live=False) as desk:
        await desk.set(notify__high=("slack",), notify__replayed=True)

        alert = await desk.fire(priority=Priority.HIGH, timing=Timing.REPLAYED)

        assert states(await desk.deliveries(alert)) == {"slack": "delivered"}


async def test_late_alerts_are_sent_and_marked_late(desk: RoutedDesk) -> None:
    await desk.set(notify__high=("slack",))

    await desk.fire(priority=Priority.HIGH, timing=Timing.LATE, event_ns=NOON_NS - 60 * NS_PER_SECOND)

    (message,) = desk.channels["slack"].messages
    assert (message.timing, message.late_by_ns) == (Timing.LATE, 60 * NS_PER_SECOND)


# --- acknowledging a condition that goes on


async def test_acknowledging_mutes_a_repeating_rule_until_its_condition_clears(desk: RoutedDesk) -> None:
    await desk.set(notify__high=("toast",))
    desk.market.rules["breakout"] = rule(trigger=Trigger.EVERY)
    first = await desk.fire(priority=Priority.HIGH)
    await desk.history.acknowledge([first.id])
    await desk.advance(60)

    same_truth = await desk.fire(priority=Priority.HIGH, value=5531.0)
    desk.clear()
    await desk.advance(60)
    new_truth = await desk.fire(priority=Priority.HIGH, value=5532.0)

    assert await desk.deliveries(same_truth) == [
        ("toast", "suppressed", "acknowledged until its condition is no longer true")
    ]
    assert states(await desk.deliveries(new_truth)) == {"toast": "delivered"}
    assert desk.silences.active() == ()


async def test_an_acknowledgement_whose_condition_has_cleared_is_forgotten(desk: RoutedDesk) -> None:
    desk.market.rules["level"] = rule("level", trigger=Trigger.EVERY)
    alert = await desk.fire("level")
    await desk.history.acknowledge([alert.id])
    await desk.settle()
    (acknowledged,) = desk.silences.active()

    desk.clear("level")
    await desk.advance(10)

    assert desk.silences.get(acknowledged.id) is None
    kept = await desk.database.read(lambda connection: silences.load(connection, ended_after_ns=0))
    assert [each.id for each in kept if each.ended_ns is not None] == [acknowledged.id]


async def test_a_condition_that_cleared_and_came_back_between_two_looks_is_news(desk: RoutedDesk) -> None:
    await desk.set(notify__high=("toast",))
    desk.market.rules["breakout"] = rule(trigger=Trigger.EVERY)
    first = await desk.fire(priority=Priority.HIGH)
    await desk.history.acknowledge([first.id])
    await desk.settle()

    again = await desk.fire(
        priority=Priority.HIGH, value=5531.0, standing=Standing(True, NOON_NS + NS_PER_SECOND)
    )

    assert states(await desk.deliveries(again)) == {"toast": "delivered"}


async def test_acknowledging_mutes_nothing_of_a_rule_that_fires_on_crossings(desk: RoutedDesk) -> None:
    await desk.set(notify__high=("toast",))
    desk.market.rules["breakout"] = rule(trigger=Trigger.EVERY)
    first = await desk.fire(priority=Priority.HIGH, standing=Standing(True, None))
    await desk.history.acknowledge([first.id])
    await desk.settle()

    again = await desk.fire(priority=Priority.HIGH, value=5531.0, standing=Standing(True, None))

    assert states(await desk.deliveries(again)) == {"toast": "delivered"}


async def test_taking_an_acknowledgement_back_lets_the_rule_be_heard(desk: RoutedDesk) -> None:
    await desk.set(notify__high=("toast",))
    desk.market.rules["breakout"] = rule(trigger=Trigger.EVERY)
    first = await desk.fire(priority=Priority.HIGH)
    await desk.history.acknowledge([first.id])
    await desk.settle()
    await desk.history.unacknowledge([first.id])
    await desk.advance(60)

    again = await desk.fire(priority=Priority.HIGH, value=5531.0)

    assert states(await desk.deliveries(again)) == {"toast": "delivered"}


async def test_an_acknowledgement_outlives_a_restart(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    market.rules["breakout"] = rule(trigger=Trigger.EVERY)
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.set(notify__high=("toast",))
        first = await desk.fire(priority=Priority.HIGH)
        await desk.history.acknowledge([first.id])
        await desk.settle()
        numbers = desk.numbers

    async with running_desk(tmp_path, clock=clock, market=market, numbers=numbers) as again:
        alert = await again.fire(priority=Priority.HIGH, value=5531.0)

        assert states(await again.deliveries(alert)) == {"toast": "suppressed"}


# --- asking beforehand


async def test_a_plan_says_where_an_alert_would_go_and_why(desk: RoutedDesk) -> None:
    await desk.set(
        notify__high=("toast", "tray", "slack", "webhook"),
        quiet__slack="11:00-13:00 UTC",
        escalate__high="2m email",
        repeat__high="10m",
    )

    plan = desk.routing.explain_rule(rule(priority=Priority.HIGH), "/ES")

    assert [(route.channel, route.reason) for route in plan.routes] == [
        ("toast", "alerts with priority high go there"),
        ("tray", "alerts with priority high go there, but it needs the window"),
        ("slack", "quiet hours of Slack until 13:00"),
        ("webhook", "alerts with priority high go there, but it is not set up"),
    ]
    assert plan.later == (Route("email", "after 2 m unless acknowledged"),)
    assert plan.repeats == "again every 10 m while true and not acknowledged"


async def test_a_plan_in_a_replay_says_what_stays_on_this_machine(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market, is_live=False) as desk:
        await desk.set(notify__high=("toast", "slack"))

        plan = desk.routing.explain_rule(rule(priority=Priority.HIGH), "/ES")

    assert [(route.channel, route.muting) for route in plan.routes] == [
        ("toast", None),
        ("slack", Muting.REPLAY),
    ]


async def test_asking_beforehand_changes_nothing(desk: RoutedDesk) -> None:
    await desk.set(notify__high=("toast",))
    first = await desk.fire(priority=Priority.HIGH)

    plan = desk.routing.explain(replace(first, id="other"))

    assert [route.muting for route in plan.routes] == [None]
