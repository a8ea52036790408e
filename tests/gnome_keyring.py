"""A GNOME keyring of its own on a session bus of its own: open, or locked with nobody to ask."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_LOCK = """
import secretstorage
bus = secretstorage.dbus_init()
collection = secretstorage.get_default_collection(bus)
collection.lock()
assert collection.is_locked()
"""

_UNLOCK = """
import secretstorage
from secretstorage.util import DBusAddressWrapper, format_secret, open_session
bus = secretstorage.dbus_init()
collection = secretstorage.get_default_collection(bus)
door = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
service = DBusAddressWrapper("/org/freedesktop/secrets", door, bus)
password = format_secret(open_session(bus), b"password", "text/plain")
service.call("UnlockWithMasterPassword", "o(oayays)", collection.collection_path, password)
assert not collection.is_locked()
"""


@contextlib.contextmanager
def gnome_keyring(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the environment that leads to an open one."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    environment = {
        "HOME": str(folder / "home"),
        "XDG_DATA_HOME": str(folder / "home" / "data"),
        "XDG_RUNTIME_DIR": str(runtime),
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
        "DISPLAY": "",
        "WAYLAND_DISPLAY": "",
    }
    (folder / "home" / "data").mkdir(parents=True)
    children = [
        subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", f"--address=unix:path={runtime}/bus"],
            env={**os.environ, **environment},
            stderr=subprocess.DEVNULL,
        )
    ]
    try:
        end = time.monotonic() + 30
        while not (runtime / "bus").exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        daemon = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        children.append(daemon)
        assert daemon.stdin is not None
        daemon.stdin.write(b"password")
        daemon.stdin.close()
        yield environment
    finally:
        for child in reversed(children):
            child.terminate()
            child.wait(timeout=10)


def lock(environment: dict[str, str]) -> None:
    """Lock it."""
    subprocess.run([sys.executable, "-c", _LOCK], env={**os.environ, **environment}, check=True, timeout=60)


def unlock(environment: dict[str, str]) -> None:
    """Open it, as a person who gives its password does."""
    subprocess.run([sys.executable, "-c", _UNLOCK], env={**os.environ, **environment}, check=True, timeout=60)
