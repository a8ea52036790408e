"""The real program whose secrets are in a Secret Manager on this machine: well, dead, hanging, slow."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.channels.slack_server import CHANNEL, TOKEN, SlackServer, slack_server
from tests.secret_manager.apart import SecretManagerApart, secret_manager_apart

RULES = {
    "format": "tradeassist-rules",
    "version": 1,
    "rules": [
        {
            "name": "above 100",
            "symbol": "/ES",
            "when": "last > 100",
            "trigger": "every",
            "cooldown": "1m",
            "channels": ["slack"],
        }
    ],
}
HEADLESS = ("run", "--headless")
WINDOW = ("run",)


def begin(
    start: Any,
    tmp_path: Path,
    slack: SlackServer,
    secrets: SecretManagerApart,
    *command: str,
    **environment: str,
) -> Any:
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps(RULES))
    settings = {"slack.base_url": slack.base_url, "slack.channel": CHANNEL, **secrets.settings}
    return start(
        *command, "--log-json", "--dev", "--data-dir", str(tmp_path / "data"), "--rules", str(rules),
        *(text for key, value in settings.items() for text in ("--set", f"{key}={value}")),
        environment={**secrets.environment, **environment},
    )  # fmt: skip


def files_of(data: Path) -> bytes:
    return b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())


def lines_of_key(secrets: SecretManagerApart) -> list[str]:
    """Lines of the service account's private key: enough of it to know it by."""
    document = json.loads(Path(secrets.began["key_file"]).read_text())
    return str(document["private_key"]).splitlines()[1:6]


async def test_a_token_that_only_secret_manager_has_posts_alerts_and_is_in_no_log(
    start: Any, tmp_path: Path, until: Any
) -> None:
    kept = "tradeassist-slack-bot=" + json.dumps({"token": TOKEN})
    with secret_manager_apart(tmp_path / "google", "--secret", kept) as secrets:
        async with slack_server() as slack:
            program = begin(start, tmp_path, slack, secrets, *HEADLESS)

            await until(lambda: slack.messages, timeout=60)

            program.end()
            said = str([program.log, program.other, program.lines]).encode() + files_of(tmp_path / "data")
            assert slack.texts()[0].startswith("🔵 /ES: above 100")
            assert TOKEN.encode() not in said
            assert not [line for line in lines_of_key(secrets) if line.encode() in said]
            assert not program.other


@pytest.mark.parametrize(
    ("command", "trouble"),
    [
        pytest.param(WINDOW, "fail hang", id="hanging, with a window"),
        pytest.param(WINDOW, "slow 4", id="slow, with a window"),
        pytest.param(WINDOW, "stop", id="dead, with a window"),
        pytest.param(HEADLESS, "fail unavailable", id="unavailable"),
        pytest.param(HEADLESS, "fail permission_denied", id="refusing"),
    ],
)
async def test_the_program_alerts_with_the_next_keepers_token_whatever_secret_manager_does(
    start: Any, tmp_path: Path, until: Any, command: tuple[str, ...], trouble: str
) -> None:
    with secret_manager_apart(tmp_path / "google") as secrets:
        secrets.say(trouble)
        async with slack_server() as slack:
            program = begin(start, tmp_path, slack, secrets, *command, SLACK_BOT_TOKEN=TOKEN)

            if command is WINDOW:
                program.wait_for("window painted", seconds=30)
            program.wait_for("feed state", state="live", seconds=30)
            await until(lambda: slack.messages, timeout=60)

            assert program.end() == 0
            assert slack.texts()[0].startswith("🔵 /ES: above 100")
            assert not program.other
