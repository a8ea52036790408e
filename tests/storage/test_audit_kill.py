"""Rows C55 and E52: a kill loses no entry that was acknowledged, and breaks no chain."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

from tradeassist_desktop.domain.audit import AuditVerdict
from tradeassist_desktop.services.audit.verifying import verify
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.lone_file import LoneFile

WRITER = """
import asyncio, itertools, sys
from pathlib import Path
from tradeassist_desktop.domain.audit import AuditAct, AuditEntry
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database

async def main(path):
    database = Database(path=Path(path))
    await database.start()
    store = AuditStore(transactions=database)
    for number in itertools.count():
        entry = AuditEntry(at_ns=number, who="x", act=AuditAct.WRITE, what="smtp")
        end = await store.append([entry] * 5)
        print(end.number, flush=True)
        if number % 20 == 19:
            await store.prune(before_ns=number - 10, now_ns=number)

asyncio.run(main(sys.argv[1]))
"""


async def test_c55_a_kill_at_any_moment_leaves_a_whole_chain_with_all_that_was_acknowledged(
    tmp_path: Path,
) -> None:
    path, chance = tmp_path / "desk.db", random.Random(3)
    database = Database(path=path)
    await database.start()
    await database.stop()
    verdicts: list[tuple[AuditVerdict, int]] = []

    for _ in range(4):
        writer = subprocess.Popen(  # noqa: ASYNC220 - nothing else waits in this test
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(chance.randrange(10, 60)):
            await asyncio.to_thread(writer.stdout.readline)
        writer.kill()
        rest, _ = await asyncio.to_thread(writer.communicate)
        acknowledged = int(rest.split()[-1]) if rest.endswith("\n") else 0
        verdict = await verify(
            AuditStore(transactions=LoneFile(path=path)), anchor=None, on_progress=lambda at, of: None
        )
        verdicts.append((verdict, acknowledged))

    assert [verdict.broken for verdict, _ in verdicts] == [None] * 4
    assert all(verdict.end >= acknowledged for verdict, acknowledged in verdicts)
