import asyncio
from pathlib import Path

import pytest

from tests.fakes import ManualClock, ScriptedFeed
from tradeassist_desktop.domain.events import HealthMeasured
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.health import DeliveryReading, Health, percentiles
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData

MS = 1_000_000


@pytest.mark.parametrize(
    ("durations_ms", "expected"),
    [
        pytest.param([], (0, None, None, None), id="nothing measured"),
        pytest.param([3], (1, 3.0, 3.0, 3.0), id="one"),
        pytest.param(range(1, 101), (100, 50.0, 99.0, 100.0), id="one to a hundred, nearest rank"),
    ],
)
def test_percentiles_are_of_the_nearest_rank(durations_ms, expected) -> None:
    found = percentiles(duration * MS for duration in durations_ms)

    assert (found.count, found.p50_ms, found.p99_ms, found.max_ms) == expected


async def test_every_second_the_desk_is_measured_and_published(tmp_path: Path, until) -> None:
    clock, bus, book = ManualClock(), Bus(), InstrumentBook()
    (tmp_path / "desk.db").write_bytes(b"x" * 4096)
    (tmp_path / "desk.db-wal").write_bytes(b"x" * 100)
    engine = Engine(instruments=book.lookup)
    market = MarketData(
        engine=engine,
        feeds=(ScriptedFeed([]),),
        alerting=None,  # nothing fires here
        store=None,
        instruments=book,
        bus=bus,
        clock=clock,
        watchlist=("AAPL",),
        records_ticks=lambda: False,
        keeps_time=True,
        venue="demo",
        stale_s=lambda: 0.0,
    )
    reading = DeliveryReading(
        decided_ns=(2 * MS, 4 * MS),
        saved_ns=(),
        outbox_pending=3,
        storage_queue=1,
        storage_error="disk full",
        channels={"toast": "ready"},
    )
    health = Health(
        market=market.view,
        bus=bus,
        clock=clock,
        database_file=tmp_path / "desk.db",
        delivery=lambda: reading,
    )
    heard: list[HealthMeasured] = []
    bus.subscribe(HealthMeasured, heard.append)
    measuring = asyncio.create_task(health.run())
    await asyncio.sleep(0)

    market.on_ticks(
        [Tick("AAPL", n + 1, n, last=price) for n, price in enumerate([1.0, 2.0, float("nan"), -1.0])]
    )
    await clock.advance(1.1)
    await until(lambda: heard)
    measuring.cancel()

    report = heard[0].report
    assert report is health.report
    assert report.ticks_total == 4
    assert report.ticks_per_second == pytest.approx(4, rel=0.1)
    assert report.database_bytes == 4196
    assert (report.tick_to_alert.p50_ms, report.tick_to_alert.p99_ms) == (2.0, 4.0)
    assert report.tick_to_saved.p99_ms is None
    assert report.rejected == {"not_finite": 1, "not_positive": 1}
    assert (report.outbox_pending, report.storage_error, report.channels) == (
        3,
        "disk full",
        {"toast": "ready"},
    )
    assert report.memory_bytes > 10_000_000
