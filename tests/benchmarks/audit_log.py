"""What the audit log costs: taking an entry, writing, paging, searching, proving and exporting 100,000.

Run it as ``python tests/benchmarks/audit_log.py``. ``longest`` is the longest single transaction, in time
on a core of the storage thread: that long an alert that fires meanwhile waits for its commit.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import Connection

from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditPick
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.audit.exporting import export
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.audit.verifying import verify
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database

TAKE_BAR_US: Final = 5.0
LONGEST_BAR_MS: Final = 50.0
T = TypeVar("T")


class TimedDatabase(Database):
    """Notes how long each transaction takes in the storage thread."""

    def __init__(self, *, path: Path) -> None:
        super().__init__(path=path)
        self.took_ms: list[float] = []

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` and note its time."""
        return await super().read(self._timed(work))

    async def run(self, work: Callable[[Connection], T], *, durable: bool = False) -> T:
        """Do ``work`` and note its time."""
        return await super().run(self._timed(work), durable=durable)

    def _timed(self, work: Callable[[Connection], T]) -> Callable[[Connection], T]:
        def timed(connection: Connection) -> T:
            started_ns = time.thread_time_ns()
            try:
                return work(connection)
            finally:
                self.took_ms.append((time.thread_time_ns() - started_ns) / 1e6)

        return timed


def taking_us(rounds: int = 200_000) -> dict[str, float]:
    """Return what taking one entry costs on the loop, microseconds: a first one, and a repeated read."""
    now_ns = time.time_ns()
    read = AuditEntry(at_ns=now_ns, who="slack channel", act=AuditAct.READ, what="slack.bot", source="memory")
    taken = {}
    for name, entry in (("repeated read", read), ("other", replace(read, act=AuditAct.WRITE))):
        best = float("inf")
        for _ in range(5):
            log = AuditLog(clock=SystemClock(), mask=SecretMask())
            started_ns = time.thread_time_ns()
            for _ in range(rounds // 5):
                log.record(entry)
            best = min(best, (time.thread_time_ns() - started_ns) / (rounds // 5) / 1e3)
        taken[name] = best
    return taken


async def main() -> int:
    """Measure; return 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    entries = parser.parse_args().entries
    taken = taking_us()
    print("take, µs:", {name: round(each, 2) for name, each in taken.items()})
    longest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        database = TimedDatabase(path=Path(folder) / "desk.db")
        await database.start()
        store = AuditStore(transactions=database)
        first_ns = time.time_ns() - entries * 300 * 10**9

        async def fill() -> None:
            for first in range(0, entries, 500):
                await store.append([_entry(first_ns, number) for number in range(first, first + 500)])

        async def nothing_found() -> None:
            await store.page(AuditPick(text="nowhere to be found"), limit=200)

        works: dict[str, Callable[[], Awaitable[Any]]] = {
            "write, 500 a transaction": fill,
            "newest page": lambda: store.page(AuditPick(), limit=200),
            "oldest page": lambda: store.page(AuditPick(), limit=200, below=201),
            "search all in vain": nothing_found,
            "count all": lambda: store.count(AuditPick()),
            "last use of 8 secrets": lambda: store.last(
                [f"secret.{n}" for n in range(8)], list(AuditAct)[:6]
            ),
            "verify": lambda: verify(store, anchor=None, on_progress=lambda at, of: None),
            "export CSV": lambda: export(
                store, AuditPick(), Path(folder) / "a.csv", on_progress=lambda at, of: None
            ),
            "prune 500": lambda: store.prune(before_ns=time.time_ns(), now_ns=time.time_ns()),
        }
        for name, work in works.items():
            database.took_ms.clear()
            started = time.perf_counter()
            await work()
            took_ms = (time.perf_counter() - started) * 1e3
            print(f"{name:24} {took_ms:10.1f} ms, longest transaction {max(database.took_ms):6.1f} ms")
            longest = max(longest, *database.took_ms)
        await database.stop()
    is_well = max(taken.values()) < TAKE_BAR_US and longest < LONGEST_BAR_MS
    print("well" if is_well else f"missed: {TAKE_BAR_US} µs or {LONGEST_BAR_MS} ms")
    return 0 if is_well else 1


def _entry(first_ns: int, number: int) -> AuditEntry:
    return AuditEntry(
        at_ns=first_ns + number * 300 * 10**9,
        who="slack channel",
        act=AuditAct.READ,
        what=f"secret.{number % 8}",
        version=str(number // 1000),
        source="secret manager",
        detail="" if number % 20 else "no answer from Secret Manager within 3 s; the last answer stands in",
    )


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
