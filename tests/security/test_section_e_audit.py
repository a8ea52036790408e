"""Row E52 with the real program and a real keyring: what was cut off or written anew shows."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.storage.audit_rows import chain_anew, tampering
from tradeassist_desktop.paths import resolve

ROOT = Path(__file__).parents[2]


def command(*words: str, typed: str = "", environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "tradeassist_desktop", *words],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def used_desk(start: Any, keyring: dict[str, str], data: Path) -> None:
    """Keep a webhook in the keyring, and run a desk that reads it."""
    place = ("--data-dir", str(data))
    answers = "https://hook.example/secret-path" + "\n" * 8
    assert command("channels", "set", "webhook", *place, typed=answers, environment=keyring).returncode == 0
    run_desk(start, keyring, data)


def run_desk(start: Any, keyring: dict[str, str], data: Path) -> Any:
    program = start(
        "run", "--headless", "--log-json", "--data-dir", str(data), "--feed", "demo",
        "--set", "notify.normal=webhook", environment=keyring,
    )  # fmt: skip
    program.wait_for("desk ready")
    program.wait_for("channel trouble", channel="webhook")  # it has read its secret: there is no such host
    assert program.end() == 0
    return program


def test_e52_the_keyring_vouches_for_what_a_desk_has_recorded(
    start: Any, keyring: dict[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    used_desk(start, keyring, data)

    listed = command("audit", "--data-dir", str(data), environment=keyring)
    verified = command("audit", "--verify", "--data-dir", str(data), environment=keyring)

    assert "keyring" in listed.stdout
    assert "secret-path" not in listed.stdout
    assert verified.returncode == 0, verified.stderr
    assert "The keyring vouches for all up to number" in verified.stdout


def test_e52_the_keyring_vouches_for_what_a_command_has_recorded(
    keyring: dict[str, str], tmp_path: Path
) -> None:
    place = ("--data-dir", str(tmp_path / "data"))
    answers = "https://hook.example/secret-path" + "\n" * 8
    command("channels", "set", "webhook", *place, typed=answers, environment=keyring)

    verified = command("audit", "--verify", *place, environment=keyring)

    assert "The keyring vouches for all up to number" in verified.stdout


def test_e52_a_log_whose_end_was_cut_off_is_told_of_by_the_next_desk(
    start: Any, keyring: dict[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    used_desk(start, keyring, data)
    with tampering(resolve(data).database) as driver:
        driver.execute("DELETE FROM audit WHERE number > 1")
        chain_anew(driver)

    verified = command("audit", "--verify", "--data-dir", str(data), environment=keyring)
    program = run_desk(start, keyring, data)

    assert verified.returncode == 1
    assert "Its end was cut off" in verified.stderr
    assert any(line["event"] == "audit log is broken" for line in program.log)
