"""Rows B39 to B44: what a guarded call is, and does to others."""

import asyncio
import contextvars
import inspect
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from operator import attrgetter
from typing import Any

import pytest

from tests.fakes import ManualClock
from tests.runtime.breakers.rig import CLOSED, HALF_OPEN, OPEN, Down, Guarded
from tradeassist_desktop.domain.breakers import BreakerReading, BreakerTotals
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.decorator import circuit_breaker
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
async def test_b39_what_ends_the_program_passes_uncounted(
    clock: ManualClock, kind: type[BaseException]
) -> None:
    guarded = Guarded(clock, failures=1)

    # Raised by hand: a task that ends so would take the test's loop with it.
    async def work() -> None:
        raise kind

    def ending() -> None:
        raise kind

    with pytest.raises(kind):
        guarded.breaker.call(work).send(None)
    with pytest.raises(kind):
        guarded.breaker.call_sync(ending)
    async with asyncio.timeout(10):
        with pytest.raises(kind):
            await guarded.breaker.call_in_thread(ending)

    assert guarded.breaker.reading == BreakerReading(name="data")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
async def test_b39_it_gives_a_probe_s_place_back(
    guarded: Guarded, clock: ManualClock, kind: type[BaseException]
) -> None:
    await guarded.trip()
    await clock.advance(10)

    async def work() -> None:
        raise kind

    with pytest.raises(kind):
        guarded.breaker.call(work).send(None)

    assert guarded.state is HALF_OPEN
    await guarded.succeed()


async def test_b40_the_operation_s_own_time_out_is_a_failure(clock: ManualClock) -> None:
    guarded = Guarded(clock, failures=1)

    async def work() -> None:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await guarded.breaker.call(work)

    assert guarded.state is OPEN


async def test_b40_a_time_out_of_who_calls_is_a_cancellation_and_says_nothing(clock: ManualClock) -> None:
    guarded = Guarded(clock, failures=1)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await guarded.breaker.call(asyncio.Event().wait)

    assert guarded.state is CLOSED


async def test_b41_a_hundred_calls_run_side_by_side(guarded: Guarded) -> None:
    together = asyncio.Barrier(100)

    async def work() -> int:
        await together.wait()
        return 1

    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(guarded.breaker.call(work) for _ in range(100)))

    assert sum(answers) == 100


async def test_b42_calls_in_threads_block_neither_the_loop_nor_each_other(guarded: Guarded) -> None:
    # All three must be inside at once, and the loop must turn meanwhile, or nobody gets on.
    together = threading.Barrier(4)

    def work() -> int:
        together.wait(timeout=10)
        return 1

    calls = [asyncio.create_task(guarded.breaker.call_in_thread(work)) for _ in range(3)]
    while together.n_waiting < 3:
        await asyncio.sleep(0)
    during = guarded.breaker.reading
    together.wait(timeout=10)

    assert await asyncio.gather(*calls) == [1, 1, 1]
    assert (during.totals.calls, guarded.breaker.reading.totals.calls) == (0, 3)


async def test_b42_a_thread_s_call_has_its_say_though_nobody_waits_for_it_any_more(
    clock: ManualClock, until: Callable[..., Any]
) -> None:
    guarded = Guarded(clock, failures=1)
    is_inside, may_go_on = threading.Event(), threading.Event()

    def work() -> None:
        is_inside.set()
        may_go_on.wait(timeout=10)
        raise Down

    call = asyncio.create_task(guarded.breaker.call_in_thread(work))
    await until(is_inside.is_set)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    may_go_on.set()

    await until(lambda: guarded.state is OPEN)


