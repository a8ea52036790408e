import asyncio
import random
import signal
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes import RecordingChannel
from tradeassist_desktop.domain.delivery import ChannelTraits
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.storage import arming
from tradeassist_desktop.storage.database import Database

CHILD = Path(__file__).with_name("raising_child.py")
ROOT = Path(__file__).parents[2]


async def raise_until_killed(path: Path, first: int, *, lines: int, delay_s: float) -> list[tuple[str, str]]:
    """Let the child run for so many lines and a little longer, kill it, and return all it said."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), str(path), str(first), stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert child.stdout is not None
    said = [await child.stdout.readline() for _ in range(lines)]
    await asyncio.sleep(delay_s)
    child.send_signal(signal.SIGKILL)
    rest = await child.stdout.read()
    await child.wait()
    whole_lines = [*said, *(line + b"\n" for line in rest.split(b"\n")[:-1])]
    return [(word, alert_id) for word, alert_id in (line.decode().split() for line in whole_lines)]


def stored(path: Path) -> tuple[list[str], int, str]:
    """Return stored alert ids, how many deliveries have no alert, and SQLite's verdict on the file."""
    with closing(sqlite3.connect(path)) as driver:
        ids = [row[0] for row in driver.execute("SELECT id FROM alerts ORDER BY number")]
        (orphans,) = driver.execute(
            "SELECT count(*) FROM deliveries WHERE alert_id NOT IN (SELECT id FROM alerts)"
        ).fetchone()
        (verdict,) = driver.execute("PRAGMA quick_check").fetchone()
    return ids, orphans, verdict


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=[pytest.mark.long, pytest.mark.timeout(1200)])])
async def test_killing_the_program_loses_and_doubles_no_alert(tmp_path: Path, kills: int) -> None:
    rng = random.Random(kills)
    path = tmp_path / "desk.db"
    said: list[tuple[str, str]] = []

    first = 0
    for _ in range(kills):
        said += await raise_until_killed(
            path, first, lines=rng.randrange(1, 120), delay_s=rng.random() * 0.02
        )
        ids, orphans, verdict = stored(path)
        assert (orphans, verdict) == (0, "ok")
        assert ids == [f"alert-{number}" for number in range(len(ids))]
        first = len(ids)
    database = Database(path=path)
    await database.start()
    armed = await database.read(arming.load)
    channel = RecordingChannel("toast", traits=ChannelTraits(digest_above=1_000_000))
    dispatcher = Dispatcher(database=database, bus=Bus(), clock=SystemClock(), channels={"toast": channel})
    await dispatcher.start()
    await dispatcher.stop(drain_s=60)
    await database.stop()

    saved = Counter(alert_id for word, alert_id in said if word == "saved")
    assert set(saved) <= set(ids)
    assert set(saved.values()) == {1}
    assert armed == {"rule-1|/ESU24": {"sequence": len(ids) - 1}}
    sent = {alert_id for word, alert_id in said if word == "sent"} | {m.alert_id for m in channel.messages}
    assert sent == set(ids)
    assert not [word for word, _ in said if word == "unsaved"]
