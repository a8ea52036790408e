"""Rolls, splits and renames on the real engine, rules, market and database; feed and clock are ours."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from tests.fakes import KeptAlerts, ManualClock, ScriptedFeed
from tests.rule_changes import put
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import ProposalsChanged
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, Instrument, InstrumentKind, Tick
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.adjusting.adjustments import Adjustments
from tradeassist_desktop.services.adjusting.proposals import split_ratio
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData
from tradeassist_desktop.services.rules import Rules
from tradeassist_desktop.storage.adjustment_store import AdjustmentStore
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore, RuleStore

SECOND = NS_PER_SECOND
MONDAY_NS = 1_726_495_200 * SECOND  # 2024-09-16, 10:00 in New York; /ESU24 ends on Friday the 20th


class Venue:
    """Answers who has a CUSIP now."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.asked: list[str] = []
        self.is_down = False

    async def by_cusip(self, cusip: str) -> str | None:
        self.asked.append(cusip)
        if self.is_down:
            raise TradeAssistError("no answer")
        return self.names.get(cusip)


class Desk:
    """One start of the program on a database."""

    def __init__(self, database: Database, bus: Bus, clock: ManualClock, run: int) -> None:
        book = InstrumentBook()
        self.engine = Engine(instruments=book.lookup, run_id=f"run {run}")
        self.alerts, self.feed, self.venue = KeptAlerts(), ScriptedFeed([]), Venue()
        self.told: list[tuple[str, str]] = []
        self.history_asked: list[str] = []
        self.market = MarketData(
            engine=self.engine,
            feeds=(self.feed,),
            alerting=self.alerts,  # type: ignore[arg-type]
            store=MarketStore(database=database, venue="demo"),
            instruments=book,
            bus=bus,
            clock=clock,
            watchlist=("$VIX",),
            records_ticks=lambda: False,
            keeps_time=True,
            venue="demo",
            stale_s=lambda: 0.0,
            fetch_bars=self._bars_of_the_past,
        )
        self.store = RuleStore(database=database)
        self.rules = Rules(
            engine=self.engine,
            store=self.store,
            bus=bus,
            clock=clock,
            new_uid=lambda: f"uid {len(self.rules.all())}",
            on_symbols_changed=self.market.subscriptions.renew,
            on_changed=self.market.archive.want_history,
            event_now_ns=self.market.view.event_now_ns,
            instrument=book.lookup,
        )
        self.adjustments = Adjustments(
            market=self.market.view,
            watch_also=self.market.subscriptions.watch_also,
            rules=self.rules,
            watchlist=self.market.watchlist,
            store=AdjustmentStore(database=database, venue="demo"),
            bus=bus,
            clock=clock,
            by_cusip=self.venue.by_cusip,
            expiry_days=lambda: 8,
            tell=lambda key, title, text, priority: self.told.append((key, text)),
        )

    async def _bars_of_the_past(self, symbol: str, timeframe: str, count: int) -> list[Bar]:
        self.history_asked.append(symbol)
        return []

    def tick(self, symbol: str, at_s: float = 0.0, **fields: Any) -> None:
        event_ns = MONDAY_NS + round(at_s * SECOND)
        self.market.on_ticks([Tick(symbol, event_ns, event_ns, **fields)])

    def become(self, **changes: Any) -> None:
        self.market.lines[0].on_status(FeedStatus(state=FeedState.LIVE, name="scripted", **changes))

    @property
    def whens(self) -> list[tuple[tuple[str, ...], str]]:
        return [(rule.symbols, rule.when) for rule in self.rules.all()]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now_ns=MONDAY_NS)


@pytest.fixture
async def start(database: Database, bus: Bus, clock: ManualClock) -> AsyncIterator[Any]:
    """``await start()``: a desk, after it the next on the same database."""
    made: list[Desk] = []

    async def build() -> Desk:
        if made:
            made[-1].adjustments.stop()
        desk = Desk(database, bus, clock, len(made))
        made.append(desk)
        desk.rules.load(await desk.store.all())
        await desk.market.start()
        desk.become()
        await desk.adjustments.start()
        return desk

    yield build
    made[-1].adjustments.stop()


@pytest.fixture
async def rolling(start: Any) -> Desk:
    """A desk with rules on /ESU24, which ends on Friday; /ESZ24 costs 56.25 more."""
    desk: Desk = await start()
    await desk.rules.add_text("/ESU24 last > 5500")
    await desk.rules.add_text("/ESU24 rsi(14)[5m] > 70")
    await desk.rules.add_text("$VIX last > /ESU24.last / 300")
    desk.tick("/ESU24", bid=5520.0, ask=5520.25, last=5520.0)
    desk.tick("/ESZ24", bid=5576.25, ask=5576.5, last=5576.0)
    await desk.adjustments.look()
    return desk


