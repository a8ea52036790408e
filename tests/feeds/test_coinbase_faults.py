"""The Coinbase feed on a local Coinbase that misbehaves as asked by its control endpoint."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.feeds.coinbase_desk import CoinbaseDesk, coinbase_desk
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.simulator.coinbase.garbage import COINBASE_GARBAGE
from tradeassist_desktop.simulator.coinbase.server import CoinbaseSimulator
from tradeassist_desktop.simulator.faults.garbage import WIRE_GARBAGE

Until = Callable[..., Any]


async def begin(desk: CoinbaseDesk, fault: str, **parameters: Any) -> None:
    ready = desk.simulator.ready_line()
    headers = {"Authorization": f"Bearer {ready['control_token']}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as http:
        answer = await http.post(ready["control"], json={"fault": fault, **parameters})
    assert answer.status_code == 200, answer.text


async def end_all(desk: CoinbaseDesk) -> None:
    ready = desk.simulator.ready_line()
    headers = {"Authorization": f"Bearer {ready['control_token']}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as http:
        await http.delete(ready["control"])


def is_streaming(desk: CoinbaseDesk, *, after: int) -> bool:
    return desk.sink.status.state is FeedState.LIVE and len(desk.sink.ticks) > after


async def test_a_lost_ticker_is_told_as_missed(until: Until) -> None:
    async with coinbase_desk(settle_s=0.3) as desk:
        await until(lambda: desk.sink.symbols() == {"BTC-USD", "ETH-USD"})

        await begin(desk, "lost_tickers", symbol="ETH-USD")
        await until(lambda: desk.sink.missed)

        symbol, from_ns, until_ns = desk.sink.missed[0]
        assert symbol == "ETH-USD"
        assert desk.sink.ticks[0].event_ns < from_ns < until_ns
        assert desk.sink.status.connects == 1


async def test_a_product_that_never_brings_a_price_is_missed_though_heartbeats_come(until: Until) -> None:
    def mute(simulator: CoinbaseSimulator) -> None:
        simulator.faults.is_without_data = True

    async with coinbase_desk(symbols=["BTC-USD"], before=mute, settle_s=0.3) as desk:
        await until(lambda: desk.sink.missed)

        assert desk.sink.ticks == []
        assert {symbol for symbol, *_ in desk.sink.missed} == {"BTC-USD"}


async def test_tickers_lost_once_and_for_all_are_missed_though_others_follow(until: Until) -> None:
    async with coinbase_desk(symbols=["BTC-USD"], rate=0.001, settle_s=0.3) as desk:
        await until(lambda: desk.sink.status.is_silence_proven)

        await begin(desk, "lost_tickers", count=3)
        await begin(desk, "burst", symbol="BTC-USD", count=3)
        await until(lambda: desk.sink.missed)

        assert [symbol for symbol, *_ in desk.sink.missed] == ["BTC-USD"]


@pytest.mark.parametrize(
    ("fault", "parameters"),
    [
        pytest.param("drop", {}, id="reset"),
        pytest.param("drop", {"reset": False}, id="cut"),
        pytest.param("close", {"code": 1000}, id="1000"),
        pytest.param("close", {"code": 1008}, id="1008"),
        pytest.param("close", {"code": 1012}, id="1012"),
        pytest.param("outage", {"for_s": 0.3}, id="outage"),
        pytest.param("half_open", {}, id="half-open"),
        pytest.param("silence", {"for_s": 2.0}, id="silence"),
    ],
)
async def test_a_connection_that_ends_is_opened_anew_with_all_products(
    until: Until, fault: str, parameters: dict[str, Any]
) -> None:
    async with coinbase_desk(heartbeat_s=0.3, answer_s=0.5) as desk:
        await until(lambda: desk.sink.symbols() == {"BTC-USD", "ETH-USD"})

        await begin(desk, fault, **parameters)
        await until(lambda: desk.sink.status.connects >= 2, timeout=10)
        seen = len(desk.sink.ticks)
        await until(lambda: is_streaming(desk, after=seen), timeout=10)

        assert desk.simulator.connections[-1].products == {"BTC-USD", "ETH-USD"}


@pytest.mark.parametrize("kind", [*COINBASE_GARBAGE, *WIRE_GARBAGE])
async def test_no_garbage_ends_the_stream_for_good_or_comes_through(until: Until, kind: str) -> None:
    async with coinbase_desk(symbols=["BTC-USD"]) as desk:
        await until(lambda: len(desk.sink.ticks) > 5)

        await begin(desk, "garbage", kind=kind)
        seen = len(desk.sink.ticks)
        await until(lambda: is_streaming(desk, after=seen + 20), timeout=20)

        assert desk.sink.symbols() <= {"BTC-USD", "NOSUCH-USD"}


@pytest.mark.parametrize("fault", ["duplicate_frames", "swapped_frames"])
async def test_frames_twice_or_out_of_order_make_no_trade_twice(until: Until, fault: str) -> None:
    async with coinbase_desk(symbols=["BTC-USD"], rate=2_000) as desk:
        await until(lambda: desk.sink.ticks)

        await begin(desk, fault)
        await until(lambda: len(desk.sink.ticks) > 500)

        stamps = [tick.event_ns for tick in desk.sink.ticks]
        assert stamps == sorted(stamps)
        assert desk.sink.status.connects == 1


async def test_stamps_of_the_future_do_not_keep_later_trades_out(until: Until) -> None:
    async with coinbase_desk(symbols=["BTC-USD"]) as desk:
        await until(lambda: desk.sink.ticks)
        newest_ns = desk.sink.ticks[-1].event_ns

        await begin(desk, "wrong_stamps", shift_s=3600)
        await until(lambda: desk.sink.ticks[-1].event_ns > newest_ns + 3000 * NS_PER_SECOND)
        await end_all(desk)

        await until(lambda: desk.sink.ticks[-1].event_ns < newest_ns + 3000 * NS_PER_SECOND)


async def test_a_product_that_becomes_valid_is_had_by_asking_again(until: Until) -> None:
    async with coinbase_desk(symbols=["BTC-USD"], ask_again_s=0.2) as desk:
        await until(lambda: desk.sink.ticks)
        await begin(desk, "invalid_product", symbol="ETH-USD")
        desk.feed.subscribe(frozenset({"BTC-USD", "ETH-USD"}))
        await until(lambda: desk.sink.status.discarded == ("ETH-USD",))

        await end_all(desk)

        await until(lambda: "ETH-USD" in desk.sink.symbols())
        assert desk.sink.status.connects == 1
