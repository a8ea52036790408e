"""Rows B50 and B52: all breakers by name, and what outlives a restart."""

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.fakes import ManualClock
from tests.runtime.breakers.rig import (
    CLOSED,
    CONFIG,
    DISABLED,
    FORCED_CLOSED,
    FORCED_OPEN,
    HALF_OPEN,
    METRICS_ONLY,
    OPEN,
    Down,
    judge,
)
from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState, BreakerTotals, SavedBreaker
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.config import BreakerConfig
from tradeassist_desktop.runtime.breakers.manager import BreakerConflict, Breakers
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen
from tradeassist_desktop.runtime.breakers.presets import PRESETS
from tradeassist_desktop.runtime.breakers.waits import Exponential, Trip

NS_PER_SECOND = 1_000_000_000
NO_TRIP = Trip(count=1, failures=1, failure_rate=None)


@pytest.fixture
def breakers(clock: ManualClock) -> Breakers:
    return Breakers(clock=clock, rng=random.Random(1))


async def fail(breaker: Breaker, times: int) -> None:
    async def work() -> None:
        raise Down

    for _ in range(times):
        with pytest.raises(Down):
            await breaker.call(work)


def test_b50_a_name_has_one_breaker(breakers: Breakers) -> None:
    made = breakers.get("schwab", CONFIG)

    assert breakers.get("schwab") is made
    assert breakers.get("schwab", replace(CONFIG)) is made
    assert breakers.get("coinbase") is not made


def test_b50_another_configuration_for_the_same_name_is_a_mistake(breakers: Breakers) -> None:
    breakers.get("schwab", CONFIG)

    with pytest.raises(BreakerConflict, match="schwab"):
        breakers.get("schwab", replace(CONFIG, failures=7))


def test_b50_a_name_without_preset_needs_a_configuration(breakers: Breakers) -> None:
    with pytest.raises(KeyError):
        breakers.get("carrier pigeon")


@pytest.mark.parametrize(
    ("name", "failures"),
    [("schwab", 5), ("secret manager", 3), ("slack", 5), ("smtp", 3), ("webhook", 5), ("coinbase", 5)],
)
async def test_b50_each_service_has_its_own_patience(breakers: Breakers, name: str, failures: int) -> None:
    breaker = breakers.get(name)

    await fail(breaker, failures - 1)
    before = breaker.reading.state
    await fail(breaker, 1)

    assert (before, breaker.reading.state) == (CLOSED, OPEN)


def test_b50_slack_is_left_alone_for_thirty_seconds_at_first() -> None:
    assert PRESETS["slack"].wait_s(NO_TRIP) == 30.0


async def test_b50_a_preset_takes_what_a_client_s_errors_mean(breakers: Breakers) -> None:
    config = replace(PRESETS["slack"], judge=judge)

    assert breakers.get("slack", config) is breakers.get("slack", replace(PRESETS["slack"], judge=judge))


async def test_b50_the_manager_says_how_all_of_them_are(breakers: Breakers) -> None:
    await fail(breakers.get("slack", CONFIG), 3)
    breakers.get("schwab", CONFIG)
    breakers.get("coinbase", CONFIG)
    breakers.get("smtp", CONFIG).force(FORCED_OPEN)

    assert [reading.name for reading in breakers.readings()] == ["coinbase", "schwab", "slack", "smtp"]
    assert breakers.summary() == {CLOSED: 2, OPEN: 1, FORCED_OPEN: 1}
    assert [reading.name for reading in breakers.unhealthy()] == ["slack", "smtp"]


async def test_b50_one_is_reset_or_all_are(breakers: Breakers) -> None:
    for name in ("slack", "schwab", "smtp"):
        await fail(breakers.get(name, CONFIG), 3)

    breakers.reset("slack")
    after_one = breakers.summary()
    breakers.reset()

    assert (after_one, breakers.summary()) == ({CLOSED: 1, OPEN: 2}, {CLOSED: 3})
    assert all(reading.totals == BreakerTotals() for reading in breakers.readings())


async def test_b50_changes_of_all_are_heard_even_beside_a_listener_that_raises(breakers: Breakers) -> None:
    def broken(reading: BreakerReading) -> None:
        raise RuntimeError("bad guest")

    heard: list[tuple[str, BreakerState]] = []
    breakers.listen(broken)
    end = breakers.listen(lambda reading: heard.append((reading.name, reading.state)))

    await fail(breakers.get("slack", CONFIG), 3)
    breakers.get("schwab", CONFIG)
    breakers.force("schwab", FORCED_OPEN)
    end()
    breakers.reset()

    assert heard == [("slack", OPEN), ("schwab", FORCED_OPEN)]