async def test_a_contract_near_its_end_is_flagged_and_the_next_one_streamed(start: Any) -> None:
    desk = await start()
    rule = await desk.rules.add_text("/ESU24 last > 5500")
    of_a_root = await desk.rules.add_text("/NQ last > 5500")
    desk.tick("/ESU24", last=5520.0)
    await desk.adjustments.look()

    (proposal,) = desk.adjustments.proposals()

    assert proposal.sentence == "/ESU24 expires in 4 days; /ESZ24 follows."
    assert proposal.waiting == "Waiting for prices of /ESU24 and /ESZ24."
    assert desk.adjustments.ending(rule) == ("/ESU24", 4)
    assert desk.adjustments.ending(of_a_root) is None
    assert "/ESZ24" in desk.feed.symbols


async def test_what_the_venue_tells_of_a_contracts_end_is_believed(start: Any) -> None:
    desk = await start()
    rule = await desk.rules.add_text("/ESZ24 last > 5500")
    end_ns = MONDAY_NS + 86_400 * SECOND
    desk.market.on_instruments([Instrument("/ESZ24", kind=InstrumentKind.FUTURE, expires_ns=end_ns)])
    desk.tick("/ESZ24", last=5520.0)
    await desk.adjustments.look()

    assert desk.adjustments.ending(rule) == ("/ESZ24", 1)


async def test_a_roll_carries_every_rule_over_with_the_offset_of_the_two_contracts(rolling: Desk) -> None:
    (proposal,) = rolling.adjustments.proposals()

    await rolling.adjustments.apply(proposal.id)

    assert proposal.shift == 56.25
    assert rolling.whens == [
        (("/ESZ24",), "last > 5556.25"),
        (("/ESZ24",), "rsi(14)[5m] > 70"),
        (("$VIX",), "last > /ESU24.last / 300"),
    ]
    assert [each.doubts for each in rolling.adjustments.proposals()[0].rules] == [
        ("last > /ESU24.last / 300: no side of it is a plain level",)
    ]


async def test_a_roll_can_be_undone(rolling: Desk) -> None:
    before = rolling.rules.all()

    undo = await rolling.adjustments.apply("roll:/ESU24:/ESZ24")
    await undo()

    assert rolling.rules.all() == before
    assert rolling.adjustments.proposals()[0].id == "roll:/ESU24:/ESZ24"


async def test_what_has_fired_before_a_roll_does_not_fire_for_it_again(rolling: Desk) -> None:
    fired = len(rolling.alerts.raised)
    await rolling.adjustments.apply("roll:/ESU24:/ESZ24")

    rolling.tick("/ESZ24", 10, last=5577.0)
    still_true = len(rolling.alerts.raised)
    rolling.tick("/ESZ24", 100, last=5550.0)
    rolling.tick("/ESZ24", 200, last=5560.0)

    assert (fired, still_true) == (1, 1)
    assert [alert.symbol for alert in rolling.alerts.raised] == ["/ESU24", "/ESZ24"]


async def test_a_rolled_rule_is_kept_over_a_restart(rolling: Desk, start: Any) -> None:
    await rolling.adjustments.apply("roll:/ESU24:/ESZ24")

    again = await start()

    assert again.whens == rolling.whens


async def test_a_dismissed_roll_is_proposed_no_more_and_its_contract_not_streamed(
    rolling: Desk, start: Any
) -> None:
    await rolling.adjustments.dismiss("roll:/ESU24:/ESZ24")
    await rolling.adjustments.look()

    again = await start()
    again.tick("/ESU24", last=5520.0)
    await again.adjustments.look()

    assert rolling.adjustments.proposals() == again.adjustments.proposals() == ()
    assert "/ESZ24" not in rolling.feed.symbols | again.feed.symbols


async def test_a_rule_that_was_changed_meanwhile_is_left_as_it_is(rolling: Desk) -> None:
    from dataclasses import replace

    first = rolling.rules.all()[0]
    await put(rolling.rules, replace(first, when="last > 5600"))

    await rolling.adjustments.apply("roll:/ESU24:/ESZ24")

    assert rolling.whens[0] == (("/ESU24",), "last > 5600")


async def test_the_trader_is_told_once_and_the_bus_hears_of_it(rolling: Desk, bus: Bus) -> None:
    heard: list[ProposalsChanged] = []
    bus.subscribe(ProposalsChanged, heard.append)
    await rolling.adjustments.look()

    await rolling.adjustments.dismiss("roll:/ESU24:/ESZ24")

    assert [key for key, _ in rolling.told] == ["roll:/ESU24:/ESZ24"]
    assert [event.count for event in heard] == [0]


