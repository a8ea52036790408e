import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.migrations import MIGRATIONS, Migrations
from tradeassist_desktop.storage.tables import METADATA


def following(folder: Path, body: str) -> Migrations:
    """Return the program's migrations and one more, ``0002``, whose upgrade is ``body``."""
    (folder / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako", *(f"versions/{file.name}" for file in revision_files())):
        (folder / name).write_bytes((MIGRATIONS.folder / name).read_bytes())
    (folder / "versions" / "0002_next.py").write_text(
        f"from alembic import op\nrevision = '0002'\ndown_revision = '0001'\ndef upgrade():\n    {body}\n"
    )
    return Migrations(folder=folder, revisions=(*MIGRATIONS.revisions, "0002"))


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


async def test_ticks_and_other_large_tables_have_no_rowid(tmp_path: Path) -> None:
    await make_database(tmp_path / "desk.db")

    with closing(sqlite3.connect(tmp_path / "desk.db")) as driver:
        without = {row[1] for row in driver.execute("PRAGMA table_list") if row[4]}

    assert {"ticks", "bars", "deliveries"} <= without


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
    assert "desk.db.before-0001-20231114T221320Z" in database.notices[0]
    assert content(path.with_name("desk.db.before-0001-20231114T221320Z")) == before


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
