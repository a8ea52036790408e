"""A replay from the command line: begun in the middle, paused, stepped, sent forwards and back."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.test_headless import RECORDING, RULES, backtest, stored

ROOT = Path(__file__).parents[2]
STARTED = "2024-07-02T00:00:00"


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(RULES))
    return file


@pytest.fixture
def replay(start: Any, samples: Path, rules_file: Path, tmp_path: Path) -> Any:
    """Start a replay without a window."""
    return lambda *arguments: start(
        "run", "--headless", "--rules", str(rules_file), "--feed", f"replay:{samples / RECORDING}",
        "--data-dir", str(tmp_path / "data"), "--log-json", *arguments,
    )  # fmt: skip


def test_a_replay_begun_in_the_middle_raises_what_a_backtest_raises_from_there_on(
    replay: Any, samples: Path, rules_file: Path, tmp_path: Path
) -> None:
    expected = backtest(rules_file, samples / RECORDING)
    begun = expected[len(expected) // 2]["time"]

    desk = replay("--start-at", begun)

    assert desk.finish() == 0
    assert desk.alerts() == [alert for alert in expected if alert["time"] >= begun]


def test_a_paused_replay_is_stepped_moved_and_let_go_by_lines(
    replay: Any, samples: Path, rules_file: Path
) -> None:
    expected = backtest(rules_file, samples / RECORDING)
    middle = expected[len(expected) // 2]["time"]

    desk = replay("--paused", "--commands", "--speed", "0")
    desk.wait_for("desk ready")
    desk.say("where")
    first = desk.wait_for("replay moved")
    desk.say("step")
    desk.say("bar")
    desk.say("backwards")
    refused = desk.wait_for("replay command refused")
    desk.say(f"seek {middle}")
    before = sum(alert["time"] < middle for alert in expected)
    sought = desk.wait_for_lines(before)
    desk.say("play")

    assert desk.finish() == 0
    assert (first["is_paused"], first["speed"]) == (True, 0)
    assert "pause, play, step" in refused["reason"]
    assert [json.loads(line) for line in sought] == expected[:before]
    assert desk.alerts() == expected


def test_where_the_replay_is_is_answered_without_json_lines_too(
    samples: Path, rules_file: Path, tmp_path: Path
) -> None:
    feed = (
        "--feed",
        f"replay:{samples / RECORDING}",
        "--rules",
        str(rules_file),
        "--data-dir",
        str(tmp_path),
    )
    done = subprocess.run(
        [
            sys.executable,
            "-P",
            "-m",
            "tradeassist_desktop",
            "run",
            "--headless",
            "--paused",
            "--commands",
            *feed,
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input="where\nspeed 0\nplay\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "replay moved at='2024-" in done.stderr


def test_a_replay_sent_back_raises_again_what_comes_after_and_keeps_nothing_twice(
    replay: Any, samples: Path, rules_file: Path, tmp_path: Path
) -> None:
    expected = backtest(rules_file, samples / RECORDING)
    early, late = (expected[len(expected) * part // 4]["time"] for part in (1, 3))
    after = [alert for alert in expected if alert["time"] >= early]

    desk = replay("--paused", "--commands", "--speed", "0")
    desk.wait_for("desk ready")
    desk.say(f"seek {late}")
    before = sum(alert["time"] < late for alert in expected)
    desk.wait_for_lines(before)
    desk.say(f"seek {early}")
    desk.say("play")

    assert desk.finish() == 0
    assert desk.alerts() == expected[:before] + after
    kept = stored(tmp_path / "data", "SELECT rule_name, status, value FROM alerts ORDER BY event_ns, number")
    assert kept == [(alert["rule"], alert["status"], alert["value"]) for alert in expected]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("--paused",), "--commands only", id="a pause nobody can end"),
        pytest.param(("--start-at", "soon"), "expected a time such as", id="no time"),
        pytest.param(("--start-at", "2031-01-01"), "ends at 2024-07-02", id="after the end"),
    ],
)
def test_a_replay_that_cannot_be_is_refused_in_words(replay: Any, arguments: Any, words: str) -> None:
    desk = replay(*arguments)

    assert desk.finish() == 2
    assert any(words in str(entry) for entry in desk.log)
