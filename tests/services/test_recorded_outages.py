"""A session with outages, written down from some moment on, fires again what it fired from then on."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import KeptAlerts, ManualClock, ScriptedFeed
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, SightLost, Tick
from tradeassist_desktop.domain.rules import Rule, Trigger
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.studies.backtest import backtest
from tradeassist_desktop.feeds.replay import ReplayFeed
from tradeassist_desktop.feeds.replay_control import ReplayControl
from tradeassist_desktop.recordings import RecordingWriter, merge, read
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData

NOON_NS = 1_719_936_000 * NS_PER_SECOND  # Tuesday 2024-07-02, 12:00 in New York: all are in session
RULES = [
    Rule("1", "up", ("/ES",), "last > 5500", cooldown_ns=0),
    Rule("2", "held", ("/ES",), "bid <= 5500", hold_ns=2 * NS_PER_SECOND, cooldown_ns=0),
    Rule("3", "through", ("/ES", "$VIX"), "last crosses avg(bid, 3)[1s]", cooldown_ns=0),
    Rule("4", "silent", ("$VIX",), "age > 5", cooldown_ns=0),
    Rule("5", "both", ("/ES",), "last > 5499 and $VIX.last < 15", trigger=Trigger.EVERY, cooldown_ns=0),
]
LEVELS = [rule for rule in RULES if rule.name != "through"]
"""The rules that need no past: what they decide hangs on the market's present alone."""

Fired = list[tuple[int, str, str, str, float | None]]


class Session:
    """Market data on a feed that breaks off, falls silent and comes back, by a seeded chance."""

    def __init__(
        self, *, seed: int, rules: Sequence[Rule], file: Path, is_recorded_from: Callable[[int], bool]
    ) -> None:
        self.clock, self.alerts, self.chance = ManualClock(now_ns=NOON_NS), KeptAlerts(), random.Random(seed)
        self.market = desk(rules, self.alerts, self.clock, keeps_time=True)
        self._writer = RecordingWriter(path=file)
        self._is_recorded_from = is_recorded_from
        self.begun_ns = 0
        """When the recording began."""

    async def run(self) -> None:
        price = {"/ES": 5500.0, "$VIX": 15.0}
        line = self.market.lines[0]
        self.market.subscriptions.renew()
        line.on_status(FeedStatus(state=FeedState.LIVE))
        for step in range(400):
            if self._is_recorded_from(step):
                self._writer.start()
                self.market.record_to(self._writer)
                self.begun_ns = self.clock.now_ns()
            if self.chance.random() < 0.03:
                down = self.chance.choice((FeedState.RECONNECTING, FeedState.STALE, FeedState.REFUSED))
                line.on_status(FeedStatus(state=down))
                await self.clock.advance(self.chance.choice((0.5, 4, 20)))
                self.market.beats.flush()
                line.on_status(FeedStatus(state=FeedState.CONNECTING))
                line.on_status(FeedStatus(state=FeedState.LIVE))
            if self.chance.random() < 0.02:
                self.market.on_missed(line, "/ES", 0, self.clock.now_ns())
            symbol = self.chance.choice(("/ES", "/ES", "/ES", "$VIX"))
            price[symbol] += self.chance.choice((-0.75, -0.25, 0.25, 0.75))
            now_ns = self.clock.now_ns()
            tick = Tick(symbol, now_ns, now_ns, bid=price[symbol] - 0.25)
            if self.chance.random() < 0.7:
                tick = tick._replace(last=price[symbol], volume=float(step), trade_ns=now_ns)
            self.market.on_ticks([tick])
            for _ in range(self.chance.choice((0, 1, 2, 2, 5, 40))):
                await self.clock.advance(0.25)
                self.market.beats.flush()
        self._writer.close()


def desk(
    rules: Sequence[Rule], alerts: KeptAlerts, clock: Any, *, keeps_time: bool, feed: Any = None
) -> MarketData:
    engine = Engine(instruments=instrument_of, run_id="run")
    engine.set_rules(rules)
    return MarketData(
        engine=engine,
        feeds=(ScriptedFeed([]) if feed is None else feed,),
        alerting=alerts,  # type: ignore[arg-type]  # only what market data calls
        store=None,
        instruments=InstrumentBook(),
        bus=Bus(),
        clock=clock,
        watchlist=("/ES", "$VIX"),
        records_ticks=lambda: False,
        keeps_time=keeps_time,
        venue="demo",
        stale_s=lambda: 6.0,
    )


def fired(alerts: Sequence[Alert]) -> Fired:
    # A replay orders the alerts of one instant by rule and symbol; live they come as they are found.
    told = [(a.event_ns, a.rule_name, a.symbol, str(a.status), a.value) for a in alerts]
    return sorted(told, key=lambda each: (each[:4], str(each[4])))


async def replayed(file: Path, rules: Sequence[Rule]) -> Fired:
    alerts = KeptAlerts()
    control = ReplayControl(clock=SystemClock(), speed=0)
    feed = ReplayFeed(paths=[file], clock=SystemClock(), control=control)
    market = desk(rules, alerts, SystemClock(), keeps_time=False, feed=feed)
    await market.lines[0].run()
    return fired(alerts.raised)


def backtested(file: Path, rules: Sequence[Rule]) -> Fired:
    engine = Engine(instruments=instrument_of)
    engine.set_rules(rules)
    return fired(list(backtest(merge([read(file)]), engine)))


@pytest.mark.parametrize("seed", range(6))
async def test_a_session_with_outages_fires_the_same_live_replayed_and_backtested(
    tmp_path: Path, seed: int
) -> None:
    file = tmp_path / "session.csv.gz"
    session = Session(seed=seed, rules=RULES, file=file, is_recorded_from=lambda step: step == 0)

    await session.run()

    expected = fired(session.alerts.raised)
    lost = [event for event in read(file) if isinstance(event, SightLost)]
    assert len(expected) > 25
    assert {each.is_stale for each in lost} == {False, True}
    assert await replayed(file, RULES) == expected
    assert backtested(file, RULES) == expected


@pytest.mark.parametrize("seed", range(6))
async def test_a_recording_begun_within_a_session_fires_what_the_session_fired_from_then_on(
    tmp_path: Path, seed: int
) -> None:
    file = tmp_path / "session.csv.gz"
    session = Session(seed=seed, rules=LEVELS, file=file, is_recorded_from=lambda step: step == 150)

    await session.run()

    # Holds and ages that ran as the recording began are over by then; its past cannot be repeated.
    settled_ns = session.begun_ns + 6 * NS_PER_SECOND
    live = [each for each in fired(session.alerts.raised) if each[0] > settled_ns]
    again = await replayed(file, LEVELS)
    assert len(live) > 15
    assert [each for each in again if each[0] > settled_ns] == live
    assert backtested(file, LEVELS) == again
