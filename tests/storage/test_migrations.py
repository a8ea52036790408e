import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from tradeassist_desktop.domain.delivery import Delivery
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.storage import leases, ticks
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.leases import Lease
from tradeassist_desktop.storage.migrations import MIGRATIONS, Migrations
from tradeassist_desktop.storage.tables import METADATA


def following(folder: Path, body: str) -> Migrations:
    """Return the program's migrations and one more, ``next``, whose upgrade is ``body``."""
    (folder / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako", *(f"versions/{file.name}" for file in revision_files())):
        (folder / name).write_bytes((MIGRATIONS.folder / name).read_bytes())
    (folder / "versions" / "next.py").write_text(
        f"from alembic import op\nrevision = 'next'\ndown_revision = '{MIGRATIONS.head}'\n"
        f"def upgrade():\n    {body}\n"
    )
    return Migrations(folder=folder, revisions=(*MIGRATIONS.revisions, "next"))


def first_ones(folder: Path, count: int) -> Migrations:
    """Return the first of the program's migrations, as an older program had them."""
    (folder / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako", *(f"versions/{file.name}" for file in revision_files()[:count])):
        (folder / name).write_bytes((MIGRATIONS.folder / name).read_bytes())
    return Migrations(folder=folder, revisions=MIGRATIONS.revisions[:count])


def revision_files() -> list[Path]:
    return sorted((MIGRATIONS.folder / "versions").glob("0*.py"))


def content(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as driver:
        return list(driver.iterdump())


async def make_database(path: Path) -> None:
    database = Database(path=path)
    await database.start()
    await database.run(
        lambda connection: connection.exec_driver_sql("INSERT INTO watchlist (symbol) VALUES ('AAPL')")
    )
    await database.stop()


async def test_migrated_tables_are_those_the_program_works_with(tmp_path: Path) -> None:
    await make_database(tmp_path / "desk.db")

    engine = create_engine(f"sqlite:///{tmp_path / 'desk.db'}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    engine.dispose()

    assert differences == []


def test_the_written_out_revisions_are_those_in_the_folder() -> None:
    script = ScriptDirectory.from_config(
        Config(attributes={}, config_args={"script_location": str(MIGRATIONS.folder), "path_separator": "os"})
    )

    assert (
        tuple(reversed([revision.revision for revision in script.walk_revisions()])) == MIGRATIONS.revisions
    )


async def test_tables_found_by_their_own_keys_have_no_rowid(tmp_path: Path) -> None:
    await make_database(tmp_path / "desk.db")

    with closing(sqlite3.connect(tmp_path / "desk.db")) as driver:
        without = {row[1] for row in driver.execute("PRAGMA table_list") if row[4]}

    assert {"bars", "deliveries", "market_state"} <= without


async def test_an_older_database_is_brought_up_to_date_and_kept_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    await make_database(path)
    before = content(path)
    migrations = following(tmp_path / "more", "op.execute('CREATE TABLE notes (id INTEGER)')")

    database = Database(path=path, migrations=migrations, now_ns=lambda: 1_700_000_000_000_000_000)
    await database.start()
    notes = await database.read(lambda connection: connection.exec_driver_sql("SELECT * FROM notes").all())
    await database.stop()

    assert notes == []
    assert f"desk.db.before-{MIGRATIONS.head}-20231114T221320Z" in database.notices[0]
    assert content(path.with_name(f"desk.db.before-{MIGRATIONS.head}-20231114T221320Z")) == before
    if sys.platform != "win32":
        (copy,) = path.parent.glob("desk.db.before-*")
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600


async def test_ticks_of_a_first_database_are_all_brought_over(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    old = Database(path=path, migrations=first_ones(tmp_path / "first", 1))
    await old.start()
    await old.run(
        lambda connection: connection.exec_driver_sql(
            "INSERT INTO instruments VALUES (1, 'demo', 'MSFT'), (2, 'demo', 'AAPL')"
        )
    )
    rows = ", ".join(
        f"(2, {at * 1_000_000}, {n}, 7, {(at + n) * 1_000_000}, NULL, NULL, 5.0, NULL, NULL, 9.5, 3, "
        "NULL, 150000000, NULL, NULL)"
        for at in range(70_000, 72_000)
        for n in (0, 1)
    )
    await old.run(lambda connection: connection.exec_driver_sql(f"INSERT INTO ticks VALUES {rows}"))
    await old.stop()

    database = Database(path=path)
    await database.start()
    found = await database.read(
        lambda connection: ticks.load(connection, "demo", "AAPL", since_ns=0, until_ns=2**62)
    )
    await database.stop()

    assert found == [
        Tick("AAPL", at * 1_000_000, 7, last=(at + n) / 100, last_size=5.0, volume=9.5, high=1.5, trade_ns=3)
        for at in range(70_000, 72_000)
        for n in (0, 1)
    ]


async def test_a_migration_that_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    await make_database(path)
    before = content(path)
    migrations = following(
        tmp_path / "more",
        "op.execute('CREATE TABLE notes (id INTEGER)'); raise RuntimeError('pulled the plug')",
    )

    database = Database(path=path, migrations=migrations)
    with pytest.raises(TradeAssistError, match=r"could not be brought up to date \(pulled the plug\)"):
        await database.start()
    await database.stop()
    same_version = Database(path=path)
    await same_version.start()
    await same_version.stop()

    assert content(path) == before


async def test_a_present_database_opens_without_alembic(tmp_path: Path) -> None:
    import subprocess
    import sys

    await make_database(tmp_path / "desk.db")
    program = (
        "import asyncio, pathlib, sys\n"
        "from tradeassist_desktop.storage.database import Database\n"
        "async def main():\n"
        "    database = Database(path=pathlib.Path(sys.argv[1]))\n"
        "    await database.start()\n"
        "    await database.stop()\n"
        "asyncio.run(main())\n"
        "print('alembic' in sys.modules)\n"
    )

    ran = subprocess.run(  # noqa: ASYNC221 - nothing else waits in this test
        [sys.executable, "-c", program, str(tmp_path / "desk.db")], capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == "False"


async def test_deliveries_of_before_repeats_are_first_announcements(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    database = Database(path=path, migrations=first_ones(tmp_path / "before", 4))
    await database.start()
    await database.stop()
    with closing(sqlite3.connect(path)) as driver:
        driver.execute(
            "INSERT INTO alerts (id, rule_uid, rule_name, symbol, sequence, priority, status, event_ns,"
            " message, condition, count, legs, received_ns, evaluated_ns, committed_ns)"
            " VALUES ('one', 'r', 'Rule', '/ES', 0, 'high', 'fired', 1, '', '', 1, '[]', 2, 3, 4)"
        )
        driver.execute("INSERT INTO deliveries VALUES ('one', 'toast', 'pending', 2, 9, NULL, 'no answer')")
        driver.commit()

    database = Database(path=path)
    await database.start()
    ((_, delivery, *_),) = await database.run(
        lambda connection: leases.claim(connection, ["toast"], Lease("desk"), now_ns=5)
    )
    await database.stop()

    assert delivery == Delivery(
        alert_id="one", channel="toast", attempts=2, next_attempt_ns=9, detail="no answer", created_ns=4
    )