class MemoryStore:
    """Keeps breakers for as long as the test lasts."""

    def __init__(self) -> None:
        self.kept: dict[str, SavedBreaker] = {}

    async def load(self) -> Mapping[str, SavedBreaker]:
        return dict(self.kept)

    def keep(self, saved: SavedBreaker) -> None:
        self.kept[saved.name] = saved


async def restarted(store: MemoryStore, clock: ManualClock, config: BreakerConfig = CONFIG) -> Breaker:
    """Return the breaker as the next run of the program has it."""
    breakers = Breakers(clock=clock, rng=random.Random(1), store=store)
    await breakers.load()
    return breakers.get("slack", config)


async def tripped_then_restarted_after(
    store: MemoryStore, clock: ManualClock, seconds: float
) -> tuple[Breaker, ManualClock]:
    await fail(await restarted(store, clock), 3)
    # The next run's monotonic clock has another start: only the wall clock leads from one to the other.
    later = ManualClock(now_ns=clock.now_ns() + round(seconds * NS_PER_SECOND))
    return await restarted(store, later), later


async def test_b52_a_restart_while_open_waits_for_what_is_left(clock: ManualClock) -> None:
    breaker, later = await tripped_then_restarted_after(MemoryStore(), clock, 4)

    assert (breaker.reading.state, breaker.reading.retry_after_s) == (OPEN, 6.0)
    with pytest.raises(BreakerOpen):
        await fail(breaker, 1)
    await later.advance(6)
    await fail(breaker, 1)
    assert breaker.reading.retry_after_s == 20.0  # the second trip in a row


async def test_b52_a_wait_that_ended_meanwhile_lets_a_probe_through_and_only_one(clock: ManualClock) -> None:
    breaker, _ = await tripped_then_restarted_after(MemoryStore(), clock, 3600)

    await fail(breaker, 1)

    assert (breaker.reading.state, breaker.reading.trips) == (OPEN, 2)


async def test_b52_a_calendar_set_back_makes_no_wait_longer_than_any(clock: ManualClock) -> None:
    config = replace(CONFIG, wait_s=Exponential(base_s=10.0), cap_s=60.0, asked_cap_s=90.0)
    store = MemoryStore()
    await fail(await restarted(store, clock, config), 3)

    breaker = await restarted(store, ManualClock(now_ns=clock.now_ns() - 10**15), config)

    assert breaker.reading.retry_after_s == 90.0


async def test_b52_a_probe_that_was_under_way_is_made_again(clock: ManualClock) -> None:
    store = MemoryStore()
    breaker = await restarted(store, clock)
    await fail(breaker, 3)
    await clock.advance(10)
    breaker.admit()
    assert breaker.reading.state is HALF_OPEN

    again = await restarted(store, clock)

    assert (again.reading.state, again.reading.retry_after_s) == (OPEN, 0.0)
    await fail(again, 1)


@pytest.mark.parametrize("state", [FORCED_OPEN, FORCED_CLOSED, DISABLED, METRICS_ONLY])
async def test_b52_what_was_decided_by_hand_holds_until_it_is_undone_by_hand(
    clock: ManualClock, state: BreakerState
) -> None:
    store = MemoryStore()
    (await restarted(store, clock)).force(state)

    assert (await restarted(store, clock)).reading.state is state


async def test_b52_a_wait_that_was_ended_by_hand_is_not_kept(clock: ManualClock) -> None:
    store = MemoryStore()
    breaker = await restarted(store, clock)
    await fail(breaker, 3)

    breaker.force(FORCED_OPEN)

    assert store.kept["slack"].until_ns == 0


async def test_b52_what_was_closed_again_starts_closed(clock: ManualClock) -> None:
    store = MemoryStore()
    breaker = await restarted(store, clock)
    await fail(breaker, 3)
    await clock.advance(10)
    breaker.succeed(breaker.admit())

    assert (await restarted(store, clock)).reading == BreakerReading(name="slack")


async def test_b52_a_store_that_raises_keeps_no_breaker_from_its_work(clock: ManualClock) -> None:
    class Full(MemoryStore):
        def keep(self, saved: SavedBreaker) -> None:
            raise OSError("disk full")

    breaker = await restarted(Full(), clock)

    await fail(breaker, 3)

    assert breaker.reading.state is OPEN
