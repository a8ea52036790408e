import asyncio
import logging
import random

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.supervise import supervise


def backoff() -> Backoff:
    return Backoff(base_s=1, cap_s=4, rng=random.Random(1))


async def test_what_crashes_is_started_again_until_it_returns() -> None:
    clock = ManualClock()
    outcomes: list[Exception | None] = [ValueError("first"), KeyError("second"), None]
    reports: list[str | None] = []

    async def work() -> None:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome

    task = asyncio.create_task(
        supervise(name="work", work=work, clock=clock, backoff=backoff(), on_change=reports.append)
    )
    await clock.advance(10)
    await task

    assert reports == ["ValueError: first", "KeyError: 'second'", None]


async def test_the_same_crash_shows_its_traceback_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    crashes = iter([True, True, True, False])

    async def work() -> None:
        if next(crashes):
            raise ValueError("again")

    with caplog.at_level(logging.ERROR):
        task = asyncio.create_task(supervise(name="work", work=work, clock=clock, backoff=backoff()))
        await clock.advance(20)
        await task

    assert len(caplog.records) == 3
    assert caplog.text.count("Traceback") == 1


async def test_cancelling_ends_it_without_a_report() -> None:
    reports: list[str | None] = []

    async def work() -> None:
        await asyncio.get_running_loop().create_future()

    task = asyncio.create_task(
        supervise(name="work", work=work, clock=ManualClock(), backoff=backoff(), on_change=reports.append)
    )
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert reports == []
