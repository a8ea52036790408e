"""The circuit breaker; the numbers in brackets are rows of the conformance list it was built to."""

import asyncio
import random
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.runtime.breaker import Breaker, BreakerOpen, BreakerReading, BreakerState

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN


class Down(Exception):
    """The other side is down."""

    def __init__(self, text: str = "down", *, wait_s: float = 0.0) -> None:
        super().__init__(text)
        self.wait_s = wait_s


class Wrong(Exception):
    """Our own mistake."""


class Guarded:
    """A breaker without jitter unless asked for, and calls through it that end as told."""

    def __init__(self, clock: ManualClock, **options: Any) -> None:
        self.made = 0
        self.breaker = Breaker(
            name="data",
            clock=clock,
            **{
                "rng": random.Random(3),
                "threshold": 3,
                "base_s": 10.0,
                "cap_s": 60.0,
                "jitter": 0.0,
                "counts": lambda error: not isinstance(error, Wrong),
                "asked_s": lambda error: getattr(error, "wait_s", 0.0),
                **options,
            },
        )

    @property
    def state(self) -> BreakerState:
        return self.breaker.reading.state

    async def succeed(self) -> str:
        async def work() -> str:
            self.made += 1
            return "answer"

        return await self.breaker.call(work)

    async def fail(self, error: BaseException | None = None) -> BaseException:
        error = error or Down()

        async def work() -> None:
            self.made += 1
            raise error

        with pytest.raises(type(error)) as raised:
            await self.breaker.call(work)
        return raised.value

    async def trip(self) -> None:
        while self.state is not OPEN:
            await self.fail()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def guarded(clock: ManualClock) -> Guarded:
    return Guarded(clock)


def test_it_starts_closed_with_its_name_and_no_failure(guarded: Guarded) -> None:  # B01
    assert guarded.breaker.reading == BreakerReading(name="data", state=CLOSED)
    assert guarded.breaker.last_failure is None


async def test_the_third_failure_in_a_row_opens_it_and_the_second_does_not(guarded: Guarded) -> None:  # B02
    states = []
    for _ in range(3):
        await guarded.fail()
        states.append(guarded.state)

    assert states == [CLOSED, CLOSED, OPEN]


async def test_a_success_between_failures_starts_the_count_anew(guarded: Guarded) -> None:  # B03
    for _ in range(3):
        await guarded.fail()
        await guarded.fail()
        await guarded.succeed()

    assert guarded.state is CLOSED


async def test_open_it_refuses_without_calling(guarded: Guarded, clock: ManualClock) -> None:  # B04, B05
    await guarded.trip()
    await clock.advance(4)

    with pytest.raises(BreakerOpen) as refused:
        await guarded.succeed()

    assert guarded.made == 3
    assert guarded.breaker.reading.rejected == 1
    assert (refused.value.name, refused.value.retry_after_s) == ("data", 6.0)
    assert isinstance(refused.value.cause, Down)


async def test_the_call_that_trips_it_raises_its_own_error(guarded: Guarded) -> None:  # B06
    own = Down("the last straw")
    await guarded.fail()
    await guarded.fail()

    assert await guarded.fail(own) is own
    assert guarded.breaker.last_failure is own  # B16
    assert guarded.breaker.reading.last_failure == "the last straw"


async def test_a_probe_is_let_through_when_the_wait_is_over_and_not_before(
    guarded: Guarded, clock: ManualClock
) -> None:  # B07, B08
    await guarded.trip()

    await clock.advance(9.999)
    with pytest.raises(BreakerOpen):
        await guarded.succeed()
    await clock.advance(0.001)

    assert await guarded.succeed() == "answer"
    reading = guarded.breaker.reading
    assert (reading.state, reading.failures, reading.trips, reading.rejected) == (CLOSED, 0, 0, 0)


async def test_a_probe_that_fails_opens_it_for_a_new_wait(
    guarded: Guarded, clock: ManualClock
) -> None:  # B09
    await guarded.trip()
    await clock.advance(10)

    await guarded.fail()

    assert (guarded.state, guarded.breaker.reading.retry_after_s) == (OPEN, 20.0)


async def test_waits_double_up_to_the_cap_and_begin_anew_after_a_close(
    guarded: Guarded, clock: ManualClock
) -> None:  # B34
    await guarded.trip()
    waits = []
    for _ in range(4):
        waits.append(guarded.breaker.reading.retry_after_s)
        await clock.advance(waits[-1])
        await guarded.fail()
    await clock.advance(60)
    await guarded.succeed()
    await guarded.trip()

    assert waits == [10.0, 20.0, 40.0, 60.0]
    assert guarded.breaker.reading.retry_after_s == 10.0


