import json
from pathlib import Path

import pytest

from tradeassist_desktop import __version__
from tradeassist_desktop.cli import COMMANDS, main
from tradeassist_desktop.domain.settings import SETTINGS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys) -> None:
    with pytest.raises(SystemExit) as ending:
        main([command, "--help"])

    assert ending.value.code == 0
    assert "usage: tradeassist" in capsys.readouterr().out


def test_help_names_every_command_and_the_options_of_all(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    text = capsys.readouterr().out
    assert all(
        word in text for word in (*COMMANDS, "--data-dir", "--set", "--log-json", "--dev", "--version")
    )


def test_the_version_is_told(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])

    assert capsys.readouterr().out.strip() == f"tradeassist {__version__}"


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(lambda options: [*options, "settings", "--json"], id="before the command"),
        pytest.param(lambda options: ["settings", *options, "--json"], id="after the command"),
        pytest.param(lambda options: ["settings", "--json", *options], id="at the end"),
    ],
)
def test_global_options_may_stand_anywhere(place, capsys, tmp_path: Path) -> None:
    options = ["--data-dir", str(tmp_path), "--set", "sound.volume=33", "--set", "toast.seconds=5"]

    status = main(place(options))

    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    assert status == 0
    assert (rows["sound.volume"]["value"], rows["sound.volume"]["source"]) == (33, "--set")
    assert rows["toast.seconds"]["value"] == 5


def test_settings_lists_every_key_with_type_limits_value_and_source(capsys, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"sound.volume": 12}')

    status = main(["settings", "--data-dir", str(tmp_path)])

    text = capsys.readouterr().out
    assert status == 0
    assert all(setting.key in text for setting in SETTINGS)
    assert next(line.split() for line in text.splitlines() if line.startswith("sound.volume")) == [
        "sound.volume", "12", "file", "whole", "number", "0", "to", "100", "%",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        pytest.param(["backtest", "--rules"], 2, "argument --rules: expected one argument", id="no value"),
        pytest.param(["run", "--speed", "fast"], 2, "expected a number, found 'fast'", id="speed"),
        pytest.param(["fly"], 2, "invalid choice: 'fly'", id="no such command"),
        pytest.param(
            ["settings", "--set", "sound.volume=300"], 2, "must be 0 to 100 %, was 300", id="setting"
        ),
        pytest.param(
            ["run", "--headless", "--feed", "nyse"],
            2,
            "expected demo, schwab, coinbase",
            id="feed",
        ),
        pytest.param(
            ["settings", "--set", "schwab.base_url=http://x"], 2, "only with --dev", id="redirection"
        ),
    ],
)
def test_wrong_arguments_end_in_one_line_and_status_two(
    arguments, status, message, capsys, tmp_path: Path
) -> None:
    ended = main([*arguments, "--data-dir", str(tmp_path)])

    told = capsys.readouterr().err.splitlines()
    assert ended == status
    assert len(told) == 1
    assert told[0].startswith("tradeassist: ") and message in told[0]


def test_a_data_folder_that_is_a_file_is_refused(capsys, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")

    assert main(["settings", "--data-dir", str(file)]) == 2
    assert "is a file, not a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["fly"], ["settings", "--set", "sound.volume=300"], ["run", "--headless", "--feed", "nyse"]]
)
def test_with_json_logs_a_refusal_is_a_json_line_too(arguments, capsys, tmp_path: Path) -> None:
    main([*arguments, "--log-json", "--data-dir", str(tmp_path)])

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["level"] == "error"


def test_dev_says_so_on_every_command_and_takes_every_endpoint(capsys, tmp_path: Path) -> None:
    endpoints = {
        "schwab.base_url": "http://127.0.0.1:1",
        "slack.base_url": "http://127.0.0.1:2/api",
        "secrets.gcp.endpoint": "127.0.0.1:3",
    }
    overrides = [word for key, value in endpoints.items() for word in ("--set", f"{key}={value}")]

    status = main(["settings", "--json", "--dev", *overrides, "--data-dir", str(tmp_path)])

    said = capsys.readouterr()
    values = {row["key"]: row["value"] for row in json.loads(said.out)}
    assert status == 0
    assert "dev mode" in said.err
    assert {key: values[key] for key in endpoints} == endpoints


@pytest.mark.parametrize("override", ["schwab.base_url=nonsense", "secrets.gcp.endpoint=localhost"])
def test_an_endpoint_that_is_none_is_refused(override, capsys, tmp_path: Path) -> None:
    assert main(["settings", "--dev", "--set", override, "--data-dir", str(tmp_path)]) == 2
    assert "expected a" in capsys.readouterr().err
