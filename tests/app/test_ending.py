"""Closing a desk takes no longer than its limit, whatever holds it up."""

import asyncio
import logging
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.app.ending import Ending


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def hang() -> None:
    await asyncio.get_running_loop().create_future()


async def test_all_that_drains_shares_five_seconds(clock: ManualClock) -> None:
    ending = Ending(clock=clock)
    ending.begin()

    left_s = []
    for passed_s in (0, 3, 1, 2):
        await clock.advance(passed_s)
        left_s.append(ending.drain_s)

    assert left_s == [5, 2, 1, 0]


async def test_before_it_begins_there_is_all_of_the_time(clock: ManualClock) -> None:
    ending = Ending(clock=clock)

    await clock.advance(100)

    assert ending.drain_s == 5


async def test_what_hangs_is_left_alone_after_eight_seconds_and_what_comes_then_has_its_turn(
    clock: ManualClock, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ending = Ending(clock=clock)
    ending.begin()
    ended: list[str] = []

    async def close() -> None:
        ended.append("database")

    async def end_all() -> None:
        await ending.end("outbox", hang)
        await ending.end("database", close)

    with caplog.at_level(logging.WARNING):
        ending_all = asyncio.create_task(end_all())
        await clock.advance(7.9)
        before = ending_all.done()
        await clock.advance(0.1)
        await until(ending_all.done)

    assert (before, ended) == (False, ["database"])
    assert [(record.message, record.__dict__["part"]) for record in caplog.records] == [
        ("stopped without waiting", "outbox")
    ]


async def test_what_goes_wrong_as_it_ends_is_not_hidden(clock: ManualClock) -> None:
    async def fail() -> None:
        raise ValueError("no such part")

    with pytest.raises(ValueError, match="no such part"):
        await Ending(clock=clock).end("outbox", fail)
