"""The data client against the simulator: two readings of one protocol, over a real socket."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import pytest

from tests.fakes import ManualClock
from tests.schwab_on_simulator import schwab_on_simulator
from tradeassist_desktop.domain.market import NS_PER_SECOND, InstrumentKind
from tradeassist_desktop.feeds.rest_failures import RateLimited, RestUnavailable
from tradeassist_desktop.feeds.schwab.rest import SchwabRest
from tradeassist_desktop.simulator import DemoMarket, Simulator
from tradeassist_desktop.simulator.faults.switches import RestFault

MINUTE_NS = 60 * NS_PER_SECOND
NOON_NS = int(datetime(2024, 1, 10, 17, 0, tzinfo=UTC).timestamp()) * NS_PER_SECOND  # Wednesday, 12:00 EST


@asynccontextmanager
async def rest_on_simulator(now_ns: int = NOON_NS) -> AsyncIterator[tuple[SchwabRest, Simulator]]:
    clock = ManualClock(now_ns=now_ns)
    async with schwab_on_simulator(DemoMarket(clock=clock), clock) as on:
        yield on.rest, on.simulator


@pytest.mark.parametrize("timeframe", ["1m", "5m", "10m", "15m", "30m", "1d"])
async def test_the_newest_bars_of_every_timeframe_come_closed_and_in_order(timeframe: str) -> None:
    async with rest_on_simulator() as (rest, _):
        bars = await rest.newest_bars("AAPL", timeframe, 30)

    assert len(bars) == 30
    assert all(before.start_ns < after.start_ns for before, after in itertools.pairwise(bars))
    assert NOON_NS - 24 * 60 * MINUTE_NS < bars[-1].end_ns <= NOON_NS
    assert {bar.timeframe for bar in bars} == {timeframe}


async def test_a_gap_s_bars_reach_from_its_first_minute_to_its_last() -> None:
    from_ns = NOON_NS - 10 * MINUTE_NS + 5 * NS_PER_SECOND

    async with rest_on_simulator() as (rest, _):
        bars = await rest.gap_bars("SPY", from_ns, NOON_NS)

    assert [(NOON_NS - bar.start_ns) // MINUTE_NS for bar in bars] == list(range(10, 0, -1))


async def test_search_quotes_and_cusip_agree_on_apple() -> None:
    async with rest_on_simulator() as (rest, _):
        found = await rest.search("aap", 5)
        by_name = await rest.search("micro", 5)
        quotes = await rest.quotes(["AAPL", "/ES", "NOSUCH"])
        by_cusip = await rest.instrument_by_cusip(quotes.quotes["AAPL"].instrument.cusip or "037833100")

    assert (found[0].symbol, found[0].description) == ("AAPL", "Apple Inc")
    assert "MSFT" in [each.symbol for each in by_name]
    assert quotes.unknown == ("NOSUCH",)
    assert set(quotes.quotes) == {"AAPL", "/ES"}
    assert by_cusip is not None
    assert (by_cusip.symbol, by_cusip.kind) == ("AAPL", InstrumentKind.EQUITY)


@pytest.mark.parametrize(
    ("day", "closes"),
    [(date(2024, 1, 10), 21), (date(2024, 7, 3), 17), (date(2024, 1, 15), None)],
    ids=["a whole day", "a half-day", "a holiday"],
)
async def test_market_hours_are_told(day: date, closes: int | None) -> None:
    async with rest_on_simulator() as (rest, _):
        hours = await rest.market_hours("equity", day)

    assert hours.is_open == (closes is not None)
    if closes is not None:
        assert hours.closes_ns is not None
        assert datetime.fromtimestamp(hours.closes_ns // NS_PER_SECOND, UTC).hour == closes


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (RestFault(error="too_many_requests", count=1, seconds=7), RateLimited),
        (RestFault(error="bad_gateway", count=1), RestUnavailable),
        (RestFault(error="empty", count=1), RestUnavailable),
        (RestFault(error="server_error", count=1), RestUnavailable),
    ],
    ids=lambda case: getattr(case, "error", ""),
)
async def test_its_faults_are_told_apart(fault: RestFault, error: type[Exception]) -> None:
    async with rest_on_simulator() as (rest, simulator):
        simulator.faults.rest.append(fault)
        with pytest.raises(error):
            await rest.gap_bars("AAPL", NOON_NS - MINUTE_NS, NOON_NS)
