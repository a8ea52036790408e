"""Parquet files give what the same rows give as CSV."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.market import Bar, Tick
from tradeassist_desktop.recordings import read

ParquetFile = Callable[..., Path]
S = 1_000_000_000
MIDNIGHT_NS = 1_719_878_400 * S


@pytest.mark.parametrize(
    "time",
    [
        pytest.param("TIMESTAMP '2024-07-02 00:00:00'", id="microseconds"),
        pytest.param("TIMESTAMP_NS '2024-07-02 00:00:00'", id="nanoseconds"),
        pytest.param("TIMESTAMP_S '2024-07-02 00:00:00'", id="seconds"),
        pytest.param("TIMESTAMPTZ '2024-07-02 02:00:00+02'", id="with a zone"),
        pytest.param("DATE '2024-07-02'", id="a date"),
        pytest.param("'2024-07-02T00:00:00Z'", id="text"),
        pytest.param("1719878400000::BIGINT", id="epoch milliseconds"),
        pytest.param("1719878400.0::DOUBLE", id="epoch seconds as a float"),
    ],
)
def test_a_time_of_any_type_is_read(parquet_file: ParquetFile, time: str) -> None:
    path = parquet_file(f"SELECT {time} AS ts_event, 'A' AS symbol, 1.5::DECIMAL(9, 2) AS last")

    assert list(read(path)) == [Tick("A", MIDNIGHT_NS, 0, last=1.5)]


def test_null_is_not_in_the_update_and_text_numbers_are_read(parquet_file: ParquetFile) -> None:
    path = parquet_file("SELECT 1 AS Time, 'A' AS Symbol, NULL::DOUBLE AS Last, '9.5' AS Bid, 10 AS Ask")

    assert list(read(path)) == [Tick("A", 1 * S, 0, bid=9.5, ask=10.0)]


def test_bars_are_read_with_the_symbol_given(parquet_file: ParquetFile) -> None:
    path = parquet_file(
        "SELECT i * 60 AS time, 1 AS open, 2 AS high, 0.5 AS low, 1 AS close FROM range(2) t(i)"
    )

    first = next(iter(read(path, symbol="/ES")))

    assert isinstance(first, Bar)
    assert first[:8] == ("/ES", "1m", 0, 60 * S, 1, 2, 0.5, 1)


def test_more_rows_than_one_batch_keep_their_order(parquet_file: ParquetFile) -> None:
    path = parquet_file("SELECT 10000 - i AS time, i AS last FROM range(10000) t(i)")

    assert [tick.last for tick in read(path, symbol="A")] == list(range(10_000))


def test_rows_without_a_time_or_a_number_are_counted(parquet_file: ParquetFile) -> None:
    path = parquet_file(
        "SELECT * FROM (VALUES ('1', '5'), (NULL, '5'), ('2', 'x'), ('3', '6')) t(time, last)"
    )
    recording = read(path, symbol="A")

    assert [tick.last for tick in recording] == [5, 6]
    assert [str(fault).removeprefix(f"{path}: ") for fault in recording.tally.faults] == [
        "row 2, column time: expected a time, found nothing",
        "row 3, column last: expected a number, found 'x'",
    ]


def test_a_name_with_the_signs_of_a_pattern_is_one_file(parquet_file: ParquetFile) -> None:
    path = parquet_file("SELECT 1 AS time, 2 AS last", name="a[1]*?.parquet")
    parquet_file("SELECT 1 AS time, 3 AS last", name="a1bc.parquet")

    assert [tick.last for tick in read(path, symbol="A")] == [2]


@pytest.mark.parametrize("name", ["cut.parquet", "cut.data"])
def test_a_file_cut_short_is_refused_in_one_line(parquet_file: ParquetFile, name: str) -> None:
    path = parquet_file("SELECT 1 AS time, 2 AS last", name=name)
    path.write_bytes(path.read_bytes()[:60])

    with pytest.raises(BadInput, match="cannot be read as Parquet") as refusal:
        read(path, symbol="A")
    assert "\n" not in str(refusal.value)
