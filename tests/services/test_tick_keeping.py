import logging
from collections.abc import Sequence

import msgspec
import pytest

from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.services.market.tick_keeping import TickKeeping
from tradeassist_desktop.storage.tick_batches import TickBatch

SYMBOLS = [f"S{number}" for number in range(100)]
FLUSHES_IN_TWO_SECONDS = 16


class TickShelf:
    """Takes ticks as a store does, or refuses them."""

    def __init__(self) -> None:
        self.batches: list[list[Tick]] = []
        self.ticks_lost = 0
        self.is_refusing = False

    def keep_ticks(self, batches: Sequence[TickBatch]) -> bool:
        unpack = msgspec.msgpack.Decoder(list[Tick]).decode
        ticks = [tick for batch in batches for tick in unpack(batch.updates)]
        if self.is_refusing:
            self.ticks_lost += len(ticks)
            return False
        self.batches.append(ticks)
        return True

    @property
    def ticks(self) -> list[Tick]:
        return [tick for batch in self.batches for tick in batch]


@pytest.fixture
def shelf() -> TickShelf:
    return TickShelf()


@pytest.fixture
def keeping(shelf: TickShelf) -> TickKeeping:
    return TickKeeping(store=shelf, is_wanted=lambda: True)


def of_each_symbol(event_ns: int) -> list[Tick]:
    return [Tick(symbol, event_ns, 0, last=1.0) for symbol in SYMBOLS]


def test_each_update_is_handed_over_once_within_two_seconds(shelf: TickShelf, keeping: TickKeeping) -> None:
    keeping.take(of_each_symbol(1))

    for _ in range(2 * FLUSHES_IN_TWO_SECONDS):
        keeping.flush()

    assert sorted(tick.symbol for tick in shelf.ticks) == sorted(SYMBOLS)
    assert len(shelf.batches) <= FLUSHES_IN_TWO_SECONDS


def test_a_symbols_updates_of_two_seconds_come_together(shelf: TickShelf, keeping: TickKeeping) -> None:
    for event_ns in range(FLUSHES_IN_TWO_SECONDS):
        keeping.take([Tick("/ES", event_ns, 0, last=1.0)])
        keeping.flush()
    keeping.flush_all()

    assert len(shelf.batches) <= 2
    assert [tick.event_ns for tick in shelf.ticks] == list(range(FLUSHES_IN_TWO_SECONDS))


def test_no_flush_brings_all_symbols_at_once(shelf: TickShelf, keeping: TickKeeping) -> None:
    for event_ns in range(FLUSHES_IN_TWO_SECONDS):
        keeping.take(of_each_symbol(event_ns))
        keeping.flush()

    symbols_at_once = [len({tick.symbol for tick in batch}) for batch in shelf.batches]
    assert max(symbols_at_once) < len(SYMBOLS) / 2


def test_a_flood_is_handed_over_without_waiting_for_a_turn(shelf: TickShelf, keeping: TickKeeping) -> None:
    flood = [Tick("/ES", event_ns, 0, last=1.0) for event_ns in range(100_000)]

    keeping.take(flood)

    assert shelf.ticks == flood


def test_updates_that_jump_through_time_are_handed_over_in_their_order(
    shelf: TickShelf, keeping: TickKeeping
) -> None:
    hour_ns = 3600 * 10**9
    jumping = [Tick("/ES", hour * hour_ns, 0, last=1.0) for hour in (5, 1, 3, 1, 5)]

    keeping.take(jumping)
    keeping.flush_all()

    assert shelf.ticks == jumping


def test_the_end_leaves_nothing_behind(shelf: TickShelf, keeping: TickKeeping) -> None:
    keeping.take(of_each_symbol(1))

    keeping.flush_all()
    keeping.flush_all()

    assert sorted(shelf.ticks) == sorted(of_each_symbol(1))


def test_updates_that_are_lost_are_said_once_and_so_is_their_end(
    shelf: TickShelf, keeping: TickKeeping, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for is_refusing in (True, True, False, False):
        shelf.is_refusing = is_refusing
        keeping.take(of_each_symbol(1))
        keeping.flush_all()

    assert [record.message for record in caplog.records] == [
        "disk cannot follow the market: updates are evaluated but not all kept",
        "updates are kept again",
    ]
