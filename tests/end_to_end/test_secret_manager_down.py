"""The real program beside a Secret Manager that is dead, hangs or is slow from the first second."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.channels.authority import Authority
from tests.channels.hook_server import hook_server

ROOT = Path(__file__).parents[2]
RULES = {
    "format": "tradeassist-rules",
    "version": 1,
    "rules": [{"name": "it trades", "symbol": "/ES", "when": "last > 1", "trigger": "once"}],
}


class Manager:
    """A Secret Manager in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.secret_manager", "--folder", str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.began: dict[str, Any] = json.loads(self._process.stdout.readline())

    def say(self, command: str) -> Any:
        """Give it a command; return what it answers."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


class Desk:
    """Starts the program with its secrets in that manager, and a webhook to deliver to."""

    def __init__(self, manager: Manager, start: Any, folder: Path, hook: Any, authority: Authority) -> None:
        self.manager = manager
        self.hook = hook
        self._start = start
        self._folder = folder
        self._authority = authority
        self.origin = f"https://127.0.0.1:{hook.port}"
        self._starts = 0

    def begin(self, *options: str, **environment: str) -> Any:
        # Another folder of rules each time: a rule that fires once has fired.
        self._starts += 1
        rules = self._folder / f"rules-{self._starts}.json"
        document = {**RULES, "rules": [{**RULES["rules"][0], "name": f"it trades {self._starts}"}]}  # type: ignore[index,dict-item]
        rules.write_text(json.dumps(document))
        return self._start(
            "run", *options, "--log-json", "--dev", "--feed", "demo", "--data-dir", str(self.data),
            "--rules", str(rules),
            "--set", "notify.normal=webhook",
            "--set", f"webhook.allow_private={self.origin}",
            "--set", f"secrets.gcp.endpoint={self.manager.began['endpoint']}",
            environment={
                "SSL_CERT_FILE": str(self._authority.file),
                "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": self.manager.began["authority"],
                "no_grpc_proxy": "localhost,127.0.0.1",
                "GCP_PROJECT_ID": self.manager.began["project"],
                "GOOGLE_APPLICATION_CREDENTIALS": self.manager.began["key_file"],
                **environment,
            },
        )  # fmt: skip

    @property
    def data(self) -> Path:
        return self._folder / "data"

    def acts(self, secret: str = "webhook.main") -> list[tuple[str, str, str]]:
        """Return who asked whom for a secret (``%``: any), and how that went, as the audit log has it."""
        connection = sqlite3.connect(f"file:{self.data / 'tradeassist.db'}?mode=ro", uri=True)
        try:
            return connection.execute(
                "select who, source, result from audit where what like ? and act = 'read' order by number",
                (secret,),
            ).fetchall()
        finally:
            connection.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    made = Manager(tmp_path / "manager")
    yield made
    made.end()


NO_KEYRING = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "DISPLAY": "", "WAYLAND_DISPLAY": ""}


@pytest.mark.parametrize("options", [["--headless"], []], ids=["headless", "window"])
@pytest.mark.parametrize("trouble", ["stop", "fail hang", "slow 4"], ids=["dead", "hanging", "slow"])
async def test_row_28_it_starts_streams_and_alerts_all_the_same(
    manager: Manager, start: Any, tmp_path: Path, trouble: str, options: list[str]
) -> None:
    authority = Authority(folder=tmp_path)
    async with hook_server(authority.serving("127.0.0.1")) as hook:
        desk = Desk(manager, start, tmp_path, hook, authority)
        manager.say(trouble)

        program = desk.begin(
            *options, WEBHOOK_URL=f"{desk.origin}/hooks/x", QT_QPA_PLATFORM="offscreen", **NO_KEYRING
        )
        if not options:
            await asyncio.to_thread(program.wait_for, "window painted")
        await asyncio.to_thread(program.wait_for, "delivered", channel="webhook")
        await asyncio.to_thread(program.wait_for, "keeper of secrets is silent")
        status = await asyncio.to_thread(program.end)

        assert status == 0
        assert [received.document["rule"] for received in hook.received] == ["it trades 1"]
        # Whoever asked it first; for a while the others leave it alone, as it is silent.
        assert ("secret manager", "failed") in [act[1:] for act in desk.acts("%")]
        assert ("webhook channel", "environment", "ok") in desk.acts()


async def test_what_it_gave_once_is_used_at_the_next_start_though_it_is_dead(
    manager: Manager, start: Any, tmp_path: Path, keyring: dict[str, str]
) -> None:
    authority = Authority(folder=tmp_path)
    async with hook_server(authority.serving("127.0.0.1")) as hook:
        desk = Desk(manager, start, tmp_path, hook, authority)
        secret = json.dumps({"url": f"{desk.origin}/hooks/canary-that-lets-in"})
        manager.say(f"put tradeassist-webhook-main {secret}")

        programs = []
        for _ in range(2):
            program = desk.begin("--headless", **keyring)
            programs.append(program)
            await asyncio.to_thread(program.wait_for, "delivered", channel="webhook")
            assert await asyncio.to_thread(program.end) == 0
            manager.say("stop")

        assert [received.document["rule"] for received in hook.received] == ["it trades 1", "it trades 2"]
        given_by = [source for who, source, _ in desk.acts() if who == "webhook channel"]
        assert [source for source in given_by if source != "memory"] == ["secret manager", "cache"]
    written = [path.read_bytes() for path in desk.data.rglob("*") if path.is_file()]
    written += [json.dumps([program.log, program.lines, program.other]).encode() for program in programs]
    assert not [content for content in written if b"canary-that" in content]
