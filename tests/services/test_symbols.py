"""What a text that is being typed could become."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.errors import NotNow
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.services.symbols import Symbols

APPLE = FoundInstrument("AAPL", "Apple Inc")
APA = FoundInstrument("APA", "APA Corp")


class Venue:
    """Finds what it lists; remembers what it was asked."""

    def __init__(self, *listed: FoundInstrument) -> None:
        self.listed = listed
        self.asked: list[str] = []
        self.error: Exception | None = None

    async def search(self, text: str, limit: int) -> Sequence[FoundInstrument]:
        self.asked.append(text)
        if self.error is not None:
            raise self.error
        return [each for each in self.listed if each.symbol.startswith(text.upper())][:limit]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def symbols(clock: ManualClock, venue: Venue, *known: str) -> Symbols:
    return Symbols(searches=(venue.search,), known=lambda: map(Instrument, known), clock=clock)


async def proposed(asked: Symbols, clock: ManualClock, text: str) -> list[str]:
    task = asyncio.create_task(asked.propose(text))
    await clock.advance(0.25)
    return [each.symbol for each in await task]


async def test_what_is_watched_is_proposed_at_once_and_venues_add_to_it(clock: ManualClock) -> None:
    asked = symbols(clock, Venue(APPLE, APA), "/ES", "APPN")

    at_once = [each.symbol for each in asked.at_once("ap")]

    assert at_once == ["APPN"]
    assert await proposed(asked, clock, "ap") == ["APPN", "APA"]
    assert asked.at_once("AP")[1].description == "APA Corp"


async def test_a_known_symbol_gets_the_description_the_venue_has(clock: ManualClock) -> None:
    asked = symbols(clock, Venue(APPLE), "AAPL")

    await proposed(asked, clock, "aap")

    assert asked.at_once("aap") == (APPLE,)


async def test_the_same_text_is_asked_once_in_a_run(clock: ManualClock) -> None:
    venue = Venue(APPLE)
    asked = symbols(clock, venue)

    both = [asyncio.create_task(asked.propose("aa")) for _ in range(2)]
    await clock.advance(0.25)
    await asyncio.gather(*both)
    await proposed(asked, clock, "AA ")

    assert venue.asked == ["aa"]


async def test_what_is_typed_over_within_a_quarter_of_a_second_is_not_asked(clock: ManualClock) -> None:
    venue = Venue(APPLE)
    asked = symbols(clock, venue)
    first = asyncio.create_task(asked.propose("a"))
    await clock.advance(0.2)

    first.cancel()
    await proposed(asked, clock, "aa")

    assert venue.asked == ["aa"]


async def test_a_venue_that_cannot_be_asked_leaves_what_is_known_and_is_asked_again(
    clock: ManualClock,
) -> None:
    venue = Venue(APPLE)
    venue.error = NotNow("Schwab asks for a pause of 10 s.")
    asked = symbols(clock, venue, "AAON")

    without = await proposed(asked, clock, "aa")
    venue.error = None

    assert without == ["AAON"]
    assert await proposed(asked, clock, "aa") == ["AAON", "AAPL"]


async def test_no_text_proposes_nothing(clock: ManualClock) -> None:
    venue = Venue(APPLE)

    assert await symbols(clock, venue, "AAPL").propose("  ") == ()
    assert venue.asked == []
