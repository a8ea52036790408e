"""The program without a window: the same alerts from a file, from a replay and from a socket."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
RECORDING = "esu24-2024-07-02-level1.csv.gz"

RULES = {
    "format": "tradeassist-rules",
    "version": 1,
    "rules": [
        {
            "name": "through 5529",
            "symbol": "/ESU24",
            "when": "last crosses 5529",
            "cooldown": "0s",
            "priority": "high",
        },
        {
            "name": "above 5529.5",
            "symbol": "/ESU24",
            "when": "last > 5529.5",
            "cooldown": "10s",
            "rearm": 0.25,
        },
        {"name": "wide", "symbol": "/ESU24", "when": "spread >= 0.5", "trigger": "every", "cooldown": "5s"},
        {
            "name": "five-second close up",
            "symbol": "/ESU24",
            "when": "close[5s] > close[5s] 1 ago",
            "cooldown": "0s",
        },
        {"name": "held bid", "symbol": "/ESU24", "when": "bid >= 5529", "hold": "2s", "cooldown": "1s"},
        {
            "name": "average",
            "symbol": "/ESU24",
            "when": "close[1s] crosses above ema(5)[1s]",
            "cooldown": "0s",
        },
        {"name": "in range", "symbol": "/ESU24", "when": "last in 5528..5529", "trigger": "every"},
        {"name": "into range", "symbol": "/ESU24", "when": "last enters 5520..5529", "trigger": "once"},
        {"name": "move", "symbol": "/ESU24", "when": "change(last, 30s) >= 0.01%", "cooldown": "15s"},
    ],
}


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(RULES))
    return file


def backtest(rules_file: Path, recording: Path) -> list[dict[str, Any]]:
    done = subprocess.run(
        [
            sys.executable, "-P", "-m", "tradeassist_desktop", "backtest",
            "--rules", str(rules_file), "--data", str(recording),
        ],
        capture_output=True, text=True, timeout=60, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def to_the_millisecond(alerts: list[dict[str, Any]]) -> list[tuple[str, str, str, object]]:
    # Live alerts go out at once: of one instant, in the order of its updates, not of the rules.
    return sorted((alert["time"][:23], alert["rule"], alert["status"], alert["value"]) for alert in alerts)


def stored(data_dir: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{data_dir / 'tradeassist.db'}?mode=ro", uri=True) as connection:
        rows = connection.execute(query).fetchall()
    connection.close()
    return rows


def test_a_replay_fires_exactly_what_the_backtest_fires(start, samples, rules_file, tmp_path):
    expected = backtest(rules_file, samples / RECORDING)

    desk = start(
        "run", "--headless", "--rules", str(rules_file), "--feed", f"replay:{samples / RECORDING}",
        "--data-dir", str(tmp_path / "data"), "--log-json",
    )  # fmt: skip

    assert desk.finish() == 0
    assert len(expected) > 30
    assert desk.alerts() == expected
    assert stored(tmp_path / "data", "SELECT count(*), count(DISTINCT id) FROM alerts") == [
        (len(expected),) * 2
    ]


def test_a_killed_replay_goes_on_and_neither_loses_nor_doubles_an_alert(
    start, samples, rules_file, tmp_path
) -> None:
    expected = backtest(rules_file, samples / RECORDING)
    arguments = (
        "run", "--headless", "--rules", str(rules_file), "--feed", f"replay:{samples / RECORDING}",
        "--speed", "40", "--data-dir", str(tmp_path / "data"), "--log-json",
    )  # fmt: skip

    first = start(*arguments)
    first.wait_for_lines(len(expected) // 3)
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    second = start(*arguments)
    assert second.finish() == 0

    # A kill between the commit and the print may cost lines, never an alert: those are in the database.
    before, after = first.alerts(), second.alerts()
    assert 0 < len(after) < len(expected)
    assert before == expected[: len(before)]
    assert after == expected[-len(after) :]
    assert len(before) + len(after) <= len(expected)
    assert stored(tmp_path / "data", "SELECT count(*), count(DISTINCT id) FROM alerts") == [
        (len(expected),) * 2
    ]
    orphans = "SELECT count(*) FROM deliveries WHERE alert_id NOT IN (SELECT id FROM alerts)"
    assert stored(tmp_path / "data", orphans) == [(0,)]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_replay_killed_again_and_again_still_fires_everything_once(start, samples, rules_file, tmp_path):
    expected = backtest(rules_file, samples / RECORDING)
    arguments = (
        "run", "--headless", "--rules", str(rules_file), "--feed", f"replay:{samples / RECORDING}",
        "--data-dir", str(tmp_path / "data"), "--log-json",
    )  # fmt: skip
    chance = random.Random(11)

    seen: list[dict[str, Any]] = []
    for _ in range(100):  # half a second each is less than the minute that the replay takes
        desk = start(*arguments, "--speed", "4")
        desk.wait_for("desk ready", seconds=20)
        time.sleep(chance.uniform(0.0, 1.0))
        desk.end(signal.SIGKILL)
        seen += desk.alerts()
    last = start(*arguments)
    assert last.finish() == 0

    # A kill between the commit and the print may cost a line, never an alert: those are in the database.
    lines = [json.dumps(alert) for alert in seen + last.alerts()]
    assert len(set(lines)) == len(lines)
    assert stored(tmp_path / "data", "SELECT count(*), count(DISTINCT id) FROM alerts") == [
        (len(expected),) * 2
    ]


def test_the_socket_at_20_times_speed_fires_at_the_same_milliseconds(
    start, samples, rules_file, tmp_path
) -> None:
    expected = backtest(rules_file, samples / RECORDING)
    market = start("simulator", "--data", str(samples / RECORDING), "--speed", "20")
    told = json.loads(market.wait_for_lines(1)[0])

    desk = start(
        "run", "--headless", "--rules", str(rules_file), "--feed", "schwab",
        "--dev", "--set", f"schwab.base_url={told['http']}",
        "--data-dir", str(tmp_path / "data"), "--log-json",
        environment={
            "SCHWAB_APP_KEY": told["app_key"],
            "SCHWAB_APP_SECRET": told["app_secret"],
            "SCHWAB_REFRESH_TOKEN": told["refresh_token"],
        },
    )  # fmt: skip
    desk.wait_for_lines(len(expected), seconds=40)

    assert desk.end() == 0
    assert to_the_millisecond(desk.alerts()) == to_the_millisecond(expected)
    batches = stored(tmp_path / "data", "SELECT updates FROM tick_batches")
    assert sum(len(msgspec.msgpack.decode(updates)) for (updates,) in batches) > 2000
    assert told["refresh_token"] not in json.dumps(desk.log)
    assert market.end() == 0


def test_a_killed_live_desk_neither_loses_nor_repeats_what_it_had_fired(
    start, samples, rules_file, tmp_path
) -> None:
    # Over and over: the second desk must not come after the end.
    market = start("simulator", "--data", str(samples / RECORDING), "--speed", "40", "--loop")
    told = json.loads(market.wait_for_lines(1)[0])
    arguments = (
        "run", "--headless", "--rules", str(rules_file), "--feed", "schwab",
        "--dev", "--set", f"schwab.base_url={told['http']}",
        "--data-dir", str(tmp_path / "data"), "--log-json",
    )  # fmt: skip
    environment = {
        "SCHWAB_APP_KEY": told["app_key"],
        "SCHWAB_APP_SECRET": told["app_secret"],
        "SCHWAB_REFRESH_TOKEN": told["refresh_token"],
    }

    first = start(*arguments, environment=environment)
    first.wait_for_lines(12)
    first.end(signal.SIGKILL)
    second = start(*arguments, environment=environment)
    second.wait_for_lines(4)
    second.end()

    seen = [(a["time"], a["rule"], a["status"], a["value"]) for a in first.alerts() + second.alerts()]
    kept = stored(tmp_path / "data", "SELECT count(*), count(DISTINCT id) FROM alerts")
    assert len(set(seen)) == len(seen)
    assert kept[0][0] == kept[0][1] >= len(seen)


def test_the_demo_fires_within_fifteen_seconds_and_ends_on_sigterm(start, tmp_path) -> None:
    desk = start("run", "--headless", "--data-dir", str(tmp_path / "data"), "--log-json")

    desk.wait_for("desk ready", seconds=10)
    (line,) = desk.wait_for_lines(1, seconds=15)

    assert desk.end() == 0
    assert json.loads(line)["status"] == "fired"
    assert [entry for entry in desk.log if entry["level"] == "error"] == []
    assert desk.other == []


def test_a_second_desk_on_the_same_folder_is_refused_in_one_line(start, tmp_path) -> None:
    first = start("run", "--headless", "--data-dir", str(tmp_path / "data"), "--log-json")
    first.wait_for("desk ready", seconds=10)

    second = start("run", "--headless", "--data-dir", str(tmp_path / "data"))

    assert second.finish() == 1
    assert len(second.other) == 1 and "already running" in second.other[0]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        pytest.param(
            ("run",), 1, "no display; without a window use: tradeassist run --headless", id="no display"
        ),
        pytest.param(
            ("run", "--headless", "--data-dir", "/proc/tradeassist"),
            1,
            "nothing can be kept in",
            id="read-only folder",
        ),
        pytest.param(
            ("run", "--headless", "--feed", "bloomberg"),
            2,
            "expected demo, schwab, coinbase",
            id="feed",
        ),
        pytest.param(
            ("run", "--headless", "--feed", "replay:/nowhere.csv"), 2, "/nowhere.csv", id="no recording"
        ),
        pytest.param(("run", "--headless", "--rules", "/nowhere.json"), 2, "/nowhere.json", id="no rules"),
        pytest.param(("fly",), 2, "invalid choice: 'fly'", id="unknown command"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_clear_line(start, tmp_path, arguments, status, message) -> None:
    if "--data-dir" not in arguments:
        arguments = (*arguments, "--data-dir", str(tmp_path / "data"))

    program = start(*arguments, environment={"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""})

    assert program.finish() == status
    assert message in program.other[-1]
    assert "Traceback" not in "\n".join(program.other)


def test_a_bad_rule_is_refused_with_its_place_and_column(start, tmp_path) -> None:
    file = tmp_path / "rules.json"
    broken = {
        **RULES,
        "rules": [RULES["rules"][0], {"name": "x", "symbol": "/ES", "when": "last crosses abve 5"}],
    }
    file.write_text(json.dumps(broken))

    program = start("run", "--headless", "--rules", str(file), "--data-dir", str(tmp_path / "data"))

    assert program.finish() == 2
    assert "rules[1].when: column 14:" in program.other[-1]


def test_a_live_desk_killed_and_started_again_fires_nothing_twice(start, samples, tmp_path) -> None:
    rules = {**RULES, "rules": [{**rule, "cooldown": "0s"} for rule in RULES["rules"][:2]]}
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rules))
    expected = set(to_the_millisecond(backtest(file, samples / RECORDING)))
    market = start("simulator", "--data", str(samples / RECORDING), "--speed", "10")
    told = json.loads(market.wait_for_lines(1)[0])

    def desk() -> Any:
        return start(
            "run", "--headless", "--rules", str(file), "--feed", "schwab",
            "--dev", "--set", f"schwab.base_url={told['http']}",
            "--data-dir", str(tmp_path / "data"), "--log-json",
            environment={
                "SCHWAB_APP_KEY": told["app_key"],
                "SCHWAB_APP_SECRET": told["app_secret"],
                "SCHWAB_REFRESH_TOKEN": told["refresh_token"],
            },
        )  # fmt: skip

    first = desk()
    first.wait_for_lines(3, seconds=60)
    first.end(signal.SIGKILL)
    second = desk()
    second.wait_for("feed state", state="live")
    second.wait_for_lines(1, seconds=40)
    assert second.end() == 0
    assert market.end() == 0

    before, after = to_the_millisecond(first.alerts()), to_the_millisecond(second.alerts())
    assert set(before) <= expected
    assert not set(before) & set(after)
    # What has changed over the gap fires once for each rule, when the market is first heard again.
    unexpected = [alert for alert in after if alert not in expected]
    assert len(unexpected) == len({rule for _, rule, _, _ in unexpected}) <= 2
    assert stored(tmp_path / "data", "SELECT count(*) - count(DISTINCT id) FROM alerts") == [(0,)]


def test_quitting_while_another_program_locks_the_database_takes_seconds(tmp_path: Path, start: Any) -> None:
    program = start("run", "--headless", "--feed", "demo", "--data-dir", str(tmp_path), "--log-json")
    program.wait_for_lines(1)
    with contextlib.closing(sqlite3.connect(tmp_path / "tradeassist.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        # It gives up waiting after 5 s, and after 8 s in all; without a limit it took half a minute.
        status = program.end(seconds=14)
        other.execute("ROLLBACK")

    assert status == 0
    program.wait_for("desk stopping")
