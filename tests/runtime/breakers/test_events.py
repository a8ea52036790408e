"""Rows B47 to B49: who hears of changes, and what is counted."""

import logging

import pytest

from tests.fakes import ManualClock
from tests.runtime.breakers.rig import (
    CLOSED,
    FORCED_CLOSED,
    FORCED_OPEN,
    HALF_OPEN,
    OPEN,
    RATES,
    Guarded,
    Wrong,
)
from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState, BreakerTotals
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen


class Heard:
    """What a listener was told, and what it could read then."""

    def __init__(self, guarded: Guarded) -> None:
        self.told: list[BreakerState] = []
        self.read: list[BreakerState] = []
        self._guarded = guarded
        self.end = guarded.breaker.listen(self._hear)

    def _hear(self, reading: BreakerReading) -> None:
        self.told.append(reading.state)
        self.read.append(self._guarded.state)


async def test_b47_each_change_is_told_once_in_order_and_after_it_can_be_read(
    guarded: Guarded, clock: ManualClock
) -> None:
    heard = Heard(guarded)

    await guarded.trip()
    await clock.advance(10)
    await guarded.fail()
    await clock.advance(20)
    await guarded.succeed()

    assert heard.told == [OPEN, HALF_OPEN, OPEN, HALF_OPEN, CLOSED]
    assert heard.read == heard.told


async def test_b47_changes_by_hand_are_told_too(guarded: Guarded) -> None:
    heard = Heard(guarded)

    for state in (FORCED_OPEN, OPEN, FORCED_OPEN, FORCED_CLOSED, CLOSED):
        guarded.breaker.force(state)
    guarded.breaker.reset()

    assert heard.told == [FORCED_OPEN, OPEN, FORCED_OPEN, FORCED_CLOSED, CLOSED, CLOSED]
    assert heard.read == heard.told


async def test_b47_who_has_ended_listening_hears_no_more(guarded: Guarded) -> None:
    heard = Heard(guarded)

    heard.end()
    heard.end()
    await guarded.trip()

    assert heard.told == []


async def test_b48_a_listener_that_raises_alters_nothing_and_keeps_nobody_from_hearing(
    guarded: Guarded, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(reading: BreakerReading) -> None:
        raise RuntimeError("bad guest")

    guarded.breaker.listen(broken)
    heard = Heard(guarded)

    with caplog.at_level(logging.ERROR):
        await guarded.trip()
        await clock.advance(10)
        await guarded.succeed()

    assert (guarded.state, heard.told) == (CLOSED, [OPEN, HALF_OPEN, CLOSED])
    assert "breaker listener failed" in caplog.text


async def test_b49_everything_is_counted(clock: ManualClock) -> None:
    guarded = Guarded(clock, slow_s=1.0)

    await guarded.succeed(4)
    await guarded.succeed(taking_s=2.0)
    await guarded.fail(Wrong(), times=3)
    await guarded.fail(times=2)
    await guarded.fail(taking_s=2.0)
    for _ in range(7):
        with pytest.raises(BreakerOpen):
            await guarded.succeed()

    assert guarded.breaker.reading.totals == BreakerTotals(
        calls=11, successes=5, failures=3, ignored=3, slow=2, rejected=7, trips=1
    )


async def test_b49_totals_outlive_changes_of_state_and_the_row_and_rates_do_not(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES)
    await guarded.fail(times=10)
    await clock.advance(10)
    await guarded.succeed()

    reading = guarded.breaker.reading

    assert reading.totals == BreakerTotals(calls=11, successes=1, failures=10, trips=1)
    assert (reading.failures, reading.failure_rate, reading.trips) == (0, None, 0)


async def test_b49_it_says_since_when_it_has_been_so(guarded: Guarded, clock: ManualClock) -> None:
    await clock.advance(100)
    never = guarded.breaker.reading
    await guarded.trip()
    tripped_ns = clock.now_ns()
    await clock.advance(7.5)

    reading = guarded.breaker.reading

    assert (never.state_s, never.changed_ns) == (100.0, None)
    assert (reading.state_s, reading.changed_ns) == (7.5, tripped_ns)
