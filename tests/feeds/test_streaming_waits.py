"""How long the streaming client waits between tries, on a clock that a test moves."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

from tests.fakes import ManualClock
from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.feeds.heartbeat import HeartbeatWatch
from tradeassist_desktop.feeds.streaming import ResilientStream, Send
from tradeassist_desktop.runtime.backoff import Backoff


class HighestRandom(random.Random):
    """Draws the top of every range, so that the limits show."""

    def uniform(self, a: float, b: float) -> float:
        return b


class Unreachable:
    """A venue that cannot be found; remembers each wait it is told of."""

    def __init__(self, *, asked_s: float = 0.0) -> None:
        self._asked_s = asked_s
        self.waits: list[float] = []

    async def wait_until_wanted(self) -> None:
        """Always."""

    async def locate(self) -> str:
        raise ConnectionLost("no way", wait_s=self._asked_s)

    async def converse(self, send: Send) -> None:
        raise AssertionError("there is nobody to talk to")

    def on_frame(self, frame: bytes, received_ns: int) -> None:
        raise AssertionError("nothing comes")

    def on_stale(self, silence_s: float) -> None:
        raise AssertionError("nothing was heard at all")

    def on_lost(self, lost: ConnectionLost, wait_s: float) -> None:
        self.waits.append(wait_s)


async def waits_within(venue: Unreachable, seconds: float) -> list[float]:
    clock = ManualClock()
    async with running_stream(clock, venue):
        await clock.advance(seconds)
    return venue.waits


@contextlib.asynccontextmanager
async def running_stream(clock: ManualClock, venue: Unreachable) -> AsyncIterator[ResilientStream]:
    backoff = Backoff(base_s=0.5, cap_s=60.0, rng=HighestRandom())
    stream = ResilientStream(clock=clock, backoff=backoff, watch=HeartbeatWatch(minimum_s=30))
    running = asyncio.create_task(stream.run(venue))
    yield stream
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_for_five_minutes_no_wait_is_longer_than_two_seconds_then_up_to_a_minute() -> None:
    waits = await waits_within(Unreachable(), 600)

    impatient = [wait for wait in waits if wait <= 2]
    assert waits[:5] == [0.5, 1, 2, 2, 2]
    assert 300 <= sum(impatient) < 305
    assert set(waits[len(impatient) :]) == {60}


async def test_a_venue_that_says_how_long_to_wait_is_obeyed() -> None:
    assert await waits_within(Unreachable(asked_s=120), 100) == [120]


async def test_a_trader_who_asks_ends_the_wait_that_is_on_and_no_later_one() -> None:
    clock, venue = ManualClock(), Unreachable(asked_s=120)
    async with running_stream(clock, venue) as stream:
        await clock.advance(10)
        assert venue.waits == [120]

        stream.try_now()
        await clock.advance(1)
        assert venue.waits == [120, 120]

        await clock.advance(118)
        assert venue.waits == [120, 120]
