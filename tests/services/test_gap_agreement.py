"""Random rules, markets and outages: a desk raises what its events, told at once, raise.

The events are those its engine was given, as a recording of the session holds them: the updates that came,
the timer's calls, the losses of sight, and the ways through the bars of outages.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.backtest.generator import make_case
from tests.backtest.markets import SECONDS, Market
from tests.fakes import ScriptedFeed
from tests.rules.live import told
from tests.services.gap_desk import MINUTE_NS, SECOND_NS, START_NS, GapDesk, Venue, second
from tests.services.test_recorded_outages import fired, replayed
from tradeassist_desktop.domain.alerts import Timing
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import Bar, MarketEvent, Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.studies.backtest import backtest
from tradeassist_desktop.recordings import RecordingWriter, read

STEP = 0.25
UPDATES = 300


@dataclass
class Notes:
    """Stands where a recorder would."""

    events: list[MarketEvent] = field(default_factory=list)

    def note(self, events: Iterable[MarketEvent]) -> None:
        self.events.extend(events)


class GrowingVenue(Venue):
    """Makes minute bars of all trades up to now, seen by the desk or not."""

    def trade(self, tick: Tick) -> None:
        if tick.last is None:
            return
        start_ns = tick.event_ns - tick.event_ns % MINUTE_NS
        size = tick.last_size or 0.0
        for place, bar in enumerate(self.bars):
            if (bar.symbol, bar.start_ns) == (tick.symbol, start_ns):
                self.bars[place] = bar._replace(
                    high=max(bar.high, tick.last),
                    low=min(bar.low, tick.last),
                    close=tick.last,
                    volume=bar.volume + size,
                )
                return
        prices = (tick.last,) * 4
        self.bars.append(Bar(tick.symbol, "1m", start_ns, start_ns + MINUTE_NS, *prices, size))


def make_ticks(chance: random.Random, symbols: tuple[str, ...]) -> list[Tick]:
    at_ns = START_NS
    prices = dict.fromkeys(symbols, 100.0)
    ticks = []
    for _ in range(UPDATES):
        symbol = chance.choice(symbols)
        at_ns += chance.choice((0, 0, 250, 500, 1000, 1000, 2000, 7000)) * 1_000_000
        prices[symbol] += STEP * chance.choice((-2, -1, 0, 1, 2))
        if chance.random() < 0.4:
            ticks.append(Tick(symbol, at_ns, at_ns, bid=prices[symbol] - STEP, ask=prices[symbol]))
        else:
            size = float(chance.randint(1, 9))
            ticks.append(Tick(symbol, at_ns, at_ns, last=prices[symbol], last_size=size))
    return ticks


async def run(desk: GapDesk, venue: GrowingVenue, ticks: list[Tick], outages: list[range]) -> None:
    """Play the market to the desk; of what lies in an outage only the venue knows."""
    desk.state(FeedState.LIVE)
    for place, tick in enumerate(ticks):
        await desk.until(second(tick.event_ns))
        venue.trade(tick)
        if any(place == outage.start for outage in outages):
            desk.state(FeedState.RECONNECTING)
        if any(place in outage for outage in outages):
            continue
        is_back = any(place == outage.stop for outage in outages)
        if is_back:
            desk.state(FeedState.LIVE)
        desk.hear(tick)
        if is_back:
            await desk.settled()
    await desk.settled()


def through_a_file(events: list[MarketEvent], path: Path) -> list[MarketEvent]:
    writer = RecordingWriter(path=path)
    writer.start()
    writer.note(events)
    writer.close()
    return list(read(path))


async def assert_agreement(seed: int, path: Path, symbols: tuple[str, ...]) -> int:
    chance = random.Random(seed)
    ticks = make_ticks(chance, symbols)
    market = Market([], symbols, frozenset(), 100.0, SECONDS, START_NS + UPDATES * SECOND_NS)
    rules: list[Rule] = [make_case(chance, market, place).rule for place in range(15)]
    places = sorted(chance.sample(range(20, UPDATES - 10), 4))
    outages = [range(*places[:2]), range(*places[2:])]
    venue, notes = GrowingVenue(), Notes()
    desk = GapDesk(path, venue, rules, (ScriptedFeed([], name="schwab"),))
    await desk.start()
    try:
        desk.market.record_to(notes)
        await run(desk, venue, ticks, outages)
        raised = [*desk.alerts, *desk.engine.finish()]
        again = Engine(instruments=instrument_of, run_id="run")
        again.set_rules(rules)

        file = path.with_name("session.csv.gz")
        repeated = list(backtest(through_a_file(notes.events, file), again))
        assert sorted(told(raised), key=str) == sorted(told(repeated), key=str)
        assert {each.id: each.timing for each in raised} == {each.id: each.timing for each in repeated}
        assert await replayed(file, rules) == fired(raised)
        return sum(alert.timing is Timing.LATE for alert in raised)
    finally:
        await desk.stop()


@pytest.mark.parametrize("seed", range(4))
async def test_a_desk_of_shares_raises_with_outages_what_it_would_raise_had_it_seen_the_bars(
    seed: int, tmp_path: Path
) -> None:
    await assert_agreement(seed, tmp_path / "desk.db", ("AAPL", "MSFT"))


@pytest.mark.parametrize("seed", range(4, 8))
async def test_a_desk_of_a_share_and_a_future_is_blind_for_the_future_alone(
    seed: int, tmp_path: Path
) -> None:
    await assert_agreement(seed, tmp_path / "desk.db", ("AAPL", "/ESU24"))


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(100, 160))
async def test_many_desks_agree(seed: int, tmp_path: Path) -> None:
    both = ("AAPL", "MSFT") if seed % 2 else ("AAPL", "/ESU24")
    await assert_agreement(seed, tmp_path / "desk.db", both)
