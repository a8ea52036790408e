"""The demo market."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from statistics import correlation, pstdev

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.simulator import DemoMarket
from tradeassist_desktop.simulator.demo_listings import HABITS
from tradeassist_desktop.simulator.market_model import SESSION_S, MarketModel

SEEDS = [0, 1, 7, 42, 2024]


def played(
    *, seed: int, seconds: float, rate: float = 70.0, slice_s: float = 0.05
) -> list[tuple[float, Tick]]:
    """The market's updates with the market time they came at, from the opening on."""
    model = MarketModel(seed=seed)
    moves = [(0.0, tick) for tick in model.opening(0)]
    for step in range(1, int(seconds / slice_s) + 1):
        at_s = step * slice_s
        ticks = model.step(seconds=slice_s, updates=round(rate * slice_s), event_ns=int(at_s * 1e9))
        moves.extend((at_s, tick) for tick in ticks)
    return moves


def test_the_same_seed_moves_the_same_and_another_does_not() -> None:
    assert played(seed=3, seconds=5) == played(seed=3, seconds=5)
    assert played(seed=3, seconds=5) != played(seed=4, seconds=5)


def test_it_opens_with_all_twelve_and_every_field_they_have() -> None:
    opening = {tick.symbol: tick for _, tick in played(seed=7, seconds=0)}

    assert set(opening) == set(HABITS)
    assert opening["/ES"].last == 5528.75
    for symbol, tick in opening.items():
        assert None not in (tick.last, tick.open, tick.high, tick.low, tick.prev_close)
        assert (tick.bid is None) == symbol.startswith("$")


@pytest.mark.parametrize("seed", SEEDS)
def test_es_crosses_5530_within_six_seconds(seed: int) -> None:
    moves = played(seed=seed, seconds=6)

    lasts = [tick.last for _, tick in moves if tick.symbol == "/ES" and tick.last is not None]
    assert lasts[0] < 5530 < max(lasts)


@pytest.mark.parametrize("seed", SEEDS)
def test_tick_spikes_above_800_within_ten_seconds(seed: int) -> None:
    moves = played(seed=seed, seconds=10)

    lasts = [tick.last for _, tick in moves if tick.symbol == "$TICK" and tick.last is not None]
    assert lasts[0] < 800 < max(lasts)


def test_tick_is_negative_at_times() -> None:
    moves = played(seed=7, seconds=120)

    assert min(tick.last for _, tick in moves if tick.symbol == "$TICK" and tick.last is not None) < 0


def test_prices_stand_on_their_ticks_and_the_spread_is_positive() -> None:
    shown: dict[str, dict[str, float]] = {}
    for _, tick in played(seed=7, seconds=60):
        size = HABITS[tick.symbol].listing.tick_size
        for price in (tick.last, tick.bid, tick.ask):
            if price is not None:
                assert abs(price / size - round(price / size)) < 1e-6
        sides = shown.setdefault(tick.symbol, {})
        sides |= {name: value for name, value in (("bid", tick.bid), ("ask", tick.ask)) if value is not None}
        if sides:
            assert sides["bid"] < sides["ask"]


def test_an_update_holds_only_what_changed_and_a_trade_always_its_price() -> None:
    shown: dict[str, dict[str, float]] = {}
    for _, tick in played(seed=7, seconds=20):
        known = shown.setdefault(tick.symbol, {})
        came = {
            name: value
            for name, value in tick._asdict().items()
            if value is not None and name not in ("symbol", "event_ns", "received_ns", "trade_ns")
        }
        repeated = {name for name, value in came.items() if known.get(name) == value}
        assert repeated <= {"last", "bid_size"}
        assert (tick.trade_ns is None) == (tick.last is None)
        known |= came


def test_volume_only_grows_and_the_range_holds_every_trade() -> None:
    shown: dict[str, Tick] = {}
    volume = 0.0
    for _, tick in played(seed=7, seconds=30):
        if tick.symbol == "/ES":
            if tick.volume is not None:
                assert tick.volume > volume
                volume = tick.volume
            merged = shown.get("/ES", tick)
            shown["/ES"] = Tick(*(n if n is not None else o for n, o in zip(tick, merged, strict=True)))
            now = shown["/ES"]
            assert now.low <= now.last <= now.high  # type: ignore[operator]  # set from the opening on


