"""SQLite in memory, for tests that need the audit log's real statements and no file."""

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from sqlalchemy import Connection, Engine, StaticPool, create_engine

from tradeassist_desktop.storage.faults import StorageFailed
from tradeassist_desktop.storage.tables import audit

T = TypeVar("T")


class MemoryDatabase:
    """Runs each transaction at once; a turn of the loop passes before, as with the real one."""

    def __init__(self) -> None:
        self.is_full = False

    async def run(self, work: Callable[[Connection], T], *, durable: bool = False) -> T:
        if self.is_full:
            raise StorageFailed("The disk is full.")
        return await self.read(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        await asyncio.sleep(0)
        with self._engine.begin() as connection:
            return work(connection)

    @cached_property
    def _engine(self) -> Engine:
        engine = create_engine("sqlite://", poolclass=StaticPool)
        audit.create(engine)
        return engine
