"""Where a rule would have fired: the engine's answer over what the desk has kept, from another process."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.storage.tick_rows import batches_of
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, Tick
from tradeassist_desktop.domain.rules import Rule, Trigger
from tradeassist_desktop.engine.studies.numbers import numbers_of
from tradeassist_desktop.paths import resources
from tradeassist_desktop.services.backtesting.backtests import Backtests
from tradeassist_desktop.services.backtesting.run import BacktestJob, BacktestRun
from tradeassist_desktop.services.testing.preview import MarketFile, Preview, PreviewAsk, preview
from tradeassist_desktop.services.testing.previews import Previews
from tradeassist_desktop.services.testing.sweeps import Sweeps
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore

MINUTE_NS = 60 * NS_PER_SECOND
DAY_NS = 24 * 60 * MINUTE_NS
NOW_NS = 1_719_936_000 * NS_PER_SECOND  # Tuesday 2024-07-02, 12:00 in New York
LEVEL1 = resources() / "samples" / "esu24-2024-07-02-level1.csv.gz"


def rule(when: str, *symbols: str, **fields: object) -> Rule:
    values = {"uid": "r", "name": "it", "symbols": symbols or ("/ES",), "when": when, "cooldown_ns": 0}
    return Rule(**(values | fields))  # type: ignore[arg-type]  # a test names the fields it changes


def walk(until_ns: int, minutes: int, symbol: str = "/ES") -> list[Bar]:
    chance = random.Random(minutes)
    bars, price = [], 5500.0
    for start_ns in range(until_ns - minutes * MINUTE_NS, until_ns, MINUTE_NS):
        before = price
        price += chance.choice((-0.75, -0.25, 0.25, 0.5, 0.75))
        high, low = max(before, price) + 0.25, min(before, price) - 0.25
        bars.append(Bar(symbol, "1m", start_ns, start_ns + MINUTE_NS, before, high, low, price, 10.0))
    return bars


@pytest.fixture
def store(database: Database) -> MarketStore:
    return MarketStore(database=database, venue="demo")


@pytest.fixture
async def previews(database: Database, store: MarketStore) -> AsyncIterator[Previews]:
    made = Previews(
        database=database.path,
        venue_of=store.venue_of,
        instrument=instrument_of,
        event_now_ns=lambda: NOW_NS,
    )
    yield made
    await made.close()


def here(previews: Previews, asked: Rule, *, days: int = 5) -> Preview:
    """Return what ``look`` does, found in this process."""
    return preview(PreviewAsk(asked, previews.kept(asked, days=days)))


@pytest.fixture
def bars_file(tmp_path: Path) -> Callable[[list[Bar]], Path]:
    def write(bars: list[Bar]) -> Path:
        lines = ["time,symbol,open,high,low,close,volume"]
        for symbol, _, start_ns, _, *values in bars:
            lines.append(",".join(str(each) for each in (start_ns // NS_PER_SECOND, symbol, *values)))
        path = tmp_path / "bars.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


async def test_kept_minutes_fire_as_a_backtest_of_the_same_bars_in_a_file_does(
    previews: Previews, store: MarketStore, bars_file: Callable[[list[Bar]], Path]
) -> None:
    bars = walk(NOW_NS, 12 * 60)  # since midnight in New York: the whole day that is asked for
    await store.keep_bars("/ES", bars)
    asked = rule("close[5m] crosses above ema(20)[5m] or last crosses 5501")
    run = BacktestRun(job=BacktestJob(rules=(asked,), data=(bars_file(bars),)))
    expected = [(alert.event_ns, alert.value) for alert in run.alerts()]

    found = await previews.look(asked, by="editor", days=1)

    assert len(expected) > 3
    assert [(firing.event_ns, firing.value) for firing in found.firings] == expected
    assert found.fired == len(expected)
    assert found.reports[0].horizons == run.report().rules[0].horizons
    assert (found.read[0].bars, found.first_ns, found.last_ns) == (720, bars[0].start_ns, NOW_NS)


async def test_the_time_before_the_days_that_are_asked_for_warms_indicators_up_and_fires_nothing(
    previews: Previews, store: MarketStore
) -> None:
    yesterday = walk(NOW_NS - DAY_NS, 600)
    await store.keep_bars("/ES", yesterday)
    await store.keep_bars("/ES", walk(NOW_NS, 30))

    found = here(previews, rule("ema(200)[1m] > 0", trigger=Trigger.ONCE), days=1)

    (firing,) = found.firings
    assert firing.event_ns == NOW_NS - 29 * MINUTE_NS  # the first close of today
    assert found.read[0].bars == 30


async def test_updates_are_used_where_they_are_kept_and_minutes_elsewhere(
    previews: Previews, store: MarketStore, database: Database
) -> None:
    quiet = [
        Bar("/ES", "1m", start_ns, start_ns + MINUTE_NS, 5500.0, 5510.0, 5500.0, 5500.0, 1.0)
        for start_ns in range(NOW_NS - 10 * MINUTE_NS, NOW_NS, MINUTE_NS)
    ]
    await store.keep_bars("/ES", quiet)
    within_ns = NOW_NS - 5 * MINUTE_NS + 20 * NS_PER_SECOND
    prices = [(within_ns, 5500.0), (within_ns + 1, 5507.25), (within_ns + 2, 5500.0)]
    store.keep_ticks(batches_of([Tick("/ES", ns, ns, last=price) for ns, price in prices]))
    await database.settle()

    found = here(previews, rule("last crosses above 5505"))

    # All ten minutes went up to 5510; only in one of them is it known when.
    assert [(firing.event_ns, firing.value) for firing in found.firings] == [(within_ns + 1, 5507.25)]
    assert (found.read[0].bars, found.read[0].updates) == (10, 3)


async def test_a_rule_on_two_symbols_reads_both_and_says_what_there_is_not(
    previews: Previews, store: MarketStore
) -> None:
    await store.keep_bars("/ES", walk(NOW_NS, 60))
    await store.keep_bars("$VIX", walk(NOW_NS, 60, "$VIX"))

    both = here(previews, rule("close[1m] > 0 and $VIX.close[1m] > 0"))
    none = here(previews, rule("last > 1", "AAPL"))

    assert both.fired == 1
    assert {each.symbol: each.bars for each in both.read} == {"/ES": 60, "$VIX": 60}
    assert (none.fired, none.first_ns) == (0, None)


async def test_the_newest_question_of_one_asker_ends_the_older_one_and_others_have_their_turn(
    previews: Previews, store: MarketStore
) -> None:
    await store.keep_bars("/ES", walk(NOW_NS, 60))
    long = MarketFile(LEVEL1)
    older = asyncio.create_task(previews.look(rule("rsi(14)[1m] > 1", "/ESU24"), by="editor", file=long))
    other = asyncio.create_task(previews.look(rule("last > 5501"), by="test"))
    await asyncio.sleep(0)

    newest = await previews.look(rule("last > 1"), by="editor")

    with pytest.raises(asyncio.CancelledError):
        await older
    assert newest.fired == 1
    assert (await other).rule.when == "last > 5501"


async def test_a_recording_is_looked_at_whole_or_up_to_where_its_replay_is(previews: Previews) -> None:
    asked = rule("last crosses above 5528.5", "/ESU24")
    whole = preview(PreviewAsk(asked, MarketFile(LEVEL1)))
    first_ns = whole.firings[0].event_ns

    played = preview(PreviewAsk(asked, MarketFile(LEVEL1, until_ns=first_ns)))

    assert whole.fired > 1
    assert played.fired == 1
    assert whole.firings[0].is_favourable("1m") is not None
    assert played.firings[0].move("1m") is None  # the replay has not come to it


async def test_what_cannot_be_read_is_said_and_the_next_question_is_answered(
    previews: Previews, store: MarketStore, tmp_path: Path
) -> None:
    await store.keep_bars("/ES", walk(NOW_NS, 60))

    with pytest.raises(BadInput, match="No such file"):
        await previews.look(rule("last > 1"), by="editor", file=MarketFile(tmp_path / "absent.csv"))
    with pytest.raises(BadInput, match="column 8"):
        await previews.look(rule("last > oops"), by="editor")

    assert (await previews.look(rule("last > 1"), by="editor")).fired == 1


async def test_a_sweep_gives_every_combination_what_the_rule_would_have_done_with_it(
    previews: Previews, store: MarketStore
) -> None:
    await store.keep_bars("/ES", walk(NOW_NS, 240))
    base = rule("close[1m] crosses above ema(20)[1m] and close[1m] > 5400")
    period, level = numbers_of(base)
    sweeps = Sweeps(backtests=Backtests(most_workers=1), previews=previews)

    axes = [(period, (Decimal(5), Decimal(20))), (level, (Decimal(5400), Decimal(9999)))]
    sweep = await sweeps.sweep(base, axes)

    numbers = [each.numbers for each in sweep.results]
    assert numbers == [("5", "5400"), ("5", "9999"), ("20", "5400"), ("20", "9999")]
    alone = {each.numbers: here(previews, each.rule) for each in sweep.results}
    assert [each.fired for each in sweep.results] == [alone[each.numbers].fired for each in sweep.results]
    assert sweep.results[0].fired > sweep.results[2].fired > 0
    assert sweep.results[1].fired == 0
    assert {each.rule.uid for each in sweep.results} == {"r"}
