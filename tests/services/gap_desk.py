"""A desk whose feeds a test interrupts, over real services and a real database."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.empty_database import empty_database
from tests.fakes import ManualClock, RecordingChannel, ScriptedFeed
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.errors import NotNow, TradeAssistError
from tradeassist_desktop.domain.events import AlertRaised
from tradeassist_desktop.domain.gaps import Gap
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import Bar, Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.market.intake import Intake
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.planning import to_channels
from tradeassist_desktop.services.gaps.ledger import GapLedger
from tradeassist_desktop.services.gaps.plan import GapPlan
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData
from tradeassist_desktop.storage import arming
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import GapStore, MarketStore

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
START_NS = 1_719_927_000 * SECOND_NS
"""2 July 2024, 09:30 in New York: a minute begins."""


def ns(second: float) -> int:
    return START_NS + round(second * SECOND_NS)


def trade(symbol: str, second: float, last: float, volume: float | None = None) -> Tick:
    return Tick(symbol, ns(second), ns(second), last=last, volume=volume)


def minute(symbol: str, number: int, *prices: float, volume: float = 100.0) -> Bar:
    """The bar of minute 0, 1, 2 …: open, high, low, close."""
    start_ns = START_NS + number * MINUTE_NS
    open_, high, low, close = prices if len(prices) == 4 else prices * 4
    return Bar(symbol, "1m", start_ns, start_ns + MINUTE_NS, open_, high, low, close, volume)


@dataclass
class Venue:
    """What a venue keeps of the past; answers once ``answers`` is set, after so many failures."""

    bars: list[Bar] = field(default_factory=list)
    refuses: frozenset[str] = frozenset()
    failures: int = 0
    asked: list[str] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    async def gap_bars(self, symbol: str, from_ns: int, until_ns: int) -> Sequence[Bar]:
        self.asked.append(symbol)
        await self.answers.wait()
        if self.failures > 0:
            self.failures -= 1
            raise NotNow("the venue is not back yet.")
        if symbol in self.refuses:
            raise TradeAssistError("the budget is spent.")
        return [
            bar
            for bar in self.bars
            if bar.symbol == symbol and bar.end_ns > from_ns and bar.start_ns < until_ns
        ]


class GapDesk:
    """One start of the program; time is moved to event times in seconds from ``START_NS``."""

    def __init__(
        self,
        path: Path,
        venue: Venue,
        rules: Sequence[Rule],
        feeds: Sequence[ScriptedFeed],
        *,
        clock: Any = None,
        limit_percent: float | None = None,
    ) -> None:
        self.clock = clock or ManualClock(now_ns=START_NS)
        self.bus = Bus()
        self.venue = venue
        self.database = Database(path=empty_database(path), bus=self.bus)
        self.engine_book = InstrumentBook()
        self.engine = Engine(instruments=self.engine_book.lookup, run_id="run")
        self.engine.set_rules(rules)
        self.toast = RecordingChannel("toast")
        self.alerts: list[Alert] = []
        self.bus.subscribe(AlertRaised, lambda event: self.alerts.append(event.alert))
        self.dispatcher = Dispatcher(
            database=self.database, bus=self.bus, clock=self.clock, channels={"toast": self.toast}
        )
        self.alerting = Alerting(
            database=self.database,
            bus=self.bus,
            clock=self.clock,
            plan=to_channels(lambda alert: ("toast",)),
            dispatcher=self.dispatcher,
        )
        self.ledger = GapLedger(store=GapStore(database=self.database), bus=self.bus)
        self.repair_s = 3.0
        self.repair_hours = 8.0
        self.market = MarketData(
            engine=self.engine,
            feeds=feeds,
            alerting=self.alerting,
            store=MarketStore(database=self.database, venue="schwab"),
            instruments=self.engine_book,
            bus=self.bus,
            clock=self.clock,
            watchlist=(),
            records_ticks=lambda: True,
            keeps_time=True,
            venue="schwab",
            stale_s=lambda: 60.0,
            intake=None
            if limit_percent is None
            else Intake(instruments=self.engine_book.lookup, limit_percent=lambda: limit_percent),
            gap_plan=GapPlan(
                ledger=self.ledger,
                fetch_gap=venue.gap_bars,
                repair_s=lambda: self.repair_s,
                repair_hours=lambda: self.repair_hours,
            ),
        )
        self._repairing: asyncio.Task[None] | None = None
        self._is_over = False

    async def start(self) -> "GapDesk":
        await self.database.start()
        self.market.restore_arming(await self.database.read(arming.load))
        await self.dispatcher.start()
        await self.alerting.start()
        await self.market.start()
        assert self.market.gaps is not None
        self._repairing = asyncio.create_task(self.market.gaps.repair.run())
        return self

    async def stop(self) -> None:
        """End in order, as the program does."""
        await self.kill(finishes=True)

    async def kill(self, *, finishes: bool = False) -> None:
        """End with what is on disk by now; harmless the second time."""
        if self._is_over:
            return
        self._is_over = True
        if self._repairing is not None:
            self._repairing.cancel()
            await asyncio.gather(self._repairing, return_exceptions=True)
        if finishes:
            self.market.beats.finish()
        await self.database.settle()
        await self.alerting.stop()
        if finishes:
            self.market.beats.keep()
        await self.dispatcher.stop()
        await self.database.stop()

    async def until(self, second: float) -> None:
        """Let time pass up to that second, the desk's timer running."""
        while self.clock.now_ns() < ns(second):
            await self.clock.advance(min(1.0, (ns(second) - self.clock.now_ns()) / SECOND_NS))
            self.market.beats.flush()

    def hear(self, *ticks: Tick, line: int = 0) -> None:
        self.market.lines[line].on_ticks(ticks)

    def state(self, state: FeedState, line: int = 0, *, delayed: Iterable[str] = ()) -> None:
        feed = self.market.lines[line]
        feed.on_status(FeedStatus(state=state, name=feed.name, delayed=frozenset(delayed)))

    async def settled(self) -> None:
        """Let everything that can go on without time passing do so, what storage does included."""
        for _ in range(20):
            await self.clock.advance(0)
            await self.database.settle()

    @property
    def gaps(self) -> list[tuple[str, float, float | None, str, int, int]]:
        """Symbol, from, until (seconds), state, bars and late alerts of the ledger, oldest first."""
        return [
            (
                gap.symbol,
                second(gap.from_ns),
                None if gap.until_ns is None else second(gap.until_ns),
                str(gap.state),
                gap.bars,
                gap.late_alerts,
            )
            for gap in reversed(self.ledger.newest())
        ]

    @property
    def newest_gap(self) -> Gap:
        return self.ledger.newest()[0]

    @property
    def fired(self) -> list[tuple[float, str]]:
        """Second and timing of what fired, as it was announced."""
        fired = [alert for alert in self.alerts if alert.status == "fired"]
        return [(second(alert.event_ns), str(alert.timing)) for alert in fired]


def second(at_ns: int) -> float:
    return (at_ns - START_NS) / SECOND_NS
