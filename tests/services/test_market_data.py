"""Market data through the real engine, rules, outbox and database; only the feed and the clock are ours."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes import ManualClock, RecordingChannel, ScriptedFeed
from tests.rule_changes import put, remove, switch
from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.errors import BadInput, NotNow, TradeAssistError
from tradeassist_desktop.domain.events import HistoryGrew, RulesChanged, WatchlistChanged
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Instrument, Tick
from tradeassist_desktop.domain.rules import RulePhase, Trigger
from tradeassist_desktop.domain.watching import moved, symbols_of
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.changes import Overtaken
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.planning import to_channels
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData
from tradeassist_desktop.services.rules import Rules
from tradeassist_desktop.storage import alerts, arming, ticks
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore, RuleStore

START_NS = 1_700_000_000_000_000_000
SECOND_NS = 1_000_000_000
OPEN_S = 17 * 3600  # Wednesday, 10:13 in New York


def tick(symbol: str, price: float, *, at_s: float, delay_ms: int = 5) -> Tick:
    event_ns = START_NS + int(at_s * SECOND_NS)
    return Tick(symbol, event_ns, event_ns + delay_ms * 1_000_000, last=price, volume=100.0 + at_s)


@pytest.fixture
async def desk(
    database: Database, bus: Bus, clock: ManualClock
) -> AsyncIterator[Callable[..., SimpleNamespace]]:
    """Builds desks on one database, as one start of the program after another does."""
    running: list[SimpleNamespace] = []

    async def build(
        *,
        keeps_time: bool = True,
        records_ticks: bool = True,
        venue: str = "demo",
        fetch_bars: Any = None,
        feed: ScriptedFeed | None = None,
        beside: Sequence[ScriptedFeed] = (),
    ) -> SimpleNamespace:
        feed = feed or ScriptedFeed([])
        book = InstrumentBook()
        engine = Engine(instruments=book.lookup, run_id=f"run {len(running)}")
        toast = RecordingChannel("toast")
        dispatcher = Dispatcher(database=database, bus=bus, clock=clock, channels={"toast": toast})
        alerting = Alerting(
            database=database,
            bus=bus,
            clock=clock,
            plan=to_channels(lambda alert: ("toast",)),
            dispatcher=dispatcher,
        )
        store = MarketStore(database=database, venue=venue)
        market = MarketData(
            engine=engine,
            feeds=(feed, *beside),
            alerting=alerting,
            store=store,
            instruments=book,
            bus=bus,
            clock=clock,
            watchlist=symbols_of(await store.watchlist()) or ("/ES",),
            records_ticks=lambda: records_ticks,
            keeps_time=keeps_time,
            venue=venue,
            stale_s=lambda: 60.0,
            fetch_bars=fetch_bars,
        )
        rule_store = RuleStore(database=database)
        rules = Rules(
            engine=engine,
            store=rule_store,
            bus=bus,
            clock=clock,
            new_uid=lambda: f"uid {len(rules.all())}",
            on_symbols_changed=market.subscriptions.renew,
            on_changed=market.archive.want_history,
            event_now_ns=market.view.event_now_ns,
            instrument=book.lookup,
        )
        rules.load(await rule_store.all())
        market.restore_arming(await database.read(arming.load))
        await dispatcher.start()
        await alerting.start()
        await market.start()
        made = SimpleNamespace(
            market=market,
            rules=rules,
            feed=feed,
            alerting=alerting,
            dispatcher=dispatcher,
            toast=toast,
            engine=engine,
            database=database,
        )
        running.append(made)
        return made

    yield build
    for made in running:
        await made.alerting.stop()
        await made.dispatcher.stop()


async def test_what_fires_is_saved_with_its_arming_and_delivered(desk, database, until) -> None:
    now = await desk()
    rule = await now.rules.add_text("/ES last > 5530")

    now.market.on_ticks([tick("/ES", 5529.0, at_s=0), tick("/ES", 5531.0, at_s=1)])
    await until(lambda: now.toast.messages)

    (kept,) = await database.read(lambda c: alerts.recent(c, limit=10))
    states = await database.read(arming.load)
    assert (kept.alert.rule_uid, kept.alert.value) == (rule.uid, 5531.0)
    assert f"demo:{rule.uid}|/ES" in states
    assert now.toast.messages[0].body or now.toast.messages[0].title


async def test_a_restart_fires_nothing_again_for_what_is_still_true(desk, until) -> None:
    before = await desk()
    await before.rules.add_text("/ES last > 5530")
    before.market.on_ticks([tick("/ES", 5531.0, at_s=0)])
    await until(lambda: before.toast.messages)
    await before.alerting.stop()
    await before.dispatcher.stop()

    after = await desk()
    after.market.on_ticks([tick("/ES", 5532.0, at_s=120)])
    await after.alerting.drain(5)

    assert after.toast.messages == []


async def test_the_feed_is_asked_for_the_watchlist_and_what_rules_read(desk) -> None:
    now = await desk()

    await now.market.watchlist.add(" aapl ")
    rule = await now.rules.add_text("/NQ last > $VIX.last")
    with_rule = now.feed.symbols
    await remove(now.rules, [rule.uid])

    assert with_rule == {"/ES", "AAPL", "/NQ", "$VIX"}
    assert now.feed.symbols == {"/ES", "AAPL"}


async def test_the_watchlist_keeps_its_order_over_a_restart_and_tells_the_bus(desk, bus) -> None:
    heard: list[WatchlistChanged] = []
    bus.subscribe(WatchlistChanged, heard.append)
    before = await desk()

    await before.market.watchlist.add("AAPL")
    await before.market.watchlist.add("$VIX")
    await before.market.watchlist.arrange(moved(before.market.watchlist.groups, ["$VIX"], "", 0))
    await before.market.watchlist.remove("/ES")

    assert (await desk()).market.watchlist.symbols == ("$VIX", "AAPL")
    assert heard[-1].symbols == ("$VIX", "AAPL")


async def test_updates_and_bars_are_kept_and_the_next_start_knows_them(desk, database) -> None:
    before = await desk()
    before.market.on_ticks([tick("/ES", 100.0 + n, at_s=n * 30) for n in range(7)])
    before.market.beats.finish()
    await database.settle()

    after = await desk()

    stored = await database.read(
        lambda c: ticks.load(c, "demo", "/ES", since_ns=START_NS, until_ns=START_NS + 3600 * SECOND_NS)
    )
    closes = [bar.close for bar in await after.market.view.bars("/ES", "1m", 10)]
    assert len(stored) == 7
    assert closes == [bar.close for bar in await before.market.view.bars("/ES", "1m", 10)]
    assert len(closes) >= 3


async def test_what_came_is_on_disk_after_some_seconds(desk, database, clock) -> None:
    now = await desk()
    running = asyncio.create_task(now.market.beats.run())
    symbols = [f"S{number}" for number in range(100)]

    now.market.on_ticks([tick(symbol, 100.0, at_s=0) for symbol in symbols])
    await clock.advance(4)
    await database.settle()

    kept = await database.read(
        lambda c: [len(ticks.load(c, "demo", symbol, since_ns=0, until_ns=2**62)) for symbol in symbols]
    )
    assert kept == [1] * len(symbols)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_ticks_are_not_kept_where_the_trader_does_not_want_it(desk, database) -> None:
    now = await desk(records_ticks=False)

    now.market.on_ticks([tick("/ES", 100.0, at_s=0)])
    now.market.beats.finish()
    await database.settle()

    assert await database.read(lambda c: ticks.load(c, "demo", "/ES", since_ns=0, until_ns=2**62)) == []


async def test_between_updates_the_clock_closes_bars_one_second_after_their_end(desk, clock) -> None:
    now = await desk()
    now.market.lines[0].on_status(FeedStatus(state=FeedState.LIVE, name="demo"))
    end_of_minute_s = 60 - START_NS // SECOND_NS % 60
    now.market.on_ticks([tick("/ES", 100.0, at_s=0, delay_ms=0)])

    await clock.advance(end_of_minute_s + 0.9)
    now.market.beats.flush()
    just_before = await now.market.view.bars("/ES", "1m", 10)
    await clock.advance(0.2)
    now.market.beats.flush()

    assert just_before == []
    assert [bar.close for bar in await now.market.view.bars("/ES", "1m", 10)] == [100.0]


async def test_a_replay_is_driven_by_its_own_time_alone(desk, clock) -> None:
    now = await desk(keeps_time=False)
    now.market.on_ticks([tick("/ES", 100.0, at_s=0)])

    await clock.advance(600)
    now.market.beats.flush()

    assert await now.market.view.bars("/ES", "1m", 10) == []
    assert now.market.view.event_now_ns() == START_NS


async def test_a_symbol_that_was_subscribed_and_sends_nothing_is_silent(desk) -> None:
    now = await desk()
    before_live = now.market.view.is_silent("/ES")
    now.market.lines[0].on_status(FeedStatus(state=FeedState.LIVE, name="demo"))
    live = now.market.view.is_silent("/ES")
    now.market.on_ticks([tick("/ES", 100.0, at_s=0)])

    assert (before_live, live, now.market.view.is_silent("/ES")) == (False, True, False)


async def test_recorded_bars_reach_the_engine_and_the_chart(desk) -> None:
    now = await desk(keeps_time=False)
    await now.market.watchlist.add("6E")
    minute = 60 * SECOND_NS
    first = START_NS - START_NS % minute

    for n in range(3):
        start_ns = first + n * minute
        now.market.on_bar(Bar("6E", "1m", start_ns, start_ns + minute, 1.0, 9.0, 0.9, 1.1 + n, 10.0))
    now.market.lines[0].on_status(FeedStatus(state=FeedState.FINISHED, name="replay"))

    assert [bar.close for bar in await now.market.view.bars("6E", "1m", 10)] == [1.1, 2.1, 3.1]
    assert now.market.view.closed_bars_count("6E", "1m") == 3


async def test_what_the_feed_knows_of_a_symbol_replaces_what_its_spelling_tells(desk) -> None:
    now = await desk()
    guessed = now.market.view.instrument("/ES")

    now.market.on_instruments([Instrument("/ES", description="E-mini S&P 500", tick_size=0.25, decimals=2)])

    assert guessed.tick_size == 0.25
    assert now.market.view.instrument("/ES").description == "E-mini S&P 500"


async def test_a_rule_switched_off_is_quiet_and_on_again_starts_anew(desk, until) -> None:
    now = await desk()
    rule = await now.rules.add_text("/ES last > 5530")
    await switch(now.rules, [rule.uid], active=False)
    now.market.on_ticks([tick("/ES", 5531.0, at_s=0)])
    while_off = now.rules.statuses(rule.uid)[0].phase

    await switch(now.rules, [rule.uid], active=True)
    now.market.on_ticks([tick("/ES", 5532.0, at_s=1)])
    await until(lambda: now.toast.messages)

    assert while_off is RulePhase.OFF
    assert len(now.toast.messages) == 1


async def test_a_rule_that_was_to_fire_once_switches_itself_off_for_good(desk, clock, until) -> None:
    now = await desk()
    rule = await now.rules.add_text("/ES last > 5530")
    await put(now.rules, replace(rule, trigger=Trigger.ONCE))
    watch = asyncio.create_task(now.rules.run())

    now.market.on_ticks([tick("/ES", 5531.0, at_s=0)])
    await clock.advance(1)
    await until(lambda: not now.rules.get(rule.uid).active)
    watch.cancel()

    assert [kept.active for kept in (await desk()).rules.all()] == [False]


async def test_a_removed_rule_comes_back_to_its_place(desk, bus) -> None:
    heard: list[RulesChanged] = []
    bus.subscribe(RulesChanged, heard.append)
    now = await desk()
    made = [await now.rules.add_text(f"/ES last > {level}") for level in (1, 2, 3)]

    removal = await remove(now.rules, [made[1].uid])
    without = [rule.when for rule in now.rules.all()]
    await removal.undo()

    assert without == ["last > 1", "last > 3"]
    assert [rule.when for rule in now.rules.all()] == ["last > 1", "last > 2", "last > 3"]
    assert [rule.when for rule in (await desk()).rules.all()] == ["last > 1", "last > 2", "last > 3"]
    assert heard[-1].uids == (made[1].uid,)


async def test_the_same_condition_twice_gets_a_name_of_its_own(desk) -> None:
    now = await desk()

    first = await now.rules.add_text("/ES last > 5530")
    second = await now.rules.add_text("/ES last > 5530")

    assert second.name == f"{first.name} (2)"


async def test_a_bad_rule_is_refused_with_its_column_and_changes_nothing(desk) -> None:
    now = await desk()

    with pytest.raises(BadInput) as refusal:
        await now.rules.add_text("/ES last crosses abve 5530")

    assert refusal.value.faults[0].column is not None
    assert now.rules.all() == ()


async def test_levels_and_reasons_of_a_rule_can_be_looked_into(desk) -> None:
    now = await desk()
    rule = await now.rules.add_text("/ES last > 5530 and bid > 1")
    now.market.on_ticks([tick("/ES", 5529.0, at_s=0)])

    legs = now.rules.explain(rule.uid, "/ES").legs

    assert [level.price for level in now.rules.levels("/ES")] == [5530.0, 1.0]
    assert [(leg.left, leg.is_true) for leg in legs] == [(5529.0, False), (None, None)]
    assert "5,530" in now.rules.in_words(rule)


async def test_a_step_of_the_wall_clock_ends_no_hold_early(desk, clock) -> None:
    now = await desk()
    rule = await now.rules.add_text("/ES last > 5530")
    await put(now.rules, replace(rule, hold_ns=600 * SECOND_NS))
    now.market.lines[0].on_status(FeedStatus(state=FeedState.LIVE, name="demo"))
    now.market.on_ticks([tick("/ES", 5531.0, at_s=0)])

    clock.set_wall(clock.now_ns() + 3600 * SECOND_NS)
    await clock.advance(599)
    now.market.beats.flush()
    before = now.rules.statuses(rule.uid)[0].fired
    await clock.advance(2)
    now.market.beats.flush()

    assert (before, now.rules.statuses(rule.uid)[0].fired) == (0, 1)


async def test_a_feed_that_is_down_is_no_evidence_that_a_condition_held(desk, clock) -> None:
    now = await desk()
    rule = await now.rules.add_text("/ES last > 5530")
    await put(now.rules, replace(rule, hold_ns=60 * SECOND_NS))
    now.market.lines[0].on_status(FeedStatus(state=FeedState.LIVE, name="demo"))
    now.market.on_ticks([tick("/ES", 5531.0, at_s=0)])

    now.market.lines[0].on_status(FeedStatus(state=FeedState.RECONNECTING, name="demo"))
    await clock.advance(300)
    now.market.beats.flush()

    assert now.rules.statuses(rule.uid)[0].fired == 0


async def test_what_is_true_of_the_demo_does_not_keep_a_rule_quiet_on_real_prices(desk, until) -> None:
    demo = await desk()
    await demo.rules.add_text("/ES last > 5530")
    demo.market.on_ticks([tick("/ES", 5531.0, at_s=0)])
    await until(lambda: demo.toast.messages)
    await demo.alerting.stop()
    await demo.dispatcher.stop()

    real = await desk(venue="schwab")
    real.market.on_ticks([tick("/ES", 5531.0, at_s=1)])
    await until(lambda: real.toast.messages)

    assert len(real.toast.messages) == 1


async def test_a_rule_that_fired_once_can_be_armed_again_after_a_restart(desk, clock, until) -> None:
    before = await desk()
    rule = await before.rules.add_text("/ES last > 5530")
    await put(before.rules, replace(rule, trigger=Trigger.ONCE))
    before.market.on_ticks([tick("/ES", 5531.0, at_s=0)])
    await until(lambda: before.toast.messages)
    await switch(before.rules, [rule.uid], active=False)
    await before.alerting.stop()
    await before.dispatcher.stop()

    after = await desk()
    await switch(after.rules, [rule.uid], active=True)
    after.market.on_ticks([tick("/ES", 5532.0, at_s=120)])
    await until(lambda: after.toast.messages)

    assert after.rules.statuses(rule.uid)[0].phase is RulePhase.SPENT


async def test_a_restart_keeps_the_last_bar_and_goes_on_with_the_forming_hour(desk, database) -> None:
    hour = 3600 * SECOND_NS
    first_s = (hour - START_NS % hour) // SECOND_NS
    before = await desk()
    await before.market.view.bars("/ES", "1h", 1)
    before.market.on_ticks([tick("/ES", 90.0 + n, at_s=first_s + n * 20) for n in range(90)])
    before.market.beats.flush()
    await database.settle()
    kept = await before.market.view.bars("/ES", "1m", 100)

    after = await desk()
    await after.market.view.bars("/ES", "1h", 1)
    last_of_kept = (kept[-1].end_ns - START_NS) / SECOND_NS - 1
    after.market.on_ticks([tick("/ES", 5.0, at_s=last_of_kept), tick("/ES", 100.0, at_s=last_of_kept + 120)])
    after.market.beats.flush()
    await database.settle()

    forming = after.market.view.forming_bar("/ES", "1h")
    assert [
        bar for bar in await after.market.view.bars("/ES", "1m", 100) if bar.start_ns <= kept[-1].start_ns
    ] == kept
    assert forming is not None and forming.open == kept[0].open and forming.high >= kept[-1].high


async def test_two_removals_of_a_first_rule_can_be_undone_in_any_order(desk) -> None:
    now = await desk()
    made = [await now.rules.add_text(f"/ES last > {level}") for level in (1, 2, 3)]
    first = await remove(now.rules, [made[0].uid])
    second = await remove(now.rules, [made[1].uid])

    await first.undo()
    await second.undo()

    assert [rule.when for rule in now.rules.all()] == ["last > 1", "last > 2", "last > 3"]


async def test_changes_at_once_bring_no_removed_rule_back(desk) -> None:
    now = await desk()
    rule = await now.rules.add_text("/ES last > 1")

    _, late = await asyncio.gather(
        remove(now.rules, [rule.uid]), switch(now.rules, [rule.uid], active=False), return_exceptions=True
    )

    assert isinstance(late, Overtaken)
    assert now.rules.all() == ()
    assert (await desk()).rules.all() == ()


async def stop(desk: SimpleNamespace) -> None:
    """End a desk in order, as the program does."""
    desk.market.beats.finish()
    await desk.database.settle()
    await desk.alerting.stop()
    desk.market.beats.keep()
    await desk.dispatcher.stop()
    await desk.database.settle()


def live(desk: SimpleNamespace) -> None:
    desk.market.lines[0].on_status(FeedStatus(state=FeedState.LIVE, name="demo"))


async def test_a_rule_made_now_knows_the_bars_of_yesterday(desk, database) -> None:
    before = await desk()
    before.market.on_ticks([tick("/ES", 100.0 + n, at_s=n * 60) for n in range(30)])
    before.market.beats.flush()
    await database.settle()
    await stop(before)

    after = await desk()
    rule = await after.rules.add_text("/ES sma(5)[5m] > 1")
    await after.market.archive.fill_history()

    (leg,) = after.rules.explain(rule.uid, "/ES").legs
    assert leg.left is not None


@asynccontextmanager
async def asking_the_feed(now: SimpleNamespace) -> AsyncIterator[None]:
    fetching = asyncio.create_task(now.market.archive.fetch_history())
    try:
        yield
    finally:
        fetching.cancel()
        with suppress(asyncio.CancelledError):
            await fetching


async def test_what_the_disk_does_not_have_is_asked_of_the_feed_once(desk, until) -> None:
    asked = []

    async def fetch_bars(symbol: str, timeframe: str, count: int) -> list[Bar]:
        asked.append((symbol, timeframe))
        length = 900 * SECOND_NS
        first = START_NS // length * length - count * length
        return [
            Bar(symbol, timeframe, first + n * length, first + (n + 1) * length, 1.0, 1.0, 1.0, 1.0, 1.0)
            for n in range(count)
        ]

    now = await desk(fetch_bars=fetch_bars)
    rule = await now.rules.add_text("/NQ sma(5)[15m] > 1")
    async with asking_the_feed(now):
        await now.market.archive.fill_history()
        await until(lambda: now.rules.explain(rule.uid, "/NQ").legs[0].left == 1.0)
        await now.market.archive.fill_history()

    assert [each for each in asked if each[0] == "/NQ"] == [("/NQ", "15m")]


async def test_a_feed_that_cannot_tell_now_is_asked_again_later(desk, clock, until) -> None:
    answers = [NotNow("Schwab asks for a pause of 40 s.", wait_s=40.0)]

    async def fetch_bars(symbol: str, timeframe: str, count: int) -> list[Bar]:
        if answers:
            raise answers.pop()
        return [
            Bar(symbol, timeframe, n * SECOND_NS * 60, (n + 1) * SECOND_NS * 60, 1.0, 1.0, 1.0, 1.0, 1.0)
            for n in range(count)
        ]

    now = await desk(fetch_bars=fetch_bars)
    rule = await now.rules.add_text("/ES sma(5)[1m] > 1")
    async with asking_the_feed(now):
        await now.market.archive.fill_history()
        await until(lambda: not answers and clock.sleepers)

        await clock.advance(39)
        at_39 = now.rules.explain(rule.uid, "/ES").legs[0].left
        await clock.advance(1)

    assert (at_39, now.rules.explain(rule.uid, "/ES").legs[0].left) == (None, 1.0)


async def test_a_feed_without_history_leaves_the_rule_waiting(desk, caplog, until) -> None:
    async def fetch_bars(symbol: str, timeframe: str, count: int) -> list[Bar]:
        raise TradeAssistError("no history of futures")

    now = await desk(fetch_bars=fetch_bars)
    rule = await now.rules.add_text("/ES sma(5)[15m] > 1")
    async with asking_the_feed(now):
        await now.market.archive.fill_history()
        await until(lambda: "feed has no history" in caplog.text)

    assert now.rules.explain(rule.uid, "/ES").legs[0].left is None


def bars_before(symbol: str, timeframe: str, count: int, *, now_ns: int) -> list[Bar]:
    length = TIMEFRAMES[timeframe]
    first = now_ns // length * length - count * length
    return [
        Bar(symbol, timeframe, first + n * length, first + (n + 1) * length, 5.0, 6.0, 4.0, 5.0, 7.0)
        for n in range(count)
    ]


async def test_who_looks_at_bars_gets_what_the_venue_has_of_them_once(desk, bus, clock, until) -> None:
    asked: list[tuple[str, str, int]] = []
    grown: list[HistoryGrew] = []
    bus.subscribe(HistoryGrew, lambda event: grown.append(event) if event.symbol == "/NQ" else None)

    async def fetch_bars(symbol: str, timeframe: str, count: int) -> list[Bar]:
        asked.append((symbol, timeframe, count))
        return bars_before(symbol, timeframe, 5, now_ns=clock.now_ns())

    now = await desk(fetch_bars=fetch_bars)
    async with asking_the_feed(now):
        at_first = await now.market.view.bars("/NQ", "1m", 100)
        await until(lambda: grown)
        later = await now.market.view.bars("/NQ", "1m", 100)

    assert at_first == []
    assert grown == [HistoryGrew("/NQ", "1m")]
    assert len(later) == 5  # the newest closed within this minute: it is not kept yet, but not missing
    assert [each for each in asked if each[0] == "/NQ"] == [("/NQ", "1m", 100)]


async def test_the_last_half_hour_of_what_is_watched_is_drawn_from_the_start(desk, clock, until) -> None:
    async def fetch_bars(symbol: str, timeframe: str, count: int) -> list[Bar]:
        return bars_before(symbol, timeframe, count, now_ns=clock.now_ns())

    now = await desk(fetch_bars=fetch_bars)
    async with asking_the_feed(now):
        await now.market.archive.fill_history()
        await until(lambda: now.market.archive.is_history_wanted)
        await now.market.archive.fill_history()

    assert len(now.market.view.sparkline("/ES")) == 30


async def test_bars_that_a_venue_does_not_make_are_made_of_its_shorter_ones(desk, bus, clock, until) -> None:
    grown: list[HistoryGrew] = []
    bus.subscribe(HistoryGrew, grown.append)

    async def fetch_bars(symbol: str, timeframe: str, count: int) -> list[Bar]:
        return bars_before(symbol, "30m", 9, now_ns=clock.now_ns())

    now = await desk(fetch_bars=fetch_bars)
    async with asking_the_feed(now):
        await now.market.view.bars("/ES", "1h", 100)
        await until(lambda: grown)
        hours = await now.market.view.bars("/ES", "1h", 100)

    assert {(bar.end_ns - bar.start_ns, bar.volume) for bar in hours} == {(3600 * SECOND_NS, 14.0)}


async def test_rules_are_blind_while_the_feed_is_down_and_decide_on_what_comes_next(desk, until) -> None:
    now = await desk()
    rule = await now.rules.add_text("/ES last crosses above 5530")
    live(now)
    now.market.on_ticks([tick("/ES", 5529.0, at_s=0)])

    now.market.lines[0].on_status(FeedStatus(state=FeedState.RECONNECTING, name="demo"))
    (blind,) = now.rules.statuses(rule.uid)
    blocks = now.rules.explain(rule.uid, "/ES").blocks
    live(now)
    now.market.on_ticks([tick("/ES", 5531.0, at_s=300)])
    await until(lambda: now.toast.messages)

    assert blind.phase is RulePhase.BLIND
    assert any("the feed is down and reconnecting" in block for block in blocks)
    assert now.rules.statuses(rule.uid)[0].fired == 1


def crypto_and_shares() -> tuple[ScriptedFeed, ScriptedFeed]:
    crypto = ScriptedFeed([], name="coinbase", carries=lambda symbol: symbol.endswith("-USD"))
    return crypto, ScriptedFeed([], name="schwab")


async def test_each_symbol_is_asked_of_the_first_feed_that_carries_it(desk) -> None:
    crypto, shares = crypto_and_shares()
    now = await desk(feed=crypto, beside=[shares])

    await now.market.watchlist.add("BTC-USD")
    await now.rules.add_text("AAPL last > 100")

    assert crypto.symbols == {"BTC-USD"}
    assert shares.symbols == {"/ES", "AAPL"}


async def test_a_feed_that_goes_down_blinds_only_rules_that_read_its_symbols(desk) -> None:
    crypto, shares = crypto_and_shares()
    now = await desk(feed=crypto, beside=[shares])
    texts = ("BTC-USD last > 9", "/ES last > 9", '/ES last > 9 and "BTC-USD".last > 9')
    of_crypto, of_shares, of_both = [await now.rules.add_text(text) for text in texts]
    for line in now.market.lines:
        line.on_status(FeedStatus(state=FeedState.LIVE, name=line.name))
    now.market.on_ticks([tick(symbol, 5.0, at_s=0) for symbol in ("BTC-USD", "/ES")])

    now.market.lines[0].on_status(FeedStatus(state=FeedState.RECONNECTING, name="coinbase"))

    phases = [now.rules.statuses(rule.uid)[0].phase for rule in (of_crypto, of_shares, of_both)]
    assert phases == [RulePhase.BLIND, RulePhase.ARMED, RulePhase.BLIND]


async def test_holds_go_on_while_another_feed_is_down(desk, clock, until) -> None:
    crypto, shares = crypto_and_shares()
    now = await desk(feed=crypto, beside=[shares])
    rule = await now.rules.add_text("/ES last > 9")
    await put(now.rules, replace(rule, hold_ns=5 * SECOND_NS))
    now.market.lines[1].on_status(FeedStatus(state=FeedState.LIVE, name="schwab"))
    now.market.lines[0].on_status(FeedStatus(state=FeedState.RECONNECTING, name="coinbase"))

    now.market.on_ticks([tick("/ES", 10.0, at_s=0)])
    await clock.advance(6)
    now.market.beats.flush()
    await until(lambda: now.toast.messages)

    assert now.rules.statuses(rule.uid)[0].fired == 1


async def test_a_feed_that_has_stopped_though_it_is_asked_for_coins_is_told_of_before_a_live_one(
    desk,
) -> None:
    crypto, _ = crypto_and_shares()
    shares = ScriptedFeed([], name="schwab", carries=lambda symbol: "-" not in symbol)
    now = await desk(feed=shares, beside=[crypto])
    await now.market.watchlist.add("BTC-USD")
    refusing = FeedStatus(
        state=FeedState.STOPPED, name="coinbase", detail="Coinbase does not stream BTC-USD."
    )

    now.market.lines[0].on_status(FeedStatus(state=FeedState.LIVE, name="schwab"))
    now.market.lines[1].on_status(refusing)

    assert now.market.view.feed_status == refusing


async def test_the_feed_in_trouble_is_the_one_told_of_unless_nothing_is_asked_of_it(desk) -> None:
    crypto, shares = crypto_and_shares()
    now = await desk(feed=shares, beside=[crypto])
    now.market.lines[0].on_status(FeedStatus(state=FeedState.LIVE, name="schwab"))
    now.market.lines[1].on_status(FeedStatus(state=FeedState.RECONNECTING, name="coinbase"))

    without_symbols = now.market.view.feed_status.name
    shares_only = ScriptedFeed([], name="schwab", carries=lambda symbol: "-" not in symbol)
    again = await desk(feed=shares_only, beside=[crypto_and_shares()[0]])
    await again.market.watchlist.add("BTC-USD")
    again.market.lines[0].on_status(FeedStatus(state=FeedState.LIVE, name="schwab"))
    again.market.lines[1].on_status(FeedStatus(state=FeedState.RECONNECTING, name="coinbase"))

    assert without_symbols == "schwab"
    assert again.market.view.feed_status.name == "coinbase"
    assert [status.name for status in again.market.view.feed_statuses] == ["schwab", "coinbase"]


async def test_updates_lost_on_a_line_that_holds_blind_their_symbol_until_it_is_heard(desk) -> None:
    now = await desk()
    rule = await now.rules.add_text("/ES last > 5530")
    live(now)
    now.market.on_ticks([tick("/ES", 5.0, at_s=0)])

    now.market.lines[0].on_missed("/ES", START_NS, START_NS + SECOND_NS)
    (lost,) = now.rules.statuses(rule.uid)
    now.market.on_ticks([tick("/ES", 6.0, at_s=2)])

    assert lost.phase is RulePhase.BLIND
    assert now.rules.statuses(rule.uid)[0].phase is RulePhase.ARMED


async def test_a_symbol_that_falls_silent_makes_its_rules_blind_and_no_others(desk, clock) -> None:
    now = await desk()
    await now.market.watchlist.add("/NQ")
    blind, seeing = [await now.rules.add_text(f"{symbol} last > 5530") for symbol in ("/ES", "/NQ")]
    live(now)
    now.market.on_ticks([tick(symbol, 5.0, at_s=OPEN_S) for symbol in ("/ES", "/NQ")])
    for second in range(1, 62):
        now.market.beats.flush()
        await clock.advance(1)
        now.market.on_ticks([tick("/NQ", 5.0, at_s=OPEN_S + second)])

    assert now.rules.statuses(blind.uid)[0].phase is RulePhase.BLIND
    assert now.rules.statuses(seeing.uid)[0].phase is RulePhase.ARMED


async def test_a_quiet_symbol_of_a_feed_that_proves_its_silence_is_not_stale(desk, clock) -> None:
    now = await desk()
    quiet = await now.rules.add_text("/ES last > 5530")
    now.market.lines[0].on_status(FeedStatus(state=FeedState.LIVE, name="scripted", is_silence_proven=True))
    now.market.on_ticks([tick("/ES", 5.0, at_s=OPEN_S)])
    for _ in range(1, 200):
        now.market.beats.flush()
        await clock.advance(1)

    assert now.rules.statuses(quiet.uid)[0].phase is RulePhase.ARMED


async def test_a_level_crossed_while_the_program_was_away_fires_once(desk, database, until) -> None:
    before = await desk()
    crossing = await before.rules.add_text("/ES last crosses above 5530")
    before.market.on_ticks([tick("/ES", 5529.0, at_s=0)])
    await stop(before)

    after = await desk()
    (blind,) = after.rules.statuses(crossing.uid)
    restored = after.market.view.quote("/ES")
    after.market.on_ticks([tick("/ES", 5531.0, at_s=3600), tick("/ES", 5532.0, at_s=3601)])
    await until(lambda: after.toast.messages)
    await stop(after)
    again = await desk()
    again.market.on_ticks([tick("/ES", 5533.0, at_s=7200)])
    await again.alerting.drain(5)

    assert (blind.phase, restored.last) == (RulePhase.BLIND, 5529.0)
    assert len(after.toast.messages) == 1
    assert again.toast.messages == []


async def test_a_desk_that_ends_keeps_its_market_only_once_its_alerts_are_on_disk(desk, database) -> None:
    before = await desk()
    await before.rules.add_text("/ES last crosses above 5530")
    before.market.on_ticks([tick("/ES", 5529.0, at_s=0), tick("/ES", 5531.0, at_s=1)])

    before.market.beats.finish()
    before.market.beats.keep()
    await database.settle()
    too_early = await before.market.archive.market_state()
    await before.alerting.stop()
    before.market.beats.keep()
    await database.settle()

    assert too_early == {}
    assert list(await before.market.archive.market_state() or {}) == ["/ES"]


async def test_a_killed_program_closes_no_bar_twice(desk, database) -> None:
    minute_s = 60 - START_NS // SECOND_NS % 60
    before = await desk()
    before.market.on_ticks([tick("/ES", 1.0, at_s=minute_s + 10)])
    before.market.beats.finish()
    before.market.beats.keep()  # the state of the market is that of a bar still forming
    before.market.on_ticks([tick("/ES", 2.0, at_s=minute_s + 20), tick("/ES", 3.0, at_s=minute_s + 70)])
    before.market.beats.flush()  # the bar is kept, the newer state is not: so a kill leaves it
    await database.settle()
    await before.alerting.stop()
    await before.dispatcher.stop()

    after = await desk()
    rule = await after.rules.add_text("/ES close[1m] > 0")
    await after.market.archive.fill_history()
    after.market.on_ticks([tick("/ES", 4.0, at_s=minute_s + 80), tick("/ES", 5.0, at_s=minute_s + 130)])
    after.market.beats.flush()
    await database.settle()

    closes = [bar.close for bar in await after.market.view.bars("/ES", "1m", 10)]
    assert closes == [2.0, 4.0]
    assert after.rules.explain(rule.uid, "/ES").legs[0].left == 4.0


async def test_what_a_cooldown_held_back_is_counted_on_its_one_record(desk, database, clock, until) -> None:
    now = await desk()
    rule = await now.rules.add_text("/ES last > 5530")
    other = await now.rules.add_text("/NQ last > 1")
    await put(now.rules, replace(rule, trigger=Trigger.EVERY, cooldown_ns=60 * SECOND_NS))

    now.market.on_ticks([tick("/ES", 5531.0 + n, at_s=n) for n in range(6)])
    now.market.on_ticks([tick("/NQ", 2.0, at_s=6)])  # its alert takes the arming along
    now.market.beats.flush()

    async def count() -> int:
        await clock.advance(0.5)
        records = await database.read(lambda c: alerts.recent(c, limit=10))
        held_back = [each.alert for each in records if each.alert.status is AlertStatus.SUPPRESSED]
        return held_back[0].count if len(held_back) == 1 else 0

    async with asyncio.timeout(5):
        while await count() != 5:
            await asyncio.sleep(0.01)
    assert now.rules.statuses(other.uid)[0].fired == 1
