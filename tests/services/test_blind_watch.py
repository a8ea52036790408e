"""Symbols that fall silent while their feed works, and while it turns out to be down."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import ManualClock
from tests.services.routed_desk import NOON_NS, Market, RoutedDesk, running_desk
from tradeassist_desktop.domain.events import FeedChanged, SymbolsFellSilent
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.services.blind_watch import BlindWatch
from tradeassist_desktop.services.feed_watch import FeedWatch
from tradeassist_desktop.services.notices import Notices


class Watched:
    """A routed desk with both watches; ``blind`` are the symbols nothing is heard of."""

    def __init__(self, desk: RoutedDesk) -> None:
        self.desk = desk
        self.blind: set[str] = set()
        self.rules = 2
        self.notices = Notices(alerting=desk.alerting, clock=desk.clock, inhibition=desk.inhibition)
        self.feed_watch = FeedWatch(
            bus=desk.bus,
            clock=desk.clock,
            notices=self.notices,
            inhibition=desk.inhibition,
            limit_s=lambda: 20.0,
            blind_rules=lambda: self.rules,
        )
        self.blind_watch = BlindWatch(
            bus=desk.bus,
            clock=desk.clock,
            notices=self.notices,
            limit_s=lambda: 20.0,
            is_blind=self.blind.__contains__,
            feed_of=lambda symbol: "coinbase" if symbol.endswith("USD") else "schwab",
            blind_rules=lambda: self.rules,
        )

    def fall_silent(self, *symbols: str) -> None:
        self.blind.update(symbols)
        self.desk.bus.publish(SymbolsFellSilent(symbols=symbols))

    def become(self, state: FeedState, name: str = "schwab") -> None:
        self.desk.bus.publish(FeedChanged(status=FeedStatus(state=state, name=name)))

    def told(self) -> list[tuple[str, str]]:
        """Return what was sent: titles and texts, in order."""
        return [(message.title, message.body) for message in self.desk.channels["toast"].messages]

    def muted(self) -> list[str]:
        """Return why notices were kept and not sent, oldest first."""
        return [
            delivery.detail
            for record in reversed(self.desk.history.records())
            for delivery in record.deliveries
            if delivery.state == "suppressed"
        ]


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    async with running_desk(tmp_path, clock=ManualClock(now_ns=NOON_NS), market=Market()) as desk:
        await desk.set(notify__normal=("toast",), notify__high=("toast",))
        watched = Watched(desk)
        tasks = [asyncio.create_task(each.run()) for each in (watched.feed_watch, watched.blind_watch)]
        await desk.settle()
        yield watched
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_symbols_that_fall_silent_together_are_told_in_one_notice(watched: Watched) -> None:
    watched.fall_silent("/ES", "AAPL")
    watched.fall_silent("MSFT", "SPY")

    await watched.desk.advance(30)

    assert watched.told() == [
        (
            "Nothing comes of 4 symbols",
            "Nothing has come of /ES, AAPL, MSFT and 1 more for a while, though the feed works. "
            "2 rules are blind: silence cannot be trusted.",
        )
    ]


async def test_a_symbol_that_is_heard_again_soon_is_not_told(watched: Watched) -> None:
    watched.fall_silent("/ES")
    await watched.desk.advance(10)
    watched.blind.clear()

    await watched.desk.advance(60)

    assert watched.told() == []


async def test_a_symbol_no_rule_depends_on_is_not_told(watched: Watched) -> None:
    watched.rules = 0
    watched.fall_silent("/ES")

    await watched.desk.advance(60)

    assert watched.told() == []


async def test_a_symbol_that_falls_silent_again_and_again_is_told_once_an_hour(watched: Watched) -> None:
    for _ in range(3):
        watched.fall_silent("/ES")
        await watched.desk.advance(120)
    in_an_hour = len(watched.told())
    await watched.desk.advance(3_600)
    watched.fall_silent("/ES")
    await watched.desk.advance(60)

    assert (in_an_hour, len(watched.told())) == (1, 2)


async def test_while_a_feed_is_down_warnings_of_its_symbols_are_kept_and_not_sent(watched: Watched) -> None:
    watched.fall_silent("/ES")
    watched.become(FeedState.RECONNECTING)

    await watched.desk.advance(60)

    assert [title for title, _ in watched.told()] == ["No data from Schwab"]
    assert watched.muted() == ["part of: no data from Schwab"]


async def test_the_end_of_an_outage_tells_once_how_many_warnings_were_not_sent(watched: Watched) -> None:
    watched.fall_silent("/ES")
    watched.become(FeedState.RECONNECTING)
    await watched.desk.advance(60)

    watched.become(FeedState.LIVE)
    await watched.desk.advance(60)

    title, text = watched.told()[-1]
    assert (title, text) == (
        "Data from Schwab again",
        "The feed is back after 1 m. Warnings of its symbols that were not sent meanwhile: 1.",
    )


async def test_another_feed_s_symbols_are_told_all_the_same(watched: Watched) -> None:
    watched.become(FeedState.RECONNECTING)
    watched.fall_silent("BTC-USD")

    await watched.desk.advance(30)

    assert [title for title, _ in watched.told()] == ["No data from Schwab", "Nothing comes of BTC-USD"]
