"""A desk on a simulated Schwab whose stream ends in each of its ways: the gap is written down and filled."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.schwab_on_simulator import schwab_on_simulator
from tests.services.gap_desk import GapDesk
from tradeassist_desktop.domain.gaps import GapState
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, Simulator

QUIET = Rule("quiet", "quiet", ("AAPL",), "last > 100000")
AWAY_S = 0.6


@dataclass
class Schwab:
    """A simulated Schwab and the desk on it."""

    simulator: Simulator
    desk: GapDesk

    def last(self) -> float:
        quote = self.desk.market.view.quote("AAPL")
        return 0.0 if quote is None or quote.last is None else quote.last


@pytest.fixture
async def schwab(tmp_path: Path, until: Callable[..., Any]) -> AsyncIterator[Schwab]:
    clock = SystemClock()
    async with schwab_on_simulator(DemoMarket(clock=clock, rate=400), clock, backoff_base_s=0.05) as on:
        desk = GapDesk(tmp_path / "desk.db", on.rest, (QUIET,), (on.feed,), clock=clock)
        made = Schwab(on.simulator, await desk.start())
        running = asyncio.create_task(desk.market.lines[0].run())
        await until(made.last)
        yield made
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await desk.stop()


@pytest.mark.parametrize(
    ("fault", "how"),
    [
        pytest.param("drop", {"reset": True}, id="RST"),
        pytest.param("drop", {"reset": False}, id="FIN without a close"),
        pytest.param("close", {"code": 1000}, id="close 1000"),
        pytest.param("close", {"code": 1008}, id="close 1008"),
        pytest.param("close", {"code": 1012}, id="close 1012"),
    ],
)
async def test_however_a_stream_ends_its_gap_is_filled_and_what_was_in_it_told_once(
    schwab: Schwab, until: Callable[..., Any], fault: str, how: dict[str, Any]
) -> None:
    desk, mischief = schwab.desk, schwab.simulator.mischief
    level = round(1.02 * schwab.last(), 2)
    desk.engine.put_rule(Rule("up", "up", ("AAPL",), f"last > {level}", cooldown_ns=0))
    seen = desk.market.view.updates("AAPL")
    await until(lambda: desk.market.view.updates("AAPL") > seen + 2)

    await mischief.begin("rest_error", error="server_error", path="userPreference", for_s=AWAY_S)
    await mischief.begin(fault, **how)
    await until(lambda: desk.market.view.feed_status.state is FeedState.RECONNECTING)
    await schwab.simulator.exchange.gap("AAPL", percent=3.0)
    await asyncio.sleep(AWAY_S / 3)  # some trades up there
    await schwab.simulator.exchange.gap("AAPL", percent=-100 * 3 / 103)
    await until(lambda: desk.ledger.newest() and desk.newest_gap.state is GapState.REPAIRED)
    seen = desk.market.view.updates("AAPL")
    await until(lambda: desk.market.view.updates("AAPL") > seen + 2)
    await until(lambda: desk.fired)

    assert [timing for _, timing in desk.fired] == ["late"]
    assert [gap.late_alerts for gap in desk.ledger.newest()] == [1]
    gap = desk.newest_gap
    assert gap.until_ns is not None
    assert gap.from_ns <= desk.alerts[0].event_ns <= gap.until_ns
    assert desk.market.lines[0].is_seeing
