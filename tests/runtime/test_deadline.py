import asyncio

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.runtime.deadline import within


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
