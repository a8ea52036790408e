"""``tradeassist channels``: what lacks, setting up, and a test that arrives."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.channels.hook_server import hook_server
from tradeassist_desktop.app.lock import hold
from tradeassist_desktop.channels import CHANNELS
from tradeassist_desktop.paths import resolve

ROOT = Path(__file__).parents[2]


def run(
    folder: Path, *words: str, typed: str = "", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command on a machine without a keyring."""
    inherited = {name: text for name, text in os.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
    return subprocess.run(
        [sys.executable, "-P", "-m", "tradeassist_desktop", "channels", *words, "--data-dir", str(folder)],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            **inherited,
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
            "PYTHONPATH": str(ROOT),
            **(environment or {}),
        },
    )


def test_every_channel_is_listed_with_what_it_lacks(tmp_path: Path) -> None:
    done = run(tmp_path, environment={"WEBHOOK_URL": "https://hook.example/x"})

    lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in done.stdout.splitlines()}
    assert (done.returncode, set(lines)) == (0, set(CHANNELS))
    assert lines["email"] == "E-mail is not set up: Server, From, To must be given"
    assert lines["webhook"] == "set up"


def test_the_help_says_that_secrets_go_to_secret_manager_where_it_is_set_up(tmp_path: Path) -> None:
    done = run(tmp_path, "set", "--help")

    assert "Secret Manager where it is set up, or the system's keyring" in " ".join(done.stdout.split())


async def test_a_test_arrives_and_says_so(tmp_path: Path) -> None:
    async with hook_server() as hook:
        origin = f"http://127.0.0.1:{hook.port}"
        done = await asyncio.to_thread(
            run,
            tmp_path,
            "test",
            "webhook",
            "--set",
            f"webhook.allow_private={origin}",
            environment={"WEBHOOK_URL": f"{origin}/secret-path"},
        )

    assert (done.returncode, done.stdout) == (0, "Webhook: Delivered: 127.0.0.1 answered 200\n")
    assert [each.document["is_test"] for each in hook.received] == [True]
    assert "secret-path" not in done.stdout + done.stderr


def test_a_test_that_does_not_arrive_says_why_and_fails(tmp_path: Path) -> None:
    done = run(tmp_path, "test", "webhook", environment={"WEBHOOK_URL": "https://127.0.0.1/secret-path"})

    assert done.returncode == 1
    assert done.stderr == (
        "Webhook: 127.0.0.1 is on this computer: a webhook does not go there; to allow it, "
        "add https://127.0.0.1:443 to Private addresses (webhook.allow_private)\n"
    )


def test_what_is_typed_is_kept_and_what_is_passed_over_stays(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"smtp.port": 2525, "smtp.to": ["old@example.com"]}')

    done = run(tmp_path, "set", "email", typed="smtp.example.com\n\n\n\n\ndesk@example.com\n\n")

    assert done.returncode == 0
    assert "Now: tradeassist channels test email" in done.stdout
    assert json.loads((tmp_path / "settings.json").read_text()) == {
        "smtp.port": 2525,
        "smtp.to": ["old@example.com"],
        "smtp.host": "smtp.example.com",
        "smtp.from": "desk@example.com",
    }


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("smtp.example.com\n0\n\n\n\nnobody\n\n", "tradeassist: Port: must be 1 to 65535, was 0"),
        ("smtp.example.com\n", "nothing was kept: run this in a terminal, and answer to the end"),
    ],
    ids=["what cannot be", "half an answer"],
)
def test_nothing_is_kept_of_a_bad_or_half_answer(tmp_path: Path, typed: str, words: str) -> None:
    done = run(tmp_path, "set", "email", typed=typed)

    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert not (tmp_path / "settings.json").exists()


def test_a_desk_that_runs_is_not_written_under(tmp_path: Path) -> None:
    lock = hold(resolve(tmp_path))
    assert lock is not None
    try:
        done = run(tmp_path, "set", "email", typed="smtp.example.com\n\n\n\n\n\n\n")
    finally:
        lock.release()

    assert done.returncode == 1
    assert f"a desk runs on {tmp_path}: set the channel up there, or end it" in done.stderr
