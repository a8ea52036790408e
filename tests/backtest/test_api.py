"""The public Python API."""

import json
from pathlib import Path

import pytest

from tradeassist_desktop.api import backtest, load_rules
from tradeassist_desktop.domain.errors import BadInput


def test_rules_run_over_files(tmp_path: Path) -> None:
    rules, data = tmp_path / "rules.json", tmp_path / "bars.csv"
    rule = {"name": "up", "symbol": "/ES", "when": "close[1m] crosses above 100"}
    rules.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": [rule]}))
    data.write_text("time,open,high,low,close\n60,99,99,99,99\n120,99,101,99,101\n")

    (alert,) = backtest(load_rules(rules), data=[data], symbol="/ES", bar_label="end")

    assert (alert.event_ns, alert.rule_name, alert.value) == (120_000_000_000, "up", 101.0)


def test_bad_rules_and_bad_data_are_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("[]")

    with pytest.raises(BadInput):
        load_rules(bad)
    with pytest.raises(BadInput):
        list(backtest((), data=[bad]))
