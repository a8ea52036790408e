"""Rows B01 to B22 of the conformance list: states, forced ones, probes."""

import asyncio
import traceback

import pytest

from tests.fakes import ManualClock
from tests.runtime.breakers.rig import (
    CLOSED,
    DISABLED,
    FORCED_CLOSED,
    FORCED_OPEN,
    HALF_OPEN,
    METRICS_ONLY,
    OPEN,
    RATES,
    Down,
    Guarded,
    Wrong,
)
from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState, BreakerTotals
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen


def test_b01_it_starts_closed_with_its_name_and_no_failure(guarded: Guarded) -> None:
    assert guarded.breaker.reading == BreakerReading(name="data", state=CLOSED)
    assert guarded.breaker.last_failure is None


async def test_b02_the_third_failure_in_a_row_opens_it_and_the_second_does_not(guarded: Guarded) -> None:
    states = []
    for _ in range(3):
        await guarded.fail()
        states.append(guarded.state)

    assert states == [CLOSED, CLOSED, OPEN]


async def test_b03_a_success_between_failures_starts_the_count_anew(guarded: Guarded) -> None:
    for _ in range(3):
        await guarded.fail(times=2)
        await guarded.succeed()

    assert guarded.state is CLOSED


async def test_b04_open_it_refuses_without_calling_and_counts_that(guarded: Guarded) -> None:
    await guarded.trip()

    for _ in range(2):
        with pytest.raises(BreakerOpen):
            await guarded.succeed()

    assert guarded.made == 3
    assert guarded.breaker.reading.totals.rejected == 2


async def test_b05_the_refusal_says_who_until_when_and_why(guarded: Guarded, clock: ManualClock) -> None:
    await guarded.fail(times=2)
    cause = await guarded.fail(Down("no route"))
    await clock.advance(4)

    with pytest.raises(BreakerOpen) as refused:
        await guarded.succeed()

    assert (refused.value.name, refused.value.retry_after_s) == ("data", 6.0)
    assert refused.value.cause is cause


async def test_b06_the_call_that_trips_it_raises_its_own_error(guarded: Guarded) -> None:
    own = Down("the last straw")
    await guarded.fail(times=2)

    assert await guarded.fail(own) is own
    assert guarded.state is OPEN


async def test_b07_a_probe_is_let_through_when_the_wait_is_over_and_not_a_millisecond_before(
    guarded: Guarded, clock: ManualClock
) -> None:
    await guarded.trip()

    await clock.advance(9.999)
    with pytest.raises(BreakerOpen):
        await guarded.succeed()
    await clock.advance(0.001)
    await guarded.succeed()

    assert guarded.made == 4


async def test_b08_a_probe_that_succeeds_closes_it_with_counts_and_window_empty(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES)
    await guarded.fail(times=10)
    assert guarded.breaker.reading.failure_rate == 1.0
    await clock.advance(10)

    await guarded.succeed()

    reading = guarded.breaker.reading
    assert (reading.state, reading.failures, reading.trips, reading.failure_rate) == (CLOSED, 0, 0, None)
    await guarded.fail(times=9)
    assert guarded.state is CLOSED  # of those before the trip, none is left in the window


async def test_b09_a_probe_that_fails_opens_it_for_a_new_wait(guarded: Guarded, clock: ManualClock) -> None:
    await guarded.trip()
    await clock.advance(15)

    await guarded.fail()

    assert (guarded.state, guarded.breaker.reading.retry_after_s) == (OPEN, 20.0)


@pytest.mark.parametrize("state", [HALF_OPEN, CLOSED], ids=["to half open", "to closed"])
def test_b10_a_closed_breaker_refuses_to_be_probed_or_closed_by_hand(
    guarded: Guarded, state: BreakerState
) -> None:
    with pytest.raises(ValueError, match="data is closed"):
        guarded.breaker.force(state)

    assert guarded.breaker.reading.changed_ns is None


@pytest.mark.parametrize("state", [FORCED_CLOSED, DISABLED, METRICS_ONLY])
def test_b10_nor_can_one_probe_that_lets_all_through(guarded: Guarded, state: BreakerState) -> None:
    guarded.breaker.force(state)

    with pytest.raises(ValueError, match="only an open breaker"):
        guarded.breaker.force(HALF_OPEN)


async def test_b10_an_open_breaker_can_be_probed_before_its_time(guarded: Guarded) -> None:
    await guarded.trip()

    guarded.breaker.force(HALF_OPEN)
    await guarded.succeed()

    assert guarded.state is CLOSED


async def test_b11_forced_open_it_refuses_for_as_long_as_it_is_not_closed_by_hand(
    guarded: Guarded, clock: ManualClock
) -> None:
    guarded.breaker.force(FORCED_OPEN)

    await clock.advance(1_000_000)
    with pytest.raises(BreakerOpen) as refused:
        await guarded.succeed()
    guarded.breaker.force(CLOSED)
    await guarded.succeed()

    assert refused.value.retry_after_s > 0  # who waits as told does not ask without end
    assert guarded.made == 1


