from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import Bar, Tick
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.services.market.keeping import Keeping

SECOND_NS = 1_000_000_000
SYMBOLS = frozenset({"AAPL", "MSFT", "SPY"})


class SlowClock(ManualClock):
    """Each look at it takes two milliseconds."""

    def monotonic_ns(self) -> int:
        self._monotonic_ns += 2_000_000
        return self._monotonic_ns


class Shelf:
    """Remembers what it was given together: the symbols of bars, and those of states."""

    def __init__(self) -> None:
        self.kept: list[tuple[list[str], list[str]]] = []

    def keep_market(self, bars: Sequence[Bar], states: Mapping[str, Any]) -> None:
        self.kept.append(([bar.symbol for bar in bars], sorted(states)))


@pytest.fixture
def engine() -> Engine:
    engine = Engine(instruments=instrument_of)
    for symbol in SYMBOLS:
        engine.on_tick(Tick(symbol, 1, 1, last=1.0))
    return engine


def bar(symbol: str) -> Bar:
    return Bar(symbol, "1m", 0, 60 * SECOND_NS, 1.0, 1.0, 1.0, 1.0, 1.0)


async def test_what_changed_is_kept_every_five_seconds(engine: Engine, clock: ManualClock) -> None:
    shelf = Shelf()
    keeping = Keeping(engine=engine, store=shelf, clock=clock)

    keeping.beat(SYMBOLS)
    engine.on_tick(Tick("AAPL", 2, 2, last=2.0))
    keeping.beat(SYMBOLS)
    await clock.advance(5)
    keeping.beat(SYMBOLS)
    await clock.advance(5)
    keeping.beat(SYMBOLS)

    assert shelf.kept == [([], sorted(SYMBOLS)), ([], ["AAPL"])]


def test_a_closed_bar_goes_with_the_state_of_its_symbol(engine: Engine, clock: ManualClock) -> None:
    shelf = Shelf()
    keeping = Keeping(engine=engine, store=shelf, clock=clock)
    keeping.beat(SYMBOLS)

    keeping.take([bar("SPY"), bar("SPY")])
    keeping.beat(SYMBOLS)

    assert shelf.kept[1:] == [(["SPY", "SPY"], ["SPY"])]


def test_what_takes_long_is_spread_over_beats_and_finished_at_the_end(engine: Engine) -> None:
    shelf = Shelf()
    keeping = Keeping(engine=engine, store=shelf, clock=SlowClock())

    keeping.take([bar("SPY")])
    keeping.beat(SYMBOLS)
    first = list(shelf.kept)
    keeping.finish(SYMBOLS)

    assert first[0][0] == ["SPY"]
    assert len(first[0][1]) < len(SYMBOLS)
    assert sorted({symbol for _, symbols in shelf.kept for symbol in symbols}) == sorted(SYMBOLS)
