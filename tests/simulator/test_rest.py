"""The simulated REST: quotes, instruments, market hours, and what can go wrong with them."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, RestFault, Simulator
from tradeassist_desktop.simulator.faults.switches import RestError

Clients = Callable[..., Any]
QUOTES = "/marketdata/v1/quotes"


def simulator(**options: Any) -> Simulator:
    clock = options.pop("clock", None) or SystemClock()
    return Simulator(source=DemoMarket(clock=clock), clock=clock, **options)


async def test_a_future_says_what_it_stands_for_and_when_it_ends(client_of: Clients) -> None:
    clock = ManualClock()  # 2023-11-14
    async with simulator(clock=clock) as schwab, client_of(schwab) as client:
        await client.sign_in()
        _, quotes = await client.get(QUOTES, symbols="/ES,/ESH24")

    front, later = quotes["/ES"], quotes["/ESH24"]
    assert front["reference"]["futureActiveSymbol"] == "/ESZ23"
    assert front["reference"]["futureExpirationDate"] == 1702650600000
    assert front["reference"]["futureMultiplier"] == 50
    assert (front["quote"]["tick"], front["quote"]["tickAmount"]) == (0.25, 12.5)
    assert later["reference"]["product"] == "/ES"
    assert later["reference"]["futureIsActive"] is False
    assert later["quote"]["lastPrice"] > front["quote"]["lastPrice"]


async def test_options_and_currency_pairs_are_quoted_too(client_of: Clients) -> None:
    option = "AAPL  231215C00215000"
    async with simulator(clock=ManualClock()) as schwab, client_of(schwab) as client:
        await client.sign_in()
        _, quotes = await client.get(QUOTES, symbols=f"{option},EUR/USD,NOSUCH")

    assert quotes[option]["assetMainType"] == "OPTION"
    assert quotes[option]["reference"]["underlying"] == "AAPL"
    assert quotes[option]["reference"]["strikePrice"] == 215
    assert quotes["EUR/USD"]["quote"]["bidPrice"] < quotes["EUR/USD"]["quote"]["askPrice"]
    assert quotes["errors"] == {"invalidSymbols": ["NOSUCH"]}


@pytest.mark.parametrize(
    ("text", "projection", "symbols"),
    [
        pytest.param("aapl,SPY", "symbol-search", ["AAPL", "SPY"], id="by symbol"),
        pytest.param("[AM].*", "symbol-regex", ["AAPL", "MSFT"], id="by a pattern"),
        pytest.param("apple", "desc-search", ["AAPL"], id="by a word"),
        pytest.param("Micro.*", "desc-regex", ["MSFT"], id="by a pattern of words"),
        pytest.param("TL", "search", ["TLT"], id="by the start of a symbol"),
        pytest.param("NOSUCH", "symbol-search", [], id="nothing found"),
    ],
)
async def test_instruments_are_found(
    client_of: Clients, text: str, projection: str, symbols: list[str]
) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.sign_in()
        status, body = await client.get("/marketdata/v1/instruments", symbol=text, projection=projection)

    found = [each["symbol"] for each in body.get("instruments", [])]
    assert status == 200
    assert [symbol for symbol in found if " " not in symbol] == symbols


async def test_an_instrument_is_found_by_its_cusip(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.sign_in()
        _, body = await client.get("/marketdata/v1/instruments/037833100")
        missing, _ = await client.get("/marketdata/v1/instruments/000000000")

    assert body["instruments"] == [
        {
            "cusip": "037833100",
            "symbol": "AAPL",
            "description": "Apple Inc",
            "exchange": "NASDAQ",
            "assetType": "EQUITY",
        }
    ]
    assert missing == 404


async def test_markets_tell_their_hours_of_a_half_day(client_of: Clients) -> None:
    async with simulator(clock=ManualClock()) as schwab, client_of(schwab) as client:
        await client.sign_in()
        _, body = await client.get(
            "/marketdata/v1/markets", markets="equity,option,future,forex,bond", date="2023-11-24"
        )

    shares = body["equity"]["EQ"]
    assert shares["isOpen"] is True
    assert shares["sessionHours"] == {
        "preMarket": [{"start": "2023-11-24T07:00:00-05:00", "end": "2023-11-24T09:30:00-05:00"}],
        "regularMarket": [{"start": "2023-11-24T09:30:00-05:00", "end": "2023-11-24T13:00:00-05:00"}],
        "postMarket": [{"start": "2023-11-24T13:00:00-05:00", "end": "2023-11-24T17:00:00-05:00"}],
    }
    assert set(body["option"]) == {"EQO", "IND"}
    assert set(body) == {"equity", "option", "future", "forex", "bond"}


async def test_a_closed_market_has_no_hours(client_of: Clients) -> None:
    async with simulator(clock=ManualClock()) as schwab, client_of(schwab) as client:
        await client.sign_in()
        _, body = await client.get("/marketdata/v1/markets/equity", date="2023-11-23")

    assert body["equity"]["equity"]["isOpen"] is False
    assert "sessionHours" not in body["equity"]["equity"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param({"markets": "equity,crypto"}, "markets must be", id="a market there is not"),
        pytest.param({"markets": "equity", "date": "24.11.2023"}, "YYYY-MM-DD", id="another date format"),
        pytest.param({"markets": "equity", "date": "2023-01-02"}, "from today", id="the past"),
    ],
)
async def test_hours_that_cannot_be_told_are_refused(
    client_of: Clients, query: dict[str, str], words: str
) -> None:
    async with simulator(clock=ManualClock()) as schwab, client_of(schwab) as client:
        await client.sign_in()
        status, body = await client.get("/marketdata/v1/markets", **query)

    assert status == 400
    assert words in body["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("error", "status", "kind", "body"),
    [
        pytest.param("too_many_requests", 429, "application/json", "ratelimit", id="too many requests"),
        pytest.param("bad_gateway", 502, "text/html", "502 Bad Gateway", id="a gateway's page"),
        pytest.param("empty", 200, "application/json", "{}", id="an empty object"),
        pytest.param("server_error", 500, "application/json", "errors", id="a server error"),
        pytest.param("unauthorized", 401, "application/json", "not authorized", id="unauthorized"),
        pytest.param("too_big", 502, "application/json", "TooBigBody", id="too big a body"),
    ],
)
async def test_a_rest_fault_answers_as_many_requests_as_it_was_asked_for(
    client_of: Clients, error: RestError, status: int, kind: str, body: str
) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.sign_in()
        schwab.faults.rest.append(RestFault(error=error, count=1, path="quotes", seconds=30))
        url = f"{schwab.http_url}{QUOTES}?symbols=AAPL"
        headers = {"Authorization": f"Bearer {client.access_token}"}
        elsewhere, _ = await client.get("/trader/v1/userPreference")
        async with client.http.get(url, headers=headers) as first:
            text = await first.text()
            seen = (first.status, first.content_type, first.headers.get("Retry-After"))
        async with client.http.get(url, headers=headers) as second:
            after = second.status

    assert seen == (status, kind, "30" if status == 429 else None)
    assert body in text
    assert (elsewhere, after) == (200, 200)


@pytest.mark.parametrize("error", ["slow", "trickle"])
async def test_a_slow_answer_is_right_but_late(client_of: Clients, error: RestError) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.sign_in()
        schwab.faults.rest.append(RestFault(error=error, count=1, seconds=0.3))
        begun = time.monotonic()
        status, quotes = await client.get(QUOTES, symbols="AAPL")
        took_s = time.monotonic() - begun

    assert status == 200
    assert quotes["AAPL"]["symbol"] == "AAPL"
    assert took_s >= 0.29


async def test_more_requests_than_the_budget_are_refused_with_a_time_to_wait(client_of: Clients) -> None:
    async with simulator(requests_per_minute=2) as schwab, client_of(schwab) as client:
        await client.sign_in()
        statuses = [(await client.get(QUOTES, symbols="AAPL"))[0] for _ in range(3)]

    assert statuses == [200, 200, 429]
