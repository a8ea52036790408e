"""Outages of a desk: what is fetched, what is told late or after a gap, and what is written down."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import ScriptedFeed
from tests.services.gap_desk import SECOND_NS, START_NS, GapDesk, Venue, minute, ns, second, trade
from tradeassist_desktop.domain.alerts import Timing
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.domain.rules import Rule, RulePhase, Trigger
from tradeassist_desktop.services.market import feed_line

UP = Rule("up", "up", ("AAPL",), "last crosses above 100", cooldown_ns=0)


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., object]]:
    """Starts desks on one database, one after the other."""
    running: list[GapDesk] = []

    async def build(
        *rules: Rule, venue: Venue | None = None, feeds: tuple[ScriptedFeed, ...] = (), **options: float
    ) -> GapDesk:
        feeds = feeds or (ScriptedFeed([], name="schwab"),)
        desk = GapDesk(tmp_path / "desk.db", venue or Venue(), rules or (UP,), feeds, **options)
        running.append(desk)
        return await desk.start()

    yield build
    for desk in running:
        await desk.stop()


async def interrupted(desk: GapDesk, *, at: float = 10, until: float = 130, last: float = 99.0) -> None:
    """A trade at second 0, the feed down from ``at`` to ``until``, then live again."""
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 0, last, 1000.0))
    await desk.until(at)
    desk.state(FeedState.LIVE)
    desk.market.lines[0].on_ticks([])  # a heartbeat
    desk.state(FeedState.RECONNECTING)
    await desk.until(until)


# --- row 90


async def test_a_crossing_in_a_gap_fires_once_late_with_its_own_time_where_its_bars_come(start) -> None:
    desk = await start(venue=Venue([minute("AAPL", 0, 99), minute("AAPL", 1, 99, 101, 99, 101)]))
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 101.0, 1500.0))
    await desk.settled()
    desk.hear(trade("AAPL", 131, 101.5, 1500.0))
    await desk.settled()

    assert desk.fired == [(100, "late")]
    assert [message.timing for message in desk.toast.messages] == [Timing.LATE]
    assert desk.gaps == [("", 10, 130, "repaired", 2, 1)]


async def test_a_crossing_in_a_gap_fires_once_after_it_where_no_bars_come(start) -> None:
    desk = await start(venue=Venue(refuses=frozenset({"AAPL"})))
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 101.0))
    await desk.settled()
    desk.hear(trade("AAPL", 131, 101.5))
    await desk.settled()

    assert desk.fired == [(130, "after_gap")]
    assert desk.gaps == [("", 10, 130, "missing", 0, 0)]
    assert desk.newest_gap.detail == "Not to be had: AAPL (the budget is spent)."


async def test_bars_that_come_after_the_deadline_are_for_the_chart_alone(start) -> None:
    desk = await start(venue=Venue([minute("AAPL", 0, 99), minute("AAPL", 1, 99, 101, 99, 101)]))
    desk.venue.answers.clear()
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 101.0))
    await desk.until(132.9)
    before = list(desk.fired)
    await desk.until(133.1)
    await desk.settled()
    at_deadline = list(desk.fired)
    desk.venue.answers.set()
    await desk.settled()

    assert (before, at_deadline) == ([], [(130, "after_gap")])
    assert desk.fired == [(130, "after_gap")]
    assert desk.gaps == [("", 10, 130, "partly", 2, 0)]
    assert "too late for rules: AAPL" in desk.newest_gap.detail
    assert [bar.high for bar in await desk.market.view.bars("AAPL", "1m", 5)] == [99, 101]


async def test_a_venue_that_answers_a_moment_later_is_asked_again_while_rules_wait(start) -> None:
    desk = await start(venue=Venue([minute("AAPL", 0, 99), minute("AAPL", 1, 99, 101, 99, 101)], failures=2))
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 101.0))
    await desk.until(132.9)
    await desk.settled()

    assert desk.venue.asked == ["AAPL"] * 3
    assert desk.fired == [(100, "late")]


async def test_a_venue_that_is_down_holds_the_present_up_no_longer_than_two_tries_more(start) -> None:
    desk = await start(venue=Venue(failures=9))
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 101.0))
    await desk.until(131.6)
    await desk.settled()

    assert desk.venue.asked == ["AAPL"] * 3
    assert desk.fired == [(130, "after_gap")]


async def test_what_could_not_be_asked_in_time_leaves_the_venue_free_for_the_next_gap(start) -> None:
    symbols = [f"Q{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    desk = await start(Rule("up", "up", tuple(symbols), "last crosses above 100"))
    desk.venue.answers.clear()
    desk.state(FeedState.LIVE)
    desk.hear(*(trade(symbol, 0, 99.0) for symbol in symbols))
    await desk.until(10)
    desk.state(FeedState.RECONNECTING)
    await desk.until(130)

    desk.state(FeedState.LIVE)
    desk.hear(*(trade(symbol, 130, 101.0) for symbol in symbols))
    await desk.until(134)
    desk.venue.answers.set()
    await desk.until(140)
    asked_for_rules = len(desk.venue.asked)
    await desk.until(180)

    assert asked_for_rules == 4
    assert [timing for _, timing in desk.fired] == ["after_gap"] * 26
    assert "There was no time to ask for QY, QZ." in desk.newest_gap.detail
    assert len(desk.venue.asked) == 4 + 20  # later, for the charts, while the feed holds


async def test_a_desk_that_never_waits_decides_on_the_present_at_once(start) -> None:
    desk = await start(venue=Venue([minute("AAPL", 1, 99, 101, 99, 101)]))
    desk.repair_s = 0.0
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 101.0))
    await desk.settled()

    assert desk.fired == [(130, "after_gap")]
    assert desk.newest_gap.state == "partly"


# --- holding


async def test_updates_wait_for_the_repair_and_come_in_order_after_it(start) -> None:
    desk = await start(venue=Venue([minute("AAPL", 1, 99, 101, 99, 99.5)]))
    desk.venue.answers.clear()
    await interrupted(desk)

    desk.hear(trade("AAPL", 129, 99.6))  # subscribed, and not yet live
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 102.0))
    await desk.settled()
    waiting = (desk.fired, desk.market.lines[0].is_seeing)
    desk.venue.answers.set()
    await desk.settled()

    assert waiting == ([], False)
    assert desk.fired == [(100, "late"), (130, "live")]
    assert desk.market.lines[0].is_seeing


async def test_a_line_that_cannot_hold_any_more_lets_go(start, monkeypatch) -> None:
    monkeypatch.setattr(feed_line, "MOST_HELD", 3)
    desk = await start(venue=Venue([minute("AAPL", 1, 99, 101, 99, 101)]))
    desk.venue.answers.clear()
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    for number in range(4):
        desk.hear(trade("AAPL", 130 + number, 101.0))
    await desk.settled()

    assert desk.fired == [(130, "after_gap")]
    assert desk.market.view.quote("AAPL").event_ns == ns(133)


async def test_a_feed_that_goes_down_again_before_its_repair_goes_on_with_the_same_gap(start) -> None:
    desk = await start(venue=Venue([minute("AAPL", 1, 99, 101, 99, 99), minute("AAPL", 3, 99, 99, 99, 99)]))
    desk.venue.answers.clear()
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 99.0))
    await desk.settled()
    desk.state(FeedState.RECONNECTING)
    await desk.until(300)
    desk.venue.answers.set()
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 300, 99.0))
    await desk.settled()

    assert desk.fired == [(100, "late")]
    assert desk.gaps == [("", 10, 300, "repaired", 2, 1)]


async def test_the_venues_word_on_what_was_last_is_not_refused_as_late(start) -> None:
    desk = await start(venue=Venue([minute("AAPL", 1, 99, 101, 99, 101)]))
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    await desk.settled()  # the repair is over before the venue's first update
    desk.hear(Tick("AAPL", ns(100), ns(131), last=101.0, bid=100.9))
    await desk.settled()

    assert desk.market.view.quote("AAPL").bid == 100.9
    assert desk.market.view.rejected() == {}


# --- rules


async def test_a_hold_goes_on_through_a_gap_that_can_be_told(start) -> None:
    held = replace(UP, when="last > 100", hold_ns=60 * SECOND_NS)
    desk = await start(held, venue=Venue([minute("AAPL", 1, 101, 102, 101, 101)]))
    await interrupted(desk, last=101.0)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 101.0))
    await desk.settled()

    assert desk.fired == [(60, "late")]


async def test_a_hold_begins_anew_after_a_gap_that_cannot(start) -> None:
    held = replace(UP, when="last > 100", hold_ns=60 * SECOND_NS)
    desk = await start(held, venue=Venue(refuses=frozenset({"AAPL"})))
    await interrupted(desk, last=101.0)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 101.0))
    await desk.until(191)
    await desk.settled()

    assert desk.fired == [(190, "live")]


@pytest.mark.parametrize(
    ("policies", "fired"),
    [
        pytest.param({"cooldown_ns": 45 * SECOND_NS}, [(100, "late"), (150, "live")], id="cooldown"),
        pytest.param({"trigger": Trigger.ONCE}, [(100, "late")], id="once"),
    ],
)
async def test_what_fired_late_counts_for_what_comes_after(start, policies, fired) -> None:
    desk = await start(replace(UP, **policies), venue=Venue([minute("AAPL", 1, 99, 101, 99, 99)]))
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 99.0), trade("AAPL", 140, 101.0))
    desk.hear(trade("AAPL", 145, 99.0), trade("AAPL", 150, 101.0))
    await desk.settled()

    assert desk.fired == fired


async def test_a_rule_that_reads_a_future_too_waits_for_both_and_decides_after_the_gap(start) -> None:
    both = replace(UP, when="last > 100 and /ES.last > 5500")
    desk = await start(both, UP, venue=Venue([minute("AAPL", 1, 99, 101, 99, 101)]))
    both_and_up = replace(both, uid="both", name="both"), UP
    desk.engine.set_rules(both_and_up)
    desk.market.subscriptions.renew()
    desk.state(FeedState.LIVE)
    desk.hear(trade("/ES", 0, 5510.0))
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 101.0))
    await desk.settled()
    waiting = desk.engine.status("both")[0].phase
    desk.hear(trade("/ES", 131, 5520.0))
    await desk.settled()

    assert waiting is RulePhase.BLIND
    assert desk.fired == [(100, "late"), (131, "after_gap")]
    assert desk.gaps == [("", 10, 130, "partly", 1, 1)]
    assert desk.newest_gap.detail == "No past bars are to be had of /ES."


async def test_futures_wait_for_nothing(start) -> None:
    desk = await start(replace(UP, symbols=("/ES",)))
    desk.state(FeedState.LIVE)
    desk.hear(trade("/ES", 0, 99.0))
    desk.state(FeedState.RECONNECTING)
    await desk.until(60)

    desk.state(FeedState.LIVE)
    desk.hear(trade("/ES", 60, 101.0))

    assert desk.market.view.quote("/ES").last == 101.0
    await desk.settled()
    assert desk.fired == [(60, "after_gap")]
    assert (desk.venue.asked, desk.newest_gap.state) == ([], "missing")


async def test_of_two_feeds_the_one_that_works_goes_on_and_late_bars_come_out_right(start) -> None:
    feeds = (
        ScriptedFeed([], name="coinbase", carries=lambda symbol: symbol.endswith("-USD")),
        ScriptedFeed([], name="schwab"),
    )
    on_bars = Rule("bars", "bars", ("AAPL",), "close[1m] > 100", cooldown_ns=0)
    coins = Rule("coins", "coins", ("BTC-USD",), "last > 9", cooldown_ns=0)
    venue = Venue([minute("AAPL", 1, 99, 103, 98, 101), minute("AAPL", 2, 101)])
    desk = await start(on_bars, coins, venue=venue, feeds=feeds)
    for line in (0, 1):
        desk.state(FeedState.LIVE, line)
    desk.hear(trade("AAPL", 0, 99.0, 1000.0), line=1)
    desk.hear(trade("BTC-USD", 0, 5.0))
    desk.state(FeedState.RECONNECTING, 1)
    for at in range(10, 170, 10):
        await desk.until(at)
        desk.hear(trade("BTC-USD", at, 5.0))

    desk.state(FeedState.LIVE, 1)
    desk.hear(trade("AAPL", 165, 101.0, 1200.0), line=1)
    desk.hear(trade("BTC-USD", 166, 10.0))
    await desk.settled()
    await desk.until(190)
    await desk.settled()

    bars = [(second(bar.start_ns), *bar[4:8]) for bar in await desk.market.view.bars("AAPL", "1m", 5)]
    assert sorted(desk.fired) == [(120, "late"), (166, "live")]
    assert bars[1:3] == [(60, 99, 103, 98, 101), (120, 101, 101, 101, 101)]


async def test_lost_updates_of_one_symbol_are_fetched_and_told(start) -> None:
    desk = await start(venue=Venue([minute("AAPL", 1, 99, 101, 99, 99)]))
    desk.state(FeedState.LIVE)
    await desk.until(61)
    desk.hear(trade("AAPL", 61, 99.0))
    await desk.until(100)

    desk.market.lines[0].on_missed("AAPL", ns(62), ns(98))
    desk.hear(trade("AAPL", 100, 99.0))
    await desk.settled()

    assert [timing for _, timing in desk.fired] == ["late"]
    assert 62 <= desk.fired[0][0] <= 98
    assert desk.gaps == [("AAPL", 62, 98, "repaired", 1, 1)]


async def test_a_symbol_that_was_silent_in_its_session_is_written_down_until_it_is_heard(start) -> None:
    desk = await start()
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 0, 99.0))
    await desk.until(70)
    silent = list(desk.gaps)

    desk.hear(trade("AAPL", 80, 101.0))
    await desk.until(82)
    await desk.settled()

    assert silent == [("AAPL", 0, None, "silent", 0, 0)]
    assert desk.gaps[0][3:] == ("silent", 0, 0) and desk.gaps[0][2] == pytest.approx(81, abs=1.1)
    assert desk.fired == [(80, "after_gap")]


# --- bars


async def test_kept_minutes_are_those_of_the_venue_and_a_restart_sees_them(start) -> None:
    venue = Venue([minute("AAPL", 0, 99, 100, 98, 99.5), minute("AAPL", 1, 99.5, 101, 99, 100.5, volume=40)])
    desk = await start(venue=venue)
    await interrupted(desk)
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 101.0, 1500.0))
    await desk.settled()
    await desk.until(200)
    held = await desk.market.view.bars("AAPL", "1m", 5)
    await desk.stop()

    again = await start(venue=Venue())
    kept = await again.market.view.bars("AAPL", "1m", 5)

    assert held == kept
    assert kept[:2] == venue.bars


async def test_a_symbol_no_rule_reads_is_fetched_for_its_chart_and_nothing_waits(start) -> None:
    desk = await start(replace(UP, symbols=("/ES",)), venue=Venue([minute("AAPL", 1, 99, 101, 99, 101)]))
    await desk.market.watchlist.add("AAPL")
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 101.0))

    assert desk.market.view.quote("AAPL").last == 101.0
    await desk.until(135)
    await desk.settled()
    assert desk.venue.asked == []
    await desk.until(161)
    await desk.settled()
    assert [bar.high for bar in await desk.market.view.bars("AAPL", "1m", 5)] == [99, 101]
    assert desk.gaps[0][3:] == ("repaired", 1, 0)


# --- the program was not running


async def test_what_crossed_while_the_program_was_closed_fires_late_at_the_next_start(start) -> None:
    before = await start()
    before.state(FeedState.LIVE)
    before.hear(trade("AAPL", 0, 99.0, 1000.0))
    await before.until(10)
    await before.stop()
    after = await start(venue=Venue([minute("AAPL", 0, 99), minute("AAPL", 1, 99, 101, 99, 101)]))
    await after.until(200)

    after.state(FeedState.CONNECTING)
    after.hear(trade("AAPL", 200, 101.0, 1500.0))
    after.state(FeedState.LIVE)
    await after.settled()

    assert after.fired == [(100, "late")]
    assert after.gaps == [("", pytest.approx(9), 200, "repaired", 2, 1)]
    assert after.newest_gap.reason == "the program was not running"


async def test_what_is_longer_ago_than_is_fetched_is_missing(start) -> None:
    before = await start()
    before.state(FeedState.LIVE)
    before.hear(trade("AAPL", 0, 99.0, 1000.0))
    await before.until(10)
    await before.stop()
    after = await start(venue=Venue([minute("AAPL", 1, 99, 101, 99, 101), minute("AAPL", 3, 99)]))
    after.repair_hours = 100 / 3600
    await after.until(250)

    after.state(FeedState.LIVE)
    after.hear(trade("AAPL", 250, 101.0, 1500.0))
    await after.settled()

    assert after.fired == [(250, "live")]
    repaired, missing = (each[1:4] for each in after.gaps)
    assert (repaired, missing) == ((150, 250, "repaired"), (pytest.approx(9), 150, "missing"))


async def test_an_outage_that_a_kill_left_open_goes_on_with_the_next_start(start) -> None:
    before = await start()
    await interrupted(before, until=20)
    await before.kill()
    after = await start(venue=Venue([minute("AAPL", 1, 99, 101, 99, 101)]))
    await after.until(200)

    after.state(FeedState.LIVE)
    after.hear(trade("AAPL", 200, 101.0))
    await after.settled()

    assert after.fired == [(100, "late")]
    assert [each[2:4] for each in after.gaps] == [(200, "repaired")]
    assert after.newest_gap.reason == "the feed is down and reconnecting; then the program was not running"


async def test_a_first_start_knows_of_no_gap(start) -> None:
    desk = await start()

    desk.state(FeedState.CONNECTING)
    desk.hear(trade("AAPL", 0, 99.0), trade("AAPL", 1, 101.0))
    desk.state(FeedState.LIVE)
    await desk.settled()

    assert desk.fired == [(1, "live")]
    assert desk.gaps == []
    assert desk.clock.now_ns() == START_NS


async def test_a_symbol_first_heard_after_an_outage_missed_nothing(start) -> None:
    desk = await start()
    desk.state(FeedState.LIVE)
    desk.state(FeedState.RECONNECTING)
    desk.hear(trade("AAPL", 20, 101.0))
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 21, 101.0))
    await desk.settled()

    assert desk.venue.asked == []
    assert desk.newest_gap.detail == ""


async def test_a_feed_that_plays_faster_than_time_tells_itself_when_its_gap_is_over(start) -> None:
    desk = await start(venue=Venue([minute("AAPL", 5, 99, 101, 99, 101)]))
    await interrupted(desk, until=12)

    desk.state(FeedState.LIVE)
    await desk.settled()
    asked_too_soon = list(desk.venue.asked)
    desk.hear(trade("AAPL", 600, 101.0))
    await desk.settled()

    assert asked_too_soon == []
    assert desk.fired == [(340, "late")]
    assert desk.gaps == [("", 10, 600, "repaired", 1, 1)]


async def test_a_feed_that_is_back_and_says_nothing_is_not_waited_for_long(start) -> None:
    desk = await start(venue=Venue([minute("AAPL", 1, 99, 101, 99, 101)]))
    await interrupted(desk)

    desk.state(FeedState.LIVE)
    await desk.until(131.5)
    await desk.settled()

    assert desk.fired == [(100, "late")]


async def test_an_orderly_end_is_no_outage(start) -> None:
    desk = await start()
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 0, 99.0))

    desk.state(FeedState.STOPPED)
    await desk.stop()

    assert desk.ledger.newest() == ()


# --- the venue's own minutes


async def test_a_minute_that_was_seen_in_part_is_kept_as_the_venue_has_it(start) -> None:
    desk = await start(replace(UP, symbols=("/ES",)))
    desk.state(FeedState.LIVE)
    desk.hear(trade("/ES", 0, 99.0))
    await desk.until(10)
    desk.hear()
    desk.state(FeedState.RECONNECTING)
    await desk.until(40)
    desk.state(FeedState.LIVE)
    desk.hear(trade("/ES", 40, 99.5))
    await desk.until(62)
    await desk.settled()
    seen = await desk.market.view.bars("/ES", "1m", 5)

    desk.market.on_venue_bars([minute("/ES", 0, 99, 105, 98, 99.5)])
    kept = await desk.market.view.bars("/ES", "1m", 5)

    assert [bar.high for bar in seen] == [99.5]
    assert kept == [minute("/ES", 0, 99, 105, 98, 99.5)]
    assert desk.fired == []
    assert desk.gaps == [("", 10, 40, "partly", 1, 0)]
    assert desk.newest_gap.detail == "Its minute came from the venue afterwards, too late for rules."


async def test_a_minute_that_was_seen_whole_stays_as_it_was_seen(start) -> None:
    desk = await start(replace(UP, symbols=("/ES",)))
    desk.state(FeedState.LIVE)
    desk.hear(trade("/ES", 0, 99.0))
    await desk.until(62)

    desk.market.on_venue_bars([minute("/ES", 0, 1.0)])

    assert [bar.close for bar in await desk.market.view.bars("/ES", "1m", 5)] == [99.0]


async def test_a_minute_in_which_nothing_came_is_taken_from_the_venue(start) -> None:
    desk = await start(replace(UP, symbols=("/ES",)))
    desk.state(FeedState.LIVE)
    desk.hear(trade("/ES", 0, 99.0))
    await desk.until(122)
    desk.hear(trade("/ES", 122, 99.0))

    desk.market.on_venue_bars([minute("/ES", 1, 98.0)])

    assert [bar.close for bar in await desk.market.view.bars("/ES", "1m", 5)] == [99.0, 98.0]


async def test_a_line_that_was_dead_before_anyone_noticed_is_told_from_when_it_died(start) -> None:
    on_bars = Rule("bars", "bars", ("AAPL",), "close[1m] > 100", cooldown_ns=0)
    venue = Venue([minute("AAPL", 0, 99, 102, 98, 99), minute("AAPL", 1, 99, 103, 98, 101)])
    desk = await start(UP, on_bars, venue=venue)
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 0, 99.0, 1000.0))
    await desk.until(30)
    desk.hear()  # the last heartbeat
    await desk.until(121)  # the timer goes on, and closes a minute of which half was not seen

    desk.state(FeedState.STALE)
    desk.state(FeedState.RECONNECTING)
    await desk.until(125)
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 125, 101.0, 1300.0))
    await desk.settled()

    assert desk.fired == [(50, "late"), (100, "late"), (120, "late")]
    assert desk.gaps[-1][1:4] == (30, 125, "repaired")
    assert await desk.market.view.bars("AAPL", "1m", 5) == venue.bars


async def test_a_feed_that_comes_and_goes_uses_up_nothing_for_charts(start) -> None:
    desk = await start(UP, venue=Venue([minute("AAPL", 1, 99), minute("MSFT", 1, 50)]))
    await desk.market.watchlist.add("MSFT")
    desk.state(FeedState.LIVE)
    desk.hear(trade("MSFT", 0, 50.0))
    await interrupted(desk)
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 99.0), trade("MSFT", 130, 50.0))
    await desk.until(140)

    desk.hear()
    desk.state(FeedState.RECONNECTING)
    await desk.until(200)
    await desk.settled()

    assert desk.venue.asked == ["AAPL"]
    assert desk.gaps[0] == ("", 10, 130, "partly", 1, 0)
    assert desk.ledger.newest()[1].detail == "Not fetched, as no rule reads them: MSFT."


# --- a venue that delays its stream by a quarter of an hour, but not its bars

DELAY_S = 900
DELAYED = ("AAPL", "MSFT")
CROSSING_AT_620 = [minute("AAPL", number, 99) for number in range(1, 10)] + [
    minute("AAPL", 10, 99, 101, 99, 101),
    *(minute("AAPL", number, 101) for number in range(11, 19)),
]


@pytest.mark.parametrize("first", ["AAPL", "MSFT"])
async def test_a_delayed_stream_fires_what_the_venues_bars_know_already_once(start, first: str) -> None:
    other = Rule("other", "other", ("MSFT",), "last crosses above 1000")
    before = await start(UP, other)
    await before.until(DELAY_S)
    before.state(FeedState.LIVE, delayed=DELAYED)
    before.hear(trade("AAPL", 0, 99.0, 1000.0), trade("MSFT", 0, 9.0, 1000.0))
    await before.until(DELAY_S + 10)
    await before.stop()
    desk = await start(UP, other, venue=Venue(list(CROSSING_AT_620)))
    await desk.until(DELAY_S + 200)

    desk.state(FeedState.CONNECTING, delayed=DELAYED)
    desk.hear(trade(first, 200, 99.0 if first == "AAPL" else 9.0, 1500.0))
    desk.state(FeedState.LIVE, delayed=DELAYED)
    await desk.settled()
    for at in range(201, 900, 10):
        await desk.until(DELAY_S + at)
        desk.hear(trade("AAPL", at, 99.0 if at < 620 else 101.0, 1500.0 + at), trade("MSFT", at, 9.0))
    await desk.settled()

    assert desk.fired == [(621, "live")]
    assert desk.market.view.rejected() == {}


# --- this computer's clock is slow


def from_ahead(at: float, last: float) -> Tick:
    """A trade that comes at a second of this computer's, a minute and a half slow."""
    return Tick("AAPL", ns(at + 90), ns(at), last=last)


@pytest.mark.parametrize("is_restarted", [False, True], ids=["an outage", "a restart"])
async def test_a_slow_clock_makes_nothing_late_after_a_gap(start, is_restarted: bool) -> None:
    # In the venue's time 100 is crossed long before the outage, and once more in it.
    bars = [minute("AAPL", 0, 101, 101, 99, 99), minute("AAPL", 3, 99, 101, 99, 101)]
    desk = await start(venue=Venue(bars), limit_percent=5.0)
    desk.state(FeedState.LIVE)
    for at in range(13):
        await desk.until(at)
        desk.hear(from_ahead(at, 99.0))
    if is_restarted:
        await desk.stop()
        desk = await start(venue=Venue(bars), limit_percent=5.0)
    else:
        desk.state(FeedState.RECONNECTING)
    await desk.until(130)

    desk.state(FeedState.LIVE)
    for at in range(130, 150):
        await desk.until(at)
        desk.hear(from_ahead(at, 101.0))
        await desk.settled()

    assert [timing for _, timing in desk.fired] == ["after_gap"]
    assert "late" not in desk.market.view.rejected()
