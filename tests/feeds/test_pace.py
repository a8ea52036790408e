"""No faster than a venue allows."""

import asyncio

from tests.fakes import NS_PER_SECOND, ManualClock
from tradeassist_desktop.feeds.pace import Pace


async def test_turns_come_in_order_and_evenly() -> None:
    clock = ManualClock()
    pace = Pace(clock=clock, per_second=4)
    came: list[tuple[str, float]] = []

    async def ask(name: str) -> None:
        await pace.turn()
        came.append((name, clock.monotonic_ns() / NS_PER_SECOND))

    asking = [asyncio.create_task(ask(name)) for name in ("first", "second", "third")]
    await clock.advance(1.0)
    await asyncio.gather(*asking)

    assert came == [("first", 0.0), ("second", 0.25), ("third", 0.5)]


async def test_who_has_waited_long_enough_waits_no_more() -> None:
    clock = ManualClock()
    pace = Pace(clock=clock, per_second=4)
    await pace.turn()

    await clock.advance(0.25)

    await asyncio.wait_for(pace.turn(), 1)
