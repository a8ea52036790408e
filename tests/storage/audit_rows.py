"""What somebody with the database's file can do to the audit log."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tradeassist_desktop.domain.audit import AUDIT_LOG, AuditAct, AuditEntry
from tradeassist_desktop.storage.audit_chain import FIRST_LINK, VALUES, as_bytes, link, values_of
from tradeassist_desktop.storage.audit_checks import LinkedRow, seal_of

COLUMNS = ("number", *VALUES, "chain")


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection for which nothing is forbidden."""
    with closing(sqlite3.connect(path)) as driver:
        for (name,) in driver.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            driver.execute(f"DROP TRIGGER {name}")
        yield driver
        driver.commit()


def put_in(driver: sqlite3.Connection, number: int) -> None:
    """Put in a copy of the first row under this number; those behind move on by one."""
    driver.execute("UPDATE audit SET number = -number - 1 WHERE number >= ?", (number,))
    driver.execute("UPDATE audit SET number = -number WHERE number < 0")
    rest = ", ".join(COLUMNS[1:])
    driver.execute(
        f"INSERT INTO audit (number, {rest}) SELECT ?, {rest} FROM audit WHERE number = 1", (number,)
    )


def swap(driver: sqlite3.Connection, number: int) -> None:
    """Let a row and the next change places."""
    driver.execute("UPDATE audit SET number = -number WHERE number IN (?, ?)", (number, number + 1))
    driver.execute("UPDATE audit SET number = ? WHERE number = ?", (number + 1, -number))
    driver.execute("UPDATE audit SET number = ? WHERE number = ?", (number, -number - 1))


def close_ranks(driver: sqlite3.Connection, number: int) -> None:
    """Take out a row, and number those behind anew."""
    driver.execute("DELETE FROM audit WHERE number = ?", (number,))
    for (later,) in driver.execute(
        "SELECT number FROM audit WHERE number > ? ORDER BY 1", (number,)
    ).fetchall():
        driver.execute("UPDATE audit SET number = ? WHERE number = ?", (later - 1, later))


def make_up_pruning(driver: sqlite3.Connection) -> None:
    """Add an entry that says of all but the newest that pruning has kept them, as they are now."""
    rows = driver.execute(f"SELECT {', '.join(COLUMNS)} FROM audit ORDER BY number").fetchall()
    kept = [LinkedRow(row[0], as_bytes(row[1:-1]), row[-1]) for row in rows[:-1]]
    newest, through = rows[-1], kept[-1]
    entry = AuditEntry(at_ns=newest[1], who=AUDIT_LOG, act=AuditAct.PRUNE, what=AUDIT_LOG)
    values = values_of(entry, through=through.number, seal=f"{through.chain} {seal_of(kept)}")
    row = (newest[0] + 1, *values, link(newest[-1], as_bytes(values)))
    driver.execute(f"INSERT INTO audit ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})", row)


def chain_anew(driver: sqlite3.Connection) -> None:
    """Make all links anew, as somebody who knows the program can."""
    chain = FIRST_LINK
    for number, *values in driver.execute(
        f"SELECT number, {', '.join(VALUES)} FROM audit ORDER BY number"
    ).fetchall():
        chain = link(chain, as_bytes(values))
        driver.execute("UPDATE audit SET chain = ? WHERE number = ?", (chain, number))
