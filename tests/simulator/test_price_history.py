"""The simulated price history."""

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.market import NS_PER_MS, Tick
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, Simulator

Clients = Callable[..., Any]
NEW_YORK = ZoneInfo("America/New_York")
MINUTE_MS = 60_000


def at_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * 1000


def clock_at(text: str) -> ManualClock:
    return ManualClock(now_ns=at_ms(text) * NS_PER_MS)


def trade(symbol: str, at: int, price: float, size: float = 100.0) -> Tick:
    at_ns = at * NS_PER_MS
    return Tick(symbol=symbol, event_ns=at_ns, received_ns=at_ns, last=price, last_size=size, trade_ns=at_ns)


@pytest.fixture
def simulator() -> Simulator:
    clock = SystemClock()
    return Simulator(source=DemoMarket(clock=clock), clock=clock)


async def history(client: Any, **query: object) -> Any:
    """Return status and body."""
    return await client.get(
        "/marketdata/v1/pricehistory", **{name: str(value) for name, value in query.items()}
    )


async def test_minutes_are_what_traded_and_the_last_is_as_it_is_now(
    simulator: Simulator, client_of: Clients
) -> None:
    async with simulator, client_of(simulator) as client:
        await client.sign_in()
        now = simulator.exchange.now_ms // MINUTE_MS * MINUTE_MS + 10 * MINUTE_MS
        trades = [(1, 200.0), (30_000, 203.0), (59_999, 201.5), (60_000, 198.0), (61_000, 199.0)]
        await simulator.exchange.publish([trade("AAPL", now + at, price) for at, price in trades])

        status, body = await history(client, symbol="AAPL", startDate=now, endDate=now + 60 * MINUTE_MS)

    assert status == 200
    assert body["symbol"] == "AAPL"
    assert body["empty"] is False
    assert body["candles"] == [
        {"open": 200.0, "high": 203.0, "low": 200.0, "close": 201.5, "volume": 300, "datetime": now},
        {
            "open": 198.0, "high": 199.0, "low": 198.0, "close": 199.0, "volume": 200,
            "datetime": now + MINUTE_MS,
        },
    ]  # fmt: skip


async def test_trades_are_kept_while_nobody_is_connected(simulator: Simulator, client_of: Clients) -> None:
    async with simulator, client_of(simulator) as client:
        await client.sign_in()
        now = simulator.exchange.now_ms // MINUTE_MS * MINUTE_MS + 10 * MINUTE_MS
        assert simulator.streamer.connections == ()
        await simulator.exchange.publish([trade("SPY", now, 546.0)])

        _, body = await history(client, symbol="SPY", startDate=now, endDate=now)

    assert [candle["close"] for candle in body["candles"]] == [546.0]


async def test_a_made_up_past_leads_up_to_the_first_trade_without_a_hole(client_of: Clients) -> None:
    clock = clock_at("2024-06-26 11:00")
    simulator = Simulator(source=DemoMarket(clock=clock), clock=clock)
    async with simulator, client_of(simulator) as client:
        await client.sign_in()
        end = simulator.exchange.now_ms
        _, body = await history(client, symbol="AAPL", startDate=end - 120 * MINUTE_MS, endDate=end)

    starts = [candle["datetime"] for candle in body["candles"]]
    assert len(starts) == 121
    assert all(later - earlier == MINUTE_MS for earlier, later in pairwise(starts))
    for before, after in pairwise(body["candles"]):
        assert before["low"] <= min(before["open"], before["close"])
        assert before["high"] >= max(before["open"], before["close"])
        assert abs(after["open"] / before["close"] - 1) < 0.005


async def test_the_same_seed_has_the_same_past(client_of: Clients) -> None:
    bodies = []
    for seed in (1, 1, 2):
        clock = clock_at("2024-06-26 11:00")
        schwab = Simulator(source=DemoMarket(clock=clock), clock=clock, seed=seed)
        async with schwab, client_of(schwab) as client:
            await client.sign_in()
            _, body = await history(client, symbol="MSFT", periodType="day", period=2)
            bodies.append(body)

    assert bodies[0] == bodies[1]
    assert bodies[0] != bodies[2]


