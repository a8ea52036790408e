"""The gates of a live feed, through the market service: what rules, recordings and the trader see of them."""

from typing import Any

import pytest

from tests.fakes import KeptAlerts, ManualClock, ScriptedFeed
from tradeassist_desktop.domain.events import TradingChanged
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import NS_PER_SECOND, MarketEvent, Tick, TradingStatus
from tradeassist_desktop.domain.rules import Rule, RulePhase
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.market.intake import Intake
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData

TEN_NS = 1_719_928_800 * NS_PER_SECOND  # Tuesday 2024-07-02, 10:00 in New York


class Notebook:
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[MarketEvent] = []

    def note(self, events: Any) -> None:
        self.events.extend(events)


class Floor:
    """A market with one rule each on AAPL, times in seconds after 10:00 in New York."""

    def __init__(self, bus: Bus, clock: ManualClock) -> None:
        book = InstrumentBook()
        self.engine = Engine(instruments=book.lookup)
        self.alerts = KeptAlerts()
        self.percent = 5.0
        self.clock = clock
        self.notebook = Notebook()
        self.market = MarketData(
            engine=self.engine,
            feeds=(ScriptedFeed([]),),
            alerting=self.alerts,  # type: ignore[arg-type]
            store=None,
            instruments=book,
            bus=bus,
            clock=clock,
            watchlist=("AAPL",),
            records_ticks=lambda: False,
            keeps_time=True,
            venue="demo",
            stale_s=lambda: 60.0,
            intake=Intake(instruments=book.lookup, limit_percent=lambda: self.percent),
        )
        self.market.record_to(self.notebook)

    def become(self, state: FeedState) -> None:
        self.market.lines[0].on_status(FeedStatus(state=state, name="demo"))

    def tick(self, at: float, **fields: Any) -> None:
        event_ns = TEN_NS + round(at * NS_PER_SECOND)
        self.market.on_ticks([Tick("AAPL", event_ns, event_ns, **fields)])

    @property
    def fired_at(self) -> list[float]:
        return [(alert.event_ns - TEN_NS) / NS_PER_SECOND for alert in self.alerts.raised]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now_ns=TEN_NS)


@pytest.fixture
async def floor(bus: Bus, clock: ManualClock) -> Floor:
    made = Floor(bus, clock)
    made.engine.set_rules([Rule("low", "low", ("AAPL",), "last < 95", cooldown_ns=0)])
    await made.market.start()
    made.become(FeedState.LIVE)
    made.tick(0, bid=99.9, ask=100.1, last=100.0, volume=1000.0)
    return made


def test_a_fat_finger_fires_nothing_and_is_counted(floor: Floor) -> None:
    floor.tick(1, last=80.0, volume=1100.0)
    floor.tick(2, last=100.0, volume=1200.0)

    assert floor.fired_at == []
    assert floor.market.view.rejected() == {"bad_print": 1}
    assert [refusal.value for refusal in floor.market.view.refusals()["bad_print"]] == [80.0]


def test_a_real_gap_fires_at_the_update_that_bears_it_out(floor: Floor) -> None:
    floor.tick(1, last=92.0, volume=1100.0)
    floor.tick(1.2, bid=91.9, ask=92.1)

    assert floor.fired_at == [1.2]
    assert floor.market.view.rejected() == {}
    assert floor.market.view.gate_counts() == {"bad_print": 0, "borne_out": 1}


def test_the_limit_is_the_traders(floor: Floor) -> None:
    floor.percent = 0.0

    floor.tick(1, last=80.0, volume=1100.0)

    assert floor.fired_at == [1.0]


def test_after_an_interruption_the_next_price_is_believed(floor: Floor) -> None:
    floor.become(FeedState.RECONNECTING)
    floor.become(FeedState.LIVE)

    floor.tick(5, last=80.0, volume=5000.0)

    assert floor.fired_at == [5.0]


