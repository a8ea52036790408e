"""The local Coinbase, asked by hand: no code of the feed, so that the two cannot agree on a mistake."""

import gzip
import json
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest

from tests.simulator.coinbase_client import Message, connected
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import Playback
from tradeassist_desktop.simulator.coinbase.market import CoinMarket


async def test_a_subscription_is_acknowledged_then_comes_a_snapshot_then_trades() -> None:
    async with connected() as client:
        acknowledged = await client.ask("subscribe", "BTC-USD")
        tickers = [await client.next("ticker") for _ in range(20)]

    products = {channel["name"]: channel["product_ids"] for channel in acknowledged["channels"]}
    assert products == {"ticker": ["BTC-USD"], "heartbeat": ["BTC-USD"]}
    assert all(isinstance(tickers[0][name], str) for name in ("price", "best_bid", "last_size", "open_24h"))
    for name in ("trade_id", "sequence", "time"):
        values = [ticker[name] for ticker in tickers]
        assert values == sorted(values), name
    assert len({ticker["trade_id"] for ticker in tickers}) == 20


async def test_trade_ids_skip_where_a_cascade_made_one_ticker_of_several() -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        trades = [(await client.next("ticker"))["trade_id"] for _ in range(40)]

    steps = {after - before for before, after in pairwise(trades)}
    assert max(steps) > 1


async def test_a_heartbeat_names_the_last_trade() -> None:
    async with connected(CoinMarket(clock=SystemClock(), rate=0.001)) as client:
        await client.ask("subscribe", "BTC-USD")
        ticker = await client.next("ticker")
        heartbeat = await client.next("heartbeat")

    assert heartbeat["last_trade_id"] == ticker["trade_id"]
    assert heartbeat["product_id"] == "BTC-USD"


async def test_what_is_unsubscribed_comes_no_more() -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD", "ETH-USD")
        left = await client.ask("unsubscribe", "BTC-USD")
        products = {(await client.next("ticker"))["product_id"] for _ in range(20)}

    assert left["channels"][0]["product_ids"] == ["ETH-USD"]
    assert products == {"ETH-USD"}


async def test_channels_may_have_products_of_their_own() -> None:
    async with connected() as client:
        answer = await client.ask("subscribe", channels=[{"name": "heartbeat", "product_ids": ["ETH-USD"]}])

    assert [channel["name"] for channel in answer["channels"]] == ["heartbeat"]


@pytest.mark.parametrize(
    ("products", "channels", "reason"),
    [
        pytest.param(["BTC-USD", "ETH-XYZ"], ["ticker"], "ETH-XYZ is not a valid product", id="product"),
        pytest.param(["BTC-USD"], ["tickers"], "tickers is not a valid channel", id="channel"),
    ],
)
async def test_a_command_with_a_fault_is_refused_whole(
    products: list[str], channels: list[str], reason: str
) -> None:
    async with connected() as client:
        answer = await client.ask("subscribe", *products, channels=channels)

        assert (answer["type"], answer["message"], answer["reason"]) == (
            "error",
            "Failed to subscribe",
            reason,
        )
        assert client.simulator.connections[0].products == frozenset()


async def test_what_is_no_json_is_told() -> None:
    async with connected() as client:
        await client.socket.send_str("{")

        assert (await client.next("error"))["message"] == "Malformed JSON"


async def test_who_subscribes_nothing_in_time_is_dropped() -> None:
    async with connected(subscribe_within_s=0.05) as client:
        message = await client.socket.receive(timeout=5)

    assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


async def test_candles_are_of_the_trades_newest_first() -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        prices = [float((await client.next("ticker"))["price"]) for _ in range(5)]
        now_s = SystemClock().now_ns() // 10**9
        _, candles = await client.get(
            "/products/BTC-USD/candles", granularity=60, start=now_s - 3600, end=now_s
        )

    times = [candle[0] for candle in candles]
    assert times == sorted(times, reverse=True)
    assert len(candles) in (60, 61)
    assert all(low <= min(opened, close) and max(opened, close) <= high
               for _, low, high, opened, close, _ in candles)  # fmt: skip
    lowest, highest = min(candle[1] for candle in candles[:2]), max(candle[2] for candle in candles[:2])
    assert all(lowest <= price <= highest for price in prices)


async def test_without_a_range_the_latest_300_candles_come() -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        await client.next("ticker")

        _, candles = await client.get("/products/BTC-USD/candles", granularity=60)

    assert len(candles) == 300


@pytest.mark.parametrize(
    ("product", "query", "status"),
    [
        pytest.param("NO-USD", {"granularity": 60, "start": 0, "end": 60}, 404, id="product"),
        pytest.param("BTC-USD", {"granularity": 61, "start": 0, "end": 60}, 400, id="length"),
        pytest.param("BTC-USD", {"granularity": 60, "start": 0, "end": 60_000}, 400, id="over 300"),
        pytest.param("BTC-USD", {"granularity": "minute"}, 400, id="no number"),
    ],
)
async def test_questions_coinbase_refuses_are_refused(product: str, query: Message, status: int) -> None:
    async with connected() as client:
        assert (await client.get(f"/products/{product}/candles", **query))[0] == status


async def test_a_recording_can_be_its_market(tmp_path: Path) -> None:
    file = tmp_path / "coins.csv.gz"
    rows = [f"2024-07-02T13:30:0{second}Z,BTC-USD,{60_000 + second},0.5" for second in range(5)]
    file.write_bytes(gzip.compress("\n".join(["timestamp,symbol,last,last_size", *rows]).encode()))
    clock = SystemClock()
    source = Playback(paths=[file], symbols=["BTC-USD"], clock=clock, speed=0)

    async with connected(source) as client:
        await client.ask("subscribe", "BTC-USD")
        tickers = [await client.next("ticker") for _ in range(5)]

    assert [ticker["price"] for ticker in tickers] == ["60000", "60001", "60002", "60003", "60004"]
    assert tickers[0]["time"] == "2024-07-02T13:30:00.000000Z"
    assert json.dumps(tickers[0]["last_size"]) == '"0.5"'
