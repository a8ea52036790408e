"""The market of as many instruments as wanted."""

import asyncio
import contextlib
from collections.abc import Sequence

from tests.fakes import ManualClock
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.simulator import SyntheticMarket


class Floor:
    """Takes updates."""

    def __init__(self) -> None:
        self.ticks: list[Tick] = []

    async def publish(self, ticks: Sequence[Tick]) -> None:
        self.ticks.extend(ticks)

    async def wait_for_subscriber(self, symbols: frozenset[str]) -> None:
        return


async def traded(*, symbols: int, rate: float, seconds: float, seed: int = 7) -> list[Tick]:
    clock = ManualClock()
    floor = Floor()
    running = asyncio.create_task(
        SyntheticMarket(clock=clock, symbols=symbols, rate=rate, seed=seed).run(floor)
    )
    await clock.advance(seconds)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return floor.ticks


def test_every_fourth_is_a_future() -> None:
    market = SyntheticMarket(clock=ManualClock(), symbols=6, rate=1)

    assert market.watchlist == ("S000", "S001", "S002", "/S003", "S004", "S005")
    assert [listing.main_type for listing in market.listings.values()].count("FUTURE") == 1


async def test_updates_come_at_their_rate_in_turn() -> None:
    ticks = await traded(symbols=4, rate=1000, seconds=2)

    opening, updates = ticks[:4], ticks[4:]
    assert [tick.symbol for tick in opening] == ["S000", "S001", "S002", "/S003"]
    assert abs(len(updates) - 2000) <= 10
    assert [tick.symbol for tick in updates[:5]] == ["S000", "S001", "S002", "/S003", "S000"]


async def test_every_update_is_a_trade_with_its_own_volume_inside_its_quote() -> None:
    ticks = await traded(symbols=2, rate=500, seconds=1)

    volumes = [tick.volume for tick in ticks if tick.symbol == "S000"]
    assert volumes == [100 * number for number in range(len(volumes))]
    for tick in ticks:
        assert tick.bid is not None
        assert tick.last is not None
        assert tick.ask is not None
        assert tick.bid < tick.last < tick.ask


async def test_the_same_seed_moves_the_same_and_another_does_not() -> None:
    first, same, other = [await traded(symbols=3, rate=300, seconds=1, seed=seed) for seed in (1, 1, 2)]

    assert first == same
    assert first != other