def test_b42_many_threads_at_once_lose_no_count_and_let_few_probe(clock: ManualClock) -> None:
    breaker = Guarded(clock, failures=2_000, probes=3).breaker
    everyone, refused = threading.Barrier(8), []

    def fail() -> None:
        raise Down

    def many() -> None:
        everyone.wait(timeout=10)
        for _ in range(250):
            with pytest.raises(Down):
                breaker.call_sync(fail)

    threads = [threading.Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tripped = breaker.reading

    breaker.force(HALF_OPEN)
    for _ in range(8):
        try:
            breaker.admit()
        except BreakerOpen as refusal:
            refused.append(refusal)

    assert (tripped.state, tripped.failures, tripped.totals.trips) == (OPEN, 2_000, 1)
    assert len(refused) == 5


async def test_b44_a_decorated_coroutine_function_is_one_and_is_counted(clock: ManualClock) -> None:
    guarded = Guarded(clock, failures=2)

    @circuit_breaker(guarded.breaker)
    async def fetch(symbol: str, *, count: int = 3) -> str:
        """Fetch it."""
        raise Down

    for _ in range(2):
        with pytest.raises(Down):
            await fetch("AAPL", count=2)
    with pytest.raises(BreakerOpen):
        await fetch("AAPL")

    assert inspect.iscoroutinefunction(fetch)
    assert (fetch.__name__, fetch.__doc__) == ("fetch", "Fetch it.")
    assert str(inspect.signature(fetch)) == "(symbol: str, *, count: int = 3) -> str"


async def test_b44_a_decorated_function_stays_a_function(guarded: Guarded) -> None:
    @circuit_breaker(guarded.breaker)
    def read(name: str) -> str:
        return f"contents of {name}"

    assert not inspect.iscoroutinefunction(read)
    assert read("a file") == "contents of a file"
    assert guarded.breaker.reading.totals.successes == 1


async def test_b44_a_decorated_method_goes_through_its_object_s_breaker(clock: ManualClock) -> None:
    class Client:
        def __init__(self, breaker: Breaker) -> None:
            self.breaker = breaker

        @circuit_breaker(attrgetter("breaker"))
        async def ask(self, question: str) -> str:
            return question.upper()

    first, second = Guarded(clock).breaker, Guarded(clock).breaker

    assert await Client(first).ask("why") == "WHY"
    assert (first.reading.totals.calls, second.reading.totals.calls) == (1, 0)


def test_b44_generators_are_refused(guarded: Guarded) -> None:
    def lines() -> Iterator[int]:
        yield 1

    async def frames() -> AsyncIterator[int]:
        yield 1

    for generator in (lines, frames):
        with pytest.raises(TypeError, match="is a generator"):
            circuit_breaker(guarded.breaker)(generator)


async def test_b41_a_block_is_guarded_as_a_call_is(guarded: Guarded, clock: ManualClock) -> None:
    for _ in range(3):
        with pytest.raises(Down):
            async with guarded.breaker:
                raise Down
    with pytest.raises(BreakerOpen):
        async with guarded.breaker:
            pytest.fail("not to be entered")
    await clock.advance(10)
    async with guarded.breaker:
        during = guarded.state

    assert (during, guarded.state) == (HALF_OPEN, CLOSED)


async def test_b41_blocks_within_blocks_and_beside_them_keep_their_permits_apart(clock: ManualClock) -> None:
    outer, inner = Guarded(clock, failures=1).breaker, Guarded(clock, failures=1).breaker
    together = asyncio.Barrier(10)

    async def one(number: int) -> None:
        async with outer:
            with pytest.raises(Down):
                async with inner:
                    await together.wait()
                    raise Down
            await together.wait()
            async with asyncio.TaskGroup() as group:
                group.create_task(outer.call(together.wait))

    async with asyncio.timeout(5):
        await asyncio.gather(*(one(number) for number in range(10)))

    assert outer.reading.totals == BreakerTotals(calls=20, successes=20)
    assert inner.reading.totals == BreakerTotals(calls=10, failures=10, trips=1)


async def test_b41_a_generator_s_block_may_be_left_before_one_entered_later(clock: ManualClock) -> None:
    first, second = Guarded(clock, failures=1).breaker, Guarded(clock, failures=1).breaker

    async def frames() -> AsyncIterator[int]:
        async with first:
            yield 1

    generator = frames()
    await anext(generator)
    with pytest.raises(Down):
        async with second:
            await anext(generator, None)
            raise Down

    assert first.reading.totals == BreakerTotals(calls=1, successes=1)
    assert second.reading.totals == BreakerTotals(calls=1, failures=1, trips=1)


async def test_b19_a_coroutine_thrown_away_within_its_block_disturbs_no_other(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    guarded, other = Guarded(clock), Guarded(clock)

    async def block() -> None:
        async with guarded.breaker:
            await asyncio.sleep(0)

    thrown_away = block()
    contextvars.copy_context().run(thrown_away.send, None)
    async with other.breaker:
        with caplog.at_level(logging.ERROR):
            thrown_away.close()

    assert "left elsewhere" in caplog.text
    assert other.breaker.reading.totals.successes == 1


async def test_b19_a_block_that_is_cancelled_gives_its_place_back(
    guarded: Guarded, clock: ManualClock
) -> None:
    await guarded.trip()
    await clock.advance(10)

    async def block() -> None:
        async with guarded.breaker:
            await asyncio.Event().wait()

    probe = asyncio.create_task(block())
    await asyncio.sleep(0)
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)

    await guarded.succeed()
    assert guarded.state is CLOSED
