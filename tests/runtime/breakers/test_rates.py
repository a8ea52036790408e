"""Rows B24 to B33: windows, rates, slow calls, and what counts."""

import asyncio
import random
from collections import deque
from dataclasses import dataclass

import pytest

from tests.fakes import ManualClock
from tests.runtime.breakers.rig import CLOSED, HALF_OPEN, OPEN, RATES, Down, Guarded, NoSuchRow, Wrong
from tradeassist_desktop.runtime.breakers.windows import LastCalls, LastSeconds

TEN_SECONDS = LastSeconds(10.0, buckets=10)
NS_PER_SECOND = 1_000_000_000


async def test_b24_below_the_least_number_of_calls_there_is_no_rate(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES, min_calls=10)

    await guarded.fail(times=9)

    assert (guarded.state, guarded.breaker.reading.failure_rate) == (CLOSED, None)


@pytest.mark.parametrize(("failures", "state"), [(4, CLOSED), (5, OPEN)], ids=["below", "just"])
async def test_b25_the_threshold_itself_opens_it(clock: ManualClock, failures: int, state: object) -> None:
    guarded = Guarded(clock, RATES)
    await guarded.succeed(10 - failures)

    await guarded.fail(times=failures)

    assert guarded.state is state


async def test_b25_a_success_that_makes_up_the_number_opens_it_too(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES)
    await guarded.fail(times=9)

    await guarded.succeed()

    assert guarded.state is OPEN


async def test_b26_only_the_newest_calls_matter(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES, window=LastCalls(10), failure_rate=0.6)
    await guarded.succeed(5)
    await guarded.fail(times=5)  # 5 of 10
    await guarded.succeed(5)  # the five successes go, the failures stay
    half = guarded.breaker.reading.failure_rate

    await guarded.succeed(4)

    assert (half, guarded.breaker.reading.failure_rate) == (0.5, 0.1)


async def test_b26_the_window_agrees_with_a_list_of_its_newest_calls() -> None:
    chance, window, newest = random.Random(4), LastCalls(7).new(), deque[tuple[bool, bool]](maxlen=7)

    for _ in range(1000):
        is_failure, is_slow = chance.random() < 0.4, chance.random() < 0.3
        window.add(0, is_failure, is_slow)
        newest.append((is_failure, is_slow))

        expected = (len(newest), sum(failed for failed, _ in newest), sum(slow for _, slow in newest))
        assert (window.calls, window.failures, window.slow) == expected


async def test_b27_a_call_as_old_as_the_window_is_long_is_forgotten(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES, window=TEN_SECONDS, min_calls=1, failure_rate=1.0)
    await guarded.succeed()
    await clock.advance(0.35)
    await guarded.fail()

    await clock.advance(9.649)
    before = guarded.breaker.reading.failure_rate
    await clock.advance(0.001)

    assert before == 0.5
    assert guarded.breaker.reading.failure_rate is None  # the failure shared the success's bucket


async def test_b28_the_sum_follows_buckets_as_they_expire(clock: ManualClock) -> None:
    window = TEN_SECONDS.new()
    for second in range(10):
        for _ in range(second + 1):
            window.add(second * NS_PER_SECOND, second % 2 == 0, False)

    sums = []
    for second in range(9, 20):
        window.expire(second * NS_PER_SECOND)
        sums.append((window.calls, window.failures))

    assert sums == [
        (55, 25), (54, 24), (52, 24), (49, 21), (45, 21), (40, 16), (34, 16), (27, 9), (19, 9), (10, 0),
        (0, 0),
    ]  # fmt: skip


@dataclass
class Call:
    at_ns: int
    is_failure: bool


async def test_b28_no_call_is_kept_too_long_nor_forgotten_more_than_a_bucket_too_early() -> None:
    chance, window, now_ns = random.Random(9), TEN_SECONDS.new(), 0
    calls: list[Call] = []

    for _ in range(2000):
        now_ns += chance.randrange(400_000_000)
        calls.append(Call(now_ns, chance.random() < 0.5))
        window.add(now_ns, calls[-1].is_failure, False)

        most = [call for call in calls if now_ns - call.at_ns < 10 * NS_PER_SECOND]
        least = [call for call in calls if now_ns - call.at_ns < 9 * NS_PER_SECOND]
        assert len(least) <= window.calls <= len(most)
        failures = [sum(call.is_failure for call in some) for some in (least, most)]
        assert failures[0] <= window.failures <= failures[1]


