"""What a chart is given of the past, over a real database, and over the simulator's REST and stream."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.fakes import KeptAlerts, ManualClock
from tests.schwab_on_simulator import SchwabOnSimulator, schwab_on_simulator
from tradeassist_desktop.domain.errors import NotNow
from tradeassist_desktop.domain.events import HistoryGrew
from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.market.closed_bars import ClosedBars
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market.past import Past
from tradeassist_desktop.services.market_data import MarketData
from tradeassist_desktop.simulator import DemoMarket
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore

MINUTE_NS = 60_000_000_000
START_NS = 1_700_000_100 * 1_000_000_000 - 1_700_000_100 * 1_000_000_000 % (5 * MINUTE_NS)


def minutes(first: int, count: int) -> list[Bar]:
    return [
        Bar("AAPL", "1m", START_NS + n * MINUTE_NS, START_NS + (n + 1) * MINUTE_NS, 5.0, 6.0, 4.0, 5.0, 7.0)
        for n in range(first, first + count)
    ]


@pytest.fixture
def store(database: Database) -> MarketStore:
    return MarketStore(database=database, venue="demo")


async def test_longer_bars_are_made_of_the_minutes_that_are_kept(store: MarketStore) -> None:
    await store.keep_bars("AAPL", minutes(3, 14))  # from within a stretch of five to within another
    closed = ClosedBars(store=store)

    now_ns = START_NS + 17 * MINUTE_NS
    bars = await closed.latest("AAPL", "5m", 100, now_ns)

    assert [((bar.start_ns - START_NS) // MINUTE_NS, bar.volume) for bar in bars] == [(5, 35.0), (10, 35.0)]


async def test_what_was_shown_is_gone_on_from_without_a_gap_or_a_bar_twice(store: MarketStore) -> None:
    await store.keep_bars("AAPL", minutes(0, 50))
    closed = ClosedBars(store=store)
    closed.take(minutes(49, 3))

    shown = await closed.latest("AAPL", "1m", 20, START_NS + 52 * MINUTE_NS)
    earlier = await closed.before("AAPL", "1m", shown[0].start_ns, 15)

    assert [bar.start_ns for bar in (*earlier, *shown)] == [bar.start_ns for bar in minutes(17, 35)]


async def test_a_chart_moved_back_has_the_venue_asked_once_more_than_is_shown(store: MarketStore) -> None:
    asked: list[int] = []

    async def fetch(symbol: str, timeframe: str, count: int) -> list[Bar]:
        asked.append(count)
        if len(asked) == 1:
            raise NotNow("the budget of the minute is spent.")
        return minutes(0, 100)[-count:]

    clock = ManualClock(now_ns=START_NS + 200 * MINUTE_NS)
    closed = ClosedBars(store=store)
    past = Past(
        engine=Engine(instruments=InstrumentBook().lookup),
        store=store,
        closed=closed,
        clock=clock,
        fetch_bars=fetch,
        on_grown=lambda symbol, timeframe: None,
    )

    with pytest.raises(NotNow):
        await past.deepen("AAPL", "1m", 60)
    await past.deepen("AAPL", "1m", 60)
    await past.deepen("AAPL", "1m", 60)
    kept = await closed.before("AAPL", "1m", START_NS + 60 * MINUTE_NS, 100)

    assert asked == [60, 60]
    assert [bar.start_ns for bar in kept] == [bar.start_ns for bar in minutes(40, 20)]


async def test_a_minute_that_a_stop_cut_short_stays_as_the_venue_told_it(store: MarketStore) -> None:
    closed = ClosedBars(store=store)
    closed.take(minutes(0, 2))
    closed.fill(minutes(2, 3))

    closed.take([minutes(2, 1)[0]._replace(volume=1.0)])
    shown = await closed.latest("AAPL", "1m", 10, START_NS + 5 * MINUTE_NS)

    assert shown == minutes(0, 5)


async def test_what_is_wanted_while_less_is_being_fetched_is_fetched_too(store: MarketStore) -> None:
    asked: list[int] = []

    async def venue(symbol: str, timeframe: str, count: int) -> list[Bar]:
        asked.append(count)
        if count == 30:
            past.want("AAPL", "1m", 60)  # the chart is opened while the watchlist's minutes are on the way
        return minutes(60 - count, count)

    past = Past(
        engine=Engine(instruments=InstrumentBook().lookup),
        store=store,
        closed=ClosedBars(store=store),
        fetch_bars=venue,
        clock=ManualClock(now_ns=START_NS + 200 * MINUTE_NS),
        on_grown=lambda symbol, timeframe: None,
    )
    past.want("AAPL", "1m", 30)

    await past.fetch()
    await past.fetch()

    assert asked == [30, 60]


@pytest.fixture
async def simulated() -> AsyncIterator[SchwabOnSimulator]:
    """The demo market behind a simulated Schwab."""
    clock = SystemClock()
    async with schwab_on_simulator(DemoMarket(clock=clock, rate=400), clock) as on:
        yield on


@contextlib.asynccontextmanager
async def running(on: SchwabOnSimulator, database: Database, bus: Bus) -> AsyncIterator[MarketData]:
    """The demo market as the program runs it: its stream, its REST, and what the database knows."""
    clock, book = SystemClock(), InstrumentBook()
    market = MarketData(
        engine=Engine(instruments=book.lookup),
        feeds=(on.feed,),
        alerting=KeptAlerts(),  # type: ignore[arg-type]
        store=MarketStore(database=database, venue="demo"),
        instruments=book,
        bus=bus,
        clock=clock,
        watchlist=("AAPL",),
        records_ticks=lambda: False,
        keeps_time=True,
        venue="demo",
        stale_s=lambda: 0.0,
        fetch_bars=on.rest.newest_bars,
    )
    await market.start()
    running = [asyncio.create_task(each) for each in (market.lines[0].run(), market.archive.fetch_history())]
    try:
        yield market
    finally:
        for each in running:
            each.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await each


async def test_storage_venue_and_stream_come_to_one_row_of_bars(
    simulated: SchwabOnSimulator, database: Database, bus: Bus, until: Callable[..., Any]
) -> None:
    grown: list[str] = []
    bus.subscribe(HistoryGrew, lambda event: grown.append(event.timeframe))

    async with running(simulated, database, bus) as live:
        view = live.view
        await view.bars("AAPL", "5m", 10_000)
        await until(lambda: {"1m", "5m"} <= set(grown) and view.forming_bar("AAPL", "5m"))
        shown = await view.bars("AAPL", "5m", 10_000)
        earlier = await view.earlier_bars("AAPL", "5m", shown[0].start_ns, len(shown))
        forming = view.forming_bar("AAPL", "5m")

    assert forming is not None
    starts = [bar.start_ns for bar in (*earlier.bars, *shown, forming)]
    assert starts == sorted(set(starts))
    assert (len(earlier.bars), earlier.reason, len(shown) >= 1_000) == (2_000, "", True)


async def test_the_minutes_of_a_stop_are_filled_by_the_venue_between_storage_and_stream(
    simulated: SchwabOnSimulator, database: Database, store: MarketStore, bus: Bus, until: Callable[..., Any]
) -> None:
    grown: list[str] = []
    bus.subscribe(HistoryGrew, lambda event: grown.append(event.timeframe))
    known = await simulated.rest.newest_bars("AAPL", "1m", 60)
    before_the_stop = list(known[:-10])
    await store.keep_bars("AAPL", before_the_stop)

    async with running(simulated, database, bus) as live:
        view = live.view
        at_once = await view.bars("AAPL", "1m", 10_000)
        await until(lambda: "1m" in grown and view.forming_bar("AAPL", "1m"))
        shown = await view.bars("AAPL", "1m", 10_000)
        forming = view.forming_bar("AAPL", "1m")

    assert forming is not None
    starts = [bar.start_ns for bar in (*shown, forming)]
    assert starts == sorted(set(starts))
    assert at_once == before_the_stop, "the venue is not waited for"
    assert {bar.start_ns for bar in known[-10:]} <= set(starts)
