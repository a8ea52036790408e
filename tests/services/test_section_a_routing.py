"""FAULTS.md, section A: 15 (the same condition stays true) and 17 (silences), with restarts."""

from pathlib import Path

import pytest

from tests.fakes import ManualClock
from tests.services.routed_desk import NOON_NS, Market, running_desk
from tradeassist_desktop.domain.routing import SilenceScope

MINUTE_NS = 60_000_000_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now_ns=NOON_NS)


@pytest.fixture
def market() -> Market:
    return Market()


# --- 15


async def test_a15_what_stays_true_is_not_repeated_before_its_interval_and_once_after(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.set(escalate__urgent="off", repeat__urgent="5m", notify__urgent=("toast",))
        await desk.fire()

        await desk.advance(299)
        before = desk.got("toast")
        await desk.advance(1)
        after = desk.got("toast")
        await desk.advance(299)

        assert (before, after, desk.got("toast")) == (["fired"], ["fired", "repeat"], ["fired", "repeat"])


async def test_a15_a_restart_inside_the_interval_does_not_send_again(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.set(escalate__urgent="off", repeat__urgent="5m", notify__urgent=("toast",))
        await desk.fire()
        await desk.advance(200)

    async with running_desk(tmp_path, clock=clock, market=market) as again:
        await again.advance(99)
        before = again.got("toast")
        await again.advance(1)

        assert (before, again.got("toast")) == ([], ["repeat"])


async def test_a15_a_restart_after_the_repeat_does_not_repeat_it(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.set(escalate__urgent="off", repeat__urgent="5m", notify__urgent=("toast",))
        await desk.fire()
        await desk.advance(301)

    async with running_desk(tmp_path, clock=clock, market=market) as again:
        await again.advance(298)

        assert again.got("toast") == []


async def test_a15_what_is_no_longer_true_is_not_repeated(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.set(escalate__urgent="off", notify__urgent=("toast",))
        await desk.fire()
        desk.clear()

        await desk.advance(600)

        assert desk.got("toast") == ["fired"]


async def test_a15_what_was_acknowledged_is_not_repeated_after_a_restart_either(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.set(escalate__urgent="off", notify__urgent=("toast",))
        alert = await desk.fire()
        await desk.history.acknowledge([alert.id])
        await desk.advance(301)
        running = desk.got("toast")

    async with running_desk(tmp_path, clock=clock, market=market) as again:
        await again.advance(600)

        assert (running, again.got("toast")) == (["fired"], [])


async def test_a15_only_urgent_alerts_are_repeated_unless_set(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await desk.set(notify__high=("toast",))
        await desk.fire(priority="high")

        await desk.advance(3_600)

        assert desk.got("toast") == ["fired"]


# --- 17


async def quiet_desk(desk):
    """Only toasts, and nothing by itself."""
    await desk.set(escalate__urgent="off", repeat__urgent="off", notify__urgent=("toast",))


async def test_a17_what_fires_in_a_silence_is_recorded_as_suppressed_and_announced_once_at_its_end(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await quiet_desk(desk)
        await desk.silences.add(SilenceScope.SYMBOL, symbol="/ES", until_ns=NOON_NS + 10 * MINUTE_NS)
        alert = await desk.fire()

        in_silence = await desk.deliveries(alert)
        await desk.advance(599)
        before = desk.got("toast")
        await desk.advance(1)
        after = desk.got("toast")
        await desk.advance(3_600)

        assert in_silence == [("toast", "suppressed", "silenced (symbol /ES) until 12:10")]
        assert (before, after, desk.got("toast")) == ([], ["silence_ended"], ["silence_ended"])
        assert [state for _, state, _ in await desk.deliveries(alert)] == ["suppressed", "delivered"]


async def test_a17_what_is_no_longer_true_at_the_end_is_not_announced(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await quiet_desk(desk)
        await desk.silences.add(SilenceScope.ALL, until_ns=NOON_NS + 10 * MINUTE_NS)
        await desk.fire()
        desk.clear()

        await desk.advance(1_200)

        assert desk.got("toast") == []


async def test_a17_a_silence_begun_in_the_middle_holds_back_repeats_and_its_end_announces_once(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await quiet_desk(desk)
        await desk.set(repeat__urgent="5m")
        await desk.fire()
        await desk.advance(60)
        await desk.silences.add(SilenceScope.RULE, rule_uid="breakout", until_ns=NOON_NS + 20 * MINUTE_NS)

        during = await desk.fire(value=5531.0)
        recorded = await desk.deliveries(during)
        await desk.advance(19 * 60 - 1)
        inside = desk.got("toast")
        await desk.advance(1)
        at_end = desk.got("toast")
        await desk.advance(300)

        assert recorded == [("toast", "suppressed", "silenced (its rule) until 12:20")]
        assert inside == ["fired"]
        assert at_end == ["fired", "silence_ended"]
        assert desk.got("toast") == ["fired", "silence_ended", "repeat"]


async def test_a17_of_overlapping_silences_only_the_end_of_the_last_announces(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await quiet_desk(desk)
        await desk.silences.add(SilenceScope.SYMBOL, symbol="/ES", until_ns=NOON_NS + 10 * MINUTE_NS)
        await desk.silences.add(SilenceScope.RULE, rule_uid="breakout", until_ns=NOON_NS + 20 * MINUTE_NS)
        await desk.fire()

        await desk.advance(15 * 60)
        between = desk.got("toast")
        await desk.advance(5 * 60)

        assert (between, desk.got("toast")) == ([], ["silence_ended"])


async def test_a17_a_silence_that_ended_before_the_alert_mutes_nothing_and_announces_nothing(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await quiet_desk(desk)
        await desk.silences.add(SilenceScope.ALL, until_ns=NOON_NS + MINUTE_NS)
        await desk.advance(60)
        await desk.fire()

        await desk.advance(600)

        assert desk.got("toast") == ["fired"]


async def test_a17_a_restart_inside_a_silence_keeps_it_and_its_end_announces_once(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await quiet_desk(desk)
        await desk.silences.add(SilenceScope.ALL, until_ns=NOON_NS + 10 * MINUTE_NS)
        await desk.fire()
        await desk.advance(120)

    async with running_desk(tmp_path, clock=clock, market=market) as again:
        await again.advance(479)
        before = again.got("toast")
        await again.advance(1)
        at_end = again.got("toast")

    async with running_desk(tmp_path, clock=clock, market=market) as third:
        await third.advance(600)

        assert (before, at_end, third.got("toast")) == ([], ["silence_ended"], [])


async def test_a17_a_silence_that_ended_while_the_program_was_off_is_made_good_at_the_start(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await quiet_desk(desk)
        await desk.silences.add(SilenceScope.ALL, until_ns=NOON_NS + 10 * MINUTE_NS)
        await desk.fire()
    await clock.advance(3_600)

    async with running_desk(tmp_path, clock=clock, market=market) as again:
        await again.settle()

        assert again.got("toast") == ["silence_ended"]


async def test_a17_what_was_acknowledged_in_a_silence_is_not_announced_at_its_end(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await quiet_desk(desk)
        await desk.silences.add(SilenceScope.ALL, until_ns=NOON_NS + 10 * MINUTE_NS)
        alert = await desk.fire()
        await desk.history.acknowledge([alert.id])

        await desk.advance(1_200)

        assert desk.got("toast") == []


async def test_a17_what_was_untrue_for_a_moment_within_the_silence_is_announced_at_its_end(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    """Its rule cools down, and so does not fire again."""
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await quiet_desk(desk)
        await desk.silences.add(SilenceScope.ALL, until_ns=NOON_NS + 10 * MINUTE_NS)
        await desk.fire()
        before = market.standing["breakout", "/ES"]
        desk.clear()
        await desk.silences.add(SilenceScope.SYMBOL, symbol="/NQ", until_ns=NOON_NS + MINUTE_NS)
        await desk.advance(120)
        market.standing["breakout", "/ES"] = before

        await desk.advance(480)

        assert desk.got("toast") == ["silence_ended"]
