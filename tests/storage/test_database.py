import asyncio
import hashlib
import sqlite3
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import StorageTroubled
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed


def symbols(connection: Connection) -> list[str]:
    return list(connection.scalars(text("SELECT symbol FROM watchlist ORDER BY position")))


def add(symbol: str) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.execute(text("INSERT INTO watchlist (symbol) VALUES (:symbol)"), {"symbol": symbol})

    return work


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Database(path=tmp_path / "data" / "desk.db")
    await first.start()
    await first.run(add("AAPL"), durable=True)
    first.submit(add("MSFT"))
    await first.stop()

    second = Database(path=tmp_path / "data" / "desk.db")
    await second.start()
    kept = await second.read(symbols)
    await second.stop()

    assert kept == ["AAPL", "MSFT"]
    assert second.notices == ()


async def test_stopping_ends_the_thread_and_leaves_one_file(tmp_path: Path) -> None:
    database = Database(path=tmp_path / "desk.db")
    await database.start()
    for number in range(200):
        database.submit(add(f"S{number}"))

    await database.stop()

    assert [thread.name for thread in threading.enumerate() if thread.name == "storage"] == []
    assert list(digest(tmp_path)) == ["desk.db"]
    with closing(sqlite3.connect(tmp_path / "desk.db")) as driver:
        assert driver.execute("SELECT count(*) FROM watchlist").fetchone() == (200,)


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes: the folder's own rights hold")
async def test_a_new_database_is_for_its_user_alone_whatever_its_folder_is(tmp_path: Path) -> None:
    database = Database(path=tmp_path / "desk.db")
    await database.start()
    await database.run(add("AAPL"), durable=True)
    found = modes(tmp_path)
    await database.stop()

    assert found == {"desk.db": 0o600, "desk.db-wal": 0o600, "desk.db-shm": 0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes: the folder's own rights hold")
async def test_a_database_that_others_could_read_is_for_its_user_alone_after_a_start(tmp_path: Path) -> None:
    first = Database(path=tmp_path / "desk.db")
    await first.start()
    await first.stop()
    (tmp_path / "desk.db").chmod(0o644)

    second = Database(path=tmp_path / "desk.db")
    await second.start()
    await second.run(add("AAPL"), durable=True)
    found = modes(tmp_path)
    await second.stop()

    assert found == {"desk.db": 0o600, "desk.db-wal": 0o600, "desk.db-shm": 0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes: the folder's own rights hold")
async def test_a_database_of_another_program_keeps_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "desk.db"
    with closing(sqlite3.connect(file)) as driver:
        driver.execute("CREATE TABLE songs (name TEXT)")
    file.chmod(0o644)

    with pytest.raises(TradeAssistError, match="left as it is"):
        await Database(path=file).start()

    assert modes(tmp_path) == {"desk.db": 0o644}


async def test_a_stopped_database_refuses_politely(database: Database) -> None:
    await database.stop()
    await database.stop()

    with pytest.raises(StorageFailed, match="closed"):
        await database.run(add("AAPL"))


async def test_a_database_in_a_hurry_does_not_wait_for_another_program(database: Database) -> None:
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        database.hurry(0)

        async with asyncio.timeout(4):  # else each would wait for five seconds
            for _ in range(3):
                with pytest.raises(StorageFailed, match="Another program holds the database"):
                    await database.run(add("AAPL"))

        other.execute("ROLLBACK")
    await database.run(add("MSFT"))

    assert await database.read(symbols) == ["MSFT"]


async def test_what_a_job_raises_undoes_it_and_reaches_its_caller(database: Database) -> None:
    def half(connection: Connection) -> None:
        add("AAPL")(connection)
        raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        await database.run(half)

    assert await database.read(symbols) == []


async def test_changing_tables_is_undone_too(database: Database) -> None:
    def half(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        await database.run(half)

    assert (
        await database.read(
            lambda c: c.execute(text("SELECT * FROM sqlite_schema WHERE name = 'half'")).all()
        )
        == []
    )


async def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(StorageFailed, match="cannot be written"):
        await database.read(add("AAPL"))


async def test_what_is_waited_for_goes_before_what_is_not(database: Database) -> None:
    order: list[str] = []
    is_free = threading.Event()
    database.submit(lambda connection: is_free.wait())
    for number in range(3):
        database.submit(lambda connection, number=number: order.append(f"background {number}"))

    waited_for = [
        asyncio.ensure_future(
            database.run(lambda connection, number=number: order.append(f"waited for {number}"))
        )
        for number in range(3)
    ]
    await asyncio.sleep(0)
    queued = database.queue_length
    is_free.set()
    await asyncio.gather(*waited_for)
    await database.settle()

    assert queued >= 6
    assert order == [*(f"waited for {n}" for n in range(3)), *(f"background {n}" for n in range(3))]


async def test_a_long_job_lets_those_in_who_wait_and_goes_on_before_other_background_jobs(
    database: Database,
) -> None:
    order: list[str] = []
    has_begun, is_free = threading.Event(), threading.Event()

    def first_part(connection: Connection) -> None:
        has_begun.set()
        is_free.wait()
        order.append("first part")
        database.go_on(lambda connection: order.append("second part"))

    database.submit(first_part)
    database.submit(lambda connection: order.append("background"))
    await asyncio.to_thread(has_begun.wait)
    waited_for = asyncio.ensure_future(database.run(lambda connection: order.append("waited for")))
    await asyncio.sleep(0)
    is_free.set()
    await waited_for
    await database.settle()

    assert order == ["first part", "waited for", "second part", "background"]


async def test_a_caller_who_gives_up_harms_nobody(database: Database) -> None:
    is_free = threading.Event()
    first = asyncio.ensure_future(database.run(lambda connection: is_free.wait()))
    second = asyncio.ensure_future(database.run(add("AAPL")))
    await asyncio.sleep(0)

    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    is_free.set()
    await database.run(add("MSFT"))

    assert "MSFT" in await database.read(symbols)


async def test_durable_commits_wait_for_the_disk_and_all_lanes_check_references(database: Database) -> None:
    def pragmas(connection: Connection) -> tuple[Any, ...]:
        return tuple(
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "journal_mode", "foreign_keys")
        )

    durable = await database.run(pragmas, durable=True)
    bulk = await database.run(pragmas)

    assert durable == (2, "wal", 1)
    assert bulk == (1, "wal", 1)


async def test_a_full_disk_is_told_once_and_its_end_too(tmp_path: Path) -> None:
    bus = Bus()
    told: list[str | None] = []
    bus.subscribe(StorageTroubled, lambda event: told.append(event.reason))
    database = Database(path=tmp_path / "desk.db", bus=bus)
    await database.start()
    await database.run(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1"))

    for _ in range(3):
        with pytest.raises(StorageFailed, match="disk is full"):
            await database.run(add("x" * 100_000))
    read_meanwhile = await database.read(symbols)
    trouble = database.trouble
    await database.run(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 100000"))
    await database.run(add("AAPL"))
    await database.stop()

    assert read_meanwhile == []
    assert trouble == "The disk is full."
    assert told == ["The disk is full.", None]
    assert database.trouble is None


async def test_another_programs_lock_is_an_error_after_a_while_not_a_standstill(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.run(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout = 50"))
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StorageFailed, match="Another program holds the database"):
            await database.run(add("AAPL"))
        kept = await database.read(symbols)
        other.execute("ROLLBACK")
    await database.run(add("MSFT"))

    assert kept == []
    assert await database.read(symbols) == ["MSFT"]


def digest(folder: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.is_file()
    }


async def test_a_database_of_a_newer_program_is_refused_and_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    first = Database(path=path)
    await first.start()
    await first.stop()
    with closing(sqlite3.connect(path)) as driver, driver:
        driver.execute("UPDATE alembic_version SET version_num = '9999'")
    before = digest(tmp_path)["desk.db"]

    database = Database(path=path)
    with pytest.raises(TradeAssistError, match=r"newer TradeAssist \(revision 9999\)"):
        await database.start()
    await database.stop()

    assert digest(tmp_path)["desk.db"] == before


async def test_a_database_of_another_program_is_refused_and_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with closing(sqlite3.connect(path)) as driver, driver:
        driver.execute("CREATE TABLE photos (id INTEGER)")
    before = digest(tmp_path)

    database = Database(path=path)
    with pytest.raises(TradeAssistError, match="not one of TradeAssist"):
        await database.start()
    await database.stop()

    assert digest(tmp_path) == before


def overwrite(at: int, content: bytes) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        with path.open("r+b") as stream:
            stream.seek(at)
            stream.write(content)

    return damage


def truncate(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size // 2)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(overwrite(0, b"no database at all" * 100), id="garbage header"),
        pytest.param(overwrite(4096, bytes(4096)), id="zeroed page"),
        pytest.param(overwrite(100, b"\xff" * 8000), id="random bytes"),
        pytest.param(truncate, id="cut in half"),
    ],
)
async def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "desk.db"
    first = Database(path=path)
    await first.start()
    for number in range(200):
        first.submit(add(f"S{number}" + "x" * 500))
    await first.stop()
    damage(path)
    damaged = path.read_bytes()
    path.with_name("desk.db-wal").write_bytes(b"a stale log")

    database = Database(path=path, now_ns=lambda: 1_700_000_000_000_000_000)
    await database.start()
    await database.run(add("AAPL"))
    kept = await database.read(symbols)
    await database.stop()

    aside = path.with_name("desk.db.damaged-20231114T221320Z")
    assert "AAPL" in kept
    assert aside.read_bytes() == damaged
    (notice,) = database.notices
    assert "kept as desk.db.damaged-20231114T221320Z" in notice


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param("file/data", id="a file in the way"),
        pytest.param("/proc/tradeassist", id="a file system that takes no folders"),
    ],
)
async def test_a_folder_that_cannot_be_written_to_gets_one_clear_line(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()

    database = Database(path=tmp_path / folder / "desk.db")
    with pytest.raises(TradeAssistError, match=r"^The data folder .* cannot be written to: .*--data-dir\.$"):
        await database.start()
    await database.stop()


async def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    (tmp_path / "desk.db").touch()

    database = Database(path=tmp_path / "desk.db")
    await database.start()
    await database.run(add("AAPL"))
    await database.stop()

    assert database.notices == ()
