"""Row 50: no secret is taken on the command line, and none is repeated."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tradeassist_desktop.cli import main

ROOT = Path(__file__).parents[2]
CANARY = "canary-of-the-command-line"


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["run", "--token", CANARY], id="an option named so"),
        pytest.param(["run", f"--slack-token={CANARY}"], id="with its value"),
        pytest.param(["channels", "set", "email", "--password", CANARY], id="password"),
        pytest.param(["sign-in", "--app-key", CANARY, "--app-secret", CANARY], id="app key"),
        pytest.param(["run", "--set", f"slack.bot_token={CANARY}"], id="as a setting"),
        pytest.param(["run", "--set", f"webhook.url=https://h/{CANARY}"], id="an address that lets in"),
        pytest.param(["run", "--set", "slack.channel=xoxb-123456789-canary"], id="what looks like one"),
        pytest.param(["sign-in", f"https://127.0.0.1:8182/?code={CANARY}&state=s"], id="a callback"),
    ],
)
@pytest.mark.parametrize("further", [[], ["--log-json"]], ids=["for people", "as JSON"])
def test_row_50_a_secret_on_the_command_line_is_refused_and_not_repeated(
    arguments: list[str], further: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    status = main([*arguments, *further])

    said = capfd.readouterr()
    assert status == 2
    assert "secrets are not taken on the command line" in said.err
    assert "canary" not in said.err + said.out


def test_row_50_of_what_nobody_expected_only_the_name_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    status = main(["recordings", "list", "--tokn", CANARY])

    said = capfd.readouterr().err
    assert status == 2
    assert "unrecognized arguments: --tokn" in said
    assert CANARY not in said


def test_the_keys_of_a_simulated_schwab_may_be_given(capfd: pytest.CaptureFixture[str]) -> None:
    status = main(["simulator", "--app-key", "key-of-nothing", "--app-secret", CANARY, "--port", "-1"])

    assert status == 2
    assert "secrets are not taken" not in capfd.readouterr().err


FAILING = """
import sys
from tradeassist_desktop import cli

def run(arguments):
    arguments.mask.learn([arguments.environment["CANARY"]])
    raise RuntimeError("refused " + arguments.environment["CANARY"] + arguments.environment["SMTP_PASSWORD"])

cli.COMMANDS["fail"] = lambda commands: commands.add_parser("fail").set_defaults(run=run)
sys.exit(cli.main())
"""


@pytest.mark.parametrize("further", [[], ["--log-json"]], ids=["for people", "as JSON"])
def test_row_50_a_command_that_breaks_tells_no_secret_that_it_has_read(
    further: list[str], tmp_path: Path
) -> None:
    environment = {"CANARY": CANARY, "SMTP_PASSWORD": "canary-of-the-environment", "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-c", FAILING, "fail", "--data-dir", str(tmp_path), *further],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    written = {path.name.split("-")[0]: path.read_text() for path in (tmp_path / "logs").iterdir()}
    assert done.returncode == 1
    assert "refused •••" in json.loads(written["tradeassist.log"].splitlines()[-1])["traceback"]
    assert json.loads(written["crash"])["errors"][0]["message"].startswith("refused •••")
    assert "canary" not in done.stdout + done.stderr + "".join(written.values())


def test_row_50_every_command_uses_the_mask_of_the_run() -> None:
    files = (ROOT / "tradeassist_desktop" / "cli").glob("*.py")

    makers = {file.name for file in files if "SecretMask()" in file.read_text()}

    assert makers == {"__init__.py", "secret_arguments.py"}
