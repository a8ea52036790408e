"""The app lock as people meet it: set up, drawn and opened by keyboard, with a real keyring and a restart."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import ROOT
from tests.end_to_end.test_desktop_replay import Hand
from tests.virtual_desktop import VirtualDesktop

pytestmark = [pytest.mark.desktop, pytest.mark.xdist_group("desktop")]

PIN = "821173"


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[VirtualDesktop]:
    folder = tmp_path / "desktop"
    folder.mkdir(mode=0o700)
    desktop = VirtualDesktop(folder=folder, size="1280x720", is_full=False)
    desktop.start()
    yield desktop
    desktop.stop()


def audited(data: Path) -> list[tuple[str, str, str]]:
    with sqlite3.connect(f"file:{data / 'tradeassist.db'}?mode=ro", uri=True) as connection:
        found = connection.execute("SELECT act, result, who FROM audit ORDER BY number").fetchall()
    connection.close()
    return found


def wait_for_next(desk: Any, event: str, **fields: Any) -> None:
    """Wait for one that comes after what is there already."""
    seen = len(desk.log)
    end = time.monotonic() + 40
    while not any({"event": event, **fields}.items() <= entry.items() for entry in desk.log[seen:]):
        assert time.monotonic() < end, desk.log[-5:]
        time.sleep(0.05)


def test_a_desk_is_locked_by_key_tells_alerts_meanwhile_and_is_locked_after_a_restart(
    start: Any, screen: VirtualDesktop, keyring: dict[str, str], tmp_path: Path
) -> None:
    data, hand = tmp_path / "data", Hand(screen)
    environment = {
        **keyring,
        **screen.environment,
        "DBUS_SESSION_BUS_ADDRESS": keyring["DBUS_SESSION_BUS_ADDRESS"],
    }
    words = ("--data-dir", str(data), "--log-json", "--set", "toast.position=bottom_left")
    desk = start(*words, environment=environment)
    desk.wait_for("window painted")
    hand.place()

    hand.press("ctrl+l")
    time.sleep(1)  # the sheet tells no log when it is open
    screen.run("xdotool", "type", PIN)
    screen.run("xdotool", "key", "Tab")
    hand.write(PIN)
    desk.wait_for("app lock changed", change="set up")
    time.sleep(1)
    screen.run("xdotool", "key", "Return")  # the reset key is written down
    time.sleep(1)
    hand.press("ctrl+l")
    desk.wait_for("desk locked", reason="asked for")
    wait_for_next(desk, "delivered", channel="toast")
    time.sleep(0.5)
    hand.write("wrong pin")
    desk.wait_for("unlocking refused", role="admin")
    hand.press("ctrl+q", "ctrl+n")  # behind the curtain, so nothing happens
    hand.write(PIN)
    desk.wait_for("desk unlocked", role="admin")
    assert desk.end() == 0

    again = start(*words, environment=environment)
    again.wait_for("desk locked", reason="at the start")
    again.wait_for("window painted")
    hand.place()
    time.sleep(1)
    hand.write(PIN)
    again.wait_for("desk unlocked", role="admin")
    assert again.end() == 0

    acts = [entry for entry in audited(data) if entry[0] in ("lock", "unlock", "write", "denied")]
    assert acts == [
        ("write", "ok", "desk without a lock"),
        ("lock", "ok", "admin"),
        ("unlock", "failed", "admin"),
        ("denied", "refused", "locked desk"),
        ("denied", "refused", "locked desk"),
        ("unlock", "ok", "admin"),
        ("unlock", "ok", "admin"),
    ]
    kept = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert PIN.encode() not in kept


def test_a_deleted_keyring_entry_leaves_the_desk_locked_for_good_and_alerting(
    start: Any, screen: VirtualDesktop, keyring: dict[str, str], tmp_path: Path
) -> None:
    data, hand = tmp_path / "data", Hand(screen)
    environment = {
        **keyring,
        **screen.environment,
        "DBUS_SESSION_BUS_ADDRESS": keyring["DBUS_SESSION_BUS_ADDRESS"],
        "PYTHONPATH": str(ROOT),
    }
    script = ROOT / "packaging" / "locked_before.py"
    subprocess.run([sys.executable, "-P", str(script), str(data), "covered"], env=environment, check=True)
    clear = f"import keyring; keyring.delete_password('tradeassist:{data}', 'app.lock')"
    subprocess.run([sys.executable, "-c", clear], env=environment, check=True)

    desk = start("--data-dir", str(data), "--log-json", environment=environment)
    desk.wait_for("desk locked", reason="at the start")
    desk.wait_for("window painted")
    hand.place()
    time.sleep(1)
    hand.write(PIN)
    desk.wait_for("delivered", channel="toast")
    time.sleep(1)

    assert not [entry for entry in desk.log if entry["event"] == "desk unlocked"]
    assert desk.end() == 0
