"""One SQLite file, one thread that reads and writes it."""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import StorageTroubled
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.turns import wake_promptly
from tradeassist_desktop.storage import opening
from tradeassist_desktop.storage.connections import (
    BULK,
    BUSY_TIMEOUT_S,
    DURABLE,
    READING,
    Lane,
    connect,
    set_patience,
    set_synchronous,
    transaction,
)
from tradeassist_desktop.storage.faults import StorageFailed, world_fault
from tradeassist_desktop.storage.jobs import Job, JobQueue
from tradeassist_desktop.storage.log_copying import copying_log
from tradeassist_desktop.storage.migrations import MIGRATIONS, Migrations
from tradeassist_desktop.storage.salvage import salvage

log = logging.getLogger(__name__)

T = TypeVar("T")


class Database:
    """Runs transactions one after another in a thread of its own.

    Each job is one transaction: what it raises undoes it whole. Jobs somebody waits for go
    before those handed in by ``submit``; within both, order is kept.

    Args:
        path: The file; made with its folder if there is none.
        bus: Told (on the loop's thread) when writing begins to fail and when it works again.
        now_ns: The wall clock, for the names of backups.
    """

    def __init__(
        self,
        *,
        path: Path,
        bus: Bus | None = None,
        now_ns: Callable[[], int] = time.time_ns,
        migrations: Migrations = MIGRATIONS,
    ) -> None:
        self._path = path
        self._bus = bus
        self._now_ns = now_ns
        self._migrations = migrations
        self._jobs = JobQueue()
        self._thread: threading.Thread | None = None
        self._ended: Future[None] = Future()
        self._connections: dict[Lane, Connection] = {}
        self._troubles: dict[Lane, str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._patient_until_s: float | None = None
        self._written_as = DURABLE
        self.notices: tuple[str, ...] = ()
        """What the trader should know of the last start: a file set aside, a backup made."""

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def queue_length(self) -> int:
        """How many transactions wait."""
        return len(self._jobs)

    @property
    def background_length(self) -> int:
        """How many of them nobody waits for: what a slow disk has to catch up with."""
        return self._jobs.background_length

    @property
    def trouble(self) -> str | None:
        """Why writing fails at present, or ``None``."""
        return self._troubles.get(DURABLE) or self._troubles.get(BULK)

    async def start(self) -> None:
        """Open the file and bring its tables up to date.

        Raises:
            TradeAssistError: the folder cannot be written to, the file is from a newer program or
                not of this one, or a migration failed. The file is then as it was.
        """
        self._loop = asyncio.get_running_loop()
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._work, args=(opened,), name="storage", daemon=True)
        self._thread.start()
        try:
            await asyncio.wrap_future(opened)
        except BaseException:
            self._jobs.close()
            raise

    async def run(self, work: Callable[[Connection], T], *, durable: bool = False) -> T:
        """Do ``work`` in one writing transaction and return what it returned.

        Args:
            durable: Whether the commit waits for the disk, so that it outlives a power cut.

        Raises:
            StorageFailed: the world's fault; nothing was changed.
            Exception: whatever else ``work`` raised; nothing was changed.
        """
        return await asyncio.wrap_future(self.hand_in(work, durable=durable))

    def hand_in(self, work: Callable[[Connection], T], *, durable: bool = False) -> Future[T]:
        """Do as ``run`` does, begun at once; what the outcome calls when done runs in the storage thread."""
        return self._put(work, DURABLE if durable else BULK)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do ``work``, which only reads, in one transaction: one state of all tables.

        Raises:
            StorageFailed: the world's fault.
        """
        return await asyncio.wrap_future(self._put(work, READING))

    def submit(
        self, work: Callable[[Connection], object], *, on_undone: Callable[[], object] | None = None
    ) -> None:
        """Do ``work`` when nobody waits for anything else; a failure is logged and shows in ``trouble``.

        May be called from any thread.

        Args:
            on_undone: Called in the storage thread where nothing of it was kept, its commit included.
        """
        outcome = self._put(work, BULK, is_background=True)
        if on_undone is not None:
            _call_where_undone(outcome, on_undone)

    def go_on(
        self, work: Callable[[Connection], object], *, on_undone: Callable[[], object] | None = None
    ) -> None:
        """Have a submitted job do ``work`` next, in a further transaction.

        To be called from within it. What somebody waits for goes in between, so that a long job in
        many short transactions holds up nobody.
        """
        outcome: Future[object] = Future()
        if on_undone is not None:
            _call_where_undone(outcome, on_undone)
        self._jobs.put_back(Job(work=work, lane=BULK, outcome=outcome))

    async def settle(self) -> None:
        """Wait until everything submitted so far is done."""
        await asyncio.wrap_future(self._put(lambda connection: None, READING, is_background=True))

    def hurry(self, seconds: float) -> None:
        """Wait for another program's lock no longer than so long in all from now on, then not at all."""
        self._patient_until_s = time.monotonic() + seconds

    async def stop(self) -> None:
        """Do what is queued, close the file, end the thread; harmless when not running."""
        self._jobs.close()
        thread, self._thread = self._thread, None
        if thread is not None:
            # Whoever waits no longer must not take its end from the thread.
            await asyncio.shield(asyncio.wrap_future(self._ended))
            thread.join()

    # --- in the caller's thread

    def _put(self, work: Callable[[Connection], T], lane: Lane, *, is_background: bool = False) -> Future[T]:
        outcome: Future[T] = Future()
        if not self._jobs.put(Job(work=work, lane=lane, outcome=outcome), is_background=is_background):
            outcome.set_exception(StorageFailed("The database is closed."))
        return outcome

    # --- in the storage thread

    def _work(self, opened: Future[None]) -> None:
        wake_promptly()
        try:
            self._open()
        except BaseException as error:  # handed to whoever awaits the start
            opened.set_exception(error)
        else:
            opened.set_result(None)
            with copying_log(self._path):
                while (job := self._jobs.get()) is not None:
                    self._do(job)
        finally:
            self._close()
            self._ended.set_result(None)

    def _open(self) -> None:
        opening.make_folder(self._path)
        try:
            notices = self._prepare()
        except sqlite3.Error as error:
            fault = world_fault(error)
            reason = str(fault) if fault is not None else f"{error}."
            raise TradeAssistError(f"The database {self._path} cannot be used: {reason}") from error
        except OSError as error:
            raise TradeAssistError(f"The database {self._path} cannot be used: {error.strerror}.") from error
        self.notices = tuple(notices)
        for notice in notices:
            log.warning("storage notice", extra={"notice": notice})

    def _prepare(self) -> list[str]:
        notices: list[str] = []
        revision = opening.revision_of(self._path, migrations=self._migrations)
        opening.close_to_others(self._path)
        wrong = opening.damage(self._path)
        aside = None
        if wrong is not None:
            aside = opening.set_aside(self._path, now_ns=self._now_ns())
            revision = None
        if revision not in (None, self._migrations.head):
            copy = opening.back_up(self._path, revision=str(revision), now_ns=self._now_ns())
            notices.append(f"The database was brought up to date; as it was, it is kept as {copy.name}.")
        opening.make_private(self._path)
        writing = connect(self._path, DURABLE)
        # One for both: what another connection writes makes all that this one has in memory be read anew.
        self._connections = {DURABLE: writing, BULK: writing, READING: connect(self._path, READING)}
        if revision != self._migrations.head:
            self._migrate()
        if aside is not None:
            saved = salvage(aside, self._connections[DURABLE])
            notices.append(
                f"The database was damaged ({wrong}). It is kept as {aside.name}; brought over from it: "
                f"{saved.get('rules', 0)} rules, {saved.get('alerts', 0)} alerts."
            )
        with self._connections[DURABLE].begin():
            pass  # taking the write lock shows a read-only file now, not at the first alert
        return notices

    def _migrate(self) -> None:
        try:
            opening.migrate(self._connections[DURABLE], migrations=self._migrations)
        except Exception as error:
            raise TradeAssistError(
                f"The database {self._path} could not be brought up to date ({error}). It was left as it is."
            ) from error

    def _do(self, job: Job) -> None:
        if not job.outcome.set_running_or_notify_cancel():
            return
        connection = self._connections[job.lane]
        if self._patient_until_s is not None:
            left_s = self._patient_until_s - time.monotonic()
            set_patience(connection, min(BUSY_TIMEOUT_S, max(0.0, left_s)))
        try:
            self._wait_for_disk_as(job.lane)
            with transaction(connection, job.lane):
                result = job.work(connection)
        except BaseException as error:  # handed to whoever awaits the outcome
            fault = world_fault(error)
            self._note(job.lane, fault, error)
            if fault is not None:
                fault.__cause__ = error
            job.outcome.set_exception(fault or error)
        else:
            self._note(job.lane, None, None)
            job.outcome.set_result(result)

    def _wait_for_disk_as(self, lane: Lane) -> None:
        if lane is not self._written_as and not lane.is_read_only:
            set_synchronous(self._connections[lane], lane)
            self._written_as = lane

    def _note(self, lane: Lane, fault: StorageFailed | None, error: BaseException | None) -> None:
        if error is not None and fault is None:
            log.error("storage job failed", exc_info=error)
            return
        if lane is READING:
            return
        before = self.trouble
        if fault is None:
            self._troubles.pop(lane, None)
        else:
            self._troubles[lane] = str(fault)
        now = self.trouble
        if now == before:
            return
        if now is None:
            log.info("storage works again")
        else:
            log.warning("storage fails", extra={"reason": now})
        if self._bus is not None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._bus.publish, StorageTroubled(reason=now))

    def _close(self) -> None:
        for connection in set(self._connections.values()):
            try:
                connection.close()
                connection.engine.dispose()
            except SQLAlchemyError:
                log.exception("storage connection did not close")
        self._connections = {}


def _call_where_undone(outcome: Future[Any], on_undone: Callable[[], object]) -> None:
    outcome.add_done_callback(lambda done: on_undone() if done.exception() is not None else None)