async def test_jitter_stays_inside_its_limits(clock: ManualClock) -> None:  # B35
    waits = []
    for seed in range(50):
        shaky = Guarded(clock, jitter=0.2, rng=random.Random(seed))
        await shaky.trip()
        waits.append(shaky.breaker.reading.retry_after_s)

    assert all(8.0 <= wait <= 12.0 for wait in waits)
    assert max(waits) - min(waits) > 2.0


@pytest.mark.parametrize(
    ("asked_s", "waits_s"), [(45.0, 45.0), (3.0, 10.0)], ids=["longer than ours", "shorter than ours"]
)
async def test_the_longer_of_the_server_s_wait_and_ours_holds(
    guarded: Guarded, asked_s: float, waits_s: float
) -> None:  # B37
    for _ in range(3):
        await guarded.fail(Down(wait_s=asked_s))

    assert guarded.breaker.reading.retry_after_s == waits_s


async def test_what_is_no_failure_is_neutral_and_gives_the_probe_s_place_back(
    guarded: Guarded, clock: ManualClock
) -> None:  # B19, B32
    await guarded.fail()
    await guarded.fail()
    for _ in range(5):
        await guarded.fail(Wrong())
    neutral = guarded.breaker.reading
    await guarded.fail()
    await clock.advance(10)

    await guarded.fail(Wrong())

    assert (neutral.state, neutral.failures) == (CLOSED, 2)
    assert guarded.state is HALF_OPEN
    assert await guarded.succeed() == "answer"


async def test_a_cancelled_probe_gives_its_place_back(guarded: Guarded, clock: ManualClock) -> None:  # B19
    await guarded.trip()
    await clock.advance(10)
    hanging = asyncio.create_task(guarded.breaker.call(asyncio.Event().wait))
    await asyncio.sleep(0)
    with pytest.raises(BreakerOpen):  # one probe at a time
        await guarded.succeed()

    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging

    assert guarded.state is HALF_OPEN
    assert await guarded.succeed() == "answer"


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
async def test_what_ends_the_program_passes_uncounted(
    clock: ManualClock, kind: type[BaseException]
) -> None:  # B39
    guarded = Guarded(clock, threshold=1)

    # Raised by hand: a task that ends so would take the test's loop with it.
    async def work() -> None:
        raise kind

    call = guarded.breaker.call(work)
    with pytest.raises(kind):
        call.send(None)

    assert guarded.breaker.reading == BreakerReading(name="data")


async def test_the_operation_s_own_time_out_is_a_failure(clock: ManualClock) -> None:  # B40
    guarded = Guarded(clock, threshold=1)

    async def work() -> None:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await guarded.breaker.call(work)

    assert guarded.state is OPEN


async def test_a_hundred_calls_run_side_by_side(guarded: Guarded) -> None:  # B41
    together = asyncio.Barrier(100)

    async def work() -> int:
        await together.wait()
        return 1

    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(guarded.breaker.call(work) for _ in range(100)))

    assert sum(answers) == 100


async def test_the_wall_clock_may_jump(guarded: Guarded, clock: ManualClock) -> None:  # B45
    await guarded.trip()

    for jump_s in (3600, -7200):
        clock.set_wall(clock.now_ns() + jump_s * 1_000_000_000)
        assert guarded.breaker.reading.retry_after_s == 10.0


async def test_what_began_before_a_trip_does_not_speak_of_what_came_after(
    guarded: Guarded, clock: ManualClock
) -> None:
    answered = asyncio.Event()
    slow = asyncio.create_task(guarded.breaker.call(answered.wait))
    await asyncio.sleep(0)
    await guarded.trip()

    answered.set()
    await slow

    assert guarded.state is OPEN


async def test_listeners_hear_each_change_once_after_it_can_be_read(
    guarded: Guarded, clock: ManualClock
) -> None:
    heard: list[tuple[BreakerState, BreakerState]] = []
    end = guarded.breaker.listen(lambda reading: heard.append((reading.state, guarded.state)))

    await guarded.trip()
    await clock.advance(10)
    await guarded.succeed()
    end()
    await guarded.trip()

    assert heard == [(OPEN, OPEN), (HALF_OPEN, HALF_OPEN), (CLOSED, CLOSED)]


async def test_a_listener_that_raises_alters_nothing(guarded: Guarded) -> None:
    def listener(reading: BreakerReading) -> None:
        raise RuntimeError("bad guest")

    guarded.breaker.listen(listener)

    await guarded.trip()

    assert guarded.state is OPEN


@pytest.mark.parametrize(
    "options",
    [{"threshold": 0}, {"base_s": 0.0}, {"base_s": 9.0, "cap_s": 8.0}, {"jitter": 1.5}],
    ids=lambda options: next(iter(options)),
)
def test_limits_that_make_no_sense_are_refused(clock: ManualClock, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="breaker"):
        Guarded(clock, **options)
