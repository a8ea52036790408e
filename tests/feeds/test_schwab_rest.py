"""Schwab's data service, asked over a real socket; the server is ours and answers as told."""

import asyncio
import threading
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from tests.fakes import ManualClock
from tests.feeds.rest_server import Answer, rest_of
from tradeassist_desktop.domain.breakers import BreakerState
from tradeassist_desktop.domain.market import NS_PER_MS, NS_PER_SECOND, InstrumentKind, TradingStatus
from tradeassist_desktop.feeds.rest_failures import (
    NoHistory,
    RateLimited,
    RestRefused,
    RestUnavailable,
    UnknownSymbol,
)
from tradeassist_desktop.feeds.schwab.auth import SignInNeeded
from tradeassist_desktop.runtime.budget import Importance

MINUTE_NS = 60 * NS_PER_SECOND
NOON_NS = int(datetime(2024, 1, 10, 17, 0, tzinfo=UTC).timestamp()) * NS_PER_SECOND  # Wednesday, 12:00 EST
EMPTY = Answer({"symbol": "AAPL", "empty": True, "candles": []})


def candle(start_ns: int, close: float = 10.0, **values: Any) -> dict[str, Any]:
    whole = {"open": 10.0, "high": 11.0, "low": 9.0, "close": close, "volume": 100}
    return {**whole, "datetime": start_ns // NS_PER_MS, **values}


def history(*candles: dict[str, Any]) -> Answer:
    return Answer({"symbol": "AAPL", "empty": not candles, "candles": list(candles)})


def at_noon() -> ManualClock:
    return ManualClock(now_ns=NOON_NS)


async def test_the_bars_of_a_gap_are_those_that_overlap_it_with_the_one_forming() -> None:
    minutes = [candle(NOON_NS + minute * MINUTE_NS, 9.5 + minute / 10) for minute in range(-1, 4)]
    from_ns, until_ns = NOON_NS + 30 * NS_PER_SECOND, NOON_NS + 2 * MINUTE_NS + 10 * NS_PER_SECOND

    async with rest_of(history(*minutes)) as asked:
        bars = await asked.rest.gap_bars("AAPL", from_ns, until_ns)

    assert [(bar.start_ns - NOON_NS) // MINUTE_NS for bar in bars] == [0, 1, 2]
    assert bars[0].timeframe == "1m"
    assert asked.server.asked == [
        (
            "/pricehistory",
            {
                "symbol": "AAPL",
                "periodType": "day",
                "frequencyType": "minute",
                "frequency": "1",
                "startDate": str(NOON_NS // NS_PER_MS),
                "endDate": str(until_ns // NS_PER_MS),
                "needExtendedHoursData": "true",
            },
        )
    ]


async def test_bars_come_in_order_each_start_once_and_impossible_ones_are_left_out() -> None:
    sound = [candle(NOON_NS + MINUTE_NS, 10.5), candle(NOON_NS)]
    bad = [
        candle(NOON_NS + 2 * MINUTE_NS, high=8.0),
        candle(NOON_NS + 3 * MINUTE_NS, low=-1.0),
        candle(NOON_NS + 4 * MINUTE_NS, volume=-5),
        candle(NOON_NS + 5 * MINUTE_NS, open="x"),
        candle(NOON_NS + 6 * MINUTE_NS + 1_000_000),
        "nothing",
    ]

    async with rest_of(history(*sound, *sound, *bad)) as asked:
        bars = await asked.rest.price_history("AAPL", "1m", NOON_NS, NOON_NS + 10 * MINUTE_NS)

    assert [(bar.start_ns - NOON_NS, bar.close) for bar in bars] == [(0, 10.0), (MINUTE_NS, 10.5)]


async def test_a_long_answer_is_read_beside_the_loop_on_which_alerts_and_the_window_are() -> None:
    read_on: list[bool] = []

    def read(body: bytes) -> int:
        read_on.append(threading.current_thread() is threading.main_thread())
        return len(body)

    eight_days = [candle(NOON_NS + minute * MINUTE_NS) for minute in range(8 * 960)]
    async with rest_of(history(candle(NOON_NS)), history(*eight_days)) as asked:
        short, long = [
            await asked.requests.get("/pricehistory", {}, Importance.HISTORY, read) for _ in range(2)
        ]

    assert short < 64 * 1024 < long
    assert read_on == [True, False]


async def test_the_newest_bars_are_closed_ones_and_looked_for_farther_back_where_few_traded() -> None:
    five_ns = 5 * MINUTE_NS
    few = [candle(NOON_NS - five_ns), candle(NOON_NS)]
    more = [candle(NOON_NS - n * five_ns) for n in range(400, 0, -100)]

    async with rest_of(history(*few), history(*more, *few), clock=at_noon()) as asked:
        bars = await asked.rest.newest_bars("AAPL", "5m", 4)

    assert [(NOON_NS - bar.start_ns) // five_ns for bar in bars] == [300, 200, 100, 1]
    assert len(asked.server.asked) == 2


@pytest.mark.parametrize(
    ("timeframe", "frequency", "bars"),
    [("2m", "1", 6), ("3m", "1", 9), ("1h", "30", 6), ("4h", "30", 24)],
)
async def test_what_schwab_does_not_make_is_asked_in_the_next_shorter_bars(
    timeframe: str, frequency: str, bars: int
) -> None:
    width_ns = int(frequency) * MINUTE_NS
    candles = [candle(NOON_NS - n * width_ns) for n in range(30, 0, -1)]

    async with rest_of(history(*candles), clock=at_noon()) as asked:
        found = await asked.rest.newest_bars("AAPL", timeframe, 2)

    assert asked.server.asked[0][1]["frequency"] == frequency
    assert len(found) == bars
    assert {bar.end_ns - bar.start_ns for bar in found} == {width_ns}


async def test_a_daily_bar_is_of_its_day_s_session_holidays_and_half_days_included() -> None:
    def midnight_ns(day: date) -> int:  # as Schwab stamps days: midnight in Chicago
        return int(datetime(day.year, day.month, day.day, 6, tzinfo=UTC).timestamp()) * NS_PER_SECOND

    days = [date(2023, 12, 22), date(2023, 12, 25), date(2023, 11, 24), date(2024, 1, 10)]

    async with rest_of(history(*(candle(midnight_ns(day)) for day in days)), clock=at_noon()) as asked:
        bars = await asked.rest.newest_bars("AAPL", "1d", 5)

    hours = [
        tuple(datetime.fromtimestamp(ns // NS_PER_SECOND, UTC).strftime("%m-%d %H:%M") for ns in bar[2:4])
        for bar in bars
    ]
    assert hours == [("11-24 14:30", "11-24 18:00"), ("12-22 14:30", "12-22 21:00")]
    assert asked.server.asked[0][1]["frequencyType"] == "daily"


@pytest.mark.parametrize(
    ("symbol", "timeframe"),
    [("/ES", "1m"), ("$SPX", "1d"), ("EUR/USD", "1m"), ("AAPL  251219C00200000", "1m"), ("AAPL", "5s")],
)
async def test_what_schwab_keeps_no_bars_of_is_not_even_asked_for(symbol: str, timeframe: str) -> None:
    async with rest_of(EMPTY) as asked:
        with pytest.raises(NoHistory, match="Schwab keeps"):
            await asked.rest.newest_bars(symbol, timeframe, 10)

    assert asked.server.asked == []


async def test_quotes_come_by_symbol_and_the_unknown_are_named() -> None:
    body = {
        "AAPL": {
            "assetMainType": "EQUITY",
            "realtime": False,
            "quote": {
                "lastPrice": 187,
                "bidPrice": 186.5,
                "askPrice": "x",
                "totalVolume": 12,
                "quoteTime": 9_000,
                "tradeTime": 8_000,
                "securityStatus": "Halted",
            },
            "reference": {"description": "Apple Inc", "cusip": "037833100"},
        },
        "errors": {"invalidSymbols": ["NOSUCH"]},
    }

    async with rest_of(Answer(body)) as asked:
        answer = await asked.rest.quotes(["AAPL", "NOSUCH", "AAPL"])

    found = answer.quotes["AAPL"]
    assert (found.quote.last, found.quote.bid, found.quote.ask) == (187.0, 186.5, None)
    assert (found.quote.event_ns, found.quote.trade_ns) == (9_000_000_000, 8_000_000_000)
    assert (found.instrument.description, found.instrument.cusip) == ("Apple Inc", "037833100")
    assert (found.is_delayed, found.status) == (True, TradingStatus.HALTED)
    assert answer.unknown == ("NOSUCH",)
    assert asked.server.asked == [("/quotes", {"symbols": "AAPL,NOSUCH", "fields": "quote,reference"})]


async def test_a_search_puts_symbols_that_begin_so_before_descriptions() -> None:
    def found(symbol: str, description: str) -> dict[str, str]:
        return {"symbol": symbol, "description": description, "assetType": "EQUITY", "exchange": "NASDAQ"}

    by_symbol = {"instruments": [found("APPLX", "Appleseed Fund"), found("APPL", "Appl Corp")]}
    by_words = {"instruments": [found("AAPL", "Apple Inc"), found("APPL", "Appl Corp")]}

    async with rest_of(Answer(by_symbol), Answer(by_words)) as asked:
        instruments = await asked.rest.search(" appl ", 8)

    assert [each.symbol for each in instruments] == ["APPL", "APPLX", "AAPL"]
    assert instruments[2].description == "Apple Inc"
    assert [query for _, query in asked.server.asked] == [
        {"symbol": "APPL.*", "projection": "symbol-regex"},
        {"symbol": "appl", "projection": "desc-search"},
    ]


async def test_what_is_searched_for_is_no_pattern() -> None:
    async with rest_of(Answer({"instruments": []})) as asked:
        await asked.rest.search("$S.*(a+)+\\d", 8)

    assert asked.server.asked[0][1]["symbol"] == "[$]S[.]AD.*"


async def test_nothing_found_is_no_error() -> None:
    nothing = Answer({"errors": [{"status": "404", "title": "Not Found"}]}, status=404)

    async with rest_of(nothing) as asked:
        assert await asked.rest.search("QQQQQQ", 8) == ()
        assert await asked.rest.instrument_by_cusip("000000000") is None


@pytest.mark.parametrize("form", ["list", "object", "one"])
async def test_an_instrument_is_found_by_its_cusip_whatever_the_answer_s_form(form: str) -> None:
    entry = {"symbol": "META", "cusip": "30303M102", "description": "Meta Platforms", "assetType": "EQUITY"}
    body: Any = {"list": [entry], "object": {"instruments": [entry]}, "one": entry}[form]

    async with rest_of(Answer(body)) as asked:
        found = await asked.rest.instrument_by_cusip("30303M102")

    assert found is not None
    assert (found.symbol, found.kind, found.cusip) == ("META", InstrumentKind.EQUITY, "30303M102")
    assert asked.server.asked[0][0] == "/instruments/30303M102"


async def test_market_hours_are_the_regular_session_s() -> None:
    hours = {
        "preMarket": [{"start": "2024-01-10T07:00:00-05:00", "end": "2024-01-10T09:30:00-05:00"}],
        "regularMarket": [{"start": "2024-01-10T09:30:00-05:00", "end": "2024-01-10T16:00:00-05:00"}],
    }
    body = {"equity": {"EQ": {"isOpen": True, "sessionHours": hours}}}

    async with rest_of(Answer(body)) as asked:
        found = await asked.rest.market_hours("equity", date(2024, 1, 10))

    assert found.is_open
    assert found.opens_ns == NOON_NS - 150 * MINUTE_NS
    assert found.closes_ns == NOON_NS + 240 * MINUTE_NS


async def test_a_closed_day_has_no_hours() -> None:
    async with rest_of(Answer({"equity": {"equity": {"isOpen": False}}})) as asked:
        found = await asked.rest.market_hours("equity", date(2024, 1, 1))

    assert (found.is_open, found.opens_ns) == (False, None)


async def test_a_token_refused_before_its_time_is_replaced_once() -> None:
    refusal = Answer({"errors": [{"status": 401, "title": "Unauthorized"}]}, status=401)

    async with rest_of(refusal, EMPTY) as asked:
        await asked.rest.gap_bars("AAPL", NOON_NS, NOON_NS + MINUTE_NS)

    assert asked.server.tokens_seen == ["Bearer I0.1@", "Bearer I0.2@"]


async def test_a_fresh_token_that_is_refused_too_needs_the_trader() -> None:
    refusal = Answer({"errors": [{"status": "401", "detail": "Client not authorized"}]}, status=401)

    async with rest_of(refusal) as asked:
        with pytest.raises(SignInNeeded, match="sign in again"):
            await asked.rest.quotes(["AAPL"])

    assert len(asked.server.asked) == 2
    assert asked.breaker.reading.state is BreakerState.CLOSED


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        pytest.param(
            Answer({"errors": [{"status": 400, "detail": "bad dates"}]}, status=400),
            RestRefused,
            r"Schwab refused \(400\): bad dates\.",
            id="errors",
        ),
        pytest.param(
            Answer({"errors": [{"status": "400", "title": "Bad Request"}]}, status=400),
            RestRefused,
            r"\(400\): Bad Request\.",
            id="status as text",
        ),
        pytest.param(
            Answer({"fault": {"faultstring": "Not allowed", "detail": {"errorcode": "x"}}}, status=403),
            RestRefused,
            r"\(403\): Not allowed\.",
            id="a gateway's fault",
        ),
        pytest.param(
            Answer({"fault": {"detail": {"errorcode": "protocol.http.TooBigBody"}}}, status=502),
            RestRefused,
            "ask for less",
            id="too big a body",
        ),
        pytest.param(Answer({"errors": []}, status=404), UnknownSymbol, "does not know AAPL", id="404"),
        pytest.param(Answer("<html>gate</html>", status=502), RestUnavailable, "answered 502", id="502 HTML"),
        pytest.param(Answer({}), RestUnavailable, "could not be read", id="200 {}"),
        pytest.param(Answer("<html>sign in</html>"), RestUnavailable, "could not be read", id="200 HTML"),
        pytest.param(
            Answer("", status=302, headers={"Location": "http://127.0.0.1:1/"}),
            RestUnavailable,
            "answered 302",
            id="a redirect",
        ),
    ],
)
async def test_every_error_is_of_its_kind_and_in_words(
    answer: Answer, error: type[Exception], words: str
) -> None:
    async with rest_of(answer) as asked:
        with pytest.raises(error, match=words):
            await asked.rest.gap_bars("AAPL", NOON_NS, NOON_NS + MINUTE_NS)

    assert len(asked.server.asked) == 1


def in_seconds(seconds: int) -> dict[str, str]:
    now = datetime(2024, 1, 10, 17, tzinfo=UTC)
    until = datetime.fromtimestamp(now.timestamp() + seconds, UTC)
    return {"Date": format_datetime(now, usegmt=True), "Retry-After": format_datetime(until, usegmt=True)}


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        pytest.param({"Retry-After": "42"}, 42.0, id="seconds"),
        pytest.param(in_seconds(30), 30.0, id="a date"),
        pytest.param({"Retry-After": "9" * 400}, 600.0, id="absurd"),
        pytest.param({"Retry-After": "soon"}, 10.0, id="no number"),
        pytest.param({}, 10.0, id="without"),
    ],
)
async def test_too_many_requests_hold_back_all_as_long_as_asked(
    headers: dict[str, str], wait_s: float
) -> None:
    async with rest_of(Answer({}, status=429, headers=headers), clock=at_noon()) as asked:
        with pytest.raises(RateLimited) as limited:
            await asked.rest.quotes(["AAPL"])

        assert limited.value.wait_s == wait_s
        assert asked.budget.reading.held_s == wait_s
        assert asked.breaker.reading.failures == 0  # too many requests are our mistake, not an outage


async def test_requests_that_go_out_are_counted_and_the_rest_wait() -> None:
    clock = at_noon()
    async with rest_of(EMPTY, clock=clock, limit=2) as asked:
        gap = (NOON_NS, NOON_NS + MINUTE_NS)
        tasks = [asyncio.create_task(asked.rest.gap_bars("AAPL", *gap)) for _ in range(3)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        while sum(task.done() for task in tasks) < 2:
            await asyncio.sleep(0.005)
        during = asked.rest.load()
        await clock.advance(60)
        await asyncio.gather(*tasks)

    assert (during.used, during.limit, during.waiting) == (2, 2, 1)