@pytest.mark.parametrize("state", [DISABLED, FORCED_CLOSED])
async def test_b12_disabled_or_forced_closed_it_lets_everything_through(
    guarded: Guarded, state: BreakerState
) -> None:
    guarded.breaker.force(state)

    await guarded.fail(times=50)

    assert (guarded.made, guarded.state) == (50, state)


async def test_b12_disabled_it_records_nothing_and_forced_closed_it_does(guarded: Guarded) -> None:
    guarded.breaker.force(DISABLED)
    await guarded.fail()
    await guarded.fail(Wrong())
    await guarded.succeed()
    disabled = guarded.breaker.reading

    guarded.breaker.force(FORCED_CLOSED)
    await guarded.fail(times=2)

    assert (disabled.totals, disabled.failures, disabled.last_failure) == (BreakerTotals(), 0, "")
    forced = guarded.breaker.reading
    assert (forced.totals, forced.failures) == (BreakerTotals(calls=2, failures=2), 2)


async def test_b13_metrics_only_says_once_that_it_would_have_tripped(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES)
    guarded.breaker.force(METRICS_ONLY)
    heard: list[BreakerReading] = []
    guarded.breaker.listen(heard.append)

    await guarded.fail(times=50)

    assert guarded.made == 50
    assert [(each.state, each.would_trip, each.failure_rate) for each in heard] == [(METRICS_ONLY, True, 1.0)]
    assert not guarded.breaker.reading.is_healthy


@pytest.mark.parametrize(
    "state", [CLOSED, OPEN, HALF_OPEN, FORCED_OPEN, FORCED_CLOSED, DISABLED, METRICS_ONLY]
)
async def test_b14_a_reset_closes_it_from_any_state_with_everything_at_zero(
    clock: ManualClock, state: BreakerState
) -> None:
    guarded = Guarded(clock, failure_rate=1.0, min_calls=2)
    await guarded.succeed()
    await guarded.fail(times=2)
    if state is HALF_OPEN:
        guarded.breaker.force(OPEN)
    if state is not CLOSED:
        guarded.breaker.force(state)

    guarded.breaker.reset()

    reading = guarded.breaker.reading
    assert (reading.state, reading.failures, reading.trips, reading.totals) == (CLOSED, 0, 0, BreakerTotals())
    assert reading.failure_rate is None
    assert (reading.last_failure, guarded.breaker.last_failure) == ("", None)
    await guarded.succeed()


async def test_b15_the_thousandth_refusal_is_no_longer_than_the_first(guarded: Guarded) -> None:
    await guarded.trip()
    lengths = set()

    for _ in range(1000):
        with pytest.raises(BreakerOpen) as refused:
            await guarded.breaker.call(asyncio.Event().wait)
        cause = refused.value.cause
        lengths.add((len(traceback.format_exception(refused.value)), len(traceback.format_exception(cause))))

    assert len(lengths) == 1


async def test_b16_the_last_error_can_be_read_after_the_trip(guarded: Guarded) -> None:
    await guarded.fail(times=2)
    last = await guarded.fail(Down("no route"))

    assert guarded.breaker.last_failure is last
    assert guarded.breaker.reading.last_failure == "no route"


class Hanging:
    """Calls through a breaker that end when told."""

    def __init__(self, guarded: Guarded, count: int) -> None:
        self.answered = asyncio.Event()
        self.calls = [
            asyncio.create_task(guarded.breaker.call(self.answered.wait), name=str(number))
            for number in range(count)
        ]

    async def outcomes(self) -> list[object]:
        return await asyncio.gather(*self.calls, return_exceptions=True)


async def test_b17_half_open_as_many_calls_get_through_as_there_are_permits(clock: ManualClock) -> None:
    guarded = Guarded(clock, probes=3)
    await guarded.trip()
    await clock.advance(10)

    probes = Hanging(guarded, 10)
    await asyncio.sleep(0)
    under_way = sum(not call.done() for call in probes.calls)
    probes.answered.set()
    outcomes = await probes.outcomes()

    assert under_way == 3
    assert sum(isinstance(outcome, BreakerOpen) for outcome in outcomes) == 7
    assert guarded.state is CLOSED


async def test_b17_a_call_refused_for_the_probes_under_way_is_told_to_wait(
    guarded: Guarded, clock: ManualClock
) -> None:
    await guarded.trip()
    await clock.advance(10)
    probe = Hanging(guarded, 1)
    await asyncio.sleep(0)

    with pytest.raises(BreakerOpen) as refused:
        await guarded.succeed()

    probe.answered.set()
    await probe.outcomes()
    assert refused.value.retry_after_s == 1.0


