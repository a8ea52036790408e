"""A desk on a simulated Schwab, cut off while a price crosses a level: told once, late or after the gap."""

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.test_headless import stored

START_NS = 1_719_928_800_000_000_000  # 2 July 2024, 10:00 in New York
CROSSES_AT_S = 400
SPEED = 40


@pytest.fixture
def ramp(tmp_path: Path) -> Path:
    """AAPL rises through 100 ten minutes after its first trade, once; twenty minutes more follow."""
    path = tmp_path / "ramp.csv"
    lines = ["timestamp,symbol,last,last_size,volume"]
    for second in range(0, 1800, 2):
        price = 100.005 + (second - CROSSES_AT_S) / 100
        lines.append(f"{START_NS + second * 1_000_000_000},AAPL,{price:.3f},10,{1000 + 10 * second}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.json"
    rule = {"name": "up", "symbol": "AAPL", "when": "last crosses above 100"}
    path.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": [rule]}))
    return path


def ask(market: dict[str, Any], **step: Any) -> None:
    request = urllib.request.Request(
        f"{market['http']}/control/faults",
        data=json.dumps(step).encode(),
        headers={"Authorization": f"Bearer {market['control_token']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200


def wait_until_stored(folder: Path) -> None:
    """Wait until the price below the level is on disk, and so was seen."""
    end = time.monotonic() + 10
    while not stored(folder, "SELECT 1 FROM market_state WHERE symbol = 'AAPL'"):
        assert time.monotonic() < end
        time.sleep(0.05)


def open_desk(start: Any, market: dict[str, Any], rules: Path, folder: Path) -> Any:
    return start(
        "run", "--headless", "--rules", str(rules), "--feed", "schwab",
        "--dev", "--set", f"schwab.base_url={market['http']}",
        "--data-dir", str(folder), "--log-json",
        environment={
            "SCHWAB_APP_KEY": market["app_key"],
            "SCHWAB_APP_SECRET": market["app_secret"],
            "SCHWAB_REFRESH_TOKEN": market["refresh_token"],
        },
    )  # fmt: skip


def open_market(start: Any, ramp: Path) -> dict[str, Any]:
    simulator = start("simulator", "--data", str(ramp), "--speed", str(SPEED))
    told: dict[str, Any] = json.loads(simulator.wait_for_lines(1)[0])
    return told


def cut_off(start: Any, ramp: Path, rules: Path, folder: Path, *, has_history: bool) -> Any:
    """Run a desk whose feed is lost before the crossing and comes back after it; return the desk."""
    market = open_market(start, ramp)
    desk = open_desk(start, market, rules, folder)
    desk.wait_for("feed state", state="live")
    wait_until_stored(folder)
    if not has_history:
        ask(market, fault="rest_error", error="bad_gateway", path="pricehistory")
    away_s = CROSSES_AT_S / SPEED + 3
    ask(market, fault="rest_error", error="server_error", path="userPreference", for_s=away_s)
    ask(market, fault="drop")
    desk.wait_for("gap closed", seconds=40)
    desk.wait_for_lines(1, seconds=20)
    return desk


@pytest.mark.parametrize(
    ("has_history", "timing", "state"),
    [
        pytest.param(True, "late", "repaired", id="the gap can be fetched"),
        pytest.param(False, "after_gap", "missing", id="it cannot"),
    ],
)
def test_a_level_crossed_while_the_feed_was_down_fires_once(
    start, ramp, rules, tmp_path, has_history, timing, state
) -> None:
    desk = cut_off(start, ramp, rules, tmp_path / "data", has_history=has_history)
    desk.end()

    (alert,) = desk.alerts()
    (gap,) = stored(tmp_path / "data", "SELECT state, late_alerts, from_ns, until_ns FROM gaps")
    ((at_ns,),) = stored(tmp_path / "data", "SELECT event_ns FROM alerts")
    assert (alert["timing"], gap[0], gap[1]) == (timing, state, int(has_history))
    crossed_ns = START_NS + CROSSES_AT_S * 1_000_000_000
    if has_history:
        assert crossed_ns - 60e9 <= at_ns <= crossed_ns + 60e9
    else:
        # The market plays fast: a quarter of a second here is as much as the timer's beat.
        assert at_ns >= gap[3] - SPEED * 250_000_000
    assert gap[2] < crossed_ns < gap[3]


def test_a_level_crossed_while_the_program_was_closed_fires_late_at_the_next_start(
    start, ramp, rules, tmp_path
) -> None:
    market = open_market(start, ramp)
    before = open_desk(start, market, rules, tmp_path / "data")
    before.wait_for("feed state", state="live")
    wait_until_stored(tmp_path / "data")
    assert before.end() == 0
    time.sleep(CROSSES_AT_S / SPEED + 1)  # the market goes on, and crosses the level unseen

    after = open_desk(start, market, rules, tmp_path / "data")
    after.wait_for("gap closed", seconds=40)
    after.wait_for_lines(1, seconds=20)
    assert after.end() == 0

    assert before.alerts() == []
    assert [alert["timing"] for alert in after.alerts()] == ["late"]
    (gap,) = stored(tmp_path / "data", "SELECT state, late_alerts, reason FROM gaps")
    assert gap == ("repaired", 1, "the program was not running")
