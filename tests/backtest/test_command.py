"""``tradeassist backtest``: what it prints, and how it ends."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tradeassist_desktop.cli import main
from tradeassist_desktop.domain.market import Tick, TimerCall
from tradeassist_desktop.paths import resources
from tradeassist_desktop.recordings import RecordingWriter

KEYS = ["time", "rule", "symbol", "priority", "value", "message", "status", "reason"]


@pytest.fixture
def rules_file(tmp_path: Path) -> Callable[..., Path]:
    """``rules_file({"name": …, "symbol": …, "when": …}, …)``."""

    def write(*rules: dict[str, object]) -> Path:
        path = tmp_path / "rules.json"
        path.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": rules}))
        return path

    return write


@pytest.fixture
def ticks_file(tmp_path: Path) -> Path:
    path = tmp_path / "ticks.csv"
    path.write_text("time,symbol,last\n10,A,99\n11,A,101\n12,B,5\n13,A,99\n14,A,102\n")
    return path


ABOVE = {"name": "above", "symbol": "A", "when": "last > 100", "cooldown": "60s"}


def test_alerts_are_json_lines_with_the_agreed_keys(
    rules_file: Callable[..., Path], ticks_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["backtest", "--rules", str(rules_file(ABOVE)), "--data", str(ticks_file)])

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == 0
    assert [list(line) for line in lines] == [KEYS, KEYS]
    assert [(line["time"], line["value"], line["status"], line["reason"]) for line in lines] == [
        ("1970-01-01T00:00:11.000000Z", 101, "fired", None),
        ("1970-01-01T00:00:14.000000Z", 102, "suppressed", "cooldown"),
    ]


def test_the_summary_tells_rows_symbols_span_and_alerts_per_rule(
    rules_file: Callable[..., Path], ticks_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = {"name": "quiet", "symbol": ["A", "$VIX"], "when": "last > 1000"}

    main(["backtest", "--rules", str(rules_file(ABOVE, quiet)), "--data", str(ticks_file)])

    assert capsys.readouterr().err.splitlines() == [
        f"{ticks_file}: 5 rows of ticks, A, B, 1970-01-01T00:00:10.000000Z to 1970-01-01T00:00:14.000000Z",
        "warning: no data for $VIX, which the rules name",
        "above: 1 fired, 1 suppressed",
        "quiet: 0 fired, 0 suppressed",
        "total: 1 fired, 1 suppressed",
    ]


def test_a_table_is_aligned(
    rules_file: Callable[..., Path], ticks_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--rules", str(rules_file(ABOVE)), "--data", str(ticks_file), "--output", "table"]

    main(["backtest", *arguments])

    head, fired, suppressed = capsys.readouterr().out.splitlines()
    column = head.index("STATUS")
    assert fired[column:].startswith("fired ")
    assert suppressed[column:].startswith("suppressed (cooldown)")


def test_unreadable_rows_are_told_and_strict_makes_them_fatal(
    rules_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("time,symbol,last\n1,A,99\n2,A,ninety\n3,A,101\n")
    arguments = ["backtest", "--rules", str(rules_file(ABOVE)), "--data", str(data)]

    lenient = main(arguments)
    error = capsys.readouterr().err
    strict = main([*arguments, "--strict"])

    assert (lenient, strict) == (0, 2)
    assert f"{data}: 1 rows could not be read\n  {data}: row 3, column last: expected a number" in error
    assert (
        capsys.readouterr().err
        == f"tradeassist: {data}: row 3, column last: expected a number, found 'ninety'\n"
    )


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        pytest.param({**ABOVE, "when": "last >"}, "rules[0].when: column ", id="a condition cut short"),
        pytest.param({**ABOVE, "speed": 3}, "rules[0].speed", id="an unknown key"),
        pytest.param({"name": "x", "when": "last > 1"}, "rules[0].symbol", id="no symbol"),
    ],
)
def test_a_bad_rule_is_refused_with_its_place(
    rules_file: Callable[..., Path],
    ticks_file: Path,
    capsys: pytest.CaptureFixture[str],
    rule: dict[str, object],
    fault: str,
) -> None:
    path = rules_file(rule)

    status = main(["backtest", "--rules", str(path), "--data", str(ticks_file)])

    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert f"{path}: {fault}" in captured.err
    assert len(captured.err.splitlines()) == 1


def test_a_missing_file_is_one_line(
    rules_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules, absent = rules_file(ABOVE), tmp_path / "absent"

    assert main(["backtest", "--rules", str(rules), "--data", str(absent)]) == 2
    assert capsys.readouterr().err == f"tradeassist: {absent}: No such file or directory\n"
    assert main(["backtest", "--rules", str(absent), "--data", str(rules)]) == 2
    assert capsys.readouterr().err == f"tradeassist: {absent}: No such file or directory\n"


def test_every_sample_rule_fires_on_the_samples(capsys: pytest.CaptureFixture[str]) -> None:
    samples = resources() / "samples"
    rules = samples / "sample_rules.json"
    runs = (
        ["--data", str(samples / "esu24-2024-07-02-level1.csv.gz")],
        [
            "--data",
            str(samples / "6eh24-2024-01-week2-1min.csv.gz"),
            "--symbol",
            "/6EH24",
            "--bar-label",
            "end",
        ],
        ["--data", str(samples / "usdjpy-2013-01-01-quotes.csv.gz"), "--symbol", "USD/JPY"],
    )

    statuses = [main(["backtest", "--rules", str(rules), *run]) for run in runs]

    fired = {
        line["rule"]
        for line in map(json.loads, capsys.readouterr().out.splitlines())
        if line["status"] == "fired"
    }
    assert statuses == [0, 0, 0]
    assert fired == {rule["name"] for rule in json.loads(rules.read_text())["rules"]}


def test_a_reader_who_stops_early_ends_it_quietly(rules_file: Callable[..., Path], tmp_path: Path) -> None:
    data = tmp_path / "many.csv"
    data.write_text(
        "time,symbol,last\n" + "".join(f"{second},A,{99 + second % 2 * 2}\n" for second in range(20_000))
    )
    rules = rules_file({**ABOVE, "cooldown": "0s"})
    command = [
        sys.executable,
        "-m",
        "tradeassist_desktop",
        "backtest",
        "--rules",
        str(rules),
        "--data",
        str(data),
    ]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        error = process.stderr.read()

    assert (process.returncode, error) == (0, "")


def test_explained_alerts_carry_their_comparisons(
    rules_file: Callable[..., Path], ticks_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["backtest", "--rules", str(rules_file(ABOVE)), "--data", str(ticks_file), "--explain"]

    main(arguments)
    fired, suppressed = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    main([*arguments, "--output", "table"])
    rows = capsys.readouterr().out.splitlines()

    assert list(fired) == [*KEYS, "explain"]
    leg = {
        "text": "last > 100",
        "truth": True,
        "left": 101.0,
        "right": 100.0,
        "operands": [{"text": "last", "value": 101.0, "missing": None}],
    }
    assert fired["explain"] == {"condition": "last > 100", "truth": True, "phase": "firing", "legs": [leg]}
    assert suppressed["explain"]["phase"] == "cooling"
    assert rows[2:4] == ["    last > 100: true", "        last = 101"]


def test_explain_says_why_a_rule_was_silent(
    rules_file: Callable[..., Path], ticks_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = {"name": "quiet", "symbol": ["A", "$VIX"], "when": "last > 1000"}

    main(["backtest", "--rules", str(rules_file(ABOVE, quiet)), "--data", str(ticks_file), "--explain"])

    error = capsys.readouterr().err
    assert "above on A was silent" not in error
    assert "quiet on A was silent: " in error
    assert "    last > 1000: false\n        last = 102\n" in error
    assert "quiet on $VIX was silent: " in error
    assert "        last = unknown, no data of $VIX yet\n" in error


def test_outcomes_are_told_for_each_rule(
    rules_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("time,symbol,last\n0,A,99\n60,A,100.5\n90,A,102.51\n120,A,101.505\n500,A,99\n")

    main(["backtest", "--rules", str(rules_file(ABOVE)), "--data", str(data), "--outcomes"])

    assert capsys.readouterr().err.splitlines()[3:] == [
        "above on A (looks up): 1 fired",
        "    1.00 a day on 1 days; longest quiet 7 m 20 s",
        "    first 1970-01-01T00:01:00.000000Z, last 1970-01-01T00:01:00.000000Z",
        "    most on 1969-12-31 (1); by hour in New York: 19h 1",
        "    0% came within 5 minutes of the one before",
        "    after 1m: +1.0000% on average of 1, between +0.0000% and +2.0000%; 100% went up",
        "    after 5m: +1.0000% on average of 1, between +0.0000% and +2.0000%; 100% went up",
    ]


def test_variants_are_compared_in_a_table(
    rules_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data.csv"
    rows = ["0,A,99", "60,A,100.5", "120,A,101.505", "700,A,99", "760,A,200"]
    data.write_text("\n".join(["time,symbol,last", *rows]) + "\n")
    path = rules_file({**ABOVE, "when": "last > {level}"})
    arguments = ["backtest", "--rules", str(path), "--data", str(data), "--vary", "level=100..300 step 100"]

    main([*arguments, "--output", "table"])
    table = capsys.readouterr().out.splitlines()
    main(arguments)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [row.split()[:6] for row in table] == [
        ["RULE", "SYMBOL", "LEVEL", "FIRED", "SUPPRESSED", "PER"],
        ["above", "A", "100", "2", "0", "2.00"],
        ["above", "A", "200", "0", "0", "0.00"],
        ["above", "A", "300", "0", "0", "0.00"],
    ]
    assert table[1].split()[6:] == ["+1.0000%", "100%", "of", "1"]
    assert [(line["variant"], line["fired"]) for line in lines] == [
        ({"level": 100}, 2),
        ({"level": 200}, 0),
        ({"level": 300}, 0),
    ]
    assert lines[0]["outcomes"]["5m"] == {"known": 1, "mean_return": pytest.approx(1), "favourable_share": 1}


def test_workers_print_the_lines_of_one_process(
    rules_file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    samples = resources() / "samples"
    arguments = ["backtest", "--rules", str(samples / "sample_rules.json"), "--explain", "--outcomes"]
    arguments += ["--data", str(samples / "esu24-2024-07-02-level1.csv.gz"), "--workers"]

    alone = main([*arguments, "1"]), capsys.readouterr()
    shared = main([*arguments, "3"]), capsys.readouterr()

    assert alone[1].out.count("\n") > 50
    assert alone == shared


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--workers", "0"], "--workers must be 1 to 64, was 0", id="no workers"),
        pytest.param(["--vary", "x=1", "--explain"], "--explain tells of alerts", id="explained variants"),
        pytest.param(["--vary", "x"], "--vary x: expected a name, = and numbers", id="no numbers"),
        pytest.param(["--vary", "x=1"], "--vary x: no rule has {x}", id="a name in no rule"),
    ],
)
def test_options_that_cannot_be_are_refused_in_a_line(
    rules_file: Callable[..., Path],
    ticks_file: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    arguments = ["backtest", "--rules", str(rules_file(ABOVE)), "--data", str(ticks_file), *options]

    status = main(arguments)

    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert message in captured.err
    assert len(captured.err.splitlines()) == 1


def test_a_bad_file_leaves_standard_output_empty_in_a_table_too(
    rules_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--rules", str(rules_file(ABOVE)), "--data", str(tmp_path / "absent"), "--output", "table"]

    assert main(["backtest", *arguments]) == 2
    assert capsys.readouterr().out == ""


def test_a_recorded_session_is_summed_up_as_one(
    rules_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    writer = RecordingWriter(path=tmp_path / "session.csv.gz")
    writer.start()
    writer.note([Tick("A", 1_000_000_000, 0, last=101.0), TimerCall(2_000_000_000)])
    writer.close()

    main(["backtest", "--rules", str(rules_file(ABOVE)), "--data", str(tmp_path / "session.csv.gz")])

    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    assert "session.csv.gz: 2 rows of a live session, A, 1970-01-01T00:00:01.000000Z to" in captured.err
