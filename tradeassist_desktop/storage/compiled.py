"""Statements of the alert's way to the disk, compiled once: composing each anew cost a third of a commit."""

import sqlite3
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Final

from sqlalchemy import Connection, Insert
from sqlalchemy.dialects import sqlite

_MOST_ROWS: Final = 32
_VALUES: Final = "VALUES "


def text_of(statement: Insert, columns: Sequence[str]) -> str:
    """Return an insert of these columns as the driver takes it, values in their order."""
    compiled = statement.compile(dialect=sqlite.dialect(), column_keys=columns)
    assert compiled.positiontup == list(columns)
    return str(compiled)


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection: SQLAlchemy's part of a statement takes as long as the statement."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def insert_rows(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> int:
    """Insert many rows with few statements; return how many were written.

    After each row of an ``executemany`` another thread may keep the interpreter for half a millisecond:
    of eight rows the 99th percentile was twice that of one statement.

    Args:
        statement: Inserts one row, by ``VALUES (?, …)``.
    """
    if not rows:  # the usual case of an alert's way to the disk
        return 0
    written, begin = 0, 0
    driver = driver_of(connection)
    while (left := len(rows) - begin) > 0:
        # Powers of two: few statements to be kept prepared, whatever the number of rows.
        count = min(_MOST_ROWS, 1 << (left.bit_length() - 1))
        values = tuple(chain.from_iterable(rows[begin : begin + count]))
        written += driver.execute(_of_many(statement, count), values).rowcount
        begin += count
    return written


@cache
def _of_many(statement: str, count: int) -> str:
    begin = statement.index(_VALUES) + len(_VALUES)
    end = statement.index(")", begin) + 1
    return statement[:begin] + ", ".join([statement[begin:end]] * count) + statement[end:]
