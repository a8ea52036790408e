"""What Coinbase traded while it could not be heard is told late, once, from its own candles."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.coinbase_desk import desk_on
from tradeassist_desktop.domain.alerts import Alert, Timing
from tradeassist_desktop.domain.events import AlertRaised
from tradeassist_desktop.domain.gaps import Gap
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator.coinbase.server import CoinbaseSimulator
from tradeassist_desktop.simulator.source import Floor, Listing, listing_of

Until = Callable[..., Any]


class QuietMarket:
    """Lists one coin and leaves the trading to the test."""

    @property
    def listings(self) -> Mapping[str, Listing]:
        return {"BTC-USD": listing_of("BTC-USD")}

    async def run(self, floor: Floor) -> None:
        await asyncio.get_running_loop().create_future()


async def trade(coinbase: CoinbaseSimulator, price: float) -> None:
    now_ns = SystemClock().now_ns()
    await coinbase.publish(
        [Tick("BTC-USD", now_ns, now_ns, price, price - 0.01, price + 0.01, 0.5, 1.0, 1.0, trade_ns=now_ns)]
    )


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.json"
    rule = {"name": "above 150", "symbol": "BTC-USD", "when": "last > 150"}
    file.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": [rule]}))
    return file


async def test_a_price_reached_during_an_outage_fires_late_and_once(rules: Path, until: Until) -> None:
    bus = Bus()
    alerts: list[Alert] = []
    bus.subscribe(AlertRaised, lambda event: None if event.alert.is_notice else alerts.append(event.alert))
    clock = SystemClock()

    async with (
        CoinbaseSimulator(source=QuietMarket(), clock=clock, heartbeat_s=0.1) as coinbase,
        desk_on(coinbase, rules, bus, feed="coinbase") as desk,
    ):
        await until(lambda: desk.market.feed_status.state is FeedState.LIVE, timeout=20)
        await trade(coinbase, 100.0)
        await until(lambda: desk.market.quote("BTC-USD"))

        coinbase.faults.is_closed = True
        coinbase.drop_all()
        await until(lambda: not coinbase.connections)
        for price in (200.0, 101.0):
            await trade(coinbase, price)
        coinbase.faults.is_closed = False
        await until(lambda: alerts, timeout=20)
        await trade(coinbase, 102.0)
        await until(lambda: desk.market.quote("BTC-USD").last == 102.0)

        (alert,) = alerts
        assert (alert.rule_name, alert.timing, alert.value) == ("above 150", Timing.LATE, 200.0)


async def test_a_ticker_lost_on_request_of_the_control_endpoint_is_a_row_among_the_gaps(
    rules: Path, until: Until
) -> None:
    clock = SystemClock()

    async with (
        CoinbaseSimulator(source=QuietMarket(), clock=clock, heartbeat_s=0.1) as coinbase,
        desk_on(coinbase, rules, Bus(), feed="coinbase") as desk,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        await until(lambda: desk.market.feed_status.state is FeedState.LIVE, timeout=20)
        await trade(coinbase, 100.0)
        await until(lambda: desk.market.quote("BTC-USD"))
        ready = coinbase.ready_line()
        headers = {"Authorization": f"Bearer {ready['control_token']}"}
        await http.post(ready["control"], headers=headers, json={"fault": "lost_tickers", "count": 1})
        await trade(coinbase, 101.0)

        def rows() -> list[Gap]:
            return [gap for gap in desk.gaps.newest() if gap.symbol == "BTC-USD"]

        await until(rows, timeout=20)
        (gap,) = rows()
        assert gap.feed == "coinbase"
        assert "lost" in gap.reason
        assert coinbase.connects == 1
