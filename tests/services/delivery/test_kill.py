import asyncio
import random
import signal
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes import RecordingChannel
from tests.services.delivery.raising_child import WORKING
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.storage import arming
from tradeassist_desktop.storage.database import Database

CHILD = Path(__file__).with_name("raising_child.py")
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Sent:
    """One message a receiver had: of which alerts, and whether it was marked as a second try."""

    channel: str
    is_second_try: bool
    numbers: tuple[int, ...]


async def raise_until_killed(path: Path, first: int, *, lines: int, delay_s: float) -> list[list[str]]:
    """Let the child run for so many lines and a little longer, kill it, and return all it said, in words."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), str(path), str(first), stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)}, limit=2**24,
    )  # fmt: skip
    assert child.stdout is not None
    said = [await child.stdout.readline() for _ in range(lines)]
    await asyncio.sleep(delay_s)
    child.send_signal(signal.SIGKILL)
    rest = await child.stdout.read()
    await child.wait()
    whole_lines = [*said, *(line + b"\n" for line in rest.split(b"\n")[:-1])]
    return [line.decode().split() for line in whole_lines]


def stored(path: Path) -> tuple[list[str], int, str]:
    """Return stored alert ids, how many deliveries have no alert, and SQLite's verdict on the file."""
    with closing(sqlite3.connect(path)) as driver:
        if not driver.execute("SELECT 1 FROM sqlite_master WHERE name = 'alerts'").fetchone():
            return [], 0, "ok"  # killed before the tables were there
        ids = [row[0] for row in driver.execute("SELECT id FROM alerts ORDER BY number")]
        (orphans,) = driver.execute(
            "SELECT count(*) FROM deliveries WHERE alert_id NOT IN (SELECT id FROM alerts)"
        ).fetchone()
        (verdict,) = driver.execute("PRAGMA quick_check").fetchone()
    return ids, orphans, verdict


def number_of(alert_id: str) -> int:
    return int(alert_id.removeprefix("alert-"))


def as_sent(said: list[list[str]]) -> list[Sent]:
    return [
        Sent(line[1], line[2] == "again", tuple(number_of(alert_id) for alert_id in line[3].split(",")))
        for line in said
        if line[0] == "sent"
    ]


def as_received(channel: str, message: Message) -> Sent:
    ids = message.digest.alert_ids if message.digest else (message.alert_id,)
    return Sent(channel, message.is_second_try, tuple(number_of(alert_id) for alert_id in ids))


@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(12, marks=pytest.mark.timeout(300)),
        pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
    ],
)
async def test_row_2_killing_the_program_loses_no_alert_and_repeats_one_message_a_kill_at_most(
    tmp_path: Path, kills: int
) -> None:
    rng = random.Random(kills)
    path = tmp_path / "desk.db"
    said: list[list[str]] = []

    first = 0
    for _ in range(kills):
        # One in ten while it starts: opens the file, takes over what was left.
        lines, delay_s = (0, 1.0) if rng.random() < 0.1 else (rng.randrange(1, 120), 0.02)
        said += await raise_until_killed(path, first, lines=lines, delay_s=rng.random() * delay_s)
        ids, orphans, verdict = stored(path)
        assert (orphans, verdict) == (0, "ok")
        assert ids == [f"alert-{number}" for number in range(len(ids))]
        first = len(ids)
    database = Database(path=path)
    await database.start()
    armed = await database.read(arming.load)
    channels = {name: RecordingChannel(name, traits=traits) for name, traits in WORKING.items()}
    dispatcher = Dispatcher(database=database, bus=Bus(), clock=SystemClock(), channels=channels)
    await dispatcher.start()
    await dispatcher.stop(drain_s=600)
    await database.stop()

    saved = Counter(line[1] for line in said if line[0] == "saved")
    assert set(saved) <= set(ids)
    assert set(saved.values()) == {1}
    assert armed == {"rule-1|/ESU24": {"sequence": len(ids) - 1}}
    assert not [line for line in said if line[0] == "unsaved"]
    for name, channel in channels.items():
        sent = [each for each in as_sent(said) if each.channel == name]
        sent += [as_received(name, message) for message in channel.messages]
        had: list[int] = []
        repeats = unmarked = 0
        for message in sent:
            again = set(message.numbers) & set(had)
            repeats += bool(again)
            unmarked += bool(again) and not message.is_second_try
            had += [number for number in message.numbers if number not in again]
        assert had == list(range(len(ids))), "lost, or out of order"
        assert repeats <= kills
        assert unmarked <= said.count(["slow"]), "only what went out before it could be written"
        print(f"{name}: {len(ids)} alerts in {len(sent)} messages, {repeats} repeated, {kills} kills")
