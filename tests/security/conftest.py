"""The real program as a child process, and secrets to look for afterwards."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.conftest import samples, start
from tests.security.canaries import Canaries

__all__ = ["samples", "start"]


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment whose folders are all in ``tmp_path``, with no keyring."""
    folders = {
        "HOME": "home",
        "TMPDIR": "temporary",
        "XDG_RUNTIME_DIR": "run",
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "data-home",
        "XDG_STATE_HOME": "state",
        "XDG_CACHE_HOME": "cache",
    }
    for name in folders.values():
        (tmp_path / name).mkdir(mode=0o700)
    return {
        **{variable: str(tmp_path / name) for variable, name in folders.items()},
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
        "DISPLAY": "",
        "WAYLAND_DISPLAY": "",
        "QT_QPA_PLATFORM": "offscreen",
    }


@pytest.fixture
def keyring(home: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """The same with a session bus and an unlocked GNOME keyring of its own."""
    socket = tmp_path / "run" / "bus"
    environment = {**home, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={socket}"}
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", f"--address=unix:path={socket}"],
        env={**os.environ, **environment},
    )
    end = time.monotonic() + 30
    while not socket.exists():
        assert time.monotonic() < end, "a session bus did not come up"
        time.sleep(0.05)
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert daemon.stdin is not None
    daemon.stdin.write(b"password")
    daemon.stdin.close()
    yield environment
    for child in (daemon, bus):
        child.terminate()
        child.wait(timeout=10)
