"""Row E52: every act is written down, by whom and how it went, soon and in few transactions."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.empty_database import empty_database
from tests.fakes import ManualClock
from tradeassist_desktop.domain.audit import AuditAct, AuditAnchor, AuditEntry, AuditPick, AuditResult
from tradeassist_desktop.domain.events import AuditGrew
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.audit.log import MOST_WAITING, AuditLog
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed

NOON_NS = 1_700_000_040 * 1_000_000_000
"""A full minute."""
SECOND_NS = 1_000_000_000
READ = AuditEntry(
    at_ns=NOON_NS, who="slack channel", act=AuditAct.READ, what="slack.bot", source="keyring", version="3"
)
WRITE = AuditEntry(at_ns=NOON_NS, who="sign-in", act=AuditAct.WRITE, what="schwab.token", source="keyring")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(path=empty_database(tmp_path / "desk.db"))
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now_ns=NOON_NS)


@pytest.fixture
def log(clock: ManualClock) -> AuditLog:
    return AuditLog(clock=clock, mask=SecretMask())


class FullDisk:
    """Takes nothing until there is room; knows what was taken."""

    def __init__(self, *, has_room: bool = False) -> None:
        self.has_room = has_room
        self.tries = 0
        self.taken: list[AuditEntry] = []

    async def append(self, entries: list[AuditEntry]) -> AuditAnchor:
        self.tries += 1
        if not self.has_room:
            raise StorageFailed("The disk is full.")
        self.taken.extend(entries)
        return AuditAnchor(len(self.taken), "")


async def kept(database: Database) -> list[AuditEntry]:
    rows = await AuditStore(transactions=database).page(AuditPick(), limit=100)
    return [row.entry for row in reversed(rows)]


async def test_e52_an_entry_is_on_disk_within_a_second(
    database: Database, log: AuditLog, clock: ManualClock
) -> None:
    log.open(AuditStore(transactions=database))
    running = asyncio.create_task(log.run())
    log.record(WRITE)

    await clock.advance(1.0)
    await log.flush()

    assert await kept(database) == [WRITE]
    running.cancel()


async def test_e52_what_is_recorded_before_there_is_a_database_is_kept(
    database: Database, log: AuditLog
) -> None:
    log.record(READ)
    was_written = await log.flush()

    log.open(AuditStore(transactions=database))
    await log.flush()

    assert not was_written
    assert await kept(database) == [READ]


async def test_e52_like_reads_of_a_minute_are_one_entry_with_their_number(
    database: Database, log: AuditLog
) -> None:
    log.open(AuditStore(transactions=database))
    for second in range(50):
        log.record(replace(READ, at_ns=NOON_NS + second * SECOND_NS))
        log.record(replace(READ, what="smtp", at_ns=NOON_NS + second * SECOND_NS))

    await log.flush()

    entries = await kept(database)
    assert [(entry.what, entry.count) for entry in entries] == [
        ("slack.bot", 1),
        ("smtp", 1),
        ("slack.bot", 49),
        ("smtp", 49),
    ]
    assert entries[2].at_ns == NOON_NS + 49 * SECOND_NS


async def test_e52_repeats_are_written_when_their_minute_is_over(log: AuditLog, clock: ManualClock) -> None:
    disk = FullDisk(has_room=True)
    log.open(disk)
    running = asyncio.create_task(log.run())
    log.record(READ)
    log.record(replace(READ, at_ns=NOON_NS + 59 * SECOND_NS))

    await clock.advance(59)
    before = [entry.at_ns for entry in disk.taken]
    await clock.advance(1)

    assert before == [NOON_NS]
    assert [entry.at_ns for entry in disk.taken] == [NOON_NS, NOON_NS + 59 * SECOND_NS]
    running.cancel()


async def test_e52_the_first_read_of_the_next_minute_is_an_entry_again(log: AuditLog) -> None:
    disk = FullDisk(has_room=True)
    log.open(disk)

    for second in (0, 58, 59, 60, 61):
        log.record(replace(READ, at_ns=NOON_NS + second * SECOND_NS))
    await log.flush()

    told = [((entry.at_ns - NOON_NS) // SECOND_NS, entry.count) for entry in disk.taken]
    assert told == [(0, 1), (60, 1), (59, 2), (61, 1)]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"who": "e-mail channel"}, id="by another"),
        pytest.param({"version": "4"}, id="of another version"),
        pytest.param({"source": "memory"}, id="from elsewhere"),
        pytest.param({"result": AuditResult.FAILED}, id="that failed"),
    ],
)
async def test_e52_reads_that_differ_are_entries_of_their_own(
    database: Database, log: AuditLog, other: dict[str, str]
) -> None:
    log.open(AuditStore(transactions=database))
    log.record(READ)

    log.record(replace(READ, **other))
    await log.flush()

    assert await kept(database) == [READ, replace(READ, **other)]


async def test_e52_what_is_not_a_read_is_never_put_together(database: Database, log: AuditLog) -> None:
    log.open(AuditStore(transactions=database))

    for _ in range(3):
        log.record(WRITE)
    await log.flush()

    assert await kept(database) == [WRITE] * 3


async def test_e56_entries_are_written_by_the_connection_that_waits_for_the_disk(
    database: Database, log: AuditLog
) -> None:
    modes: list[object] = []

    class Asked:
        async def run(self, work, *, durable):  # type: ignore[no-untyped-def]
            def also(connection):  # type: ignore[no-untyped-def]
                modes.append(connection.exec_driver_sql("PRAGMA synchronous").scalar())
                return work(connection)

            return await database.run(also, durable=durable)

    log.open(AuditStore(transactions=Asked()))  # type: ignore[arg-type]
    log.record(WRITE)
    await log.flush()

    assert modes == [2]


async def test_e57_a_full_disk_is_tried_again_and_nothing_is_lost(log: AuditLog, clock: ManualClock) -> None:
    disk = FullDisk()
    log.open(disk)
    running = asyncio.create_task(log.run())
    log.record(WRITE)
    await clock.advance(10)
    tries = disk.tries

    disk.has_room = True
    await clock.advance(60)

    assert disk.taken == [WRITE]
    assert tries == 3  # after 1, 3 and 7 seconds
    running.cancel()


async def test_e57_entries_are_on_disk_once_there_is_room_again(database: Database, log: AuditLog) -> None:
    def room(pages: int) -> Callable[[Connection], object]:
        return lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await database.run(room(1), durable=True)
    log.open(AuditStore(transactions=database))
    entries = [replace(WRITE, detail="d" * 500, version=str(number)) for number in range(40)]
    for entry in entries:
        log.record(entry)

    was_written = await log.flush()
    trouble = log.trouble
    await database.run(room(100_000), durable=True)
    await log.flush()

    assert not was_written
    assert (trouble, log.trouble) == ("The disk is full.", None)
    assert await kept(database) == entries


async def test_e57_while_the_disk_is_full_the_newest_entries_wait_and_the_lost_are_counted(
    log: AuditLog, clock: ManualClock
) -> None:
    disk = FullDisk()
    log.open(disk)
    for number in range(MOST_WAITING + 7):
        log.record(replace(WRITE, version=str(number)))
    await log.flush()

    disk.has_room = True
    await log.flush()

    lost, first, *_ = disk.taken
    assert (lost.act, lost.count, lost.detail) == (AuditAct.LOST, 7, "The disk is full.")
    assert first.version == "7"
    assert len(disk.taken) == 1 + MOST_WAITING


async def test_e52_what_is_left_is_written_at_the_end(database: Database, log: AuditLog) -> None:
    log.open(AuditStore(transactions=database))
    log.record(READ)
    log.record(READ)

    await log.close()

    assert [entry.count for entry in await kept(database)] == [1, 1]


async def test_e52_the_end_does_not_wait_for_a_disk_that_hangs(log: AuditLog, clock: ManualClock) -> None:
    class Hanging:
        async def append(self, entries: list[AuditEntry]) -> AuditAnchor:
            await asyncio.Event().wait()
            raise AssertionError

    log.open(Hanging())
    log.record(WRITE)
    closing = asyncio.create_task(log.close())

    await clock.advance(2.0)

    assert closing.done()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


async def test_e50_a_secret_that_got_into_an_entry_is_masked(database: Database, clock: ManualClock) -> None:
    mask = SecretMask()
    mask.learn(["hunter2-and-more"])
    log = AuditLog(clock=clock, mask=mask)
    log.open(AuditStore(transactions=database))

    log.record(replace(WRITE, detail="x" * 490 + "hunter2-and-more", what="hunter2-and-more"))
    await log.flush()

    (entry,) = await kept(database)
    assert "hunter2" not in entry.detail
    assert entry.what == "•••"


async def test_e110_newlines_escapes_and_bidi_controls_are_written_out_and_a_long_text_is_cut(
    database: Database, log: AuditLog
) -> None:
    log.open(AuditStore(transactions=database))

    log.record(replace(WRITE, what="a\nb\x1b[31m\u202ec", detail="d" * 1_000_000, who="\ud800"))
    await log.flush()

    (entry,) = await kept(database)
    assert entry.what == r"a\nb\x1b[31m\u202ec"
    assert len(entry.detail) == 500
    assert entry.who == r"\ud800"


async def test_e52_who_listens_hears_that_the_log_has_grown(database: Database, clock: ManualClock) -> None:
    bus, heard = Bus(), []
    bus.subscribe(AuditGrew, heard.append)
    log = AuditLog(clock=clock, mask=SecretMask(), bus=bus)
    log.open(AuditStore(transactions=database))

    log.record(WRITE)
    await log.flush()

    assert heard == [AuditGrew(number=1)]
