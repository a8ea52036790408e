"""The app lock on the command line, over a real keyring: what changes something asks for a PIN."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.hook_server import hook_server
from tests.gnome_keyring import gnome_keyring

ROOT = Path(__file__).parents[2]
ADMIN, TRADER = "821173", "traders only"

# Sets a lock up as the window does, and prints its reset key.
_SET_UP = f"""
import asyncio, os, pathlib, sys
from tests.app.demo import demo_launch
from tests.services.lock_desk import KeptTrail
from tradeassist_desktop.app.desk_lock import lock_and_settings
from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock

async def main():
    launch = demo_launch(pathlib.Path(sys.argv[1]))
    lock, _ = lock_and_settings(launch, audit=KeptTrail(), clock=SystemClock(), bus=Bus())
    print(await lock.keys.set_up({{Role.ADMIN: {ADMIN!r}, Role.TRADER: {TRADER!r}}}))

asyncio.run(main())
"""


class Folder:
    """A data folder with a lock, and commands on it."""

    def __init__(self, place: Path, environment: dict[str, str]) -> None:
        self.place = place
        self._environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", _SET_UP, str(place)],
            env=self._environment, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        self.reset_key = done.stdout.strip()

    def run(
        self, *words: str, typed: str = "", environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "tradeassist_desktop", *words, "--data-dir", str(self.place)],
            env={**self._environment, **(environment or {})},
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def forget(self) -> None:
        """Take the lock out of the keyring, as somebody at its own window can."""
        clear = f"import keyring; keyring.delete_password('tradeassist:{self.place}', 'app.lock')"
        subprocess.run([sys.executable, "-c", clear], env=self._environment, check=True, timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    with gnome_keyring(tmp_path) as environment:
        yield Folder(tmp_path / "data", environment)


def test_looking_asks_for_nothing(folder: Folder) -> None:
    shown, settings, channels = folder.run("lock"), folder.run("settings"), folder.run("channels")

    assert (shown.returncode, settings.returncode, channels.returncode) == (0, 0, 0)
    assert shown.stdout == "The app lock is on.\ntrader   PIN\nadmin    PIN\n"


async def test_a_test_of_a_channel_asks_for_a_trader_s_pin(folder: Folder) -> None:
    async with hook_server() as hook:
        origin = f"http://127.0.0.1:{hook.port}"
        words = ("channels", "test", "webhook", "--set", f"webhook.allow_private={origin}")
        environment = {"WEBHOOK_URL": f"{origin}/path"}

        def run(*more: str, typed: str = "") -> subprocess.CompletedProcess[str]:
            return folder.run(*words, *more, typed=typed, environment=environment)

        without = await asyncio.to_thread(run)
        wrong = await asyncio.to_thread(run, "--pin-stdin", typed="wrong pin\n")
        right = await asyncio.to_thread(run, "--pin-stdin", typed=f"{TRADER}\n")

    assert (without.returncode, "run this in a terminal" in without.stderr) == (1, True)
    assert (wrong.returncode, "That PIN is wrong." in wrong.stderr) == (1, True)
    assert (right.returncode, right.stdout) == (0, "Webhook: Delivered: 127.0.0.1 answered 200\n")
    assert len(hook.received) == 1


def test_setting_a_channel_up_asks_for_the_admin_s_pin(folder: Folder) -> None:
    answers = "\n" * 12
    by_trader = folder.run("channels", "set", "slack", "--role", "trader", "--pin-stdin", typed=f"{TRADER}\n")
    by_admin = folder.run("channels", "set", "slack", "--pin-stdin", typed=f"{ADMIN}\n{answers}")

    assert (by_trader.returncode, "may not do that" in by_trader.stderr) == (2, True)
    assert "Enter keeps what there is" in by_admin.stdout


def test_changing_a_secret_asks_for_the_admin_s_pin_first(folder: Folder) -> None:
    typed = "desk@example.com\ncanary-word\n"
    without = folder.run("secrets", "set", "smtp", typed=typed)
    by_trader = folder.run(
        "secrets", "set", "smtp", "--role", "trader", "--pin-stdin", typed=f"{TRADER}\n{typed}"
    )
    by_admin = folder.run("secrets", "set", "smtp", "--pin-stdin", typed=f"{ADMIN}\n{typed}")
    removed = folder.run("secrets", "remove", "smtp", "--yes")
    destroyed = folder.run("secrets", "destroy", "smtp", "1", "--yes")

    told = folder.run("secrets", "test", "smtp")

    assert [each.returncode for each in (without, by_trader, by_admin, removed, destroyed)] == [1, 2, 0, 1, 1]
    assert all("The desk is locked" in each.stderr for each in (without, removed, destroyed))
    assert "keyring         has it (user, password)" in told.stdout


def test_what_was_tried_is_in_the_audit_log_and_no_pin_is(folder: Folder) -> None:
    folder.run("secrets", "rotate", "slack.bot", "--pin-stdin", typed="not this one\n")
    folder.run("secrets", "rotate", "slack.bot", "--pin-stdin", typed=f"{ADMIN}\n")

    told = folder.run("audit", "--about", "app.lock", "--pin-stdin", typed=f"{ADMIN}\n").stdout

    assert [line.split()[2:5] for line in told.splitlines()[1:]] == [
        ["admin", "unlock", "app.lock"],
        ["admin", "unlock", "app.lock"],
        ["admin", "unlock", "app.lock"],
    ]
    assert "wrong PIN, 1 in a row" in told
    assert not any(pin in told for pin in (ADMIN, "not this one"))


def test_who_gives_no_pin_is_written_down(folder: Folder) -> None:
    folder.run("secrets", "rotate", "slack.bot")

    told = folder.run("audit", "--act", "denied", "--pin-stdin", typed=f"{ADMIN}\n").stdout

    assert "locked desk  denied  rotate credentials" in told


def test_the_audit_log_of_a_locked_desk_asks_for_the_admin_s_pin(folder: Folder) -> None:
    folder.run("secrets", "set", "smtp", "--pin-stdin", typed=f"{ADMIN}\ndesk@example.com\ncanary\n")
    file = folder.place.parent / "audit.csv"

    for words, act in (
        ((), "read the audit log"),
        (("--verify",), "read the audit log"),
        (("--export", str(file)), "export the audit log"),
    ):
        without = folder.run("audit", *words)
        by_trader = folder.run("audit", *words, "--role", "trader", "--pin-stdin", typed=f"{TRADER}\n")
        is_written_yet = file.exists()
        by_admin = folder.run("audit", *words, "--pin-stdin", typed=f"{ADMIN}\n")

        assert [each.returncode for each in (without, by_trader, by_admin)] == [1, 2, 0], words
        assert (without.stdout, by_trader.stdout, is_written_yet) == ("", "", False)
        assert "The desk is locked" in without.stderr
        assert f"The desk is locked: to {act}, only an admin may." in by_admin.stderr

    denied = folder.run("audit", "--act", "denied", "--pin-stdin", typed=f"{ADMIN}\n")
    assert [f"locked desk  denied  {act} the audit log" in denied.stdout for act in ("read", "export")] == [
        True,
        True,
    ]


def test_a_lost_entry_is_reset_with_the_reset_key_alone(folder: Folder) -> None:
    folder.forget()

    shown = folder.run("lock")
    wrong = folder.run("lock", "reset", "--pin-stdin", typed=f"{ADMIN}\n")
    still = folder.run("lock")
    right = folder.run("lock", "reset", "--pin-stdin", typed=f"{folder.reset_key}\n")
    after = folder.run("lock")

    assert (shown.returncode, "gone from the system's keyring" in shown.stderr) == (1, True)
    assert (wrong.returncode, "not the reset key" in wrong.stderr) == (1, True)
    assert still.returncode == 1
    assert (right.returncode, "taken away" in right.stdout) == (0, True)
    assert after.stdout.startswith("No app lock is set up.")


def test_a_reset_without_a_terminal_asks_for_the_reset_key_and_for_no_pin(folder: Folder) -> None:
    done = folder.run("lock", "reset")

    words = "The reset key is asked for: run this in a terminal, or give it by --pin-stdin."
    assert (done.returncode, done.stderr) == (1, f"tradeassist: {words}\n")


def test_a_window_less_run_asks_for_nothing(folder: Folder) -> None:
    recording = ROOT / "resources" / "samples" / "esu24-2024-07-02-level1.csv.gz"

    done = folder.run("run", "--headless", "--feed", f"replay:{recording}", "--speed", "0")

    assert done.returncode == 0
