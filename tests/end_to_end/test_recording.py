"""A session recorded by the real program, and what can be made of the file."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import ROOT

RULES = {
    "format": "tradeassist-rules",
    "version": 1,
    "rules": [
        {"name": "up", "symbol": "/ES", "when": "change(last, 1s) > 0", "cooldown": "0s"},
        {"name": "wide", "symbol": "AAPL", "when": "ask > bid", "trigger": "every", "cooldown": "2s"},
    ],
}


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(RULES))
    return file


def test_a_recorded_session_fires_in_a_backtest_what_it_fired_live(
    start: Any, rules_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "session.csv.gz"

    desk = start(
        "run", "--headless", "--feed", "demo", "--rules", str(rules_file), "--record", str(file),
        "--data-dir", str(tmp_path / "data"), "--log-json",
    )  # fmt: skip
    desk.wait_for_lines(20)
    assert desk.end() == 0
    again = subprocess.run(
        [sys.executable, "-P", "-m", "tradeassist_desktop", "backtest", "--rules", str(rules_file),
         "--data", str(file)],
        capture_output=True, text=True, timeout=60, check=True, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip

    def known(alerts: Any) -> list[tuple[Any, ...]]:
        return sorted((each["time"], each["rule"], each["symbol"], each["status"]) for each in alerts)

    assert known(map(json.loads, again.stdout.splitlines())) == known(desk.alerts())


def test_a_schedule_records_a_session_and_a_restart_goes_on_in_a_further_part(
    start: Any, tmp_path: Path
) -> None:
    arguments = (
        "run", "--headless", "--feed", "demo", "--data-dir", str(tmp_path / "data"), "--log-json",
        "--set", "recording.schedule=00:01-00:00 UTC",
    )  # fmt: skip

    for _ in range(2):
        desk = start(*arguments)
        desk.wait_for("recording begun", is_scheduled=True)
        desk.wait_for("feed state", state="live")
        assert desk.end() == 0
        assert desk.wait_for("recording ended")["rows"] > 0

    first, second = sorted(path.name for path in (tmp_path / "data" / "recordings").glob("*.csv.gz"))
    assert (first, second) == (second.replace("-demo.csv", "-demo-2.csv"), second)
