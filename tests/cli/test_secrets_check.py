"""``tradeassist secrets check``: the set-up of Secret Manager, tried by the real program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.secret_manager.accounts import EMAIL
from tests.secret_manager.apart import SecretManagerApart, secret_manager_apart

ROOT = Path(__file__).parents[2]


@pytest.fixture
def secrets(tmp_path: Path):
    with secret_manager_apart(tmp_path / "google") as secrets:
        yield secrets


def check(folder: Path, secrets: SecretManagerApart, *words: str) -> subprocess.CompletedProcess[str]:
    settings = (text for key, value in secrets.settings.items() for text in ("--set", f"{key}={value}"))
    return subprocess.run(
        [
            sys.executable, "-P", "-m", "tradeassist_desktop", "secrets", "check", *words,
            "--dev", "--data-dir", str(folder), *settings,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **secrets.environment, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_a_good_setup_says_ok_to_each_step(secrets, tmp_path: Path) -> None:
    done = check(tmp_path / "data", secrets, "--write")

    assert (done.returncode, [line.split()[0] for line in done.stdout.splitlines()]) == (0, ["ok"] * 8)
    assert f"ok    Credentials: {EMAIL}, from {secrets.began['key_file']}" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("done, and nothing is left of it")


def test_a_missing_permission_is_named_with_the_role_that_has_it(secrets, tmp_path: Path) -> None:
    secrets.say("fail permission_denied AccessSecretVersion")

    done = check(tmp_path / "data", secrets)

    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("NO")]
    assert line.startswith("NO    Read secrets: permission secretmanager.versions.access is missing on")
    assert f"give {EMAIL} the role Secret Manager Secret Accessor" in line


def test_where_nobody_answers_the_rest_is_not_tried(secrets, tmp_path: Path) -> None:
    secrets.say("stop")

    done = check(tmp_path / "data", secrets)

    assert done.returncode == 1
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["ok", "ok", "NO", "-", "-", "-", "-"]
    assert f"NO    Connection: nobody answers at {secrets.began['endpoint']}" in done.stdout


def test_without_a_project_it_says_where_one_is_set(tmp_path: Path) -> None:
    environment = {name: text for name, text in os.environ.items() if name != "GCP_PROJECT_ID"}
    command = [sys.executable, "-P", "-m", "tradeassist_desktop", "secrets", "check"]

    done = subprocess.run(
        [*command, "--data-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**environment, "PYTHONPATH": str(ROOT)},
    )

    words = "as the setting secrets.gcp.project, or as GCP_PROJECT_ID in the environment"
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(f"NO    Project: enter the id of a Google Cloud project {words}\n")
