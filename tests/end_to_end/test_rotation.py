"""The real program, a real keyring and a Slack on this machine: its tokens are renewed and work on."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.channels.slack_server import CHANNEL, TOKEN, SlackServer, slack_server
from tests.end_to_end.conftest import ROOT
from tests.end_to_end.test_slack import RULES
from tests.security.conftest import home
from tests.services.rotation.slack_app import GIVEN, rotating

__all__ = ["home"]


def command(
    folder: Path, server: SlackServer, environment: dict[str, str], *words: str, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one of the program's commands to its end."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "tradeassist_desktop", *words, *options(folder, server)],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environment},
    )


def answers() -> str:
    """Return what a person types into the form of Slack."""
    rotation = (GIVEN["refresh_token"], GIVEN["client_id"], GIVEN["client_secret"])
    return "\n".join((GIVEN["token"], CHANNEL, "", "", "", *rotation, ""))


def options(folder: Path, server: SlackServer) -> tuple[str, ...]:
    return ("--data-dir", str(folder), "--dev", "--set", f"slack.base_url={server.base_url}")


async def test_slack_s_tokens_are_renewed_by_the_desk_and_by_the_command(
    start: Any, tmp_path: Path, keyring: dict[str, str], until: Any
) -> None:
    data = tmp_path / "data"
    async with slack_server() as server:
        app = rotating(server)
        kept = await asyncio.to_thread(
            command, data, server, keyring, "channels", "set", "slack", typed=answers()
        )
        assert "Kept; secrets are in the keyring." in kept.stdout, kept.stderr

        program = start("run", "--headless", "--log-json", *options(data, server), environment=keyring)
        await asyncio.to_thread(program.wait_for, "secret replaced", seconds=60, secret="slack.bot")
        beside = await asyncio.to_thread(command, data, server, keyring, "secrets", "rotate", "slack.bot")
        assert await asyncio.to_thread(program.end) == 0
        done = await asyncio.to_thread(command, data, server, keyring, "secrets", "rotate", "slack.bot")

    assert (beside.returncode, "a desk runs on" in beside.stderr) == (1, True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Nothing is left to be done of the last rotation",
        "Putting a copy of the old one aside",
        "Having a new one made",
        "Trying the new one",
        "Putting the new one in use",
        "The new one is in use; the old one is ended two hours later",
        "Replaced; the new one is in use.",
    ]
    assert (app.made, server.tests) == (2, ["xoxe.xoxb-1-rotated1", "xoxe.xoxb-1-rotated2"])
    stored = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    said = stored + str([program.log, program.other, program.lines, done]).encode()
    for text in (*GIVEN.values(), "xoxe.xoxb-1-rotated1", "xoxe-1-refresh1", "xoxe.xoxb-1-rotated2"):
        if text != GIVEN["client_id"]:
            assert text.encode() not in said


async def test_after_a_night_without_the_program_alerts_reach_slack_by_themselves(
    start: Any, tmp_path: Path, keyring: dict[str, str], until: Any
) -> None:
    data, rules = tmp_path / "data", tmp_path / "rules.json"
    rules.write_text(json.dumps(RULES))
    async with slack_server() as server:
        rotating(server)
        kept = await asyncio.to_thread(
            command, data, server, keyring, "channels", "set", "slack", typed=answers()
        )
        assert kept.returncode == 0, kept.stderr
        del server.tokens[TOKEN]  # it has run out overnight

        program = start(
            "run",
            "--headless",
            "--log-json",
            "--rules",
            str(rules),
            *options(data, server),
            environment=keyring,
        )
        await until(lambda: server.messages, timeout=60)
        assert await asyncio.to_thread(program.end) == 0

    assert server.texts()[0].startswith("🔵 /ES: above 100")


async def test_without_a_refresh_token_the_command_says_what_to_do(
    tmp_path: Path, home: dict[str, str]
) -> None:
    async with slack_server() as server:
        environment = {**home, "SLACK_BOT_TOKEN": GIVEN["token"]}
        done = await asyncio.to_thread(
            command, tmp_path / "data", server, environment, "secrets", "rotate", "slack.bot"
        )

    assert done.returncode == 1
    assert "does not rotate its tokens: no refresh token was given" in done.stderr
    assert "Traceback" not in done.stderr
