"""What happens while a gap is repaired: other feeds go on, more is lost, the feed goes down again."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fakes import ManualClock, ScriptedFeed
from tests.services.gap_desk import SECOND_NS, START_NS, GapDesk, Venue, minute, ns, trade
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.market import feed_line

UP = Rule("up", "up", ("AAPL",), "last crosses above 100", cooldown_ns=0)
COIN = Rule("coin", "coin", ("BTC-USD",), "last crosses above 9", cooldown_ns=0)
SHARES, COINS = 0, 1


class BusyClock(ManualClock):
    """Each look at it takes 4 ms: whoever gives others their turn now and then does it soon."""

    def __init__(self) -> None:
        super().__init__(now_ns=START_NS)
        self._looks = 0

    def monotonic_ns(self) -> int:
        self._looks += 1
        return super().monotonic_ns() + self._looks * 4_000_000


async def two_feeds(tmp_path: Path, bars: Sequence[Bar], *rules: Rule) -> GapDesk:
    """A desk of shares and coins."""
    feeds = (
        ScriptedFeed([], name="schwab", carries=lambda symbol: not symbol.endswith("-USD")),
        ScriptedFeed([], name="coinbase"),
    )
    return await GapDesk(tmp_path / "desk.db", Venue(list(bars)), rules, feeds, clock=BusyClock()).start()


async def one_feed(tmp_path: Path, bars: Sequence[Bar], *rules: Rule) -> GapDesk:
    feeds = (ScriptedFeed([], name="schwab"),)
    return await GapDesk(tmp_path / "desk.db", Venue(list(bars)), rules, feeds).start()


async def trade_coins_while_shares_are_told(desk: GapDesk, at: float, *prices: float) -> int:
    """Have the coins' feed bring these prices, then the last one, at every turn; return how many."""
    brought = 0
    for _ in range(200):
        await asyncio.sleep(0)
        if desk.market.gaps.repair.is_telling:
            price = prices[min(brought, len(prices) - 1)]
            desk.hear(trade("BTC-USD", at + brought / 100, price), line=COINS)
            brought += 1
    await desk.settled()
    return brought


async def test_a_second_feed_that_comes_up_lets_no_hold_of_the_past_run_to_the_present(
    tmp_path: Path,
) -> None:
    """Above 100 for 40 seconds of the outage, and a rule that asks for 45."""
    held = Rule("held", "held", ("AAPL",), "last > 100", hold_ns=45 * SECOND_NS, cooldown_ns=0)
    quiet = [minute("AAPL", number, 98, 99, 97, 98.5) for number in range(1, 9)]
    desk = await two_feeds(tmp_path, [*quiet, minute("AAPL", 9, 101, 101, 99, 99)], held)
    desk.state(FeedState.LIVE)
    desk.state(FeedState.CONNECTING, COINS)
    desk.hear(trade("AAPL", 0, 98.0))
    await desk.until(10)
    desk.state(FeedState.RECONNECTING)
    await desk.until(700)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 700, 98.0))
    brought = await trade_coins_while_shares_are_told(desk, 700, 5.0)

    fired, last = desk.fired, desk.market.view.quote("BTC-USD").last
    await desk.stop()
    assert brought > 1
    assert fired == []
    assert last == 5.0


async def test_no_crossing_of_a_feed_that_works_is_lost_however_much_it_brings_during_a_repair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_line, "MOST_HELD", 3)
    bars = [minute("AAPL", number, 98, 99, 97, 98.5) for number in range(1, 40)]
    desk = await two_feeds(tmp_path, bars, UP, COIN)
    for line in (SHARES, COINS):
        desk.state(FeedState.LIVE, line)
    desk.hear(trade("AAPL", 0, 98.0))
    desk.hear(trade("BTC-USD", 0, 5.0), line=COINS)
    await desk.until(10)
    desk.state(FeedState.RECONNECTING)
    await desk.until(2400)
    desk.hear(trade("BTC-USD", 2400, 5.0), line=COINS)

    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 2400, 98.0))
    brought = await trade_coins_while_shares_are_told(desk, 2400, 10.0, 5.0)

    timings = [timing for _, timing in desk.fired]
    await desk.stop()
    assert brought > 3
    assert timings == ["live"]


async def test_what_is_lost_of_a_symbol_while_another_is_told_its_past_fires_late_too(
    tmp_path: Path,
) -> None:
    bars = [minute(symbol, 1, 99, 101, 99, 99) for symbol in ("AAPL", "MSFT")]
    other = Rule("other", "other", ("MSFT",), "last crosses above 100", cooldown_ns=0)
    desk = await one_feed(tmp_path, bars, UP, other)
    desk.state(FeedState.LIVE)
    await desk.until(61)
    desk.hear(trade("AAPL", 61, 99.0), trade("MSFT", 61, 99.0))
    await desk.until(100)
    line = desk.market.lines[0]

    line.on_missed("AAPL", ns(62), ns(98))
    desk.hear(trade("AAPL", 100, 99.0))
    while not desk.market.gaps.repair.is_telling:
        await asyncio.sleep(0)
    desk.venue.answers.clear()
    line.on_missed("MSFT", ns(62), ns(99))
    desk.hear(trade("MSFT", 100.5, 99.0))
    await desk.settled()
    desk.venue.answers.set()
    await desk.settled()

    fired, gaps, is_seeing = desk.fired, desk.gaps, line.is_seeing
    await desk.stop()
    assert [timing for _, timing in fired] == ["late", "late"]
    assert [gap[3:] for gap in gaps] == [("repaired", 1, 1), ("repaired", 1, 1)]
    assert is_seeing


async def test_what_was_seen_before_a_feed_went_down_fires_though_a_repair_made_it_wait(
    tmp_path: Path,
) -> None:
    """An outage in the morning, repaired; an hour later lost updates, a crossing, and another outage."""
    bars = [minute("AAPL", 1, 99), minute("AAPL", 60, 99)]
    desk = await one_feed(tmp_path, bars, UP)
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 0, 99.0))
    await desk.until(10)
    desk.state(FeedState.RECONNECTING)
    await desk.until(130)
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 130, 99.0))
    await desk.settled()
    await desk.until(3600)
    desk.hear(trade("AAPL", 3600, 99.0))

    desk.venue.answers.clear()
    desk.market.lines[0].on_missed("AAPL", ns(3590), ns(3599))
    desk.hear(trade("AAPL", 3601, 101.0))
    await desk.until(3602)
    desk.hear(trade("AAPL", 3602, 99.0))
    desk.state(FeedState.STALE)
    desk.state(FeedState.RECONNECTING)
    await desk.until(3610)
    desk.venue.answers.set()
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", 3610, 99.0))
    await desk.settled()

    fired = desk.fired
    outages = [
        (round(from_), round(until), state) for symbol, from_, until, state, *_ in desk.gaps if not symbol
    ]
    await desk.stop()
    assert fired == [(3601, "after_gap")]
    assert outages == [(0, 130, "repaired"), (3603, 3611, "repaired")]
