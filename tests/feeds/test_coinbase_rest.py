"""Coinbase's REST answers, from a local Coinbase over a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import httpx
import pytest

from tests.feeds.coinbase_desk import coinbase_rest
from tradeassist_desktop.domain.errors import NotNow
from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, Bar
from tradeassist_desktop.feeds.coinbase.rest import CoinbaseRest
from tradeassist_desktop.feeds.rest_failures import (
    NoHistory,
    RateLimited,
    RestRefused,
    RestUnavailable,
    UnknownSymbol,
)
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator.coinbase.market import CoinMarket
from tradeassist_desktop.simulator.coinbase.server import CoinbaseSimulator
from tradeassist_desktop.simulator.faults.switches import RestError, RestFault

MINUTE_NS = TIMEFRAMES["1m"]


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[CoinbaseSimulator, CoinbaseRest]]:
    clock = SystemClock()
    async with (
        CoinbaseSimulator(source=CoinMarket(clock=clock), clock=clock) as simulator,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        yield (
            simulator,
            coinbase_rest(simulator, http, clock),
        )


def follow_each_other(bars: list[Bar]) -> bool:
    return all(after.start_ns >= before.end_ns for before, after in pairwise(bars))


async def test_products_have_their_own_price_steps() -> None:
    async with opened() as (_, rest):
        products = await rest.products()

    steps = {symbol: product.instrument.tick_size for symbol, product in products.items()}
    assert steps["BTC-USD"] == 0.01
    assert steps["XRP-USD"] == 0.0001
    assert products["ETH-BTC"].instrument.decimals == 5
    assert all(product.is_trading for product in products.values())


@pytest.mark.parametrize(
    ("timeframe", "count", "given"),
    [
        pytest.param("1m", 20, ("1m", 20), id="of a minute"),
        pytest.param("1m", 700, ("1m", 700), id="three pages"),
        pytest.param("5m", 30, ("5m", 30), id="of five minutes"),
        pytest.param("30m", 10, ("15m", 20), id="half hours of quarters"),
        pytest.param("4h", 3, ("1h", 12), id="four hours of hours"),
        pytest.param("1d", 1, ("1d", 1), id="days from midnight UTC"),
    ],
)
async def test_the_newest_closed_bars_come_oldest_first(
    timeframe: str, count: int, given: tuple[str, int]
) -> None:
    async with opened() as (_, rest):
        bars = list(await rest.newest_bars("BTC-USD", timeframe, count))

    assert ({bar.timeframe for bar in bars}, len(bars)) == ({given[0]}, given[1])
    assert all(bar.start_ns % TIMEFRAMES[given[0]] == 0 for bar in bars)
    assert follow_each_other(bars)
    assert bars[-1].end_ns <= SystemClock().now_ns()


async def test_more_than_there_is_gives_what_there_is() -> None:
    async with opened() as (_, rest):
        bars = list(await rest.newest_bars("BTC-USD", "1h", 1_000))

    assert 40 < len(bars) < 50  # the local Coinbase has two days


async def test_a_gap_s_minutes_are_those_that_overlap_it() -> None:
    async with opened() as (_, rest):
        now_ns = SystemClock().now_ns()
        begun_ns = now_ns - now_ns % MINUTE_NS - 10 * MINUTE_NS

        bars = await rest.gap_bars("BTC-USD", begun_ns + 30 * NS_PER_SECOND, begun_ns + 3 * MINUTE_NS)

    assert [(bar.start_ns - begun_ns) // MINUTE_NS for bar in bars] == [0, 1, 2]


async def test_a_long_gap_is_asked_for_in_pages_coinbase_accepts() -> None:
    async with opened() as (simulator, rest):
        now_ns = SystemClock().now_ns()

        bars = list(await rest.gap_bars("BTC-USD", now_ns - 700 * MINUTE_NS, now_ns))

        assert simulator.requests == 3
        assert 700 <= len(bars) <= 701
        assert follow_each_other(bars)


@pytest.mark.parametrize(
    ("symbol", "timeframe", "error", "message"),
    [
        pytest.param("NOSUCH-USD", "1m", UnknownSymbol, "Coinbase does not know", id="unknown product"),
        pytest.param("/ES", "1m", NoHistory, "not of /ES", id="not a coin"),
        pytest.param("BTC-USD", "5s", NoHistory, "no 5s bars", id="seconds"),
    ],
)
async def test_what_coinbase_does_not_have_is_said(
    symbol: str, timeframe: str, error: type[Exception], message: str
) -> None:
    async with opened() as (_, rest):
        with pytest.raises(error, match=message):
            await rest.newest_bars(symbol, timeframe, 10)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param("too_many_requests", RateLimited, id="too many requests"),
        pytest.param("bad_gateway", RestUnavailable, id="bad gateway"),
        pytest.param("empty", RestUnavailable, id="200 that is no list"),
        pytest.param("unauthorized", RestRefused, id="refused"),
    ],
)
async def test_answers_that_are_none_are_told_apart(answer: RestError, error: type[Exception]) -> None:
    async with opened() as (simulator, rest):
        simulator.faults.rest.append(RestFault(answer))

        with pytest.raises(error, match="Coinbase"):
            await rest.newest_bars("BTC-USD", "1m", 10)

        assert simulator.requests == 1


async def test_after_five_failures_in_a_row_it_is_left_alone() -> None:
    async with opened() as (simulator, rest):
        simulator.faults.rest.append(RestFault("bad_gateway"))

        for _ in range(7):
            with pytest.raises(NotNow):
                await rest.products()

        assert simulator.requests == 5


async def test_a_server_that_is_not_there_is_told() -> None:
    async with opened() as (simulator, rest):
        await simulator.stop()

        with pytest.raises(RestUnavailable, match="cannot be reached"):
            await rest.products()
