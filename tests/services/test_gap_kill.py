import asyncio
import random
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("repairing_child.py")
ROOT = Path(__file__).parents[2]
MINUTES = 470


async def run_child(path: Path, mode: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), str(path), mode, stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


async def repair_until_killed(path: Path, *, lines: int, delay_s: float) -> None:
    child = await run_child(path, "after")
    assert child.stdout is not None
    for _ in range(lines):
        if (await child.stdout.readline()).startswith(b"over"):
            break
    await asyncio.sleep(delay_s)
    child.send_signal(signal.SIGKILL)
    await child.stdout.read()
    await child.wait()


async def repair_to_the_end(path: Path) -> None:
    child = await run_child(path, "after")
    assert child.stdout is not None
    while not (await child.stdout.readline()).startswith(b"over"):
        pass
    await asyncio.sleep(1)  # what is not on disk yet is so within a quarter of a second
    child.send_signal(signal.SIGKILL)
    await child.stdout.read()
    await child.wait()


@pytest.mark.parametrize("kills", [4, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
async def test_killing_the_program_while_it_repairs_loses_and_doubles_no_alert(
    tmp_path: Path, kills: int
) -> None:
    rng = random.Random(kills)
    path = tmp_path / "desk.db"
    child = await run_child(path, "before")
    assert await child.wait() == 0

    for _ in range(kills):
        await repair_until_killed(path, lines=rng.randrange(1, MINUTES // 2), delay_s=rng.random() * 0.01)
    await repair_to_the_end(path)

    with closing(sqlite3.connect(path)) as driver:
        times = [row[0] for row in driver.execute("SELECT event_ns FROM alerts ORDER BY event_ns")]
        timings = {row[0] for row in driver.execute("SELECT timing FROM alerts")}
        states = {row[0] for row in driver.execute("SELECT state FROM gaps")}
    assert len(times) == len(set(times)) == MINUTES
    assert timings == {"late"}
    assert states == {"repaired"}
