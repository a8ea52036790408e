"""Every fault of the local Coinbase, asked for by its control endpoint, seen by a client by hand."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes import ManualClock
from tests.simulator.coinbase_client import CoinbaseClient, connected
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator.coinbase.garbage import COINBASE_GARBAGE
from tradeassist_desktop.simulator.coinbase.kinds import COINBASE_FAULTS
from tradeassist_desktop.simulator.coinbase.market import CoinMarket
from tradeassist_desktop.simulator.coinbase.server import CoinbaseSimulator
from tradeassist_desktop.simulator.faults.kinds import FAULT_KINDS
from tradeassist_desktop.simulator.faults.scenario import Scenario, parse_scenario, read_scenario
from tradeassist_desktop.simulator.source import Floor

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
QUIET = 0.001
"""Trades a second of a market in which nothing happens but what a test asks for."""


def quiet() -> CoinMarket:
    return CoinMarket(clock=SystemClock(), rate=QUIET)


def kinds_of(heard: list[aiohttp.WSMessage]) -> set[str]:
    return {message.json()["type"] for message in heard}


# --- tickers and heartbeats


async def test_lost_tickers_are_revealed_by_heartbeats_and_come_again_when_it_is_over() -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        await client.begin("lost_tickers")
        assert kinds_of(await client.heard()) == {"heartbeat"}
        told = [(await client.next("heartbeat"))["last_trade_id"] for _ in range(10)]
        await client.control("DELETE")
        ticker = await client.next("ticker")

    assert told[-1] > told[0]
    assert ticker["trade_id"] > told[0]


async def test_only_so_many_tickers_of_one_product_can_be_lost() -> None:
    async with connected(quiet()) as client:
        await client.ask("subscribe", "BTC-USD", "ETH-USD")
        shown = {product: await client.next_of(product) for product in ("BTC-USD", "ETH-USD")}
        await client.begin("lost_tickers", symbol="BTC-USD", count=3)
        await client.begin("burst", symbol="ETH-USD", count=1)
        await client.begin("burst", symbol="BTC-USD", count=4)
        tickers = [await client.next("ticker") for _ in range(2)]

    assert [ticker["product_id"] for ticker in tickers] == ["ETH-USD", "BTC-USD"]
    # The fourth trade is told; the three before it took at least an id each.
    assert tickers[1]["trade_id"] >= shown["BTC-USD"]["trade_id"] + 4


async def test_silence_can_leave_the_heartbeats_or_not() -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        await client.begin("silence", heartbeats=True)
        with_heartbeats = kinds_of(await client.heard())
        await client.begin("silence")
        without = await client.heard()
        await client.control("DELETE")

        assert with_heartbeats == {"heartbeat"}
        assert without == []
        await client.next("ticker")


async def test_every_ticker_can_come_twice() -> None:
    async with connected(quiet()) as client:
        await client.ask("subscribe", "BTC-USD")
        await client.next("ticker")
        await client.begin("duplicate_frames")
        await client.begin("burst", symbol="BTC-USD", count=2)
        sequences = [(await client.next("ticker"))["sequence"] for _ in range(4)]

    assert sequences[0] == sequences[1] < sequences[2] == sequences[3]


async def test_of_two_tickers_the_second_can_come_first() -> None:
    async with connected(quiet()) as client:
        await client.ask("subscribe", "BTC-USD")
        await client.next("ticker")
        await client.begin("swapped_frames")
        await client.begin("burst", symbol="BTC-USD", count=4)
        sequences = [(await client.next("ticker"))["sequence"] for _ in range(4)]

    assert [later < earlier for earlier, later in pairwise(sequences)] == [True, False, True]


async def test_stamps_can_be_of_the_future() -> None:
    async with connected() as client:
        await client.begin("wrong_stamps", shift_s=3600)
        await client.ask("subscribe", "BTC-USD")
        stamp = datetime.fromisoformat((await client.next("ticker"))["time"])

    assert (stamp - datetime.now(UTC)).total_seconds() == pytest.approx(3600, abs=5)


# --- prices


async def test_a_gap_stays_in_trades_quotes_and_candles() -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        before = float((await client.next("ticker"))["price"])
        await client.begin("gap", symbol="BTC-USD", percent=10)
        while float((ticker := await client.next("ticker"))["price"]) < before * 1.05:
            pass
        after = [ticker] + [await client.next("ticker") for _ in range(10)]
        _, candles = await client.get("/products/BTC-USD/candles", granularity=60)

    for name in ("price", "best_bid", "best_ask"):
        assert all(float(ticker[name]) == pytest.approx(before * 1.1, rel=0.01) for ticker in after), name
    assert candles[0][2] == pytest.approx(before * 1.1, rel=0.01)


async def test_a_bad_print_is_one_trade_and_no_candle_has_it() -> None:
    async with connected(quiet()) as client:
        await client.ask("subscribe", "BTC-USD")
        shown = await client.next("ticker")
        await client.begin("bad_print", symbol="BTC-USD", percent=-50)
        wrong, right = [await client.next("ticker") for _ in range(2)]
        _, candles = await client.get("/products/BTC-USD/candles", granularity=60)

    price = float(shown["price"])
    assert float(wrong["price"]) == pytest.approx(price / 2, abs=0.01)
    assert right["price"] == shown["price"]
    assert shown["trade_id"] < wrong["trade_id"] < right["trade_id"]
    assert wrong["best_bid"] == shown["best_bid"]
    assert min(candle[1] for candle in candles) > price / 1.5


async def test_a_burst_is_many_trades_at_once() -> None:
    async with connected(quiet()) as client:
        await client.ask("subscribe", "SOL-USD")
        await client.next("ticker")
        await client.begin("burst", symbol="SOL-USD", count=2000)
        trades = [(await client.next("ticker"))["trade_id"] for _ in range(2000)]

    assert len(set(trades)) == 2000
    assert trades == sorted(trades)


# --- connections


async def test_a_half_open_line_moves_no_byte_and_does_not_end_until_it_is_over() -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        await client.begin("half_open")
        heard = await client.heard()
        await client.send("subscribe", "ETH-USD")
        async with client.http.ws_connect(client.simulator.ws_url) as other:
            fresh = CoinbaseClient(client.simulator, client.http, other)
            await fresh.ask("subscribe", "BTC-USD")
        answered = await client.heard()
        await client.control("DELETE")

        assert (heard, answered) == ([], [])
        assert "1006" in await client.until_end()


@pytest.mark.parametrize("code", [1000, 1008, 1012])
async def test_a_connection_is_closed_with_a_code(code: int) -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        asked = asyncio.create_task(client.begin("close", code=code))

        assert await client.until_end() == f"CLOSE {code}"
        await asked


@pytest.mark.parametrize("is_reset", [True, False])
async def test_a_connection_is_cut_without_a_word(is_reset: bool) -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        await client.begin("drop", reset=is_reset)

        assert "1006" in await client.until_end()


async def test_in_an_outage_nothing_answers_but_the_control_endpoint() -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        await client.begin("outage")
        assert "1006" in await client.until_end()
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.get("/products")
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.http.ws_connect(client.simulator.ws_url)
        await client.control("DELETE")

        assert (await client.get("/products"))[0] == 200


async def test_maintenance_refuses_who_comes_and_keeps_who_is_there() -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        await client.begin("maintenance")

        with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
            await client.http.ws_connect(client.simulator.ws_url)
        await client.next("ticker")


@pytest.mark.parametrize("kind", COINBASE_GARBAGE)
async def test_garbage_is_sent_as_it_is(kind: str) -> None:
    wanted = COINBASE_GARBAGE[kind]()
    async with connected(quiet()) as client:
        await client.begin("garbage", kind=kind)
        message = await client.socket.receive(timeout=5)

    if kind == "bad_utf8":
        assert message.type is aiohttp.WSMsgType.ERROR
    else:
        content = message.data if isinstance(message.data, bytes) else message.data.encode()
        assert content == wanted


@pytest.mark.parametrize("kind", ["fragments", "flipped_bits", "deflate_bomb"])
async def test_bytes_below_the_frames_can_be_wrong(kind: str) -> None:
    async with connected(quiet()) as client:
        await client.begin("garbage", kind=kind)
        message = await client.socket.receive(timeout=10)

    is_whole = message.type is aiohttp.WSMsgType.TEXT
    assert is_whole if kind == "fragments" else not is_whole


# --- commands


async def test_an_error_can_come_that_answers_nothing() -> None:
    async with connected(quiet()) as client:
        await client.begin("error", message="Internal error")

        assert await client.next("error") == {"type": "error", "message": "Internal error"}


async def test_a_command_can_be_refused_with_a_reason_once() -> None:
    async with connected() as client:
        await client.begin("refused_command", reason="too many requests")
        refused = await client.ask("subscribe", "BTC-USD")
        accepted = await client.ask("subscribe", "BTC-USD")

    assert (refused["type"], refused["reason"]) == ("error", "too many requests")
    assert accepted["type"] == "subscriptions"


async def test_commands_can_stay_without_an_answer() -> None:
    async with connected() as client:
        await client.begin("mute_commands", count=1)
        await client.send("subscribe", "ETH-USD")
        answer = await client.ask("subscribe", "BTC-USD")

    assert {name for channel in answer["channels"] for name in channel["product_ids"]} == {"BTC-USD"}


async def test_a_product_can_be_no_valid_one_for_a_while() -> None:
    async with connected() as client:
        await client.begin("invalid_product", symbol="ETH-USD")
        await client.begin("invalid_product", symbol="SOL-USD")
        refused = [await client.ask("subscribe", "BTC-USD", product) for product in ("ETH-USD", "SOL-USD")]
        await client.control("DELETE")
        accepted = await client.ask("subscribe", "BTC-USD", "ETH-USD")

    assert [answer["reason"].split()[0] for answer in refused] == ["ETH-USD", "SOL-USD"]
    assert accepted["type"] == "subscriptions"


async def test_a_product_can_be_left_out_without_an_error() -> None:
    async with connected() as client:
        await client.begin("left_out_product", symbol="ETH-USD")
        answer = await client.ask("subscribe", "BTC-USD", "ETH-USD")
        products = {(await client.next("ticker"))["product_id"] for _ in range(20)}

    assert answer["channels"][0]["product_ids"] == ["BTC-USD"]
    assert products == {"BTC-USD"}


# --- REST


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        pytest.param("too_many_requests", 429, "Public rate limit exceeded", id="429"),
        pytest.param("bad_gateway", 502, "<h1>502 Bad Gateway</h1>", id="a page"),
        pytest.param("server_error", 500, "Internal server error", id="500"),
        pytest.param("unauthorized", 401, "Unauthorized.", id="401"),
        pytest.param("empty", 200, "{}", id="an object for a list"),
    ],
)
async def test_rest_is_answered_wrongly_once(error: str, status: int, body: str) -> None:
    async with connected(quiet()) as client:
        await client.begin("rest_error", error=error, count=1, path="/products", seconds=7)
        async with client.http.get(client.simulator.http_url + "/products") as answer:
            text = await answer.text()
        again, _ = await client.get("/products")

    assert (answer.status, again) == (status, 200)
    assert body in text
    assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)


@pytest.mark.parametrize("error", ["slow", "trickle"])
async def test_rest_is_slow(error: str) -> None:
    async with connected(quiet()) as client:
        await client.begin("rest_error", error=error, seconds=0.4)
        begun = time.monotonic()
        status, products = await client.get("/products")

    assert (status, len(products)) == (200, 6)
    assert time.monotonic() - begun >= 0.3


# --- the doors


async def test_control_shows_what_is_on_and_what_is_known() -> None:
    async with connected(quiet()) as client:
        await client.get("/products")
        await client.begin("wrong_stamps", shift_s=90, for_s=60)
        _, state = await client.control("GET")

    assert state["active"] == [{"fault": "wrong_stamps", "shift_s": 90, "for_s": 60}]
    assert (state["connections"], state["connects"], state["rest_requests"]) == (1, 1, 1)
    assert set(state["known"]) == set(COINBASE_FAULTS)


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        pytest.param({"fault": "refused_logins"}, "fault: expected one of", id="a fault of Schwab's"),
        pytest.param({"fault": "gap", "symbol": "AAPL"}, "there is no AAPL", id="a share"),
        pytest.param({"fault": "lost_tickers", "symbol": "X"}, "there is no X", id="no product"),
        pytest.param({"fault": "rest_error", "error": "too_big"}, "error: expected one of", id="an error"),
    ],
)
async def test_what_coinbase_does_not_do_is_refused(step: dict[str, Any], complaint: str) -> None:
    async with connected(quiet()) as client:
        status, body = await client.control("POST", json=step)

        assert status == 400
        assert complaint in body["errors"][0]
        assert client.simulator.mischief.active == ()


async def test_nobody_without_the_token_may_ask() -> None:
    async with (
        connected(quiet()) as client,
        client.http.post(client.simulator.ready_line()["control"], json={"fault": "drop"}) as answer,
    ):
        assert answer.status == 401


async def test_a_product_that_has_not_traded_has_no_price_to_move() -> None:
    class Unopened(CoinMarket):
        async def run(self, floor: Floor) -> None:
            await asyncio.get_running_loop().create_future()

    async with connected(Unopened(clock=SystemClock())) as client:
        status, body = await client.control("POST", json={"fault": "gap", "symbol": "BTC-USD"})

    assert (status, body["errors"]) == (400, ["symbol: BTC-USD has not traded yet"])


async def test_a_scenario_s_faults_begin_and_end_by_the_clock() -> None:
    clock = ManualClock()
    steps = [
        {"at_s": 10, "fault": "silence", "for_s": 5},
        {"at_s": 12, "fault": "lost_tickers", "symbol": "BTC-USD"},
    ]
    scenario = read_scenario(
        {"format": "tradeassist-scenario", "version": 1, "steps": steps}, COINBASE_FAULTS
    )
    seen: list[tuple[str, ...]] = []

    async with CoinbaseSimulator(source=CoinMarket(clock=clock), clock=clock, scenario=scenario) as coinbase:
        for seconds in (9, 2, 2, 3):
            await clock.advance(seconds)
            seen.append(tuple(step.fault for step in coinbase.mischief.active))

    assert seen == [(), ("silence",), ("silence", "lost_tickers"), ("lost_tickers",)]


async def test_the_sample_scenario_can_be_done_whole(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    sample = parse_scenario((SAMPLES / "rough_night.json").read_bytes(), COINBASE_FAULTS)
    scenario = Scenario(steps=sample.steps, starts="start")

    async with CoinbaseSimulator(source=CoinMarket(clock=clock), clock=clock, scenario=scenario):
        await clock.advance(sample.steps[-1][0] + 1)

    assert (sample.starts, len(sample.steps)) == ("subscription", 14)
    assert "refused" not in caplog.text


def test_a_scenario_of_the_other_venue_is_refused_with_its_places() -> None:
    steps = [{"at_s": 1, "fault": "lost_tickers"}, {"at_s": 2, "fault": "drop"}]
    with pytest.raises(BadInput) as refused:
        read_scenario({"format": "tradeassist-scenario", "version": 1, "steps": steps}, FAULT_KINDS)

    assert [str(fault).partition(":")[0] for fault in refused.value.faults] == ["steps[0].fault"]


async def test_it_stops_with_every_fault_on() -> None:
    async with connected() as client:
        await client.ask("subscribe", "BTC-USD")
        for fault, kind in COINBASE_FAULTS.items():
            given = {
                parameter.name: "BTC-USD" if parameter.name == "symbol" else parameter.choices[0]
                for parameter in kind.parameters
                if parameter.name == "symbol" or (parameter.choices and parameter.name != "code")
            }
            if kind.end is not None:
                await client.begin(fault, **given)
        with contextlib.suppress(TimeoutError):
            await client.socket.receive(timeout=0.2)

        assert len(client.simulator.mischief.active) == sum(
            kind.end is not None for kind in COINBASE_FAULTS.values()
        )
    assert client.simulator.mischief.active == ()