async def test_a_root_that_stands_for_another_contract_now_is_told(start: Any) -> None:
    desk = await start()
    await desk.rules.add_text("/ES last > 5500")
    for active in ("/ESU24", "/ESZ24"):
        desk.market.on_instruments([Instrument("/ES", kind=InstrumentKind.FUTURE, active_symbol=active)])
        await desk.adjustments.look()

    assert [key for key, _ in desk.told] == ["active:/ES:/ESZ24"]


# --- splits


async def trade_until_friday(desk: Desk, price: float) -> None:
    """Trade in the last minutes of the session before, and past them."""
    close_s = -(66 * 3600)  # Friday the 13th, 16:00
    for second in (-120, -61, -30, 3600):
        desk.tick("NVDA", close_s + second, last=price, volume=1e6 + close_s + second)
    desk.market.beats.flush()


async def test_a_split_is_offered_to_levels_and_volumes(start: Any) -> None:
    desk = await start()
    await desk.rules.add_text("NVDA last > 1210")
    await desk.rules.add_text("NVDA volume > 50000")
    await trade_until_friday(desk, 1200.0)
    desk.tick("NVDA", last=121.0, prev_close=120.0, volume=100.0)
    await desk.adjustments.look()

    (proposal,) = desk.adjustments.proposals()
    undo = await desk.adjustments.apply(proposal.id)
    applied = desk.whens
    await desk.adjustments.look()
    again = desk.adjustments.proposals()
    await undo()

    assert proposal.sentence == "NVDA seems to have been split 10 for 1."
    assert applied == [(("NVDA",), "last > 121"), (("NVDA",), "volume > 500000")]
    assert again == ()
    assert desk.whens == [(("NVDA",), "last > 1210"), (("NVDA",), "volume > 50000")]
    assert [each.id for each in desk.adjustments.proposals()] == [proposal.id]


async def test_looking_for_splits_asks_the_venue_for_no_history(start: Any) -> None:
    """It would be told as if it had always been so; and of hundreds of shares it is too much to ask."""
    desk = await start()
    await desk.rules.add_text("NVDA last > 1210")
    desk.tick("NVDA", last=1200.0, prev_close=1190.0)
    asking = asyncio.create_task(desk.market.archive.fetch_history())
    await desk.adjustments.look()
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    assert "NVDA" not in desk.history_asked  # what is watched is asked for its own sake


async def test_a_split_that_was_applied_is_not_proposed_after_a_restart(
    start: Any, database: Database
) -> None:
    desk = await start()
    await desk.rules.add_text("NVDA last > 1210")
    await trade_until_friday(desk, 1200.0)
    desk.tick("NVDA", last=121.0, prev_close=120.0)
    await desk.adjustments.look()
    await desk.adjustments.apply(desk.adjustments.proposals()[0].id)
    desk.market.beats.finish()
    desk.market.beats.keep()
    await database.settle()

    again = await start()
    again.tick("NVDA", 60, last=121.0, prev_close=120.0)
    await again.adjustments.look()

    assert again.adjustments.proposals() == ()


async def test_bars_fetched_since_a_split_do_not_hide_it(start: Any, database: Database) -> None:
    desk = await start()
    await desk.rules.add_text("NVDA last > 1210")
    await trade_until_friday(desk, 1200.0)
    desk.market.beats.finish()
    desk.market.beats.keep()
    await database.settle()

    for _ in range(2):  # nor does another start, after the first has fetched them
        desk = await start()
        close_ns = MONDAY_NS - 66 * 3600 * SECOND
        divided = Bar("NVDA", "1m", close_ns - 60 * SECOND, close_ns, 120.0, 120.0, 120.0, 120.0, 1e6)
        await MarketStore(database=database, venue="demo").keep_bars("NVDA", [divided])
        desk.tick("NVDA", last=121.0, prev_close=120.0)
        await desk.adjustments.look()

        (proposal,) = desk.adjustments.proposals()
        assert proposal.ratio == (10, 1)


async def test_a_split_is_carried_over_and_settled_together_or_not_at_all(
    start: Any, database: Database
) -> None:
    desk = await start()
    await desk.rules.add_text("NVDA last > 1210")
    await desk.rules.add_text("NVDA last > 1300")
    await trade_until_friday(desk, 1200.0)
    desk.tick("NVDA", last=121.0, prev_close=120.0)
    await desk.adjustments.look()
    (proposal,) = desk.adjustments.proposals()
    before = desk.whens
    refusing = "BEFORE INSERT ON settled_proposals BEGIN SELECT RAISE(ABORT, 'full'); END"
    await database.run(lambda connection: connection.exec_driver_sql(f"CREATE TRIGGER refusing {refusing}"))

    with pytest.raises(IntegrityError):
        await desk.adjustments.apply(proposal.id)

    kept = [(rule.symbols, rule.when) for rule in await desk.store.all()]
    assert desk.whens == kept == before
    assert desk.adjustments.proposals() == (proposal,)


