"""The clock on the wall is set back by hours, as at the start of a machine that had its time wrong."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import NS_PER_SECOND, ManualClock
from tests.services.routed_desk import NOON_NS, Market, RoutedDesk, running_desk

THREE_HOURS_BEFORE_NS = NOON_NS - 3 * 3_600 * NS_PER_SECOND


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now_ns=NOON_NS)


@pytest.fixture
async def desk(tmp_path: Path, clock: ManualClock) -> AsyncIterator[RoutedDesk]:
    async with running_desk(tmp_path, clock=clock, market=Market()) as desk:
        await desk.set(repeat__urgent="off", notify__urgent=("toast",))
        yield desk


async def test_an_alert_of_before_is_escalated_within_its_time(desk: RoutedDesk, clock: ManualClock) -> None:
    await desk.fire()
    await desk.advance(60)

    clock.set_wall(THREE_HOURS_BEFORE_NS)
    await desk.advance(180)

    assert desk.got("slack") == ["escalation"]


async def test_an_alert_of_before_is_repeated_within_its_time(desk: RoutedDesk, clock: ManualClock) -> None:
    await desk.set(repeat__urgent="5m", escalate__urgent="off")
    await desk.fire()

    clock.set_wall(THREE_HOURS_BEFORE_NS)
    await desk.advance(360)

    assert desk.got("toast") == ["fired", "repeat"]


async def test_a_snooze_of_an_alert_of_before_ends_with_it(desk: RoutedDesk, clock: ManualClock) -> None:
    await desk.set(escalate__urgent="off")
    alert = await desk.fire()

    clock.set_wall(THREE_HOURS_BEFORE_NS)
    await desk.silences.snooze(alert, for_ns=900 * NS_PER_SECOND)
    await desk.advance(900)

    assert desk.got("toast") == ["fired", "silence_ended"]


async def test_an_alert_of_before_can_be_acknowledged(desk: RoutedDesk, clock: ManualClock) -> None:
    alert = await desk.fire()

    clock.set_wall(THREE_HOURS_BEFORE_NS)
    await desk.history.acknowledge([alert.id])
    await desk.advance(600)

    assert [channel for channel, _, _ in await desk.deliveries(alert)] == ["toast"]


async def test_an_alert_of_before_stays_answered_over_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    market, numbers = Market(), itertools.count(1)
    async with running_desk(tmp_path, clock=clock, market=market, numbers=numbers) as desk:
        alert = await desk.fire()
        clock.set_wall(THREE_HOURS_BEFORE_NS)
        await desk.history.acknowledge([alert.id])

    async with running_desk(tmp_path, clock=clock, market=market, numbers=numbers) as desk:
        await desk.advance(4 * 3_600)

        assert "slack" not in [channel for channel, _, _ in await desk.deliveries(alert)]