async def test_b17_it_stays_half_open_until_all_probes_have_succeeded(clock: ManualClock) -> None:
    guarded = Guarded(clock, probes=3)
    await guarded.trip()
    await clock.advance(10)

    await guarded.succeed(2)
    halfway = guarded.state
    await guarded.succeed()

    assert (halfway, guarded.state) == (HALF_OPEN, CLOSED)


async def test_b17_a_probe_that_never_ends_does_not_keep_everybody_out(clock: ManualClock) -> None:
    guarded = Guarded(clock, probing_limit_s=120.0)
    await guarded.trip()
    await clock.advance(10)
    hung = Hanging(guarded, 1)
    await asyncio.sleep(0)

    await clock.advance(119.999)
    with pytest.raises(BreakerOpen):
        await guarded.succeed()
    before = guarded.state
    await clock.advance(0.001)
    with pytest.raises(BreakerOpen):
        await guarded.succeed()
    after = guarded.breaker.reading
    await clock.advance(20)
    await guarded.succeed()
    hung.answered.set()
    await hung.outcomes()

    assert (before, after.state, after.retry_after_s) == (HALF_OPEN, OPEN, 20.0)
    assert guarded.state is CLOSED


async def test_b17_calls_may_come_as_rarely_as_they_like(clock: ManualClock) -> None:
    guarded = Guarded(clock, probes=3, probing_limit_s=120.0)
    await guarded.trip()
    await clock.advance(10)

    for _ in range(2):
        await guarded.succeed()
        await clock.advance(1000)
    await guarded.fail(Wrong())
    await clock.advance(1000)
    await guarded.succeed()

    assert guarded.state is CLOSED


async def test_b18_half_open_again_it_has_all_its_permits_again(clock: ManualClock) -> None:
    guarded = Guarded(clock, probes=3)
    await guarded.trip()
    await clock.advance(10)
    await guarded.succeed(2)
    await guarded.fail()
    await clock.advance(20)

    await guarded.succeed(2)
    halfway = guarded.state
    await guarded.succeed()

    assert (halfway, guarded.state) == (HALF_OPEN, CLOSED)


async def test_b19_an_error_that_says_nothing_gives_the_probe_s_place_back(
    guarded: Guarded, clock: ManualClock
) -> None:
    await guarded.trip()
    await clock.advance(10)

    await guarded.fail(Wrong(), times=5)

    assert guarded.state is HALF_OPEN
    await guarded.succeed()


async def test_b19_a_cancelled_probe_gives_its_place_back(guarded: Guarded, clock: ManualClock) -> None:
    await guarded.trip()
    await clock.advance(10)
    probe = Hanging(guarded, 1)
    await asyncio.sleep(0)

    probe.calls[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe.calls[0]

    assert guarded.state is HALF_OPEN
    assert guarded.breaker.reading.totals.ignored == 1
    await guarded.succeed()


async def test_b20_what_began_before_a_trip_does_not_close_it(guarded: Guarded) -> None:
    old = Hanging(guarded, 1)
    await asyncio.sleep(0)
    await guarded.trip()

    old.answered.set()
    await old.outcomes()

    assert guarded.state is OPEN
    assert guarded.breaker.reading.totals.successes == 1  # it was made all the same


async def test_b20_a_failure_that_began_before_a_trip_does_not_open_it_again(
    guarded: Guarded, clock: ManualClock
) -> None:
    broken_off = asyncio.Event()

    async def work() -> None:
        await broken_off.wait()
        raise Down("long ago")

    old = asyncio.create_task(guarded.breaker.call(work))
    await asyncio.sleep(0)
    await guarded.trip()
    guarded.breaker.force(HALF_OPEN)
    broken_off.set()
    await asyncio.gather(old, return_exceptions=True)

    reading = guarded.breaker.reading
    assert (reading.state, reading.failures, reading.last_failure) == (HALF_OPEN, 3, "down")
    assert reading.totals.failures == 4


async def test_b20_a_probe_of_an_earlier_try_neither_closes_it_nor_takes_a_place(
    clock: ManualClock,
) -> None:
    guarded = Guarded(clock, probes=2)
    await guarded.trip()
    await clock.advance(10)
    old = Hanging(guarded, 1)
    await asyncio.sleep(0)
    await guarded.fail()
    await clock.advance(20)
    await guarded.succeed()

    old.answered.set()
    await old.outcomes()

    assert guarded.state is HALF_OPEN
    await guarded.succeed()
    assert guarded.state is CLOSED


async def test_b22_slow_probes_alone_open_it_again(clock: ManualClock) -> None:
    guarded = Guarded(clock, probes=2, slow_s=1.0, slow_rate=0.5)
    await guarded.trip()
    await clock.advance(10)

    await guarded.succeed()
    await guarded.succeed(taking_s=1.5)

    reading = guarded.breaker.reading
    assert (reading.state, reading.trips, reading.retry_after_s) == (OPEN, 2, 20.0)
