"""Signing in with the real program: a real keyring, a real browser's way back, the simulator as Schwab."""

import json
import os
import pty
import select
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def schwab(start: Any) -> dict[str, Any]:
    """What a running simulator says of itself; its callback is on a free port."""
    market = start("simulator", "--callback", f"https://127.0.0.1:{free_port()}")
    told: dict[str, Any] = json.loads(market.wait_for_lines(1)[0])
    return told


def options(schwab: dict[str, Any], folder: Path) -> tuple[str, ...]:
    return (
        "--dev",
        "--set",
        f"schwab.base_url={schwab['http']}",
        "--set",
        f"schwab.callback={schwab['callback']}",
        "--data-dir",
        str(folder),
        "--log-json",
    )


def app_of(schwab: dict[str, Any]) -> dict[str, str]:
    return {"SCHWAB_APP_KEY": schwab["app_key"], "SCHWAB_APP_SECRET": schwab["app_secret"]}


def page_of(command: Any) -> str:
    """Return the address the command asks to open."""
    return str(next(line for line in command.wait_for_lines(3) if "/v1/oauth/authorize" in line))


def way_back(page: str) -> str:
    answer = httpx.get(page, trust_env=False)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def go_back(address: str, folder: Path) -> int:
    wait_until(lambda: is_open(httpx.URL(address).port or 443))
    trust = ssl.create_default_context(cafile=str(folder / "sign-in" / "callback.pem"))
    return httpx.get(address, verify=trust, trust_env=False).status_code


def test_a_desk_without_a_sign_in_waits_for_one_and_takes_it_up_while_it_runs(
    start: Any, schwab: dict[str, Any], keyring: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    environment = {**keyring, **app_of(schwab)}
    desk = start("run", "--headless", "--feed", "schwab", *options(schwab, folder), environment=environment)
    desk.wait_for("feed refused", detail="You are not signed in to Schwab: sign in.")

    command = start("sign-in", "--no-browser", *options(schwab, folder), environment=environment)
    assert go_back(way_back(page_of(command)), folder) == 200

    assert command.finish() == 0
    assert command.lines[-1] == "Signed in. The sign-in holds for seven days."
    desk.wait_for("sign-in found")
    desk.wait_for("feed state", state="live")
    assert desk.end() == 0

    again = start("run", "--headless", "--feed", "schwab", *options(schwab, folder), environment=environment)
    again.wait_for("feed state", state="live")
    assert again.end() == 0
    everything = json.dumps(desk.log) + json.dumps(command.log) + json.dumps(again.log)
    assert schwab["app_secret"] not in everything
    assert "I0." not in everything


def test_a_desk_without_a_developer_app_says_so_and_starts(
    start: Any, schwab: dict[str, Any], keyring: dict[str, str], tmp_path: Path
) -> None:
    desk = start(
        "run", "--headless", "--feed", "schwab", *options(schwab, tmp_path / "data"), environment=keyring
    )

    refused = desk.wait_for("feed refused")

    assert "key and secret of your developer app" in refused["detail"]
    assert refused["mend_by"] == "tradeassist sign-in"
    assert desk.end() == 0


class Terminal:
    """A command on a terminal: what it shows is read, what a person would type is typed."""

    def __init__(self, *arguments: str, environment: dict[str, str]) -> None:
        self._keys, screen = pty.openpty()
        self._shown = ""
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tradeassist_desktop", *arguments],
            stdin=screen,
            stdout=screen,
            stderr=screen,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
        os.close(screen)

    def expect(self, words: str) -> str:
        """Wait until ``words`` are shown; return all that was shown since the last call."""
        end = time.monotonic() + 30
        while words not in self._shown:
            readable, _, _ = select.select([self._keys], [], [], max(0, end - time.monotonic()))
            assert readable, f"no {words!r} in {self._shown!r}"
            self._shown += os.read(self._keys, 4096).decode()
        shown, self._shown = self._shown, ""
        return shown

    def type(self, line: str) -> None:
        os.write(self._keys, f"{line}\n".encode())

    def finish(self) -> int:
        status = self.process.wait(timeout=30)
        os.close(self._keys)
        return status


def test_the_developer_app_is_asked_for_on_the_terminal_and_the_address_can_be_pasted_there(
    start: Any, schwab: dict[str, Any], keyring: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    plain = [option for option in options(schwab, folder) if option != "--log-json"]
    terminal = Terminal("sign-in", "--no-browser", *plain, environment=keyring)
    terminal.expect("App key: ")
    terminal.type(schwab["app_key"])
    terminal.expect("App secret: ")
    terminal.type(schwab["app_secret"])

    shown = terminal.expect("paste it here:")
    terminal.type("https://evil.example/?code=1")
    terminal.expect("That address leads elsewhere.")
    terminal.type(way_back(next(word for word in shown.split() if "/v1/oauth/authorize" in word)))

    terminal.expect("Signed in. The sign-in holds for seven days.")
    assert terminal.finish() == 0
    assert schwab["app_secret"] not in shown
    desk = start("run", "--headless", "--feed", "schwab", *options(schwab, folder), environment=keyring)
    desk.wait_for("feed state", state="live")
    assert desk.end() == 0


def test_a_sign_in_without_a_keyring_is_not_called_done(
    start: Any, schwab: dict[str, Any], tmp_path: Path
) -> None:
    environment = {
        **app_of(schwab),
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
        "DISPLAY": "",
        "HOME": str(tmp_path),
    }
    command = start("sign-in", *options(schwab, tmp_path / "data"), environment=environment)

    assert go_back(way_back(page_of(command)), tmp_path / "data") == 200

    assert command.finish() == 1
    assert "no keyring to keep it in" in json.dumps(command.log)
    kept = [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
    others = {file.name for file in kept if not file.name.startswith("tradeassist.")}
    assert others == {"callback.pem", "signed-in"}
    everything = b"".join(file.read_bytes() for file in kept)
    assert schwab["app_secret"].encode() not in everything
