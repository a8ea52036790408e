"""The demo market: the model's moves, stamped with the time they are sent."""

import asyncio
from collections.abc import Mapping

from tradeassist_desktop.domain.market import NS_PER_MS, NS_PER_SECOND, Tick
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.demo_extras import Sidelines, demo_listings
from tradeassist_desktop.simulator.demo_listings import HABITS
from tradeassist_desktop.simulator.market_model import MarketModel
from tradeassist_desktop.simulator.past.past import day_of
from tradeassist_desktop.simulator.source import Floor, Listing

_CALM_SLICE_NS = 50_000_000
_BUSY_SLICE_NS = 10_000_000
_BUSY_RATE = 500.0


class DemoMarket:
    """A source that makes up twelve instruments and a few beside them; it opens when somebody subscribes.

    Args:
        seed: The same seed, the same moves.
        speed: Seconds of market time per second.
        rate: Updates per second of the twelve together; ``None`` is the usual 70 times ``speed``.
    """

    def __init__(self, *, clock: Clock, seed: int = 7, speed: float = 1.0, rate: float | None = None) -> None:
        self._clock = clock
        self._model = MarketModel(seed=seed)
        self._listings = demo_listings(day_of(clock.now_ns() // NS_PER_MS))
        self._sidelines = Sidelines(seed=seed, listings=self._listings)
        self._speed = speed
        usual = sum(habit.updates_per_second for habit in HABITS.values())
        self._rate = rate if rate is not None else usual * speed

    @property
    def listings(self) -> Mapping[str, Listing]:
        """The twelve instruments, then dated contracts, options and currency pairs."""
        return self._listings

    @property
    def watchlist(self) -> tuple[str, ...]:
        """The twelve instruments that a newcomer should see."""
        return tuple(HABITS)

    async def run(self, floor: Floor) -> None:
        """Trade until cancelled. A floor that is slow slows the market; a sleep is not made up for."""
        await self._publish(floor, self._model.opening(self._clock.now_ns()), 0.0)
        await floor.wait_for_subscriber(frozenset(self._listings))
        slice_ns = _BUSY_SLICE_NS if self._rate > _BUSY_RATE else _CALM_SLICE_NS
        slice_s = slice_ns / NS_PER_SECOND
        owed = 0.0
        due_ns = self._clock.monotonic_ns()
        while True:
            due_ns += slice_ns
            behind_ns = self._clock.monotonic_ns() - due_ns
            if behind_ns > NS_PER_SECOND:
                due_ns += behind_ns
            elif behind_ns < 0:
                await self._clock.sleep(-behind_ns / NS_PER_SECOND)
            else:
                await asyncio.sleep(0)
            owed += self._rate * slice_s
            updates = int(owed)
            owed -= updates
            now_ns = self._clock.now_ns()
            ticks = self._model.step(seconds=slice_s * self._speed, updates=updates, event_ns=now_ns)
            await self._publish(floor, ticks, slice_s)

    async def _publish(self, floor: Floor, ticks: list[Tick], seconds: float) -> None:
        now_ns = self._clock.now_ns()
        ticks += self._sidelines.step(ticks, seconds=seconds, event_ns=now_ns)
        await floor.publish(ticks)