async def test_a_days_minutes_keep_to_its_daily_candle(client_of: Clients) -> None:
    clock = clock_at("2024-06-26 11:00")
    schwab = Simulator(source=DemoMarket(clock=clock), clock=clock)
    start, end = at_ms("2024-06-20 00:00"), at_ms("2024-06-20 23:59")
    async with schwab, client_of(schwab) as client:
        await client.sign_in()
        _, minutes = await history(client, symbol="AAPL", startDate=start, endDate=end)
        _, days = await history(
            client, symbol="AAPL", periodType="month", frequencyType="daily", startDate=start, endDate=end
        )

    (day,) = days["candles"]
    candles = minutes["candles"]
    assert day["datetime"] == start
    assert (day["open"], day["close"]) == (candles[0]["open"], candles[-1]["close"])
    assert day["high"] == max(candle["high"] for candle in candles)
    assert day["low"] == min(candle["low"] for candle in candles)


async def test_without_dates_the_period_ends_with_the_business_day_before(client_of: Clients) -> None:
    # 2024-06-19 was a holiday.
    clock = clock_at("2024-06-20 11:00")
    schwab = Simulator(source=DemoMarket(clock=clock), clock=clock)
    async with schwab, client_of(schwab) as client:
        await client.sign_in()
        _, body = await history(client, symbol="AAPL", periodType="day", period=2, frequency=30)

    starts = [candle["datetime"] for candle in body["candles"]]
    assert starts[0] == at_ms("2024-06-17 00:00")
    assert starts[-1] == at_ms("2024-06-18 19:30")


async def test_without_extended_hours_only_the_regular_session_is_there(client_of: Clients) -> None:
    clock = clock_at("2024-06-26 11:00")
    schwab = Simulator(source=DemoMarket(clock=clock), clock=clock)
    async with schwab, client_of(schwab) as client:
        await client.sign_in()
        _, body = await history(
            client, symbol="AAPL", periodType="day", period=1, needExtendedHoursData="false"
        )

    starts = [candle["datetime"] for candle in body["candles"]]
    assert (starts[0], starts[-1]) == (at_ms("2024-06-25 09:30"), at_ms("2024-06-25 15:59"))
    assert len(starts) == 390


@pytest.mark.parametrize(("frequency_type", "count"), [("daily", 5), ("weekly", 1)], ids=["daily", "weekly"])
async def test_a_week_is_five_days_or_one_week(client_of: Clients, frequency_type: str, count: int) -> None:
    clock = clock_at("2024-06-26 11:00")
    schwab = Simulator(source=DemoMarket(clock=clock), clock=clock)
    async with schwab, client_of(schwab) as client:
        await client.sign_in()
        _, body = await history(
            client,
            symbol="AAPL",
            periodType="month",
            frequencyType=frequency_type,
            startDate=at_ms("2024-06-10 00:00"),
            endDate=at_ms("2024-06-16 00:00"),
            needPreviousClose="true",
        )

    assert len(body["candles"]) == count
    assert body["candles"][0]["datetime"] == at_ms("2024-06-10 00:00")
    assert body["previousCloseDate"] == at_ms("2024-06-07 00:00")


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        pytest.param({"symbol": "/ES"}, 400, "no price history for future", id="a future"),
        pytest.param({"symbol": "$SPX"}, 400, "no price history for index", id="an index"),
        pytest.param({"symbol": "EUR/USD"}, 400, "no price history for forex", id="a currency pair"),
        pytest.param({"symbol": "a;b"}, 404, "symbol not found", id="a symbol that cannot be"),
        pytest.param({"symbol": "AAPL", "periodType": "week"}, 400, "periodType", id="a period type"),
        pytest.param({"symbol": "AAPL", "period": "7"}, 400, "period must", id="a period of days"),
        pytest.param({"symbol": "AAPL", "frequency": "3"}, 400, "frequency must", id="a frequency"),
        pytest.param({"symbol": "AAPL", "frequencyType": "daily"}, 400, "frequencyType", id="days of days"),
        pytest.param({"symbol": "AAPL", "startDate": "x"}, 400, "startDate", id="a date that is no number"),
        pytest.param({"symbol": "AAPL", "startDate": "9", "endDate": "8"}, 400, "before", id="back in time"),
    ],
)
async def test_what_cannot_be_answered_is_refused_with_an_errors_list(
    simulator: Simulator, client_of: Clients, query: dict[str, str], status: int, words: str
) -> None:
    async with simulator, client_of(simulator) as client:
        await client.sign_in()
        answered, body = await history(client, **query)

    assert answered == status
    assert words in body["errors"][0]["detail"]


async def test_an_unknown_share_has_an_empty_history(simulator: Simulator, client_of: Clients) -> None:
    async with simulator, client_of(simulator) as client:
        await client.sign_in()
        status, body = await history(client, symbol="NOSUCH")

    assert (status, body) == (200, {"symbol": "NOSUCH", "empty": True, "candles": []})
