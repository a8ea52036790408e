"""Two live feeds on one desk, each over its own real socket: the demo's and a local Coinbase's."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.coinbase_desk import desk_on
from tradeassist_desktop.domain.events import AlertRaised
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.rules import RulePhase
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.desk import Desk
from tradeassist_desktop.simulator.coinbase.market import CoinMarket
from tradeassist_desktop.simulator.coinbase.server import CoinbaseSimulator

Until = Callable[..., Any]

BOTH = '"BTC-USD".last > 1000 and /ES.last > 1000'
RULES = {
    "format": "tradeassist-rules",
    "version": 1,
    "rules": [
        {"name": "both", "symbol": "/ES", "when": BOTH},
        {"name": "coin", "symbol": "BTC-USD", "when": "last < 1"},
        {"name": "future", "symbol": "/ES", "when": "last < 1"},
    ],
}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(RULES))
    return file


def local_coinbase() -> CoinbaseSimulator:
    clock = SystemClock()
    return CoinbaseSimulator(source=CoinMarket(clock=clock, rate=200), clock=clock, heartbeat_s=0.1)


def phases(desk: Desk) -> dict[str, RulePhase]:
    return {rule.name: desk.rules.statuses(rule.uid)[0].phase for rule in desk.rules.all()}


async def test_a_rule_over_symbols_of_both_feeds_fires(rules: Path, until: Until) -> None:
    bus = Bus()
    fired: list[str] = []
    bus.subscribe(AlertRaised, lambda event: fired.append(event.alert.rule_name))

    async with local_coinbase() as coinbase, desk_on(coinbase, rules, bus, feed="demo,coinbase") as desk:
        await until(lambda: "both" in fired, timeout=20)

        assert [status.name for status in desk.market.feed_statuses] == ["demo", "coinbase"]
        assert desk.market.quote("BTC-USD") is not None
        assert desk.source == "Demo market and Coinbase"
        assert set(desk.watchlist.symbols) >= {"/ES", "BTC-USD"}


async def test_one_feed_down_makes_only_the_rules_that_read_its_symbols_blind(
    rules: Path, until: Until
) -> None:
    async with local_coinbase() as coinbase, desk_on(coinbase, rules, Bus(), feed="demo,coinbase") as desk:
        await until(lambda: desk.market.quote("/ES") and desk.market.quote("BTC-USD"), timeout=20)
        assert RulePhase.BLIND not in phases(desk).values()

        await coinbase.stop()
        await until(lambda: phases(desk)["coin"] is RulePhase.BLIND)

        assert phases(desk)["both"] is RulePhase.BLIND
        assert phases(desk)["future"] is RulePhase.ARMED
        assert (desk.market.feed_status.name, desk.market.feed_status.state) == (
            "coinbase",
            FeedState.RECONNECTING,
        )
        await coinbase.start()
        await until(lambda: phases(desk)["coin"] is RulePhase.ARMED, timeout=20)


@pytest.mark.parametrize("feeds", ["coinbase", "demo,coinbase"])
def test_the_program_streams_from_coinbase(start: Any, tmp_path: Path, feeds: str) -> None:
    file = tmp_path / "coin.json"
    rule = {"name": "coin", "symbol": "BTC-USD", "when": "last > 1"}
    file.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": [rule]}))
    server = start("simulator", "--venue", "coinbase", "--seed", "3")
    told = json.loads(server.wait_for_lines(1)[0])

    desk = start(
        "run", "--headless", "--rules", str(file), "--feed", feeds, "--log-json",
        "--data-dir", str(tmp_path / "data"), "--dev",
        "--set", f"coinbase.ws_url={told['ws']}", "--set", f"coinbase.rest_url={told['http']}",
    )  # fmt: skip
    desk.wait_for_lines(1)

    assert desk.alerts()[0]["rule"] == "coin"
    assert desk.end(signal.SIGTERM) == 0
    assert server.end(signal.SIGTERM) == 0
