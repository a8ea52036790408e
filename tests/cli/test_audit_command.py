"""Row E52 on the command line: ``tradeassist audit`` lists, proves and exports; other commands are in it."""

import asyncio
import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.storage.audit_rows import tampering
from tradeassist_desktop.app.lock import hold
from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult
from tradeassist_desktop.paths import resolve
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database

ROOT = Path(__file__).parents[2]
NOON_NS = 1_700_000_000 * 10**9


def run(folder: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``tradeassist`` on a machine without a keyring."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "tradeassist_desktop", *words, "--data-dir", str(folder)],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            **os.environ,
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
            "PYTHONPATH": str(ROOT),
            "TZ": "UTC",
        },
    )


async def fill(folder: Path) -> None:
    database = Database(path=resolve(folder).database)
    await database.start()
    entries = [
        AuditEntry(at_ns=NOON_NS, who="desk", act=AuditAct.READ, what="smtp", source="keyring", count=7),
        AuditEntry(
            at_ns=NOON_NS + 10**9,
            who="rotation",
            act=AuditAct.ROTATE,
            what="slack.bot",
            version="4",
            result=AuditResult.FAILED,
            detail="no answer",
        ),
    ]
    await AuditStore(transactions=database).append(entries)
    await database.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with two entries."""
    asyncio.run(fill(tmp_path))
    return tmp_path


def test_e52_entries_are_listed_the_newest_last(folder: Path) -> None:
    done = run(folder, "audit")

    assert done.stdout.splitlines() == [
        "TIME                 WHO       ACT     WHAT       RESULT  SOURCE   VERSION  TIMES  DETAIL",
        "2023-11-14 22:13:20  desk      read    smtp       ok      keyring           7",
        "2023-11-14 22:13:21  rotation  rotate  slack.bot  failed           4               no answer",
    ]


@pytest.mark.parametrize(
    ("words", "whats"),
    [
        pytest.param(("--about", "smtp"), ["smtp"], id="a secret"),
        pytest.param(("--act", "rotate"), ["slack.bot"], id="an act"),
        pytest.param(("--result", "ok"), ["smtp"], id="a result"),
        pytest.param(("--who", "rotation"), ["slack.bot"], id="who"),
        pytest.param(("--text", "ANSWER"), ["slack.bot"], id="a text"),
        pytest.param(("--limit", "1"), ["slack.bot"], id="the newest"),
        pytest.param(("--days", "30"), [], id="lately"),
    ],
)
def test_e52_what_is_listed_can_be_picked(folder: Path, words: tuple[str, ...], whats: list[str]) -> None:
    done = run(folder, "audit", *words)

    assert [line.split()[4] for line in done.stdout.splitlines()[1:]] == whats


def test_e52_a_log_that_nobody_touched_is_whole(folder: Path) -> None:
    done = run(folder, "audit", "--verify")

    assert done.returncode == 0
    assert done.stdout.startswith("The audit log is whole: 2 entries, each as it was written.")


def test_e52_a_log_that_was_changed_ends_with_status_1(folder: Path) -> None:
    with tampering(resolve(folder).database) as driver:
        driver.execute("UPDATE audit SET result = 'ok' WHERE number = 2")

    done = run(folder, "audit", "--verify")

    assert done.returncode == 1
    assert "Entry 2 (2023-11-14 22:13:21) is not as it was written" in done.stderr


def test_e52_a_log_that_was_changed_can_be_accepted(folder: Path) -> None:
    with tampering(resolve(folder).database) as driver:
        driver.execute("DELETE FROM audit WHERE number = 1")

    done = run(folder, "audit", "--accept", "restored from a copy", "--verify")

    assert done.returncode == 0
    assert "command line accepted it: restored from a copy" in done.stdout


def test_e52_the_log_is_exported_and_that_is_an_entry(folder: Path) -> None:
    file = folder / "audit.csv"

    done = run(folder, "audit", "--export", str(file), "--about", "smtp")

    rows = list(csv.DictReader(io.StringIO(file.read_bytes().decode(), newline="")))
    assert done.stdout == f"1 entries written to {file}\n"
    assert [(row["what"], row["count"]) for row in rows] == [("smtp", "7")]
    assert "command line  export" in run(folder, "audit").stdout


def test_e52_an_empty_folder_is_left_empty(tmp_path: Path) -> None:
    done = run(tmp_path, "audit", "--verify")

    assert (done.returncode, done.stdout) == (0, "Nothing has been recorded in this folder yet.\n")
    assert not resolve(tmp_path).database.exists()


@pytest.mark.parametrize(
    "words", [("--limit", "0"), ("--limit", "many"), ("--days", "-1"), ("--act", "juggle")]
)
def test_e52_wrong_arguments_are_refused_in_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run(tmp_path, "audit", *words)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_e52_a_command_beside_a_desk_is_in_its_log(folder: Path) -> None:
    lock = hold(resolve(folder))
    assert lock is not None

    run(folder, "channels")
    lock.release()

    assert "slack channel" in run(folder, "audit").stdout


def test_e52_setting_a_channel_up_is_in_the_log(tmp_path: Path) -> None:
    run(tmp_path, "channels", "set", "webhook", typed="https://hook.example/a-secret-path\n\n\n\n\n\n\n\n")

    listed = run(tmp_path, "audit").stdout
    assert "write webhook.main failed" in " ".join(listed.split())
    assert "there is nobody here who keeps secrets" in listed
    assert "webhook.main" in listed
    assert "a-secret-path" not in listed