@pytest.mark.parametrize(("calls", "state"), [(9, CLOSED), (10, OPEN)])
async def test_b29_nine_calls_within_the_time_never_trip_it_and_ten_do(
    clock: ManualClock, calls: int, state: object
) -> None:
    guarded = Guarded(clock, RATES, window=TEN_SECONDS, min_calls=10)

    await guarded.fail(times=calls)

    assert guarded.state is state


async def test_b29_ten_calls_over_a_longer_time_do_not(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES, window=TEN_SECONDS, min_calls=10)

    for _ in range(50):
        await guarded.fail()
        await clock.advance(1.2)

    assert guarded.state is CLOSED


async def test_b30_slow_calls_open_it_though_none_has_failed(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES, slow_s=1.0, slow_rate=0.5)
    await guarded.succeed(5, taking_s=1.0)  # as long as the limit is not longer

    await guarded.succeed(5, taking_s=1.001)

    reading = guarded.breaker.reading
    assert (reading.state, reading.failure_rate, reading.slow_rate) == (OPEN, 0.0, 0.5)
    assert reading.totals.slow == 5


async def test_b30_slow_failures_are_slow_too(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES, failure_rate=1.0, slow_s=1.0, slow_rate=0.5)
    await guarded.succeed(6)

    await guarded.fail(times=4, taking_s=2.0)

    reading = guarded.breaker.reading
    assert (reading.state, reading.failure_rate, reading.slow_rate) == (CLOSED, 0.4, 0.4)


async def test_b31_ignored_errors_are_in_neither_part_of_the_rate(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES)
    await guarded.succeed(6)
    await guarded.fail(times=4)

    await guarded.fail(Wrong(), times=100)

    reading = guarded.breaker.reading
    assert (reading.failure_rate, reading.totals.ignored) == (0.4, 100)


async def test_b32_our_own_mistakes_are_neutral_they_end_no_row_of_failures(guarded: Guarded) -> None:
    await guarded.fail(times=2)

    await guarded.fail(Wrong(), times=5)

    assert guarded.breaker.reading.failures == 2
    await guarded.fail()
    assert guarded.state is OPEN


async def test_b32_an_error_judged_a_success_is_one(guarded: Guarded, clock: ManualClock) -> None:
    await guarded.trip()
    await clock.advance(10)

    await guarded.fail(NoSuchRow())

    assert guarded.state is CLOSED


async def test_b32_a_refusal_of_a_breaker_within_is_neutral(clock: ManualClock) -> None:
    outer, inner = Guarded(clock, failures=1), Guarded(clock)
    outer_breaker = Guarded(clock, failures=1, judge=type(outer.breaker.config)().judge).breaker
    await inner.trip()

    with pytest.raises(Exception, match="left alone"):
        await outer_breaker.call(inner.succeed)

    assert outer_breaker.reading.state is CLOSED


def error_in(status: object) -> Exception | None:
    return Down(f"answered {status}", wait_s=45.0) if status == 503 else None


async def test_b33_a_result_may_stand_for_a_failure_and_reaches_the_caller_all_the_same(
    clock: ManualClock,
) -> None:
    guarded = Guarded(clock, failure_in=error_in)

    async def work() -> int:
        return 503

    answers = [await guarded.breaker.call(work) for _ in range(3)]

    reading = guarded.breaker.reading
    assert answers == [503, 503, 503]
    assert (reading.state, reading.retry_after_s, reading.last_failure) == (OPEN, 45.0, "answered 503")


async def test_b33_a_predicate_that_breaks_neither_costs_the_answer_nor_a_permit(clock: ManualClock) -> None:
    def broken(answer: object) -> Exception | None:
        raise RuntimeError("a mistake of ours")

    guarded = Guarded(clock, failure_in=broken)
    await guarded.trip()
    await clock.advance(10)

    await guarded.succeed()

    assert guarded.state is CLOSED


async def test_b33_a_judge_that_breaks_counts_the_error_and_lets_it_through(clock: ManualClock) -> None:
    def broken(error: Exception) -> object:
        raise RuntimeError("a mistake of ours")

    guarded = Guarded(clock, failures=2, judge=broken)
    await guarded.fail()

    await guarded.fail()

    assert guarded.state is OPEN


async def test_b31_a_cancelled_call_is_in_no_rate(clock: ManualClock) -> None:
    guarded = Guarded(clock, RATES, min_calls=1)
    hanging = asyncio.create_task(guarded.breaker.call(asyncio.Event().wait))
    await asyncio.sleep(0)

    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)

    reading = guarded.breaker.reading
    assert (reading.failure_rate, reading.totals.calls, reading.totals.ignored) == (None, 1, 1)
    assert HALF_OPEN is not reading.state
