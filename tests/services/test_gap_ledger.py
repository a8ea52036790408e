import pytest

from tradeassist_desktop.domain.events import GapsChanged
from tradeassist_desktop.domain.gaps import GapState
from tradeassist_desktop.services.gaps.ledger import KEPT, GapLedger
from tradeassist_desktop.storage.stores import GapStore


@pytest.fixture
def start(database, bus):
    async def build() -> GapLedger:
        await database.settle()
        ledger = GapLedger(store=GapStore(database=database), bus=bus)
        await ledger.start()
        return ledger

    return build


async def test_a_gap_is_told_and_kept_as_it_begins_and_as_it_ends(start, bus) -> None:
    heard = []
    bus.subscribe(GapsChanged, heard.append)
    ledger = await start()

    gap = ledger.note(feed="schwab", from_ns=10, reason="the feed is down")
    after_kill = await start()
    ledger.change(gap, until_ns=20, state=GapState.REPAIRED, bars=2, late_alerts=1)
    after_end = await start()

    assert after_kill.unfinished == (gap,)
    assert after_end.unfinished == ()
    assert [(each.until_ns, each.state, each.bars) for each in after_end.newest()] == [
        (20, GapState.REPAIRED, 2)
    ]
    assert len(heard) == 2


async def test_what_does_not_change_is_not_told_again(start, bus) -> None:
    ledger = await start()
    gap = ledger.note(feed="schwab", symbol="AAPL", from_ns=10, reason="silent", state=GapState.SILENT)
    heard = []
    bus.subscribe(GapsChanged, heard.append)

    same = ledger.change(gap, from_ns=10)

    assert same is not None and heard == []


async def test_numbers_go_on_after_a_restart_and_the_newest_come_first(start, database) -> None:
    before = await start()
    for at in range(3):
        before.note(feed="schwab", from_ns=at, until_ns=at + 1, reason="down", state=GapState.MISSING)
    await database.settle()

    after = await start()
    after.note(feed="schwab", from_ns=9, until_ns=10, reason="down", state=GapState.MISSING)

    assert [gap.from_ns for gap in after.newest()] == [9, 2, 1, 0]


async def test_memory_holds_the_newest_only(start) -> None:
    ledger = await start()

    for at in range(KEPT + 5):
        ledger.note(feed="schwab", from_ns=at, until_ns=at + 1, reason="down", state=GapState.MISSING)

    assert len(ledger.newest()) == KEPT
    assert ledger.newest()[-1].from_ns == 5


async def test_hundreds_of_symbols_heard_again_at_once_do_not_push_the_newest_gap_from_the_top(start) -> None:
    ledger = await start()
    silent = [
        ledger.note(feed="schwab", symbol=f"S{at}", from_ns=at, reason="silent", state=GapState.SILENT)
        for at in range(KEPT + 50)
    ]

    for gap in silent:
        ledger.change(gap, until_ns=1_000)

    assert len(ledger.newest()) == KEPT
    assert [gap.symbol for gap in ledger.newest()[:2]] == [f"S{KEPT + 49}", f"S{KEPT + 48}"]
