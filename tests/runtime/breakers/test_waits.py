"""Rows B34 to B37, B45 and B51: how long it stays open, and what cannot be asked for."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes import ManualClock
from tests.runtime.breakers.rig import RATES, Down, Guarded
from tradeassist_desktop.runtime.breakers.config import BreakerConfig
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen
from tradeassist_desktop.runtime.breakers.waits import Exponential, Trip
from tradeassist_desktop.runtime.breakers.windows import LastCalls, LastSeconds


async def waits_of(guarded: Guarded, trips: int) -> list[float]:
    """Return how long it stays open each time, when every probe fails."""
    await guarded.trip()
    waits = []
    for _ in range(trips):
        waits.append(guarded.breaker.reading.retry_after_s)
        await guarded.clock.advance(waits[-1])
        await guarded.fail()
    return waits


async def test_b34_waits_grow_up_to_the_cap(guarded: Guarded) -> None:
    assert await waits_of(guarded, 5) == [10.0, 20.0, 40.0, 60.0, 60.0]


async def test_b34_waits_grow_as_the_multiplier_says(clock: ManualClock) -> None:
    guarded = Guarded(clock, wait_s=Exponential(base_s=2.0, multiplier=3.0))

    assert await waits_of(guarded, 5) == [2.0, 6.0, 18.0, 54.0, 60.0]


async def test_b34_waits_begin_anew_once_it_was_closed(guarded: Guarded, clock: ManualClock) -> None:
    await waits_of(guarded, 3)
    await clock.advance(60)
    await guarded.succeed()

    await guarded.trip()

    assert guarded.breaker.reading.retry_after_s == 10.0


async def test_b35_jitter_stays_inside_its_limits(clock: ManualClock) -> None:
    waits = []
    for seed in range(50):
        shaky = Guarded(clock, jitter=0.2, seed=seed)
        await shaky.trip()
        waits.append(shaky.breaker.reading.retry_after_s)

    assert all(8.0 <= wait <= 12.0 for wait in waits)
    assert max(waits) - min(waits) > 2.0


async def test_b35_even_the_widest_jitter_makes_no_wait_negative(clock: ManualClock) -> None:
    for seed in range(50):
        shaky = Guarded(clock, jitter=1.0, seed=seed)
        await shaky.trip()
        assert 0.0 <= shaky.breaker.reading.retry_after_s <= 20.0


async def test_b36_what_makes_the_wait_is_told_of_the_trip(clock: ManualClock) -> None:
    told: list[Trip] = []

    def wait_s(trip: Trip) -> float:
        told.append(trip)
        return 5.0

    guarded = Guarded(clock, RATES, wait_s=wait_s)
    await guarded.succeed(4)
    await guarded.fail(times=6)
    await clock.advance(5)
    await guarded.fail()

    assert told == [
        Trip(count=1, failures=6, failure_rate=0.6),
        Trip(count=2, failures=7, failure_rate=0.6),
    ]


def broken(trip: Trip) -> float:
    raise ArithmeticError("a mistake of ours")


@pytest.mark.parametrize(
    ("wait_s", "waits_s"),
    [
        pytest.param(lambda trip: 1e300, 60.0, id="huge"),
        pytest.param(lambda trip: float("inf"), 60.0, id="infinite"),
        pytest.param(lambda trip: float("nan"), 60.0, id="not a number"),
        pytest.param(lambda trip: -5.0, 0.0, id="negative"),
        pytest.param(lambda trip: 10.0**400, 60.0, id="overflow"),
        pytest.param(broken, 60.0, id="raises"),
    ],
)
async def test_b36_whatever_it_makes_the_wait_has_sense(
    clock: ManualClock, wait_s: Callable[[Trip], float], waits_s: float
) -> None:
    guarded = Guarded(clock, wait_s=wait_s)
    await guarded.fail(times=3)

    assert guarded.breaker.reading.retry_after_s == waits_s


def test_b36_the_ten_thousandth_trip_in_a_row_waits_without_end_and_does_not_raise() -> None:
    assert Exponential(base_s=10.0, multiplier=100.0)(Trip(10_000, 3, None)) == float("inf")


@pytest.mark.parametrize(
    ("asked_s", "waits_s"),
    [
        pytest.param(45.0, 45.0, id="longer than ours"),
        pytest.param(3.0, 10.0, id="shorter than ours"),
        pytest.param(90.0, 90.0, id="longer than our cap"),
        pytest.param(1e9, 3600.0, id="absurd"),
    ],
)
async def test_b37_the_longer_of_the_server_s_wait_and_ours_holds(
    guarded: Guarded, asked_s: float, waits_s: float
) -> None:
    await guarded.fail(Down(wait_s=asked_s), times=3)

    assert guarded.breaker.reading.retry_after_s == waits_s


@pytest.mark.parametrize("jump_s", [3_600, -3_600], ids=["forward", "back"])
async def test_b45_the_wall_clock_may_jump(clock: ManualClock, jump_s: int) -> None:
    closed = Guarded(clock, failure_rate=1.0, window=LastSeconds(60.0), min_calls=2)
    await closed.succeed()
    await closed.fail()
    opened = Guarded(clock)
    await opened.trip()

    clock.set_wall(clock.now_ns() + jump_s * 1_000_000_000)

    assert (closed.breaker.reading.failure_rate, opened.breaker.reading.retry_after_s) == (0.5, 10.0)
    await clock.advance(9.999)
    with pytest.raises(BreakerOpen):
        await opened.succeed()
    await clock.advance(0.001)
    await opened.succeed()
    assert opened.breaker.reading.state_s == 0.0


@pytest.mark.parametrize(
    "options",
    [
        {"failures": 0},
        {"failure_rate": 0.0},
        {"failure_rate": 1.01},
        {"slow_rate": -0.5, "slow_s": 1.0},
        {"slow_rate": 0.5},
        {"slow_s": 0.0},
        {"min_calls": 0},
        {"failure_rate": 0.5, "min_calls": 11, "window": LastCalls(10)},
        {"probes": 0},
        {"probing_limit_s": 0.0},
        {"cap_s": -1.0},
        {"cap_s": float("inf")},
        {"wait_s": Exponential(base_s=9.0), "cap_s": 8.0},
        {"jitter": 1.5},
        {"jitter": -0.1},
        {"asked_cap_s": -1.0},
    ],
    ids=str,
)
def test_b51_limits_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="breaker"):
        BreakerConfig(**options)


@pytest.mark.parametrize(
    "make",
    [
        lambda: LastCalls(0),
        lambda: LastSeconds(0.0),
        lambda: LastSeconds(float("nan")),
        lambda: LastSeconds(10.0, buckets=0),
        lambda: Exponential(base_s=0.0),
        lambda: Exponential(base_s=-1.0),
        lambda: Exponential(multiplier=0.5),
    ],
)
def test_b51_so_are_windows_and_waits_without_sense(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="needs"):
        make()
