"""The public Python API."""

import json
from pathlib import Path

import pytest

from tradeassist_desktop.api import backtest, load_rules, report, sweep
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import Rule


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


def test_a_report_tells_how_each_rule_did_in_one_process_or_more(tmp_path: Path) -> None:
    rules, data = tmp_path / "rules.json", tmp_path / "ticks.csv"
    entries = [{"name": f"above {n}", "symbol": "/ES", "when": f"last > {n}"} for n in (100, 200)]
    rules.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": entries}))
    data.write_text("time,symbol,last\n0,/ES,99\n10,/ES,110\n70,/ES,121\n71,/ES,121\n")

    alone = report(load_rules(rules), data=[data])
    shared = report(load_rules(rules), data=[data], workers=2)

    assert alone == shared
    assert [(rule.rule_name, rule.fired) for rule in alone.rules] == [("above 100", 1), ("above 200", 0)]
    assert alone.rules[0].horizons[0].mean_change == pytest.approx(10.0)
    assert alone.rules[0].outcomes[0].price == 110.0


def test_a_sweep_tells_how_a_rule_did_with_other_numbers(tmp_path: Path) -> None:
    rules, data = tmp_path / "rules.json", tmp_path / "ticks.csv"
    rule = {"name": "above", "symbol": "/ES", "when": "last > {level}"}
    rules.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": [rule]}))
    data.write_text("time,symbol,last\n0,/ES,99\n10,/ES,110\n70,/ES,121\n")

    swept = sweep(rules, vary=["level=100..140 step 15"], data=[data])

    assert [(each.settings, each.report.fired) for each in swept] == [
        ({"level": "100"}, 1),
        ({"level": "115"}, 1),
        ({"level": "130"}, 0),
    ]


def test_a_backtest_is_read_as_it_goes(tmp_path: Path) -> None:
    data = tmp_path / "ticks.csv"
    data.write_text("time,symbol,last\n" + "".join(f"{n},/ES,{100 + n % 2}\n" for n in range(50_000)))
    rule = Rule("1", "up", ("/ES",), "last > 100", cooldown_ns=0)

    alerts = backtest([rule], data=[data])
    first = next(alerts)
    data.write_text("")

    assert first.event_ns == 1_000_000_000
    assert next(alerts).event_ns == 3_000_000_000
