"""The redo log: states of deliveries beside the database's file, which may not have them yet.

A state is appended to a file in some microseconds, where a transaction waits for its turn, for threads and
for the loop. What is in the file outlives the program, not a power cut: as with transactions that do not
wait for the disk. A state comes into the file before it comes into the database.
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select, text

from tradeassist_desktop.domain.delivery import Attempt, AttemptOutcome, Delivery, DeliveryKey
from tradeassist_desktop.storage import attempts, outbox
from tradeassist_desktop.storage.tables import IS_OPEN, deliveries, delivery_attempts

log = logging.getLogger(__name__)

States = tuple[Sequence[Delivery], Sequence[Attempt]]

_EMPTIED_ABOVE_BYTES: Final = 64 * 1024
_MOST_BYTES: Final = 16 * 1024 * 1024
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
_FREE: Final = f"UPDATE deliveries SET lease_owner = '', leased_until_ns = 0 WHERE {IS_OPEN}"  # noqa: S608 - a constant


class RedoLog:
    """Takes states in the order they come, for one desk that is alone on its database.

    Args:
        path: Of the file; it is there only between ``open`` and ``close``, unless the program is killed.
    """

    def __init__(self, *, path: Path) -> None:
        self._path = path
        self._encode = msgspec.json.Encoder().encode
        self._file: int | None = None
        self._bytes = 0
        self._added = bytearray()
        self._is_whole = False

    def redo(self, connection: Connection) -> int:
        """Bring deliveries to where a killed desk had them, by its log; return how many states that took.

        Forwards only: after a power cut the database may be ahead of the log. No other desk may be on it.
        """
        changed, tried = _read(self._path)
        if not changed and not tried:
            return 0
        connection.exec_driver_sql(_FREE)
        outbox.mark(connection, [each for each in changed.values() if _is_news(connection, each)])
        attempts.put(connection, [each for each in tried.values() if _is_open(connection, each)])
        return len(changed)

    def open(self) -> None:
        """Begin it anew. Where that cannot be, nothing outlives a kill by it."""
        try:
            self._file = os.open(self._path, _FLAGS | os.O_TRUNC, 0o600)
        except OSError as error:
            log.warning("no redo log", extra={"reason": error.strerror})
            return
        self._bytes, self._is_whole = 0, True

    def add(self, changed: Sequence[Delivery], tried: Sequence[Attempt]) -> None:
        """Take states; they are in the file after ``flush``."""
        if not self._is_whole:
            return
        try:
            self._added += self._encode((changed, tried)) + b"\n"
        except UnicodeEncodeError:  # nor can the database take it, and says so
            self._is_whole = False
        if self._bytes + len(self._added) > _MOST_BYTES:
            self._is_whole = False

    def flush(self) -> bool:
        """Let what was added outlive a kill; return whether all of it does."""
        if self._file is None or not self._is_whole:
            return False
        if not self._added:
            return True
        added, self._added = self._added, bytearray()
        self._bytes += len(added)
        try:
            self._is_whole = os.write(self._file, added) == len(added)
        except OSError as error:
            log.warning("redo log not written", extra={"reason": error.strerror})
            self._is_whole = False
        return self._is_whole

    def all_stored(self) -> None:
        """Take notice that the database has all that was added: a long file is begun anew."""
        self._added.clear()
        if self._file is None or (self._is_whole and self._bytes < _EMPTIED_ABOVE_BYTES):
            return
        try:
            os.ftruncate(self._file, 0)
        except OSError as error:
            log.warning("redo log not emptied", extra={"reason": error.strerror})
        else:
            self._bytes, self._is_whole = 0, True

    def close(self, *, is_stored: bool) -> None:
        """Let go of the file; it goes where all that is in it ``is_stored``."""
        if self._file is None:
            return
        self.flush()
        os.close(self._file)
        self._file, self._is_whole = None, False
        if is_stored:
            self._path.unlink(missing_ok=True)


def _read(path: Path) -> tuple[dict[DeliveryKey, Delivery], dict[tuple[DeliveryKey, int], Attempt]]:
    """Return the newest states in a log, as far as it can be read: its end may be missing."""
    changed: dict[DeliveryKey, Delivery] = {}
    tried: dict[tuple[DeliveryKey, int], Attempt] = {}
    decoder = msgspec.json.Decoder(States)
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except OSError:
        return changed, tried
    for number, line in enumerate(lines, start=1):
        try:
            some_changed, some_tried = decoder.decode(line)
        except msgspec.DecodeError:
            log.warning("redo log ends early", extra={"line": number, "lines": len(lines)})
            break
        changed.update({each.key: each for each in some_changed})
        tried.update({(each.key, each.number): each for each in some_tried})
    return changed, tried


def _is_news(connection: Connection, delivery: Delivery) -> bool:
    stored = connection.execute(
        select(deliveries.c.attempts, text(IS_OPEN)).where(*_of(deliveries, delivery.key))
    ).first()
    return stored is None or bool(stored[1] and stored.attempts <= delivery.attempts)


def _is_open(connection: Connection, attempt: Attempt) -> bool:
    """Whether an attempt is of a delivery that is stored, and not known to have ended."""
    is_stored = connection.execute(select(deliveries.c.channel).where(*_of(deliveries, attempt.key))).first()
    outcome = connection.execute(
        select(delivery_attempts.c.outcome).where(
            *_of(delivery_attempts, attempt.key), delivery_attempts.c.number == attempt.number
        )
    ).scalar_one_or_none()
    return is_stored is not None and outcome in (None, AttemptOutcome.SENDING.value)


def _of(table: Any, key: DeliveryKey) -> tuple[Any, ...]:
    return tuple(table.c[name] == value for name, value in key._asdict().items())
