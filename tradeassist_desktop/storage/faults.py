"""What the file system and SQLite can do to us, as sentences."""

import sqlite3
from typing import Final

from tradeassist_desktop.domain.errors import TradeAssistError

_SENTENCES: Final = {
    sqlite3.SQLITE_FULL: "The disk is full.",
    sqlite3.SQLITE_BUSY: "Another program holds the database.",
    sqlite3.SQLITE_LOCKED: "Another program holds the database.",
    sqlite3.SQLITE_READONLY: "The database cannot be written to.",
    sqlite3.SQLITE_CANTOPEN: "The database cannot be opened.",
    sqlite3.SQLITE_PERM: "The database may not be opened.",
    sqlite3.SQLITE_IOERR: "The disk failed while reading or writing the database.",
    sqlite3.SQLITE_CORRUPT: "The database is damaged.",
    sqlite3.SQLITE_NOTADB: "The database is damaged.",
    sqlite3.SQLITE_NOMEM: "There is no memory left for the database.",
}
_PRIMARY_CODE: Final = 0xFF  # extended result codes keep the primary one in their low byte


class StorageFailed(TradeAssistError):
    """The database could not do it, and it is the world's fault: nothing was changed.

    The same work may succeed later, when the disk has room or the lock is gone.
    """


def world_fault(error: BaseException) -> StorageFailed | None:
    """Return what the world did, as a sentence; ``None`` where the error is our own bug."""
    cause = getattr(error, "orig", error)  # SQLAlchemy wraps the driver's error
    if not isinstance(cause, sqlite3.Error):
        return None
    code = getattr(cause, "sqlite_errorcode", None)
    sentence = _SENTENCES.get(code & _PRIMARY_CODE) if code is not None else None
    return None if sentence is None else StorageFailed(sentence)
