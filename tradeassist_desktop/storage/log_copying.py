"""Copies the write-ahead log back into the database's file, beside those who write."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from tradeassist_desktop.storage.connections import BULK, open_file

log = logging.getLogger(__name__)

_EVERY_S: Final = 5.0
_MOST_PAGES: Final = 4_000
"""A log longer than that, which never came to its end between two writes, is made to."""
_PATIENCE_MS: Final = 50
"""How long that may hold up writers for the sake of who still reads an older state."""


@contextmanager
def copying_log(path: Path) -> Iterator[None]:
    """Have a thread of its own copy the log every five seconds, until the end of the block.

    Copying waits for the disk twice: where a commit did it, every second alert of a busy market waited
    tens of milliseconds for it. Beside the writers it holds up none, but whose commit wants the disk at
    the same time: of fifty alerts a second those were one in forty when it was copied every second.
    """
    ending = threading.Event()
    thread = threading.Thread(target=_copy_until, args=(path, ending), name="storage log", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _copy_until(path: Path, ending: threading.Event) -> None:
    try:
        with closing(open_file(path, BULK)) as driver:
            while not ending.wait(_EVERY_S):
                copy_log(driver)
    except sqlite3.Error:
        log.warning("the database's log grows until the next start", exc_info=True)


def copy_log(driver: sqlite3.Connection) -> None:
    """Copy what is in the log; one that is long is begun anew with the next write."""
    try:
        driver.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        _, pages, _ = driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if pages > _MOST_PAGES:
            # What came meanwhile is little: whoever writes waits for no more than that.
            driver.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    except sqlite3.Error as error:  # the log is safe where it is, and the next turn comes
        log.debug("log not copied", extra={"reason": str(error)})
