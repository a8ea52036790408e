"""Row E52: commands beside a desk and without one write to the same audit log."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.demo import demo_desk
from tradeassist_desktop import paths
from tradeassist_desktop.app import Launch
from tradeassist_desktop.app.audit_trail import audit_trail
from tradeassist_desktop.app.lock import hold
from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditPick
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.storage.audit_chain import FIRST_LINK, VALUES, as_bytes, link
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.lone_file import LoneFile

WRITE = AuditEntry(at_ns=1_700_000_000_000_000_000, who="sign-in", act=AuditAct.WRITE, what="schwab.token")
WRITER = """
import asyncio, sys
from pathlib import Path
from tradeassist_desktop.domain.audit import AuditAct, AuditEntry
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.lone_file import LoneFile

async def main(path, who):
    store = AuditStore(transactions=LoneFile(path=Path(path)))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(60):
        entry = AuditEntry(at_ns=number, who=who, act=AuditAct.WRITE, what="smtp")
        await store.append([entry, entry])

asyncio.run(main(*sys.argv[1:]))
"""


def launch_in(folder: Path) -> Launch:
    return Launch(
        places=paths.resolve(folder),
        feed=None,
        speed=None,
        symbol=None,
        bar_label="start",
        rules_file=None,
        record_file=None,
        overrides=(),
        environment={},
        is_dev=False,
        is_headless=True,
        mask=SecretMask(),
    )


def rows_of(path: Path) -> Iterator[tuple[int, tuple[str, ...], str]]:
    with closing(sqlite3.connect(path)) as driver:
        for number, *values, chain in driver.execute(
            f"SELECT number, {', '.join(VALUES)}, chain FROM audit ORDER BY number"
        ):
            yield number, tuple(values), chain


def is_one_chain(path: Path) -> bool:
    chain = FIRST_LINK
    for place, (number, values, kept) in enumerate(rows_of(path), start=1):
        chain = link(chain, as_bytes(values))
        if (number, kept) != (place, chain):
            return False
    return True


async def entries_in(folder: Path) -> list[AuditEntry]:
    store = AuditStore(transactions=LoneFile(path=paths.resolve(folder).database))
    return [row.entry for row in await store.page(AuditPick(), limit=1000)]


async def test_e52_a_command_in_a_new_folder_makes_the_database_for_its_entries(tmp_path: Path) -> None:
    async with audit_trail(launch_in(tmp_path), clock=SystemClock(), is_claimed=False) as trail:
        trail.record(WRITE)

    assert await entries_in(tmp_path) == [WRITE]


async def test_e52_a_command_that_records_nothing_makes_no_database(tmp_path: Path) -> None:
    async with audit_trail(launch_in(tmp_path), clock=SystemClock(), is_claimed=False):
        pass

    assert not paths.resolve(tmp_path).database.exists()


async def test_e52_a_command_beside_a_desk_writes_to_the_desks_log(tmp_path: Path) -> None:
    launch = launch_in(tmp_path)
    lock = hold(launch.places)
    async with (
        demo_desk(tmp_path),
        audit_trail(launch, clock=SystemClock(), is_claimed=False) as trail,
    ):
        trail.record(WRITE)

    assert WRITE in await entries_in(tmp_path)
    assert lock is not None
    lock.release()


async def test_e52_two_programs_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    async with audit_trail(launch_in(tmp_path), clock=SystemClock(), is_claimed=False) as trail:
        trail.record(WRITE)
    path = paths.resolve(tmp_path).database
    writers = [
        subprocess.Popen(  # noqa: ASYNC220 - nothing else waits in this test
            [sys.executable, "-c", WRITER, str(path), who],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in ("one", "other")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert await asyncio.to_thread(writer.stdout.readline) == "ready\n"

    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    endings = [await asyncio.to_thread(writer.communicate) for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0], endings
    whos = [values[1] for _, values, _ in rows_of(path)]
    assert (whos.count("one"), whos.count("other")) == (120, 120)
    assert whos != sorted(whos)  # they did write at once
    assert is_one_chain(path)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE audit SET who = 'nobody'", id="change"),
        pytest.param("DELETE FROM audit", id="remove"),
        pytest.param(
            "INSERT INTO audit SELECT 1, at_ns, who, act, what, version, source, result, detail,"
            " count, through, seal, chain FROM audit",
            id="put in",
        ),
        pytest.param("INSERT OR REPLACE INTO audit SELECT * FROM audit", id="replace"),
    ],
)
async def test_e52_the_table_is_only_added_to(tmp_path: Path, statement: str) -> None:
    async with audit_trail(launch_in(tmp_path), clock=SystemClock(), is_claimed=False) as trail:
        trail.record(WRITE)
        trail.record(WRITE)

    with (
        closing(sqlite3.connect(paths.resolve(tmp_path).database)) as driver,
        pytest.raises(sqlite3.IntegrityError, match="the audit log is only added to"),
    ):
        driver.execute(statement)
