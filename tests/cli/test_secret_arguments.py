"""Row 50: no secret is taken on the command line, and none is repeated."""

import pytest

from tradeassist_desktop.cli import main

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