@pytest.mark.parametrize(
    ("close", "prev_close", "last", "ratio"),
    [
        pytest.param(1200.0, 120.0, 121.0, (10, 1), id="ten for one"),
        pytest.param(1200.0, 120.4, 118.0, (10, 1), id="within half a percent"),
        pytest.param(1200.0, 121.0, 121.0, None, id="beyond half a percent"),
        pytest.param(150.0, 100.0, 101.0, (3, 2), id="three for two"),
        pytest.param(2.0, 40.0, 41.0, (1, 20), id="one for twenty"),
        pytest.param(100.0, 50.0, 100.0, None, id="the price has not followed"),
        pytest.param(50.0, 100.0, 50.0, None, id="a share that fell by half yesterday"),
        pytest.param(100.0, 100.2, 100.0, None, id="nothing"),
        pytest.param(100.0, 37.0, 37.0, None, id="no plain ratio"),
        pytest.param(0.0, 100.0, 100.0, None, id="no price"),
    ],
)
def test_a_split_is_a_plain_ratio_that_the_price_follows(
    close: float, prev_close: float, last: float, ratio: Any
) -> None:
    assert split_ratio(close=close, prev_close=prev_close, last=last) == ratio


# --- renames


async def test_a_share_that_was_renamed_is_found_by_its_cusip(start: Any) -> None:
    before = await start()
    before.market.on_instruments([Instrument("FB", kind=InstrumentKind.EQUITY, cusip="30303M102")])
    await before.rules.add_text("FB last > 200")
    await before.adjustments.look()

    desk = await start()
    desk.venue.names["30303M102"] = "META"
    desk.become(discarded=("FB",))
    await desk.adjustments.look()
    (proposal,) = desk.adjustments.proposals()
    await desk.adjustments.apply(proposal.id)
    await desk.adjustments.look()

    assert proposal.sentence == "FB is now called META."
    assert desk.whens == [(("META",), "last > 200")]
    assert desk.rules.all()[0].name == "META last > 200"
    assert desk.venue.asked == ["30303M102"]
    assert desk.adjustments.proposals() == ()


async def test_a_rename_takes_the_watchlist_along_and_its_undo_brings_both_names_back(start: Any) -> None:
    desk = await start()
    desk.market.on_instruments([Instrument("FB", kind=InstrumentKind.EQUITY, cusip="30303M102")])
    await desk.market.watchlist.add("FB")
    await desk.market.watchlist.add("META")
    await desk.rules.add_text("FB last > 200")
    desk.venue.names["30303M102"] = "META"
    desk.become(discarded=("FB",))
    await desk.adjustments.look()

    undo = await desk.adjustments.apply("rename:FB:META")
    renamed = desk.market.watchlist.symbols
    await undo()

    assert renamed == ("$VIX", "META")
    assert desk.market.watchlist.symbols == ("$VIX", "META", "FB")
    assert desk.whens == [(("FB",), "last > 200")]


async def test_rules_whose_names_meet_under_the_new_symbol_keep_names_of_their_own(start: Any) -> None:
    desk = await start()
    desk.market.on_instruments([Instrument("FB", kind=InstrumentKind.EQUITY, cusip="30303M102")])
    await desk.rules.add_text("META last > 200")
    await desk.rules.add_text("FB last > 200")
    desk.venue.names["30303M102"] = "META"
    desk.become(discarded=("FB",))
    await desk.adjustments.look()

    await desk.adjustments.apply("rename:FB:META")

    assert [rule.name for rule in desk.rules.all()] == ["META last > 200", "META last > 200 (2)"]


async def test_a_venue_that_does_not_answer_is_asked_again(start: Any) -> None:
    desk = await start()
    desk.market.on_instruments([Instrument("FB", kind=InstrumentKind.EQUITY, cusip="30303M102")])
    await desk.rules.add_text("FB last > 200")
    desk.venue.is_down = True
    desk.become(discarded=("FB",))
    await desk.adjustments.look()

    desk.venue.is_down, desk.venue.names["30303M102"] = False, "META"
    await desk.adjustments.look()

    assert len(desk.venue.asked) >= 2
    assert [each.new_symbol for each in desk.adjustments.proposals()] == ["META"]
