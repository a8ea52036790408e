"""Row 50: unique secrets are planted, the whole program runs, and nothing that it leaves or shows has one."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.smtp import AuthResult

from tests.channels.authority import Authority
from tests.channels.hook_server import hook_server
from tests.channels.mail_server import mail_server
from tests.channels.slack_server import CHANNEL, Answer, slack_server
from tests.security.canaries import Canaries, ProcessWatch, files_under

ROOT = Path(__file__).parents[2]
RULES = {
    "format": "tradeassist-rules",
    "version": 1,
    "rules": [
        {"name": "it trades", "symbol": "/ES", "when": "last > 1", "trigger": "every", "cooldown": "1s"}
    ],
}
VARIABLES = ("SLACK_BOT_TOKEN", "WEBHOOK_URL", "WEBHOOK_HMAC_KEY", "WEBHOOK_HEADERS", "SMTP_PASSWORD")


@dataclass(frozen=True)
class World:
    """Receivers on this machine, and what a run of the program is given to reach them."""

    arguments: tuple[str, ...]
    environment: dict[str, str]
    slack: Any
    hook: Any
    mail: Any


@asynccontextmanager
async def world(folder: Path, home: dict[str, str], canaries: Canaries) -> AsyncIterator[World]:
    rules = folder / "rules.json"
    rules.write_text(json.dumps(RULES))
    authority = Authority(folder=folder)
    tls = authority.serving("127.0.0.1")
    async with (
        hook_server(tls) as hook,
        mail_server(tls, password=canaries["smtp password"]) as mail,
        slack_server() as slack,
    ):
        slack.tokens = {canaries["slack token"]: {"chat:write"}}
        origin = f"https://127.0.0.1:{hook.port}"
        settings = {
            "notify.normal": "slack, email, webhook",
            "slack.base_url": slack.base_url,
            "slack.channel": CHANNEL,
            "smtp.host": "127.0.0.1",
            "smtp.port": str(mail.port),
            "smtp.from": "desk@example.com",
            "smtp.to": "trader@example.com",
            "webhook.allow_private": origin,
        }
        yield World(
            arguments=(
                "--dev", "--log-json", "--data-dir", str(folder / "data"), "--rules", str(rules),
                "--feed", "demo", "--record", str(folder / "session.csv.gz"),
                *(part for key, value in settings.items() for part in ("--set", f"{key}={value}")),
            ),
            environment={
                **home,
                "SSL_CERT_FILE": str(authority.file),
                "SLACK_BOT_TOKEN": canaries["slack token"],
                "SMTP_USER": mail.user,
                "SMTP_PASSWORD": canaries["smtp password"],
                "WEBHOOK_URL": f"{origin}/hooks/{canaries['webhook path']}?key={canaries['webhook path']}",
                "WEBHOOK_HMAC_KEY": canaries["webhook key"],
                "WEBHOOK_HEADERS": f"X-Api-Key: {canaries['webhook header']}",
                # What libraries would write past the log, were they let.
                "GOOGLE_SDK_PYTHON_LOGGING_SCOPE": "google",
                "GRPC_TRACE": "all",
                "GRPC_VERBOSITY": "DEBUG",
                "PYTHONASYNCIODEBUG": "1",
                "SSLKEYLOGFILE": str(folder / "data" / "keys"),
            },
            slack=slack,
            hook=hook,
            mail=mail,
        )  # fmt: skip


def said_by(program: Any) -> dict[str, bytes]:
    said = (*map(json.dumps, program.log), *program.other, *program.lines)
    return {"what it said": "\n".join(said).encode()}


def left_in(folder: Path) -> dict[str, bytes]:
    # The keyring's own files are where secrets belong; they are encrypted, and looked at all the same.
    return files_under(folder, but=("data-home-of-others",))


@pytest.mark.parametrize("window", [False, True], ids=["headless", "window"])
async def test_row_50_a_run_that_delivers_leaves_no_secret(
    window: bool, start: Any, home: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    async with world(tmp_path, home, canaries) as around:
        how = ("--set", "notify.normal=slack, email, webhook, sound") if window else ("--headless",)
        program = start("run", *around.arguments, *how, environment=around.environment)
        with ProcessWatch(program.process.pid) as watch:
            for channel in ("slack", "email", "webhook"):
                await asyncio.to_thread(program.wait_for, "delivered", channel=channel)
            if window:
                await asyncio.to_thread(watch.wait_for_child, "tone_player")
            status = await asyncio.to_thread(program.end)

    assert status == 0
    assert around.hook.received[0].headers["X-Api-Key"] == canaries["webhook header"]
    contents = {**left_in(tmp_path), **said_by(program), **watch.seen}
    assert any(place.endswith("tradeassist.db") for place in contents)
    assert any(place.endswith("unpacked") for place in contents)
    assert canaries.found_in(contents) == []


async def test_row_50_a_run_in_which_everything_is_refused_leaves_no_secret(
    start: Any, home: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    async with world(tmp_path, home, canaries) as around:
        environment = around.environment
        quoted = " ".join(environment[name] for name in VARIABLES)
        around.slack.answers[:] = [
            Answer({"ok": False, "error": f"fatal_error {quoted}"}),
            Answer({"ok": False, "error": "invalid_auth", "needed": quoted, "detail": quoted}),
        ]
        around.hook.answers[:] = [
            web.Response(status=500, text=f"no {around.environment['WEBHOOK_URL']} {quoted}")
        ]
        around.mail.sign_in_answer = AuthResult(
            success=False,
            handled=False,
            message=f"535 5.7.8 {environment['SMTP_PASSWORD']} is not the password",
        )
        program = start("run", "--headless", *around.arguments, environment=environment)
        with ProcessWatch(program.process.pid) as watch:
            for channel in ("slack", "email", "webhook"):
                await asyncio.to_thread(program.wait_for, "channel trouble", channel=channel)
            status = await asyncio.to_thread(program.end)

    assert status == 0
    assert canaries.found_in({**left_in(tmp_path), **said_by(program), **watch.seen}) == []


@pytest.mark.parametrize(
    ("how", "window"),
    [
        ("in-thread", False),
        ("in-task", False),
        ("in-callback", False),
        ("finaliser", False),
        ("in-slot", True),
        ("abort", False),
    ],
)
async def test_row_50_a_crash_leaves_no_secret(
    how: str, window: bool, home: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    async with world(tmp_path, home, canaries) as around:
        variables = ",".join(VARIABLES)
        command = [sys.executable, "-P", "-m", "tests.security.saboteur", how, "run", *around.arguments]
        command += [] if window else ["--headless"]
        process = subprocess.Popen(  # noqa: ASYNC220 - its output is read in a thread
            command,
            env={**os.environ, **around.environment, "CANARY_VARIABLES": variables, "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with ProcessWatch(process.pid) as watch:
            left = tmp_path / "data" / "logs"

            def is_told() -> bool:
                return any(file.stat().st_size for file in left.glob("crash-*"))

            await until_true(lambda: is_told() or process.poll() is not None)
            process.send_signal(signal.SIGTERM)
            out, err = await asyncio.to_thread(process.communicate, timeout=30)

    assert process.returncode == (-signal.SIGABRT if how == "abort" else 0), err[-3000:]
    contents = {**left_in(tmp_path), "output": out, "errors": err, **watch.seen}
    reports = [place for place in contents if "/crash-" in place]
    assert len(reports) == 1
    assert canaries.found_in(contents) == []


async def until_true(condition: Any, *, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)
