"""Section 6 of the contract: the backtest command. Every statement has a test named after it."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rules.desk import rule_file
from tradeassist_desktop.cli import main

Backtest = Callable[..., list[dict[str, object]]]
KEYS = ["time", "rule", "symbol", "priority", "value", "message", "status", "reason"]
ABOVE = {"name": "above", "symbol": "A", "when": "last > 100", "cooldown": "60s"}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """``write("a.csv", "time,last", "1,2", …)``."""

    def to(name: str, *lines: str) -> Path:
        path = tmp_path / name
        content = "\n".join(lines).encode() + b"\n"
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return to


@pytest.fixture
def backtest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Backtest:
    """``backtest(rule, path, …, "--option")``: the alerts it prints; the exit status must be 0."""

    def run(rule: dict[str, object], *arguments: object) -> list[dict[str, object]]:
        rules = tmp_path / "rules.json"
        rules.write_bytes(rule_file(rule))
        words = [each for path in arguments if isinstance(path, Path) for each in ("--data", str(path))]
        words += [str(each) for each in arguments if not isinstance(each, Path)]
        assert main(["backtest", "--rules", str(rules), *words]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def seconds(alerts: list[dict[str, object]]) -> list[str]:
    return [str(each["time"])[11:19] for each in alerts if each["status"] == "fired"]


@pytest.mark.parametrize(
    "column", ["timestamp", "time", "datetime", "date", "timestamp_utc", "ts_event", "TIME"]
)
def test_times_have_one_of_six_names_in_any_case(
    column: str, backtest: Backtest, write: Callable[..., Path]
) -> None:
    path = write("a.csv", f"{column},Symbol,LAST", "1970-01-01 00:00:05,A,101")

    assert seconds(backtest(ABOVE, path)) == ["00:00:05"]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_data_is_csv_compressed_too(name: str, backtest: Backtest, write: Callable[..., Path]) -> None:
    assert seconds(backtest(ABOVE, write(name, "time,symbol,price", "5,A,101"))) == ["00:00:05"]


def test_data_is_parquet_too(backtest: Backtest, write: Callable[..., Path], tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    source, target = write("a.csv", "time,symbol,last", "1970-01-01T00:00:05,A,101"), tmp_path / "a.parquet"
    duckdb.sql(f"copy (select * from read_csv('{source}')) to '{target}' (format parquet)")

    assert seconds(backtest(ABOVE, target)) == ["00:00:05"]


def test_the_symbol_may_be_given_instead_of_a_column(backtest: Backtest, write: Callable[..., Path]) -> None:
    assert seconds(backtest(ABOVE, write("a.csv", "time,last", "5,101"), "--symbol", "A")) == ["00:00:05"]


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("last", "last"), ("last", "price"), ("bid", "bid"), ("ask", "ask"), ("last_size", "last_size"),
        ("last_size", "size"), ("bid_size", "bid_size"), ("ask_size", "ask_size"), ("volume", "volume"),
    ],
)  # fmt: skip
def test_ticks_have_these_columns(
    field: str, column: str, backtest: Backtest, write: Callable[..., Path]
) -> None:
    lasts = "" if field == "last" else ",last"
    path = write("a.csv", f"time,symbol,{column}{lasts}", f"5,A,7{',1' if lasts else ''}")

    assert [each["value"] for each in backtest(ABOVE | {"when": f"{field} == 7"}, path)] == [7]


def test_several_files_are_merged_by_time(backtest: Backtest, write: Callable[..., Path]) -> None:
    first = write("a.csv", "time,symbol,last", "1,A,99", "9,A,101")
    second = write("b.csv", "time,symbol,last", "5,A,102", "7,A,98")

    assert seconds(backtest(ABOVE | {"cooldown": "0s"}, first, second)) == ["00:00:05", "00:00:09"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2024-07-02T00:00:01", "2024-07-02T00:00:01.000000Z"),
        ("2024-07-02 00:00:01.5", "2024-07-02T00:00:01.500000Z"),
        ("2024-07-01T20:00:01-04:00", "2024-07-02T00:00:01.000000Z"),
        ("2024-07-02T00:00:01Z", "2024-07-02T00:00:01.000000Z"),
    ],
)
def test_times_without_a_zone_are_utc(
    text: str, told: str, backtest: Backtest, write: Callable[..., Path]
) -> None:
    assert backtest(ABOVE, write("a.csv", "time,symbol,last", f"{text},A,101"))[0]["time"] == told


def test_an_empty_field_is_not_in_the_update(backtest: Backtest, write: Callable[..., Path]) -> None:
    path = write("a.csv", "time,symbol,last,bid", "1,A,101,", "2,A,,50")

    assert seconds(backtest(ABOVE | {"when": "last > 100 and bid > 1"}, path)) == ["00:00:02"]


BARS = ("time,symbol,open,high,low,close,volume", "600,A,1,9,1,5,10", "660,A,5,6,4,4,20", "780,A,4,8,4,8,5")


def test_a_bar_row_is_one_bar_labelled_by_its_start(backtest: Backtest, write: Callable[..., Path]) -> None:
    found = backtest(ABOVE | {"when": "high[1m] == 9 and volume[1m] == 10"}, write("a.csv", *BARS))

    assert seconds(found) == ["00:11:00"]


def test_a_bar_row_may_be_labelled_by_its_end(backtest: Backtest, write: Callable[..., Path]) -> None:
    found = backtest(ABOVE | {"when": "close[1m] == 4"}, write("a.csv", *BARS), "--bar-label", "end")

    assert seconds(found) == ["00:11:00"]


def test_a_bar_row_is_one_tick_at_its_end_after_the_bar_has_closed(
    backtest: Backtest, write: Callable[..., Path]
) -> None:
    found = backtest(ABOVE | {"when": "last == 5 and close[1m] == 5"}, write("a.csv", *BARS))

    assert seconds(found) == ["00:11:00"]


def test_that_tick_enters_no_bar(backtest: Backtest, write: Callable[..., Path]) -> None:
    found = backtest(
        ABOVE | {"when": "open[1m] > 0", "trigger": "every", "cooldown": "0s"}, write("a.csv", *BARS)
    )

    assert [each["value"] for each in found] == [1, 5, 4]


def test_longer_timeframes_are_aggregated_from_the_bars(
    backtest: Backtest, write: Callable[..., Path]
) -> None:
    rule = ABOVE | {"when": "high[2m] == 9 and close[2m] == 4 and volume[2m] == 30"}

    assert seconds(backtest(rule, write("a.csv", *BARS))) == ["00:12:00"]


def test_the_width_is_the_smallest_difference_between_rows(
    backtest: Backtest, write: Callable[..., Path]
) -> None:
    path = write(
        "a.csv", "time,symbol,open,high,low,close,volume", *(f"{at},A,1,1,1,1,1" for at in (0, 900, 1200))
    )

    assert seconds(backtest(ABOVE | {"when": "close[5m] > 0"}, path)) == ["00:05:00"]


def test_one_object_per_alert_in_event_time_order(backtest: Backtest, write: Callable[..., Path]) -> None:
    path = write("a.csv", "time,symbol,last", "1,A,101", "2,A,99", "3,A,102.5")

    found = backtest(ABOVE | {"priority": "high", "message": "{symbol} at {last}"}, path)

    assert [list(each) for each in found] == [KEYS, KEYS]
    assert list(found[0].values()) == [
        "1970-01-01T00:00:01.000000Z", "above", "A", "high", 101, "A at 101.00", "fired", None,
    ]  # fmt: skip
    assert (found[1]["value"], found[1]["status"], found[1]["reason"]) == (102.5, "suppressed", "cooldown")


def test_the_reason_of_a_suppression_is_told(backtest: Backtest, write: Callable[..., Path]) -> None:
    path = write("a.csv", "time,symbol,last", "1,A,101")

    assert [each["reason"] for each in backtest(ABOVE | {"schedule": "10:00-11:00 UTC"}, path)] == [
        "schedule"
    ]


def status_and_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> tuple[int | str | None, list[str]]:
    try:
        status: int | str | None = main(["backtest", *arguments])
    except SystemExit as exit_:
        status = exit_.code
    return status, capsys.readouterr().err.splitlines()


def test_progress_and_summary_go_to_standard_error(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rules, data = write("r.json", rule_file(ABOVE).decode()), write("a.csv", "time,symbol,last", "1,A,101")

    status, error = status_and_error(["--rules", str(rules), "--data", str(data)], capsys)

    assert (status, error[-1]) == (0, "total: 1 fired, 0 suppressed")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--rules"],
        ["--data", "x"],
        ["--rules", "x", "--data", "y", "--output", "xml"],
        ["--bar-label", "mid"],
    ],
)
def test_bad_arguments_end_with_status_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert status_and_error(words, capsys)[0] == 2


def test_a_bad_file_ends_with_status_2_and_one_line_that_says_where(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rules, data = write("r.json", rule_file(ABOVE).decode()), write("a.csv", "time,symbol,speed", "1,A,101")

    status, error = status_and_error(["--rules", str(rules), "--data", str(data)], capsys)

    assert (status, len(error)) == (2, 1)
    assert str(data) in error[0]


def test_rows_that_cannot_be_read_are_counted_and_the_first_five_shown(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rules = write("r.json", rule_file(ABOVE).decode())
    data = write("a.csv", "time,symbol,last", *(f"{at},A,x{at}" for at in range(9)), "10,A,101")

    status, error = status_and_error(["--rules", str(rules), "--data", str(data)], capsys)

    assert status == 0
    assert f"{data}: 9 rows could not be read" in error
    assert [f"'x{at}'" in "\n".join(error) for at in (0, 4, 5)] == [True, True, False]
    assert any("row 2, column last" in line for line in error)


def test_strict_makes_them_fatal(write: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    rules = write("r.json", rule_file(ABOVE).decode())
    data = write("a.csv", "time,symbol,last", "1,A,x", "2,A,101")

    status, error = status_and_error(["--rules", str(rules), "--data", str(data), "--strict"], capsys)

    assert (status, len(error)) == (2, 1)
    assert f"{data}: row 2, column last: " in error[0]


@pytest.mark.parametrize("output", ["jsonl", "table"])
def test_output_is_jsonl_or_a_table(
    output: str, write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rules, data = write("r.json", rule_file(ABOVE).decode()), write("a.csv", "time,symbol,last", "1,A,101")

    main(["backtest", "--rules", str(rules), "--data", str(data), "--output", output])

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == (1 if output == "jsonl" else 2)
