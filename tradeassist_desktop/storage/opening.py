"""What is done to the file before the program works with it: looked at, set aside, brought up to date.

Plain ``sqlite3`` for looking; Alembic only when there is something to migrate.
"""

import contextlib
import logging
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.storage.migrations import Migrations

log = logging.getLogger(__name__)

_HEADER: Final = b"SQLite format 3\0"
_CHECKED_WHOLE_BYTES: Final = 64 * 2**20
_NEVER_UNCHECKED: Final = (
    "rules",
    "arming",
    "alerts",
    "deliveries",
    "runs",
    "watchlist",
    "watch_groups",
    "instruments",
    "alembic_version",
)
_PARTS: Final = ("", "-wal", "-shm")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def make_folder(path: Path) -> None:
    """Make the folder of the file, private to its user.

    Raises:
        TradeAssistError: it cannot be made or written to.
    """
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".{path.name}.probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise TradeAssistError(
            f"The data folder {folder} cannot be written to: {error.strerror}. Give another with --data-dir."
        ) from None


def make_private(path: Path) -> None:
    """Make the file, empty and for its user alone, where there is none. SQLite's logs follow it."""
    if not path.exists():
        path.touch(mode=0o600)


def close_to_others(path: Path) -> None:
    """Take the rights of others from a database that is there, and from its logs."""
    for part in _PARTS:
        file = path.with_name(path.name + part)
        # Gone meanwhile, or of another user, who gave us rights to it: it is theirs to close.
        with contextlib.suppress(FileNotFoundError, PermissionError):
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & _OTHERS:
                file.chmod(mode & ~_OTHERS)


def damage(path: Path) -> str | None:
    """Return what is wrong with the file as a database, or ``None``; a missing or empty one is well.

    Files up to 64 MB are checked whole, larger ones but for their ticks and bars: reading
    gigabytes would hold up every start.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return None
    if size == 0:
        return None
    with path.open("rb") as stream:
        if stream.read(len(_HEADER)) != _HEADER:
            return "it is no SQLite database"
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as driver:
            names = {
                name for (name,) in driver.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            }
            if size <= _CHECKED_WHOLE_BYTES:
                checks = ["PRAGMA quick_check(1)"]
            else:
                checks = [f"PRAGMA quick_check({name})" for name in _NEVER_UNCHECKED if name in names]
            for check in checks:
                (verdict,) = driver.execute(check).fetchone()
                if verdict != "ok":
                    return str(verdict)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_IOERR:
            return str(error)
        raise
    except sqlite3.DatabaseError as error:
        return str(error)
    return None


def set_aside(path: Path, *, now_ns: int) -> Path:
    """Rename the file and its write-ahead log out of the way; return its new name."""
    kept = _stamped(path, "damaged", now_ns)
    for part in _PARTS:
        source = path.with_name(path.name + part)
        if source.exists():
            source.rename(kept.with_name(kept.name + part))
    return kept


def revision_of(path: Path, *, migrations: Migrations) -> str | None:
    """Return the revision of the file, ``None`` if there is nothing in it; changes nothing.

    A file too damaged to tell has none either; ``damage`` says so.

    Raises:
        TradeAssistError: it is from a newer program, or not of this program at all.
    """
    if not path.exists() or path.stat().st_size == 0:
        return None
    rows: list[tuple[str]] = []
    # Read-only, so that closing does not write the log back into a file that is not ours to touch.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as driver:
        try:
            names = _table_names(driver)
            if "alembic_version" in names:
                rows = driver.execute("SELECT version_num FROM alembic_version").fetchall()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            return None
    if not names:
        return None
    if not rows:
        raise TradeAssistError(f"{path} is a database, but not one of TradeAssist; it was left as it is.")
    revision = str(rows[0][0])
    if revision not in migrations.revisions:
        raise TradeAssistError(
            f"The database {path} was written by a newer TradeAssist (revision {revision}). "
            "It was left as it is. Start that version, or give another folder with --data-dir."
        )
    return revision


def back_up(path: Path, *, revision: str, now_ns: int) -> Path:
    """Copy the database as one consistent file beside it; return the copy."""
    copy = _stamped(path, f"before-{revision}", now_ns)
    unfinished = copy.with_name(copy.name + ".part")
    make_private(unfinished)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
    unfinished.rename(copy)
    return copy


def migrate(connection: Connection, *, migrations: Migrations) -> None:
    """Bring the tables up to date in one transaction.

    Raises:
        Exception: whatever a revision raised; nothing was changed.
    """
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations.folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with connection.begin():
        command.upgrade(config, "head")


def _table_names(driver: sqlite3.Connection) -> set[str]:
    return {name for (name,) in driver.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def _stamped(path: Path, why: str, now_ns: int) -> Path:
    stamp = datetime.fromtimestamp(now_ns // 1_000_000_000, tz=UTC).strftime("%Y%m%dT%H%M%SZ")
    candidate = path.with_name(f"{path.name}.{why}-{stamp}")
    number = 2
    while candidate.exists():
        candidate = path.with_name(f"{path.name}.{why}-{stamp}-{number}")
        number += 1
    return candidate
