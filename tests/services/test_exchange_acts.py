"""What an exchange does to its symbols, done by the simulator, over a real socket to gates and proposals."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fakes import KeptAlerts
from tests.schwab_on_simulator import schwab_on_simulator
from tradeassist_desktop.domain.market import TradingStatus
from tradeassist_desktop.domain.rules import RulePhase
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.market.intake import Intake
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.adjusting.adjustments import Adjustments
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData
from tradeassist_desktop.services.rules import Rules
from tradeassist_desktop.simulator import DemoMarket, Simulator
from tradeassist_desktop.storage.adjustment_store import AdjustmentStore
from tradeassist_desktop.storage.database import Database

DAY_S = 86_400.0


@dataclass
class Desk:
    simulator: Simulator
    source: DemoMarket
    market: MarketData
    rules: Rules
    adjustments: Adjustments
    alerts: KeptAlerts
    told: list[str]

    def last(self, symbol: str) -> float:
        quote = self.market.view.quote(symbol)
        return 0.0 if quote is None or quote.last is None else quote.last

    async def rule_below(self, symbol: str, share: float) -> str:
        """Add a rule that fires below a share of the present price; return its uid."""
        level = round(self.last(symbol) * share, 2)
        return (await self.rules.add_text(f"{symbol} last < {level}")).uid


@pytest.fixture
async def desk(database: Database, bus: Bus, until: Callable[..., Any]) -> AsyncIterator[Desk]:
    clock, book, alerts, told = SystemClock(), InstrumentBook(), KeptAlerts(), []
    source = DemoMarket(clock=clock, rate=400)
    async with schwab_on_simulator(source, clock) as on:

        async def by_cusip(cusip: str) -> str | None:
            found = await on.rest.instrument_by_cusip(cusip)
            return None if found is None else found.symbol

        engine = Engine(instruments=book.lookup)
        market = MarketData(
            engine=engine,
            feeds=(on.feed,),
            alerting=alerts,  # type: ignore[arg-type]
            store=None,
            instruments=book,
            bus=bus,
            clock=clock,
            watchlist=("AAPL", "/ES"),
            records_ticks=lambda: False,
            keeps_time=True,
            venue="demo",
            stale_s=lambda: 0.0,
            intake=Intake(instruments=book.lookup, limit_percent=lambda: 5.0),
        )
        rules = Rules(
            engine=engine,
            store=None,
            bus=bus,
            clock=clock,
            new_uid=lambda: f"uid {len(rules.all())}",
            on_symbols_changed=market.subscriptions.renew,
            on_changed=market.archive.want_history,
            event_now_ns=market.view.event_now_ns,
            instrument=book.lookup,
        )
        adjustments = Adjustments(
            market=market.view,
            watch_also=market.subscriptions.watch_also,
            rules=rules,
            watchlist=market.watchlist,
            store=AdjustmentStore(database=database, venue="demo"),
            bus=bus,
            clock=clock,
            by_cusip=by_cusip,
            expiry_days=lambda: 8.0,
            tell=lambda key, title, text, priority: told.append(key),
        )
        await market.start()
        await adjustments.start()
        running = asyncio.create_task(market.lines[0].run())
        made = Desk(on.simulator, source, market, rules, adjustments, alerts, told)
        await until(lambda: made.last("AAPL") and made.last("/ES"))
        yield made
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        adjustments.stop()


async def test_a_bad_print_fires_nothing_and_can_be_looked_into(desk: Desk, until: Any) -> None:
    await desk.rule_below("AAPL", 0.95)
    before = desk.last("AAPL")

    await desk.simulator.exchange.bad_print("AAPL", percent=-20.0)
    await until(lambda: desk.market.view.rejected().get("bad_print"))
    seen = desk.market.view.updates("AAPL")
    await until(lambda: desk.market.view.updates("AAPL") > seen + 3)

    (refusal,) = desk.market.view.refusals()["bad_print"]
    assert refusal.value == pytest.approx(0.8 * before, rel=0.02)
    assert desk.last("AAPL") == pytest.approx(before, rel=0.02)
    assert desk.alerts.raised == []


async def test_a_gap_that_stays_fires_once(desk: Desk, until: Any) -> None:
    await desk.rule_below("AAPL", 0.95)
    before = desk.last("AAPL")

    await desk.simulator.exchange.gap("AAPL", percent=-8.0)
    await until(lambda: desk.alerts.raised)
    await until(lambda: desk.last("AAPL") < 0.94 * before)

    assert len(desk.alerts.raised) == 1
    assert desk.market.view.rejected().get("bad_print", 0) == 0


async def test_a_halt_is_shown_and_the_price_after_it_believed(desk: Desk, until: Any) -> None:
    uid = await desk.rule_below("AAPL", 0.75)
    await desk.simulator.exchange.halt("AAPL")
    await until(lambda: desk.market.view.trading("AAPL") is TradingStatus.HALTED)
    while_halted = desk.rules.statuses(uid)[0].phase

    await desk.simulator.exchange.resume("AAPL")
    await until(lambda: desk.market.view.trading("AAPL") is TradingStatus.NORMAL)
    await desk.simulator.exchange.gap("AAPL", percent=-30.0)
    await until(lambda: desk.alerts.raised)

    assert while_halted is RulePhase.ARMED
    assert len(desk.alerts.raised) == 1
    assert desk.market.view.gate_counts()["halt"] == 2


async def test_a_contract_about_to_end_is_rolled_at_the_price_of_the_next(desk: Desk, until: Any) -> None:
    family = [name for name, each in desk.source.listings.items() if each.follows == "/ES"]
    near, following = family[0], family[1]
    await desk.rules.add_text(f"{near} last > 9000")
    await desk.simulator.exchange.expire(near, in_s=3 * DAY_S)
    await until(lambda: desk.market.view.instrument(near).expires_ns is not None)
    await until(lambda: desk.last(near))
    await desk.adjustments.look()
    (waiting,) = desk.adjustments.proposals()
    await until(lambda: desk.last(following))
    await desk.adjustments.look()

    (proposal,) = desk.adjustments.proposals()
    await desk.adjustments.apply(proposal.id)

    assert waiting.waiting
    assert proposal.days in (2, 3)
    assert proposal.shift == pytest.approx(desk.last(following) - desk.last(near), abs=2.0)
    (rule,) = desk.rules.all()
    assert rule.symbols == (following,)
    assert rule.when == f"last > {9000 + proposal.shift:g}"


async def test_a_share_that_is_renamed_is_found_again(desk: Desk, until: Any) -> None:
    await desk.rules.add_text("AAPL last > 9000")
    await desk.adjustments.look()
    await desk.simulator.exchange.rename("AAPL", to="PEAR")
    desk.simulator.streamer.drop_all()
    await until(lambda: desk.market.view.is_unheard("AAPL"))
    for _ in range(12):
        await desk.adjustments.look()

    (proposal,) = desk.adjustments.proposals()
    await desk.adjustments.apply(proposal.id)
    await until(lambda: desk.last("PEAR"))

    assert proposal.sentence == "AAPL is now called PEAR."
    assert [(rule.symbols, rule.when) for rule in desk.rules.all()] == [(("PEAR",), "last > 9000")]


async def test_a_root_that_moves_on_is_told(desk: Desk, until: Any) -> None:
    await desk.rules.add_text("/ES last > 9000")
    await until(lambda: desk.market.view.instrument("/ES").active_symbol)
    await desk.adjustments.look()
    before = desk.market.view.instrument("/ES").active_symbol

    await desk.simulator.exchange.roll("/ES")
    await until(lambda: desk.market.view.instrument("/ES").active_symbol != before)
    await desk.adjustments.look()

    assert desk.told == [f"active:/ES:{desk.market.view.instrument('/ES').active_symbol}"]


async def test_row_88_frames_that_come_twice_are_taken_once(desk: Desk, until: Any) -> None:
    await desk.simulator.mischief.begin("duplicate_frames")
    await until(lambda: desk.market.view.gate_counts().get("duplicate", 0) > 20)
    await desk.simulator.mischief.end_all()

    assert "volume_reset" not in desk.market.view.gate_counts()
    assert "late" not in desk.market.view.gate_counts()


async def test_frames_in_the_wrong_order_make_late_updates_that_can_be_looked_into(
    desk: Desk, until: Any
) -> None:
    await desk.simulator.mischief.begin("swapped_frames")
    await until(lambda: desk.market.view.rejected().get("late", 0) > 5)

    late = desk.market.view.refusals()["late"][-1]

    assert late.symbol
    assert late.event_ns > 0


@pytest.mark.parametrize(
    ("fault", "gate"),
    [
        pytest.param({"in_seconds": True}, "wrong_unit", id="seconds for milliseconds"),
        pytest.param({"shift_s": 3600.0}, "future", id="an hour ahead"),
    ],
)
async def test_stamps_that_are_wrong_are_mended_or_refused_and_make_nothing_late(
    desk: Desk, until: Any, fault: dict[str, Any], gate: str
) -> None:
    await desk.simulator.mischief.begin("wrong_stamps", **fault)
    await until(lambda: desk.market.view.gate_counts().get(gate, 0) > 10)
    await desk.simulator.mischief.end_all()
    seen = desk.market.view.updates("/ES")
    await until(lambda: desk.market.view.updates("/ES") > seen + 5)

    assert desk.market.view.rejected().get("late", 0) == 0