def test_a_recording_holds_what_was_believed_and_fires_the_same(floor: Floor) -> None:
    for at, fields in enumerate(
        (
            {"last": 80.0, "volume": 1100.0},
            {"last": 100.0, "volume": 1200.0},
            {"last": 92.0, "volume": 1300.0},
            {"bid": 91.9, "ask": 92.1},
            {"bid": 91.9, "ask": 92.1, "volume": 1300.0},
            {"bid": 91.9, "ask": 92.1, "volume": 1300.0},
        )
    ):
        floor.tick(1 + at, **fields)
    again = Engine(instruments=InstrumentBook().lookup)
    again.set_rules([Rule("low", "low", ("AAPL",), "last < 95", cooldown_ns=0)])

    replayed = [
        alert for event in floor.notebook.events if isinstance(event, Tick) for alert in again.on_tick(event)
    ]

    assert [alert.event_ns for alert in replayed] == [alert.event_ns for alert in floor.alerts.raised]
    assert len(replayed) == 1


def test_a_volume_that_falls_is_a_new_baseline_and_counted(floor: Floor) -> None:
    floor.tick(1, volume=10.0)

    (reset,) = floor.market.view.refusals()["volume_reset"]
    assert (reset.value, reset.reference) == (10.0, 1000.0)
    assert floor.market.view.rejected() == {}


async def test_row_88_updates_that_come_twice_make_bars_and_volume_once(floor: Floor) -> None:
    twice = Floor(Bus(), floor.clock)
    await twice.market.start()
    twice.tick(0, bid=99.9, ask=100.1, last=100.0, volume=1000.0)
    for at in range(1, 130):
        for market in (floor, twice, twice):
            market.tick(at, last=100.0 + at / 100, volume=1000.0 + 10 * at)

    bars = twice.engine.take_closed_bars()

    assert bars == floor.engine.take_closed_bars()
    assert [bar.volume for bar in bars] == [590.0, 600.0]
    assert twice.market.view.gate_counts() == {"duplicate": 129}


def test_row_88_a_late_update_neither_fires_again_nor_takes_back(floor: Floor) -> None:
    floor.tick(1, bid=93.9, ask=94.1, last=94.0, volume=1100.0)
    floor.tick(0.5, last=100.0, volume=1050.0)
    floor.tick(2, last=94.1, volume=1200.0)

    assert floor.fired_at == [1.0]


def test_a_late_update_can_be_looked_into(floor: Floor) -> None:
    floor.tick(-1, last=80.0)

    (late,) = floor.market.view.refusals()["late"]
    assert (late.symbol, late.value, late.reference) == ("AAPL", 80.0, 100.0)
    assert floor.fired_at == []


async def stand_still(floor: Floor, clock: ManualClock, seconds: int) -> None:
    for _ in range(seconds):
        await clock.advance(1)
        floor.market.beats.flush()


async def test_a_halted_symbol_is_not_stale_and_its_rules_keep_their_state(
    floor: Floor, bus: Bus, clock: ManualClock
) -> None:
    heard: list[TradingChanged] = []
    bus.subscribe(TradingChanged, heard.append)
    sink = floor.market.lines[0]

    sink.on_trading("AAPL", TradingStatus.HALTED)
    sink.on_trading("AAPL", TradingStatus.HALTED)
    await stand_still(floor, clock, 200)

    assert floor.engine.status("low")[0].phase is RulePhase.ARMED
    assert floor.market.view.trading("AAPL") is TradingStatus.HALTED
    assert [event.status for event in heard] == [TradingStatus.HALTED]
    assert floor.market.view.gate_counts() == {"halt": 1}


async def test_a_share_that_reopens_30_percent_lower_fires_at_once(floor: Floor, clock: ManualClock) -> None:
    sink = floor.market.lines[0]
    sink.on_trading("AAPL", TradingStatus.HALTED)
    floor.tick(30, bid=99.9, ask=100.1)

    sink.on_trading("AAPL", TradingStatus.NORMAL)
    floor.tick(31, last=70.0, volume=9000.0)

    assert floor.fired_at == [31.0]
    assert floor.market.view.trading("AAPL") is TradingStatus.NORMAL


async def test_a_symbol_that_trades_again_is_given_its_time_before_it_is_stale(
    floor: Floor, clock: ManualClock
) -> None:
    sink = floor.market.lines[0]
    sink.on_trading("AAPL", TradingStatus.HALTED)
    await stand_still(floor, clock, 200)

    sink.on_trading("AAPL", TradingStatus.NORMAL)
    await stand_still(floor, clock, 55)
    meanwhile = floor.engine.status("low")[0].phase
    await stand_still(floor, clock, 10)

    assert (meanwhile, floor.engine.status("low")[0].phase) == (RulePhase.ARMED, RulePhase.BLIND)
