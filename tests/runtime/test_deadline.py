import asyncio

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.runtime.deadline import Limit, within


async def test_what_is_done_in_time_returns_its_result() -> None:
    async def work() -> str:
        return "done"

    assert await within(ManualClock(), 1, work()) == "done"


async def test_what_is_not_done_in_time_is_broken_off_and_cleans_up() -> None:
    clock = ManualClock()
    cleaned: list[str] = []

    async def work() -> None:
        try:
            await clock.sleep(100)
        finally:
            cleaned.append("up")

    waiting = asyncio.ensure_future(within(clock, 5, work()))
    await clock.advance(5)

    with pytest.raises(TimeoutError, match="not done within 5 s"):
        await waiting
    assert cleaned == ["up"]
    assert clock.sleepers == 0


async def test_an_error_passes_through() -> None:
    async def work() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        await within(ManualClock(), 1, work())


async def test_work_that_cancels_itself_does_not_cancel_its_caller() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(TimeoutError, match="broken off"):
        await within(ManualClock(), 1, work())


async def test_cancelling_the_caller_cancels_the_work() -> None:
    clock = ManualClock()
    waiting = asyncio.ensure_future(within(clock, 5, clock.sleep(100)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    await asyncio.sleep(0)
    assert clock.sleepers == 0


async def test_a_block_within_its_limit_takes_no_turn_of_the_loop_and_leaves_no_timer() -> None:
    clock, turns = ManualClock(), []
    asyncio.get_running_loop().call_soon(turns.append, 1)

    async with Limit(clock, 5):
        pass

    assert turns == []
    await asyncio.sleep(0)
    assert clock.sleepers == 0


async def test_a_block_beyond_its_limit_is_broken_off_by_a_time_out() -> None:
    clock = ManualClock()

    async def hang() -> None:
        async with Limit(clock, 5):
            await asyncio.get_running_loop().create_future()

    hanging = asyncio.ensure_future(hang())
    await clock.advance(4.9)
    early = hanging.done()
    await clock.advance(0.2)

    assert not early
    with pytest.raises(TimeoutError, match="not done within 5 s"):
        await hanging
    assert hanging.cancelling() == 0


async def test_cancelling_the_task_of_a_limited_block_is_no_time_out() -> None:
    clock = ManualClock()

    async def hang() -> None:
        async with Limit(clock, 5):
            await asyncio.get_running_loop().create_future()

    hanging = asyncio.ensure_future(hang())
    await asyncio.sleep(0)
    hanging.cancel()

    with pytest.raises(asyncio.CancelledError):
        await hanging


async def test_a_limited_block_that_breaks_itself_off_looks_like_a_time_out() -> None:
    with pytest.raises(TimeoutError, match="broken off"):
        async with Limit(ManualClock(), 5):
            raise asyncio.CancelledError
