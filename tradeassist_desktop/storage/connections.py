"""How a connection to the file is opened, and how its transactions begin."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from tradeassist_desktop.storage.compiled import driver_of

BUSY_TIMEOUT_S: Final = 5.0
_LARGEST_IDLE_LOG: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Lane:
    """One way of using the file.

    Args:
        synchronous: ``FULL`` waits for the disk at each commit, so that a power cut loses
            nothing; ``NORMAL`` may lose the last commits to a power cut, none to a crash.
        begin: How its transactions begin. Writers take the lock at once: SQLite refuses to
            turn a reading transaction into a writing one if another has written meanwhile.
    """

    name: str
    synchronous: str
    begin: str
    is_read_only: bool = False


DURABLE: Final = Lane(name="durable", synchronous="FULL", begin="BEGIN IMMEDIATE")
BULK: Final = Lane(name="bulk", synchronous="NORMAL", begin="BEGIN IMMEDIATE")
READING: Final = Lane(name="reading", synchronous="NORMAL", begin="BEGIN", is_read_only=True)


def connect(path: Path, lane: Lane) -> Connection:
    """Open the file for the calling thread.

    Raises:
        sqlite3.Error: it cannot be opened or is no database.
    """
    connection = _engine(path, lane).connect()
    # SQLAlchemy begins a transaction with the first statement; the pragmas were outside of any.
    connection.rollback()
    return connection


def set_patience(connection: Connection, seconds: float) -> None:
    """Have a connection wait for another program's lock for so long; to be called between transactions."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    # Past SQLAlchemy, which would begin a transaction.
    driver.cursor().execute(f"PRAGMA busy_timeout = {round(seconds * 1_000)}")


def set_synchronous(connection: Connection, lane: Lane) -> None:
    """Have a connection's commits wait for the disk as a lane's do; to be called between transactions."""
    driver_of(connection).execute(f"PRAGMA synchronous = {lane.synchronous}")


def _engine(path: Path, lane: Lane) -> Engine:
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: open_file(path, lane),
        poolclass=NullPool,
        hide_parameters=True,  # errors would quote what was to be written
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # The driver's own transactions leave out CREATE TABLE, so a migration that fails
        # half-way would leave its first half behind: they are off, and begun here.
        driver = driver_of(connection)
        if not driver.in_transaction:
            driver.execute(lane.begin)

    return engine


@contextmanager
def transaction(connection: Connection, lane: Lane) -> Iterator[None]:
    """Do all of the block in one transaction, or nothing.

    Begun and ended past SQLAlchemy, whose part of both takes as long as storing an alert does.

    Raises:
        sqlite3.Error: it could not be begun or committed; nothing was changed.
    """
    driver = driver_of(connection)
    driver.execute(lane.begin)
    try:
        yield
        driver.execute("COMMIT")
    finally:
        if driver.in_transaction:
            driver.execute("ROLLBACK")
        if connection.in_transaction():
            connection.rollback()  # SQLAlchemy, too, knows that it is over


def open_file(path: Path, lane: Lane) -> sqlite3.Connection:
    """Open the file without SQLAlchemy's part.

    Raises:
        sqlite3.Error: it cannot be opened or is no database.
    """
    driver = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute(f"PRAGMA synchronous = {lane.synchronous}")
        # No commit copies the log back into the file: that takes many times as long as itself.
        driver.execute("PRAGMA wal_autocheckpoint = 0")
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute(f"PRAGMA journal_size_limit = {_LARGEST_IDLE_LOG}")
        if lane.is_read_only:
            driver.execute("PRAGMA query_only = ON")
    except BaseException:
        driver.close()
        raise
    return driver
