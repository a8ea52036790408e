"""Crash reports: places and masked words, for this user alone, and no value that was in play."""

import json
import logging
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tradeassist_desktop.logs import CrashReports, SecretMask

ROOT = Path(__file__).parents[2]
CHILD = """
import logging, sys, threading
from pathlib import Path
from tradeassist_desktop import logs

folder, how = Path(sys.argv[1]), sys.argv[2]
mask = logs.SecretMask()
mask.learn(["canary-of-the-crash"])
logs.start(file=folder / "log", as_json=False, mask=mask)
logs.catch_strays()

def fail(token):
    raise RuntimeError("refused " + token)

class Torn:
    def __del__(self):
        fail("canary-of-the-crash")

if how == "main":
    fail("canary-of-the-crash")
if how == "thread":
    thread = threading.Thread(target=fail, args=("canary-of-the-crash",), name="worker")
    thread.start()
    thread.join()
if how == "finaliser":
    Torn()
if how == "task":
    import asyncio, gc
    async def run():
        async def failing():
            fail("canary-of-the-crash")
        asyncio.get_running_loop().create_task(failing())
        await asyncio.sleep(0.01)
        gc.collect()
    asyncio.run(run())
if how == "callback":
    import asyncio
    async def run():
        asyncio.get_running_loop().call_soon(fail, "canary-of-the-crash")
        await asyncio.sleep(0.01)
    asyncio.run(run())
if how == "slot":
    from PySide6.QtCore import QCoreApplication, QTimer
    application = QCoreApplication([])
    QTimer.singleShot(0, lambda: fail("canary-of-the-crash"))
    QTimer.singleShot(50, application.quit)
    application.exec()
if how == "native":
    import os
    with logs.native_crashes_told(folder):
        os.abort()
if how == "well":
    with logs.native_crashes_told(folder):
        pass
"""


def child(folder: Path, how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), how],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def failed(message: str) -> logging.LogRecord:
    def inner(token: str) -> None:
        local = token  # what a report with locals would show
        raise ValueError(message + local[:0])

    try:
        try:
            inner("hidden-argument")
        except ValueError as cause:
            raise RuntimeError("no alert was stored") from cause
    except RuntimeError as error:
        error.add_note("asked with canary-secret")
        return logging.LogRecord(
            "tradeassist_desktop.x",
            logging.ERROR,
            __file__,
            1,
            "service crashed",
            (),
            (type(error), error, error.__traceback__),
        )
    raise AssertionError


def reports(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted(folder.glob("crash-*.json"))]


def test_row_50_a_report_tells_places_and_masked_words_and_no_value(tmp_path: Path) -> None:
    mask = SecretMask()
    mask.learn(["canary-secret"])

    CrashReports(folder=tmp_path, mask=mask).handle(failed("canary-secret refused"))

    (report,) = reports(tmp_path)
    assert [(error["type"], error["message"]) for error in report["errors"]] == [
        ("builtins.RuntimeError", "no alert was stored\nasked with •••"),
        ("builtins.ValueError", "••• refused"),
    ]
    assert report["errors"][1]["places"][-1].endswith(" in inner")
    text = json.dumps(report)
    assert "hidden-argument" not in text and "canary" not in text


def test_a_report_is_for_this_user_alone(tmp_path: Path) -> None:
    CrashReports(folder=tmp_path, mask=SecretMask()).handle(failed("x"))

    (file,) = tmp_path.glob("crash-*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_same_error_is_reported_once_a_run(tmp_path: Path) -> None:
    crashes = CrashReports(folder=tmp_path, mask=SecretMask())

    for _ in range(50):
        crashes.handle(failed("x"))

    assert len(reports(tmp_path)) == 1


def test_the_newest_twenty_reports_are_kept(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"crash-20200101-0000{number:02}-000000-1.json").write_text("{}")

    CrashReports(folder=tmp_path, mask=SecretMask()).handle(failed("x"))

    kept = sorted(file.name for file in tmp_path.glob("crash-*"))
    assert len(kept) == 20
    assert kept[0] == "crash-20200101-000011-000000-1.json"


def test_a_folder_that_takes_no_report_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    CrashReports(folder=tmp_path / "file", mask=SecretMask()).handle(failed("x"))

    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.parametrize("how", ["main", "thread", "finaliser", "task", "callback", "slot"])
def test_row_50_what_nobody_caught_is_logged_and_reported_masked_and_not_printed(
    how: str, tmp_path: Path
) -> None:
    done = child(tmp_path, how)

    log, *_ = (tmp_path / "log").read_text().splitlines()
    (report,) = reports(tmp_path)
    assert "refused •••" in json.loads(log)["traceback"]
    assert report["errors"][0]["message"] == "refused •••"
    assert "Traceback" not in done.stderr
    assert "canary" not in done.stderr + done.stdout + log + json.dumps(report)


def test_a_crash_of_the_process_itself_leaves_its_places_and_the_next_run_says_so(tmp_path: Path) -> None:
    crashed = child(tmp_path, "native")
    left = tmp_path / "crash-native.txt"
    mode = stat.S_IMODE(left.stat().st_mode)
    places = left.read_text()

    child(tmp_path, "well")

    (report,) = tmp_path.glob("crash-2*.txt")
    assert crashed.returncode == -signal.SIGABRT
    assert mode == 0o600
    assert "Fatal Python error: Aborted" in places and "canary" not in places
    assert report.read_text() == places
    assert "the program crashed when it last ran" in (tmp_path / "log").read_text()
    assert not left.exists()
