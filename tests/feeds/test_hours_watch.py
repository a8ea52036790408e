"""The exchange's hours against our calendar's."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.fakes import ManualClock, MovedClock
from tests.feeds.scripted_schwab import ScriptedSchwab, live, scripted_desk
from tradeassist_desktop.domain.errors import NotNow
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.hours_watch import HoursWatch, difference
from tradeassist_desktop.feeds.schwab.answers import MarketHours

Until = Callable[..., Any]
WEDNESDAY, HOLIDAY, HALF_DAY = date(2024, 1, 10), date(2024, 1, 1), date(2024, 7, 3)


def at_ns(day: date, hour: int, minute: int = 0) -> int:
    """Return an instant of a day in UTC."""
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC).timestamp()) * NS_PER_SECOND


def opened(day: date, opens_ns: int, closes_ns: int) -> MarketHours:
    return MarketHours("equity", day, True, opens_ns, closes_ns)


def closed(day: date) -> MarketHours:
    return MarketHours("equity", day, False)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        pytest.param(opened(WEDNESDAY, at_ns(WEDNESDAY, 14, 30), at_ns(WEDNESDAY, 21)), "", id="as ever"),
        pytest.param(opened(HALF_DAY, at_ns(HALF_DAY, 13, 30), at_ns(HALF_DAY, 17)), "", id="a half-day"),
        pytest.param(closed(HOLIDAY), "", id="a holiday"),
        pytest.param(
            closed(WEDNESDAY),
            "Schwab says that shares do not trade today, against our calendar.",
            id="closed without notice",
        ),
        pytest.param(
            opened(HOLIDAY, at_ns(HOLIDAY, 14, 30), at_ns(HOLIDAY, 21)),
            "Schwab says that shares trade today, against our calendar.",
            id="open on a holiday",
        ),
        pytest.param(
            opened(WEDNESDAY, at_ns(WEDNESDAY, 14, 30), at_ns(WEDNESDAY, 18)),
            "Schwab says that shares trade 09:30-13:00 New York today, and our calendar 09:30-16:00.",
            id="closing early",
        ),
        pytest.param(MarketHours("equity", WEDNESDAY, True), "", id="open without times"),
    ],
)
def test_what_differs_is_said_in_a_sentence(hours: MarketHours, words: str) -> None:
    assert difference(hours) == words


class Venue:
    """Answers with closed days, but for those asked while it is down."""

    def __init__(self) -> None:
        self.asked: list[date] = []
        self.is_down = False

    async def hours(self, market: str, day: date) -> MarketHours:
        self.asked.append(day)
        if self.is_down:
            raise NotNow("Schwab answered 502.")
        return closed(day)


async def test_it_asks_once_a_day_and_again_where_it_got_no_answer() -> None:
    clock, venue = ManualClock(now_ns=at_ns(WEDNESDAY, 12)), Venue()
    venue.is_down = True
    changes: list[str] = []
    watch = HoursWatch(ask=venue.hours, clock=clock)
    running = asyncio.create_task(watch.run(lambda: changes.append(watch.remark)))

    await clock.advance(1)
    venue.is_down = False
    await clock.advance(6 * 3600)
    on_wednesday = list(venue.asked)
    await clock.advance(24 * 3600)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running

    assert on_wednesday == [WEDNESDAY, WEDNESDAY]
    assert venue.asked[2:] == [date(2024, 1, 11)]
    assert changes == ["Schwab says that shares do not trade today, against our calendar."]


async def test_a_closing_nobody_knew_of_is_told_with_the_feed_s_state(until: Until) -> None:
    async def hours(market: str, day: date) -> MarketHours:
        return closed(day)

    clock = MovedClock(at_ns(WEDNESDAY, 12))
    async with scripted_desk(ScriptedSchwab(), clock=clock, ask_hours=hours) as desk:
        await until(lambda: live(desk)() and "against our calendar" in desk.sink.status.detail)
