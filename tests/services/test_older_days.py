"""Days before what is kept, asked of a venue: a day at a time, once, and no further than is wanted."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.testing.older_days import OlderDays
from tradeassist_desktop.services.testing.preview import PreviewAsk, preview
from tradeassist_desktop.services.testing.previews import Previews
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore

MINUTE_NS = 60 * NS_PER_SECOND
NOW_NS = 1_719_936_000 * NS_PER_SECOND  # Tuesday 2024-07-02, 12:00 in New York
RULE = Rule(uid="r", name="it", symbols=("AAPL",), when="close[1m] > 1")


class HurriedClock(ManualClock):
    """Whoever waits finds it later at once."""

    async def sleep(self, seconds: float) -> None:
        await self.advance(seconds)


class Venue:
    """Traded every minute of each weekday from 09:30 to 09:40 in New York, at 200."""

    def __init__(self, *, refuses: TradeAssistError | None = None) -> None:
        self.asked: list[str] = []
        self.refuses = refuses

    async def fetch(self, symbol: str, from_ns: int, until_ns: int) -> Sequence[Bar]:
        day = datetime.fromtimestamp(from_ns // NS_PER_SECOND, UTC)
        self.asked.append(f"{day:%a %d}")
        if self.refuses is not None:
            raise self.refuses
        opens_ns = int(day.timestamp()) * NS_PER_SECOND + (9 * 60 + 30) * MINUTE_NS
        return [
            Bar(symbol, "1m", at_ns, at_ns + MINUTE_NS, 200.0, 200.0, 200.0, 200.0, 5.0)
            for at_ns in range(opens_ns, opens_ns + 10 * MINUTE_NS, MINUTE_NS)
            if day.weekday() < 5 and at_ns + MINUTE_NS > from_ns and at_ns < until_ns
        ]


@pytest.fixture
def store(database: Database) -> MarketStore:
    return MarketStore(database=database, venue="demo")


@pytest.fixture
def past(database: Database, store: MarketStore) -> Previews:
    return Previews(
        database=database.path,
        venue_of=store.venue_of,
        instrument=instrument_of,
        event_now_ns=lambda: NOW_NS,
    )


def older_days(venue: Venue, store: MarketStore, grown: list[Any]) -> OlderDays:
    return OlderDays(
        fetch=venue.fetch,
        keep=store.keep_bars,
        clock=HurriedClock(now_ns=NOW_NS),
        on_grown=lambda *what: grown.append(what),
    )


async def test_a_day_that_is_kept_in_part_is_made_whole_and_earlier_ones_follow_over_the_weekend(
    store: MarketStore, past: Previews
) -> None:
    venue, grown = Venue(), list[Any]()
    await store.keep_bars("AAPL", (await venue.fetch("AAPL", NOW_NS - 12 * 60 * MINUTE_NS, NOW_NS))[5:])
    venue.asked.clear()
    days = older_days(venue, store, grown)

    is_more = await days.fetch(preview(PreviewAsk(RULE, past.kept(RULE, days=3))), days=3)

    assert is_more
    assert venue.asked == ["Tue 02", "Mon 01", "Sun 30", "Sat 29", "Fri 28"]
    assert grown == [("AAPL", "1m")]
    after = preview(PreviewAsk(RULE, past.kept(RULE, days=3)))
    assert (after.reports[0].days, after.read[0].bars) == (3, 30)
    assert not await days.fetch(after, days=3)  # there are as many as were wanted
    assert len(venue.asked) == 5


async def test_a_venue_without_a_past_is_asked_once(store: MarketStore, past: Previews) -> None:
    venue, grown = Venue(refuses=TradeAssistError("keeps bars of shares only")), list[Any]()
    days = older_days(venue, store, grown)
    found = preview(PreviewAsk(RULE, past.kept(RULE, days=3)))

    assert [await days.fetch(found, days=3), await days.fetch(found, days=3)] == [False, False]
    assert (len(venue.asked), grown) == (1, [])
