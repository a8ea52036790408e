"""An alert as a line of JSON."""

import json
from dataclasses import replace

import pytest

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority, Timing
from tradeassist_desktop.recordings.alert_lines import alert_line, utc_text


def test_a_line_has_exactly_the_agreed_keys_in_order() -> None:
    alert = Alert(
        id="1", rule_uid="u", rule_name="Über 5530", symbol="/ES", sequence=0, priority=Priority.HIGH,
        status=AlertStatus.SUPPRESSED, event_ns=1_719_878_401_000_000_999, value=5530.25, message="above",
        condition="last > 5530", reason="cooldown",
    )  # fmt: skip

    line = alert_line(alert)

    assert line == (
        '{"time": "2024-07-02T00:00:01.000000Z", "rule": "Über 5530", "symbol": "/ES", "priority": "high", '
        '"value": 5530.25, "message": "above", "status": "suppressed", "reason": "cooldown"}'
    )
    assert json.loads(line)["reason"] == "cooldown"


@pytest.mark.parametrize(
    ("event_ns", "text"),
    [
        pytest.param(0, "1970-01-01T00:00:00.000000Z", id="epoch"),
        pytest.param(1_999, "1970-01-01T00:00:00.000001Z", id="cut off, not rounded"),
        pytest.param(-1, "1969-12-31T23:59:59.999999Z", id="before the epoch"),
        pytest.param(1_719_878_400_999_999_999, "2024-07-02T00:00:00.999999Z", id="just before a second"),
    ],
)
def test_a_time_has_six_decimals_and_a_z(event_ns: int, text: str) -> None:
    assert utc_text(event_ns) == text


def test_only_an_alert_that_came_late_or_after_a_gap_says_how_it_stands_in_time() -> None:
    alert = Alert(
        id="1", rule_uid="u", rule_name="up", symbol="/ES", sequence=0, priority=Priority.HIGH,
        status=AlertStatus.FIRED, event_ns=0, value=None, message="above", condition="last > 5530",
    )  # fmt: skip

    lines = [json.loads(alert_line(replace(alert, timing=timing))) for timing in Timing]

    assert [line.get("timing") for line in lines] == [
        None,
        "late",
        "after_gap",
        None,
    ]  # replayed: as a backtest
