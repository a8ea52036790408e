import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.alerts import Alert, Priority
from tradeassist_desktop.domain.events import AlertRaised, FeedChanged
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.planning import to_channels
from tradeassist_desktop.services.feed_watch import FeedWatch
from tradeassist_desktop.services.notices import Notices
from tradeassist_desktop.services.routing.inhibition import Inhibition
from tradeassist_desktop.storage.database import Database


class WatchedFeeds:
    """Feeds that go up and down, and what the trader is told of it."""

    def __init__(self, bus: Bus, clock: ManualClock, alerting: Alerting) -> None:
        self.blind = 0
        self._bus = bus
        self._clock = clock
        self._alerting = alerting
        self._told: list[Alert] = []
        bus.subscribe(AlertRaised, lambda event: self._told.append(event.alert))

    def become(
        self, state: FeedState, detail: str = "", name: str = "schwab", discarded: tuple[str, ...] = ()
    ) -> None:
        status = FeedStatus(state=state, name=name, detail=detail, discarded=discarded)
        self._bus.publish(FeedChanged(status=status))

    async def told_after(self, seconds: float) -> list[tuple[str, str, Priority]]:
        await self._clock.advance(seconds)
        await self._alerting.drain(5)
        return [(alert.rule_name, alert.message, alert.priority) for alert in self._told]


@pytest.fixture
async def feeds(database: Database, bus: Bus, clock: ManualClock, rng: Any) -> AsyncIterator[WatchedFeeds]:
    dispatcher = Dispatcher(database=database, bus=bus, clock=clock, channels={}, rng=rng)
    alerting = Alerting(
        database=database,
        bus=bus,
        clock=clock,
        plan=to_channels(lambda alert: ()),
        dispatcher=dispatcher,
        rng=rng,
    )
    made = WatchedFeeds(bus, clock, alerting)
    watch = FeedWatch(
        bus=bus,
        clock=clock,
        notices=Notices(alerting=alerting, clock=clock),
        inhibition=Inhibition(),
        limit_s=lambda: 20.0,
        blind_rules=lambda: made.blind,
    )
    await dispatcher.start()
    await alerting.start()
    task = asyncio.create_task(watch.run())
    await asyncio.sleep(0)
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await alerting.stop()
    await dispatcher.stop()


async def test_a_feed_that_stays_down_is_told_once_with_the_rules_it_blinds(feeds: WatchedFeeds) -> None:
    feeds.blind = 3
    feeds.become(FeedState.STALE)
    feeds.become(FeedState.RECONNECTING, "Schwab stopped the stream.")

    assert await feeds.told_after(19) == []
    told = await feeds.told_after(60)

    assert told == [
        (
            "No data from Schwab",
            "The feed has been down for 20 s. 3 rules are blind: silence cannot be trusted. "
            "Schwab stopped the stream.",
            Priority.HIGH,
        )
    ]


async def test_a_feed_that_stops_because_it_streams_nothing_of_what_is_wanted_is_told(
    feeds: WatchedFeeds,
) -> None:
    feeds.become(FeedState.LIVE)
    feeds.become(FeedState.RECONNECTING)
    feeds.become(FeedState.STOPPED, "Coinbase does not stream BTC-USD.", discarded=("BTC-USD",))

    told = await feeds.told_after(30)

    assert [title for title, _, _ in told] == ["No data from Schwab"]
    assert "Coinbase does not stream BTC-USD." in told[0][1]


async def test_the_end_of_an_outage_that_was_told_is_told(feeds: WatchedFeeds) -> None:
    feeds.become(FeedState.RECONNECTING)
    await feeds.told_after(90)

    feeds.become(FeedState.LIVE)

    told = await feeds.told_after(60)
    assert told[1:] == [("Data from Schwab again", "The feed is back after 1 m 30 s.", Priority.NORMAL)]


async def test_a_short_outage_is_not_told(feeds: WatchedFeeds) -> None:
    for _ in range(5):
        feeds.become(FeedState.RECONNECTING)
        await feeds.told_after(10)
        feeds.become(FeedState.LIVE)

    assert await feeds.told_after(60) == []


async def test_each_feed_has_outages_of_its_own(feeds: WatchedFeeds) -> None:
    feeds.become(FeedState.LIVE)
    feeds.become(FeedState.RECONNECTING, name="coinbase")
    feeds.become(FeedState.LIVE)

    told = await feeds.told_after(30)

    assert [title for title, _, _ in told] == ["No data from Coinbase"]


@pytest.mark.parametrize("state", [FeedState.STOPPED, FeedState.FINISHED])
async def test_a_feed_that_ends_is_not_down(feeds: WatchedFeeds, state: FeedState) -> None:
    feeds.become(FeedState.RECONNECTING)
    feeds.become(state)

    assert await feeds.told_after(60) == []
