"""One market three ways: over a real socket, from a file as a feed, and as a backtest."""

import asyncio
import contextlib
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.backtest.cases import Case
from tests.backtest.generator import make_case
from tests.backtest.markets import SECONDS, STARTS_S, Market
from tests.schwab_on_simulator import schwab_on_simulator
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.health import FeedStatus
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_MS, Bar, Instrument, Tick, TradingStatus
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.instant import InstantOrder
from tradeassist_desktop.engine.studies.backtest import backtest
from tradeassist_desktop.feeds.replay import ReplayFeed
from tradeassist_desktop.feeds.replay_control import ReplayControl
from tradeassist_desktop.recordings import read
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import Playback, recorded_symbols

SYMBOLS = ("/ESU24", "AAPL", "$TICK")
COLUMNS = ("last", "bid", "ask", "last_size", "bid_size", "ask_size")
STEP = 0.25


def make_session(seed: int, path: Path, *, updates: int, rules: int) -> list[Case]:
    """Write a random session to a file, in milliseconds as on Schwab's wire, and return rules for it."""
    chance = random.Random(seed)
    now_ms = STARTS_S["midnight UTC"] * 1000
    market = Market([], SYMBOLS, frozenset(), 100.0, SECONDS, now_ms * NS_PER_MS)
    prices = dict.fromkeys(SYMBOLS, 100.0)
    lines = [",".join(("timestamp", "symbol", *COLUMNS))]
    for _ in range(updates):
        symbol = chance.choice(SYMBOLS)
        now_ms += chance.choice((0, 0, 1, 250, 500, 1000, 1000, 2000, 7000))
        prices[symbol] += STEP * chance.choice((-2, -1, 0, 1, 2))
        carried = {"last": prices[symbol], "last_size": float(chance.randint(1, 9))}
        if chance.random() < 0.5:
            carried = {"bid": prices[symbol] - STEP, "ask": prices[symbol] + STEP * chance.randint(0, 2)}
        stamp_ms = now_ms - (3000 if chance.random() < 0.03 else 0)
        values = [f"{carried[name]:g}" if name in carried else "" for name in COLUMNS]
        lines.append(",".join((f"{stamp_ms * NS_PER_MS}", symbol, *values)))
    path.write_text("\n".join(lines) + "\n")
    return [make_case(chance, market, place) for place in range(rules)]


@dataclass
class Listener:
    """A sink with an engine behind it, as live; before the updates of ``restarts`` it is made anew."""

    rules: Sequence[Rule]
    restarts: frozenset[int] = frozenset()
    alerts: list[Alert] = field(default_factory=list)
    closed: list[Bar] = field(default_factory=list)
    heard: int = 0

    def __post_init__(self) -> None:
        self.engine = self.new_engine()
        self.order = InstantOrder(self.engine)

    def new_engine(self) -> Engine:
        engine = Engine(instruments=instrument_of)
        engine.set_rules(self.rules)
        return engine

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        for tick in ticks:
            if self.heard in self.restarts:
                self.restart()
            self.take(self.engine.on_tick(tick))
            self.heard += 1

    def on_bar(self, bar: Bar) -> None:
        self.take(self.engine.on_bar(bar))

    def on_timer(self, utc_ns: int) -> None:
        self.take(self.engine.on_time(utc_ns))

    def on_venue_bars(self, bars: Sequence[Bar]) -> None:
        """The engine makes its own from the updates."""

    def on_trading(self, symbol: str, status: TradingStatus) -> None:
        """Halts do not concern the engine."""

    def on_missed(self, symbol: str, from_ns: int, until_ns: int) -> None:
        raise AssertionError(f"updates of {symbol} were lost")

    def on_instruments(self, instruments: Iterable[Instrument]) -> None:
        """What kinds there are, all engines know from the spelling."""

    def on_status(self, status: FeedStatus) -> None:
        """Nothing fails here."""

    def take(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            self.alerts += self.order.take(alert)

    def finish(self) -> list[Alert]:
        self.take(self.engine.finish())
        self.alerts += self.order.rest()
        return self.alerts

    def restart(self) -> None:
        old = self.engine
        self.closed += old.take_closed_bars()
        arming, market = json.loads(json.dumps([old.snapshot(), old.market_state()]))
        self.engine = self.new_engine()
        self.engine.restore(arming)
        self.engine.backfill(self.closed)
        self.engine.restore_market(market)


def told(alerts: Iterable[Alert]) -> list[tuple[object, ...]]:
    """What has to be the same of alerts, however their data came."""
    return [
        (
            each.event_ns,
            each.id,
            each.rule_name,
            each.symbol,
            str(each.status),
            each.reason,
            each.value,
            each.message,
        )
        for each in alerts
    ]


def as_history(path: Path, rules: Sequence[Rule]) -> list[Alert]:
    engine = Engine(instruments=instrument_of)
    engine.set_rules(rules)
    return list(backtest(read(path), engine))


async def as_replay(path: Path, rules: Sequence[Rule], restarts: frozenset[int] = frozenset()) -> list[Alert]:
    listener = Listener(rules, restarts)
    clock = SystemClock()
    await ReplayFeed(paths=[path], clock=clock, control=ReplayControl(clock=clock, speed=0)).run(listener)
    return listener.finish()


async def as_live(
    path: Path, rules: Sequence[Rule], restarts: frozenset[int] = frozenset(), *, updates: int
) -> list[Alert]:
    """A simulated Schwab plays the file on 127.0.0.1; the real feed decodes it for the engine."""
    listener, clock = Listener(rules, restarts), SystemClock()
    symbols = recorded_symbols([path])
    source = Playback(paths=[path], symbols=symbols, clock=clock, speed=0, settle_s=0.1)
    async with schwab_on_simulator(source, clock) as on, asyncio.timeout(30):
        on.feed.subscribe(symbols)
        running = asyncio.create_task(on.feed.run(listener))
        try:
            while listener.heard < updates:
                await asyncio.sleep(0.005)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
    return listener.finish()
