"""Row E52: the keyring remembers where the audit log ends, and nobody waits for it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.empty_database import empty_database
from tests.fakes import ManualClock, MemoryKeeper
from tests.storage.audit_rows import chain_anew, make_up_pruning, tampering
from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.domain.audit import (
    AuditAct,
    AuditAnchor,
    AuditBreak,
    AuditEntry,
    AuditFault,
    AuditPick,
    AuditResult,
    AuditVerdict,
)
from tradeassist_desktop.domain.secret import KeeperSilent
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.services.access.access import Access
from tradeassist_desktop.services.access.app_lock import AppLock
from tradeassist_desktop.services.access.lock_book import LockBook, WrongPin
from tradeassist_desktop.services.access.lock_keys import LockKeys
from tradeassist_desktop.services.access.lock_place import LockPlace
from tradeassist_desktop.services.audit.anchoring import ANCHOR_NAME, Anchoring, read_anchor
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.audit.retention import AuditRetention
from tradeassist_desktop.services.audit.verifying import verify
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database

DAY_NS = 86_400 * 10**9
FROM_KEYRING = AuditEntry(
    at_ns=1_700_000_000 * 10**9, who="slack channel", act=AuditAct.READ, what="slack.bot", source="keyring"
)
FROM_ELSEWHERE = AuditEntry(
    at_ns=1_700_000_000 * 10**9, who="slack channel", act=AuditAct.READ, what="smtp", source="environment"
)


@dataclass
class Run:
    """The audit log of one run of the program."""

    log: AuditLog
    anchoring: Anchoring
    retention: AuditRetention
    store: AuditStore
    told: list[AuditBreak]

    async def entries(self) -> list[AuditEntry]:
        return [row.entry for row in await self.store.page(AuditPick(), limit=1000)]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(path=empty_database(tmp_path / "desk.db"))
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def keyring() -> MemoryKeeper:
    return MemoryKeeper("keyring")


def run_on(database: Database, keyring: MemoryKeeper, clock: ManualClock) -> Run:
    store = AuditStore(transactions=database)
    log = AuditLog(clock=clock, mask=SecretMask())
    log.open(store)
    told: list[AuditBreak] = []
    anchoring = Anchoring(store=store, trail=log, keeper=keyring, clock=clock, tell=told.append)
    retention = AuditRetention(
        store=store, anchoring=anchoring, trail=log, clock=clock, keep_days=lambda: 365
    )
    return Run(log, anchoring, retention, store, told)


def lock_of(folder: Path, run: Run, keyring: MemoryKeeper, clock: ManualClock) -> tuple[AppLock, LockKeys]:
    """Return an app lock that is kept in the keyring and written down in the log."""
    access = Access(audit=run.log, now_ns=clock.now_ns)
    settings = Settings(file=folder / "settings.json", access=access)
    place = LockPlace(keeper=keyring, clock=clock)
    book = LockBook(access=access, place=place, clock=clock, cost_log2=4)
    lock = AppLock(access=access, settings=settings, book=book, clock=clock)
    lock.start()
    return lock, LockKeys(access=access, settings=settings, book=book, clock=clock)


async def a_run_with(
    database: Database, keyring: MemoryKeeper, clock: ManualClock, *entries: AuditEntry
) -> Run:
    run = run_on(database, keyring, clock)
    for entry in entries:
        run.log.record(entry)
    await run.anchoring.close()
    await run.log.close()
    return run


async def pruned(run: Run, clock: ManualClock) -> None:
    pruning = asyncio.create_task(run.retention.prune())
    while not pruning.done():
        await clock.advance(1)
    await pruning


async def anchoring_until(condition: Callable[[], object], run: Run, clock: ManualClock) -> None:
    moving = asyncio.create_task(run.anchoring.run())
    async with asyncio.timeout(5):
        while not condition():
            await clock.advance(1)
            await asyncio.sleep(0.001)
    moving.cancel()


async def test_e52_the_end_of_a_run_is_remembered(
    database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    run = await a_run_with(database, keyring, clock, FROM_KEYRING, FROM_ELSEWHERE)

    assert await read_anchor(keyring) == await run.store.end()


async def test_e52_a_keyring_that_has_given_nothing_is_not_asked(
    database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    await a_run_with(database, keyring, clock, FROM_ELSEWHERE)

    assert keyring.reads == 0
    assert keyring.kept == {}


async def test_e52_a_desk_that_keeps_nothing_but_its_lock_in_the_keyring_has_an_anchor_too(
    tmp_path: Path, database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    first = run_on(database, keyring, clock)
    _, keys = lock_of(tmp_path, first, keyring, clock)
    await keys.set_up({Role.ADMIN: "821173"})
    await first.anchoring.close()
    after_set_up = await read_anchor(keyring)

    later = run_on(database, keyring, clock)
    lock, _ = lock_of(tmp_path, later, keyring, clock)
    await lock.unlock(Role.ADMIN, "821173")
    await later.anchoring.close()

    assert after_set_up is not None
    assert await read_anchor(keyring) == await later.store.end() != after_set_up


async def test_e52_a_locked_desk_that_nobody_opened_leaves_the_anchor_alone(
    tmp_path: Path, database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    first = run_on(database, keyring, clock)
    _, keys = lock_of(tmp_path, first, keyring, clock)
    await keys.set_up({Role.ADMIN: "821173"})

    later = run_on(database, keyring, clock)
    lock, _ = lock_of(tmp_path, later, keyring, clock)
    with pytest.raises(WrongPin):
        await lock.unlock(Role.ADMIN, "000001")
    await later.anchoring.close()

    assert await read_anchor(keyring) is None


async def test_e52_a_keyring_that_is_silent_holds_up_the_end_for_two_seconds_at_most(
    database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    run = run_on(database, keyring, clock)
    run.log.record(FROM_KEYRING)
    await run.log.flush()
    keyring.is_open.clear()

    closing = asyncio.create_task(run.anchoring.close())
    while keyring.reads == 0:
        await asyncio.sleep(0)
    await clock.advance(2)

    assert closing.done()
    assert await run.entries() == [FROM_KEYRING]


async def test_e52_a_keyring_that_fails_is_logged_once(
    database: Database, keyring: MemoryKeeper, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    run = run_on(database, keyring, clock)
    keyring.failure = KeeperSilent("the keyring is locked: unlock it", keeper="keyring")
    run.log.record(FROM_KEYRING)

    await run.anchoring.close()
    await run.anchoring.close()

    assert caplog.messages.count("audit anchor not moved") == 1
    assert run.told == []


async def test_e52_the_anchor_moves_on_with_the_log(
    database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    await a_run_with(database, keyring, clock, FROM_KEYRING)
    first = keyring.kept[ANCHOR_NAME]["number"]

    run = await a_run_with(database, keyring, clock, FROM_KEYRING, FROM_ELSEWHERE)

    assert (first, keyring.kept[ANCHOR_NAME]["number"]) == ("1", "3")
    assert run.told == []


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        pytest.param("DELETE FROM audit WHERE number > 1", AuditFault.CUT, id="cut"),
        pytest.param("UPDATE audit SET who = 'x' WHERE number = 1", AuditFault.REWRITTEN, id="written anew"),
    ],
)
async def test_e52_the_next_run_tells_that_the_log_is_another(
    tmp_path: Path,
    database: Database,
    keyring: MemoryKeeper,
    clock: ManualClock,
    tamper: str,
    fault: AuditFault,
) -> None:
    await a_run_with(database, keyring, clock, FROM_KEYRING, FROM_ELSEWHERE, FROM_ELSEWHERE)
    anchor = dict(keyring.kept[ANCHOR_NAME])
    with tampering(tmp_path / "desk.db") as driver:
        driver.execute(tamper)
        chain_anew(driver)

    run = await a_run_with(database, keyring, clock, FROM_KEYRING)

    assert [broken.fault for broken in run.told] == [fault]
    assert keyring.kept[ANCHOR_NAME] == anchor  # evidence
    newest, *_ = await run.entries()
    assert (newest.act, newest.result) == (AuditAct.VERIFY, AuditResult.FAILED)


async def test_e52_the_anchor_is_not_moved_over_a_break(
    tmp_path: Path, database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    run = run_on(database, keyring, clock)
    run.log.record(FROM_KEYRING)
    await run.anchoring.close()
    run.log.record(FROM_ELSEWHERE)
    run.log.record(FROM_KEYRING)
    await run.log.flush()
    with tampering(tmp_path / "desk.db") as driver:
        driver.execute("UPDATE audit SET who = 'x' WHERE number = 2")

    await run.anchoring.close()

    assert keyring.kept[ANCHOR_NAME]["number"] == "1"
    assert run.told == [AuditBreak(AuditFault.CHANGED, 2, FROM_ELSEWHERE.at_ns)]


async def test_e52_an_anchor_that_is_none_counts_as_absent(
    database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    keyring.kept[ANCHOR_NAME] = {"number": "many", "chain": "x"}

    run = await a_run_with(database, keyring, clock, FROM_KEYRING)

    assert await read_anchor(keyring) == await run.store.end()


async def test_e52_retention_leaves_what_the_anchor_stands_on(
    database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    run = await a_run_with(database, keyring, clock, FROM_KEYRING, FROM_ELSEWHERE)
    clock.set_wall(clock.now_ns() + 400 * DAY_NS)
    keyring.write_failure = KeeperSilent("locked", keeper="keyring")

    await pruned(run, clock)

    assert [(row.number, row.entry.act) for row in await run.store.page(AuditPick(), limit=9)] == [
        (3, AuditAct.PRUNE),
        (2, AuditAct.READ),
    ]
    assert await run.store.broken_anchor(AuditAnchor(2, keyring.kept[ANCHOR_NAME]["chain"])) is None


async def test_e52_the_keyring_vouches_for_what_retention_has_left(
    database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    run = await a_run_with(database, keyring, clock, FROM_KEYRING, FROM_ELSEWHERE)
    clock.set_wall(clock.now_ns() + 400 * DAY_NS)

    await pruned(run, clock)

    anchor = await read_anchor(keyring)
    assert anchor == await run.store.end()
    assert await verify(run.store, anchor=anchor, on_progress=lambda at, of: None) == AuditVerdict(
        checked=2, end=4, anchored=4
    )


async def test_e52_a_made_up_pruning_is_neither_vouched_for_nor_pruned_upon_but_told(
    tmp_path: Path, database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    run = await a_run_with(database, keyring, clock, FROM_KEYRING, FROM_ELSEWHERE, FROM_KEYRING)
    with tampering(tmp_path / "desk.db") as driver:
        driver.execute("UPDATE audit SET who = 'x' WHERE number = 1")
        make_up_pruning(driver)
    before = dict(keyring.kept[ANCHOR_NAME])
    clock.set_wall(clock.now_ns() + 400 * DAY_NS)

    await pruned(run, clock)
    await anchoring_until(lambda: run.told, run, clock)

    assert [(broken.fault, broken.number) for broken in run.told] == [(AuditFault.UNTOLD, 4)]
    assert keyring.kept[ANCHOR_NAME] == before
    assert [entry.who for entry in await run.entries()][-1] == "x"


async def test_e52_a_pruning_that_another_program_has_told_the_keyring_of_alarms_nobody(
    database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    desk = await a_run_with(database, keyring, clock, FROM_KEYRING, FROM_ELSEWHERE)
    beside = await a_run_with(database, keyring, clock, FROM_KEYRING)
    clock.set_wall(clock.now_ns() + 400 * DAY_NS)
    await pruned(desk, clock)
    reads = keyring.reads

    await anchoring_until(lambda: keyring.reads > reads, beside, clock)
    beside.log.open(beside.store)
    beside.log.record(FROM_ELSEWHERE)
    await beside.anchoring.close()

    assert (beside.told, await read_anchor(keyring)) == ([], await beside.store.end())


async def test_e52_retention_waits_for_a_keyring_that_has_not_told_its_anchor_yet(
    database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    await a_run_with(database, keyring, clock, FROM_KEYRING, FROM_ELSEWHERE)
    clock.set_wall(clock.now_ns() + 400 * DAY_NS)

    run = run_on(database, keyring, clock)
    await pruned(run, clock)

    assert len(await run.entries()) == 2


async def test_e52_retention_needs_no_keyring(
    database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    run = await a_run_with(database, keyring, clock, FROM_ELSEWHERE)
    clock.set_wall(clock.now_ns() + 366 * DAY_NS)

    await pruned(run, clock)

    assert [entry.act for entry in await run.entries()] == [AuditAct.PRUNE]


async def test_e52_retention_keeps_what_was_tampered_with_and_says_so(
    tmp_path: Path, database: Database, keyring: MemoryKeeper, clock: ManualClock
) -> None:
    run = run_on(database, keyring, clock)
    run.log.record(FROM_ELSEWHERE)
    await run.log.flush()
    with tampering(tmp_path / "desk.db") as driver:
        driver.execute("UPDATE audit SET who = 'x'")
    clock.set_wall(clock.now_ns() + 366 * DAY_NS)

    await pruned(run, clock)
    await run.log.flush()

    refused, kept = await run.entries()
    assert (refused.act, refused.result) == (AuditAct.PRUNE, AuditResult.REFUSED)
    assert kept.who == "x"