def returns(moves: list[tuple[float, Tick]], symbol: str, every_s: float = 5.0) -> list[float]:
    lasts: dict[int, float] = {}
    for at_s, tick in moves:
        if tick.symbol == symbol and tick.last is not None and at_s > 10:
            lasts[int(at_s / every_s)] = tick.last
    prices = [lasts[key] for key in sorted(lasts)]
    return [later / earlier - 1 for earlier, later in pairwise(prices)]


def test_the_market_moves_together_and_fear_against_it() -> None:
    moves = played(seed=7, seconds=1200, slice_s=0.25)

    es, nq, vix = (returns(moves, symbol) for symbol in ("/ES", "/NQ", "$VIX"))
    length = min(len(es), len(nq), len(vix))
    assert correlation(es[:length], nq[:length]) > 0.6
    assert correlation(es[:length], vix[:length]) < -0.6


def test_volatility_clusters() -> None:
    moves = played(seed=7, seconds=3600, slice_s=0.5)

    changes = returns(moves, "/ES")
    chunks = [pstdev(changes[at : at + 24]) for at in range(0, len(changes) - 24, 24)]
    assert max(chunks) > 1.7 * min(chunks)


def test_a_new_session_starts_volume_and_range_anew() -> None:
    model = MarketModel(seed=7)
    model.opening(0)
    before = model.step(seconds=SESSION_S - 1, updates=200, event_ns=1)
    after = model.step(seconds=2.0, updates=0, event_ns=2)

    es = next(tick for tick in after if tick.symbol == "/ES")
    closing = [tick.last for tick in before if tick.symbol == "/ES" and tick.last is not None][-1]
    assert len(after) == 12
    assert es.prev_close == closing
    assert es.open == es.high == es.low == es.last
    assert es.volume is not None
    assert es.volume < 50


class Floor:
    """Takes updates, each batch in ``takes_s`` seconds."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.takes_s = 0.0
        self.ticks: list[Tick] = []

    async def publish(self, ticks: Sequence[Tick]) -> None:
        self.ticks.extend(ticks)
        if self.takes_s:
            await self._clock.sleep(self.takes_s)

    async def wait_for_subscriber(self, symbols: frozenset[str]) -> None:
        return


@asynccontextmanager
async def trading(market: DemoMarket, floor: Floor) -> AsyncIterator[None]:
    running = asyncio.create_task(market.run(floor))
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


@pytest.mark.parametrize(
    ("rate", "expected"), [(None, 140), (1000.0, 2000)], ids=["as usual", "1,000 a second"]
)
async def test_updates_come_at_their_rate_stamped_with_now(rate: float | None, expected: int) -> None:
    clock = ManualClock()
    floor = Floor(clock)
    async with trading(DemoMarket(clock=clock, rate=rate), floor):
        await clock.advance(2)

    moves = [tick for tick in floor.ticks if tick.symbol in HABITS][12:]
    assert abs(len(moves) - expected) <= expected * 0.02
    assert moves[-1].event_ns == clock.now_ns()


def test_the_twelve_are_watched_and_listed_first() -> None:
    market = DemoMarket(clock=ManualClock())

    assert market.watchlist == tuple(HABITS)
    assert tuple(market.listings)[:12] == market.watchlist


def test_contracts_options_and_pairs_are_listed_beside_them_as_of_their_day() -> None:
    market = DemoMarket(clock=ManualClock())  # begins on 2023-11-14

    beside = tuple(market.listings)[12:]
    assert [symbol for symbol in beside if symbol.startswith("/ES")] == ["/ESZ23", "/ESH24", "/ESM24"]
    assert [symbol for symbol in beside if symbol.startswith("AAPL")] == [
        "AAPL  231215C00215000",
        "AAPL  231215P00215000",
    ]
    assert beside[-3:] == ("EUR/USD", "GBP/USD", "USD/JPY")
    assert market.listings["/ES"].active_symbol == "/ESZ23"
    assert market.listings["/ESZ23"].expires_ms == 1702650600000  # Friday 2023-12-15 09:30 in New York


async def test_time_lost_to_a_slow_floor_is_not_made_up_for() -> None:
    clock = ManualClock()
    floor = Floor(clock)
    async with trading(DemoMarket(clock=clock), floor):
        await clock.advance(1)
        floor.takes_s = 60.0
        await clock.advance(0.05)
        floor.takes_s = 0.0
        count = len(floor.ticks)
        await clock.advance(61)

    assert len(floor.ticks) - count < 2 * 70
