"""The database's file for a program that works with it briefly, be a desk open on it or not."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from tradeassist_desktop.storage import opening
from tradeassist_desktop.storage.connections import DURABLE, READING, Lane, connect
from tradeassist_desktop.storage.faults import StorageFailed, world_fault
from tradeassist_desktop.storage.migrations import MIGRATIONS

T = TypeVar("T")


class LoneFile:
    """Opens the file anew for each transaction, in a thread; makes none and brings none up to date.

    Args:
        path: The file, whose tables must be as this program has them.
    """

    def __init__(self, *, path: Path) -> None:
        self._path = path

    @property
    def is_there(self) -> bool:
        """Whether there is such a file.

        Raises:
            TradeAssistError: it is from a newer program, or not of this program at all.
        """
        return opening.revision_of(self._path, migrations=MIGRATIONS) == MIGRATIONS.head

    async def run(self, work: Callable[[Connection], T], *, durable: bool = True) -> T:
        """Do ``work`` in one writing transaction that waits for the disk, and for other programs' own.

        Raises:
            StorageFailed: the world's fault; nothing was changed.
        """
        assert durable
        return await asyncio.to_thread(self._do, DURABLE, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do ``work``, which only reads, in one transaction.

        Raises:
            StorageFailed: the world's fault.
        """
        return await asyncio.to_thread(self._do, READING, work)

    def _do(self, lane: Lane, work: Callable[[Connection], T]) -> T:
        if not self._path.exists():
            raise StorageFailed(f"There is no database {self._path}.")
        try:
            with closing(connect(self._path, lane)) as connection, connection.begin():
                return work(connection)
        except Exception as error:
            fault = world_fault(error)
            if fault is None:
                raise
            raise fault from error
