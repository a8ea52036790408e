"""``tradeassist secrets``: list, test, set, remove and versions, and no text of a secret on any output."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gnome_keyring import gnome_keyring, lock
from tests.secret_manager.faults import FAULTS
from tests.secret_manager.server import SecretManagerServer, key_file, secret_manager
from tests.secret_manager.trust import trusted_authority
from tests.secret_manager.vault import PROJECT
from tradeassist_desktop.app.lock import hold
from tradeassist_desktop.paths import resolve

ROOT = Path(__file__).parents[2]
NO_KEYRING = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
TOKEN = "xoxb-1-2-canary"


def run(
    folder: Path, *words: str, typed: str = "", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "tradeassist_desktop", "secrets", *words, "--data-dir", str(folder)],
        input=typed,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env={**os.environ, **NO_KEYRING, "PYTHONPATH": str(ROOT), **(environment or {})},
    )


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[dict[str, str]]:
    with gnome_keyring(tmp_path) as environment:
        yield environment


@pytest.fixture
def manager() -> Iterator[SecretManagerServer]:
    with secret_manager(trusted_authority()) as server:
        yield server


def at(server: SecretManagerServer, folder: Path) -> list[str]:
    """Return the words that lead to it."""
    settings = {
        "secrets.gcp.project": PROJECT,
        "secrets.gcp.endpoint": server.endpoint,
        "secrets.gcp.credentials": str(key_file(server, folder)),
    }
    return ["--dev", *(part for key, text in settings.items() for part in ("--set", f"{key}={text}"))]


def rows(done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line.strip()}


def test_every_secret_is_listed_with_who_keeps_it(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "list", environment={"SLACK_BOT_TOKEN": TOKEN, "SMTP_USER": ""})

    listed = rows(done)
    assert done.returncode == 0, done.stderr
    assert listed["slack.bot"] == ["environment"]
    assert listed["smtp"] == ["nobody"]
    assert "canary" not in done.stdout + done.stderr


def test_a_secret_is_kept_in_the_keyring_told_of_and_taken_out(
    tmp_path: Path, keyring: dict[str, str]
) -> None:
    data = tmp_path / "data"

    kept = run(data, "set", "smtp", typed="desk@example.com\ncanary-word\n", environment=keyring)
    told = run(data, "test", "smtp", environment=keyring)
    versionless = run(data, "disable", "smtp", "1", environment=keyring)
    unasked = run(data, "remove", "smtp", environment=keyring)
    gone = run(data, "remove", "smtp", "--yes", environment=keyring)
    after = run(data, "test", "smtp", environment=keyring)

    assert (kept.returncode, kept.stdout) == (0, "Kept in the keyring.\n"), kept.stderr
    assert "keyring         has it (user, password); it is taken from here\n" in told.stdout
    assert "secret manager  is not set up\n" in told.stdout
    assert versionless.stderr == "tradeassist: smtp is kept in the keyring, which keeps no versions\n"
    assert (unasked.returncode, "add --yes" in unasked.stderr) == (1, True)
    assert (gone.returncode, gone.stdout) == (0, "Taken out.\n")
    assert after.returncode == 1
    assert "canary" not in "".join(done.stdout + done.stderr for done in (kept, told, unasked, gone, after))


def test_a_place_that_is_not_there_is_said_to_be_none(tmp_path: Path) -> None:
    told = run(tmp_path / "data", "test", "smtp")

    assert (told.returncode, told.stdout.splitlines()) == (
        1,
        [
            "secret manager  is not set up",
            "keyring         there is no keyring here",
            "environment     has none",
        ],
    )


def test_versions_in_secret_manager_are_added_listed_disabled_and_destroyed(
    tmp_path: Path, manager: SecretManagerServer
) -> None:
    data, words = tmp_path / "data", at(manager, tmp_path)

    for number in (1, 2):
        kept = run(data, "set", "slack.bot", *words, typed=json.dumps({"token": f"{TOKEN}{number}"}))
        assert (kept.returncode, kept.stdout) == (0, f"Kept in the secret manager, version {number}.\n")
    disabled = run(data, "disable", "slack.bot", "2", *words)
    told = run(data, "test", "slack.bot", *words)
    destroyed = run(data, "destroy", "slack.bot", "2", "--yes", *words)
    listed = run(data, "versions", "slack.bot", *words)
    again = run(data, "destroy", "slack.bot", "2", "--yes", *words)
    absent = run(data, "enable", "slack.bot", "7", *words)

    assert disabled.stdout == "Version 2 of slack.bot is disabled.\n", disabled.stderr
    assert "secret manager  has it (version 1, token); it is taken from here\n" in told.stdout
    assert destroyed.stdout == "Version 2 of slack.bot is destroyed.\n"
    assert [line.split()[:2] for line in listed.stdout.splitlines()[1:]] == [
        ["2", "destroyed"],
        ["1", "enabled"],
    ]
    assert again.stderr.endswith("tradeassist: version 2 of slack.bot is destroyed already\n")
    assert again.returncode == 1
    assert absent.stderr.splitlines()[-1] == "tradeassist: slack.bot has no version 7; it has 2, 1"
    assert listed.stdout.startswith("Kept by the secret manager:\n")


def test_a_secret_manager_that_cannot_be_asked_is_said_in_words(
    tmp_path: Path, manager: SecretManagerServer
) -> None:
    words = at(manager, tmp_path)
    manager.stop()

    listed = run(tmp_path / "data", "list", *words, environment={"SLACK_BOT_TOKEN": TOKEN})
    told = run(tmp_path / "data", "test", "slack.bot", *words, environment={"SLACK_BOT_TOKEN": TOKEN})

    assert rows(listed)["slack.bot"] == ["environment"]
    assert rows(listed)["smtp"] == ["not", "known:", "secret", "manager"]
    assert listed.stdout.count("nobody answers at") == 1
    assert "\nThe secret manager could not be asked: nobody answers at" in listed.stdout
    assert listed.returncode == 1
    assert "secret manager  no answer: " in told.stdout
    assert "environment     has it (token); it is taken from here\n" in told.stdout
    assert told.returncode == 0


@pytest.mark.parametrize(
    ("words", "typed", "reason"),
    [
        pytest.param(["set", "schwab.token"], "x\n", "tradeassist sign-in", id="a sign-in"),
        pytest.param(["set", "smtp"], "desk\n", "must be given", id="too few lines"),
        pytest.param(["set", "smtp"], "", "must be given", id="nothing"),
        pytest.param(["set", "slack.bot"], '{"word": "x"}', "expected texts for token", id="another field"),
        pytest.param(["set", "slack.bot"], "no-token\n", "Bot token", id="no token at all"),
        pytest.param(["set", "slack.bot"], f"{TOKEN}\n", "no keyring to keep secrets in", id="no keyring"),
        pytest.param(["test", "no.such"], "", "invalid choice", id="no such secret"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_line(
    tmp_path: Path, words: list[str], typed: str, reason: str
) -> None:
    done = run(tmp_path / "data", *words, typed=typed)

    assert done.returncode in (1, 2)
    assert reason in done.stderr.splitlines()[-1]
    assert "canary" not in done.stdout + done.stderr


def test_nothing_is_set_behind_the_back_of_a_desk(tmp_path: Path) -> None:
    places = resolve(tmp_path)
    lock = hold(places)
    assert lock is not None
    try:
        done = run(tmp_path, "set", "slack.bot", typed=f"{TOKEN}\n")
    finally:
        lock.release()

    assert (done.returncode, "a desk runs on" in done.stderr) == (1, True)


def test_a_secret_that_a_locked_keyring_cannot_keep_is_said_to_wait_for_it(
    tmp_path: Path, keyring: dict[str, str]
) -> None:
    lock(keyring)

    done = run(tmp_path / "data", "set", "slack.bot", typed=f"{TOKEN}\n", environment=keyring)

    assert (done.returncode, done.stderr) == (
        1,
        "tradeassist: could not be kept: the keyring is locked: unlock it\n",
    )


def test_a_secret_that_secret_manager_refuses_to_keep_is_said_to_be_refused(
    tmp_path: Path, manager: SecretManagerServer
) -> None:
    manager.fail(FAULTS["permission_denied"])

    done = run(tmp_path / "data", "set", "slack.bot", *at(manager, tmp_path), typed=f"{TOKEN}\n")

    last = done.stderr.splitlines()[-1]
    assert last.startswith("tradeassist: could not be kept: permission secretmanager."), last
    assert "no Secret Manager is set up" not in done.stderr
