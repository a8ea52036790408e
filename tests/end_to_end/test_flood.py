"""Row 92 of the faults: a market faster than any window, and the desk with its window on one thread.

How fast it is then is for ``tests/benchmarks/window.py`` and ``latency.py`` to say.
"""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QTableView

from tests.benchmarks.desk_under_load import BASE_URL, launch_of, running_desk, shown
from tests.benchmarks.latency import write_rules
from tests.benchmarks.load_server import BEACON, LoadMarket
from tradeassist_desktop.domain.events import AlertRaised, HealthMeasured
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import Simulator
from tradeassist_desktop.ui.models.watchlist.columns import WatchlistColumn

BYTES_A_STAMP = 8


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(300)])])
async def test_row_92_a_flood_loses_no_alert_ends_at_the_last_price_and_leaves_no_queue(
    qapp: QApplication, tmp_path: Path, until: Any, seconds: int
) -> None:
    sent, bus = io.BytesIO(), Bus()
    market = LoadMarket(symbols=100, rate=5_000, beacons=25, sent=sent)
    fired: list[int] = []
    queued: list[int] = []
    bus.subscribe(AlertRaised, lambda event: fired.append(int(event.alert.legs[1].left)))
    bus.subscribe(HealthMeasured, lambda event: queued.append(event.report.storage_queue))
    write_rules(tmp_path / "rules.json")

    async with Simulator(source=market, clock=SystemClock()) as simulator:
        keys = simulator.sign_in.keys
        environment = {
            "SCHWAB_APP_KEY": keys.key,
            "SCHWAB_APP_SECRET": keys.secret,
            "SCHWAB_REFRESH_TOKEN": simulator.sign_in.refresh_token,
            BASE_URL: simulator.http_url,
        }
        launch = launch_of(tmp_path / "data", rules=tmp_path / "rules.json", environment=environment)
        async with running_desk(launch, bus) as desk, shown(desk, launch, qapp) as window:
            await desk.watchlist.add(BEACON)
            await until(lambda: desk.market.quote(BEACON) is not None, 20)
            await asyncio.sleep(seconds)
            simulator.faults.is_without_data = True
            beacons = len(sent.getvalue()) // BYTES_A_STAMP
            await until(lambda: len(fired) >= beacons, 20)
            await until(lambda: desk.health.report.storage_queue == 0, 20)
            last = "100.10" if beacons % 2 else "99.90"
            model = window.findChild(QTableView, "watchlistTable").model()
            row = desk.watchlist.symbols.index(BEACON)
            await until(lambda: model.index(row, WatchlistColumn.LAST).data() == last)

    assert beacons > 0
    assert sorted(fired) == list(range(1, beacons + 1))
    assert max(queued) < 100
