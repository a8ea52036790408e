"""Brings over from a damaged file what can still be read and cannot be had again."""

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table

from tradeassist_desktop.storage import tables

log = logging.getLogger(__name__)

# Parents first. Ticks and bars are left behind: there are many, and the market gives new ones.
_SAVED: Final[tuple[Table, ...]] = (
    tables.rules,
    tables.watch_groups,
    tables.watchlist,
    tables.alerts,
    tables.deliveries,
    tables.arming,
    tables.settled_proposals,  # a split must not be offered, and taken, twice
    tables.audit,
)


def salvage(damaged: Path, connection: Connection) -> dict[str, int]:
    """Copy readable rows into the new tables; return how many of each table.

    Rows the tables do not take (garbage that looks like a row) are left out.
    """
    counts: dict[str, int] = {}
    try:
        source = sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return counts
    with closing(source), connection.begin():
        for table in _SAVED:
            names = _names(source, table)
            rows: Iterable[tuple[Any, ...]] = _rows(source, table, names)
            if table is tables.audit:  # it takes rows in their order only
                rows = sorted({row[0]: row for row in rows}.values())
            counts[table.name] = sum(_insert(connection, table, names, row) for row in rows)
    return counts


def _names(source: sqlite3.Connection, table: Table) -> str:
    """Name the columns that the damaged file has too: an older program's has fewer."""
    try:
        kept = {row[1] for row in source.execute(f"PRAGMA table_info({table.name})")}
    except sqlite3.Error:
        kept = set()
    return ", ".join(column.name for column in table.columns if not kept or column.name in kept)


def _rows(source: sqlite3.Connection, table: Table, names: str) -> Iterator[tuple[Any, ...]]:
    """Give the rows before the damage, then, from the other end, those behind it."""
    keys = [column.name for column in table.primary_key]
    for direction in ("ASC", "DESC"):
        order = ", ".join(f"{key} {direction}" for key in keys)
        try:
            yield from source.execute(f"SELECT {names} FROM {table.name} ORDER BY {order}")  # noqa: S608 - our own names
        except sqlite3.Error as error:
            log.warning("damaged table", extra={"table": table.name, "reason": str(error)})


def _insert(connection: Connection, table: Table, names: str, row: tuple[Any, ...]) -> int:
    values = ", ".join("?" * len(row))
    guard = ""
    if table is tables.deliveries:
        # A delivery whose alert is lost would fail the whole transaction, OR IGNORE or not.
        guard = " WHERE ?1 IN (SELECT id FROM alerts)"
    statement = f"INSERT OR IGNORE INTO {table.name} ({names}) SELECT {values}{guard}"
    return connection.exec_driver_sql(statement, row).rowcount
