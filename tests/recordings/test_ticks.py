"""Tick files: what a row says, and what is not in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.recordings import read

CsvFile = Callable[..., Path]
S = 1_000_000_000


def test_an_empty_field_is_not_in_the_update(csv_file: CsvFile) -> None:
    path = csv_file("timestamp,symbol,bid,ask,last,last_size", "1,/ES,5528.5,,5528.75,2", "2,/ES,,5529,,")

    ticks = list(read(path))

    assert ticks == [
        Tick("/ES", 1 * S, 0, last=5528.75, bid=5528.5, last_size=2.0),
        Tick("/ES", 2 * S, 0, ask=5529.0),
    ]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("TIMESTAMP,Last", Tick("A", 1 * S, 0, last=7.0), id="any case"),
        pytest.param("time,price", Tick("A", 1 * S, 0, last=7.0), id="price is last"),
        pytest.param("datetime, bid", Tick("A", 1 * S, 0, bid=7.0), id="a blank before the name"),
        pytest.param("date,ask", Tick("A", 1 * S, 0, ask=7.0), id="date"),
        pytest.param("timestamp_utc,last", Tick("A", 1 * S, 0, last=7.0), id="timestamp_utc"),
        pytest.param("ts_event,last", Tick("A", 1 * S, 0, last=7.0), id="ts_event"),
        pytest.param("﻿time,last", Tick("A", 1 * S, 0, last=7.0), id="a byte order mark"),
        pytest.param('"time","last"', Tick("A", 1 * S, 0, last=7.0), id="quoted names"),
    ],
)
def test_columns_are_found_by_name(csv_file: CsvFile, header: str, expected: Tick) -> None:
    assert list(read(csv_file(header, "1,7"), symbol="A")) == [expected]


def test_size_is_last_size_and_volume_the_sessions(csv_file: CsvFile) -> None:
    path = csv_file("time,symbol,price,size,bid_size,ask_size,volume", "1,A,10,3,4,5,1000")

    (tick,) = read(path)

    assert tick == Tick("A", 1 * S, 0, last=10.0, last_size=3.0, bid_size=4.0, ask_size=5.0, volume=1000.0)


def test_rows_keep_their_order_where_times_run_backwards(csv_file: CsvFile) -> None:
    path = csv_file("time,last", "5,1", "3,2", "6,3", "6,4")

    assert [(tick.event_ns // S, tick.last) for tick in read(path, symbol="A")] == [
        (5, 1),
        (3, 2),
        (6, 3),
        (6, 4),
    ]


def test_a_gzipped_file_reads_the_same_under_any_name(csv_file: CsvFile) -> None:
    lines = ("time,last", "1,2", "2,3")
    plain = list(read(csv_file(*lines), symbol="A"))
    packed = csv_file(*lines, name="packed.csv.gz")

    assert list(read(packed, symbol="A")) == plain
    assert list(read(packed.rename(packed.with_name("packed.csv")), symbol="A")) == plain


def test_a_recording_can_be_read_twice(csv_file: CsvFile) -> None:
    recording = read(csv_file("time,last", "1,2", "2,3"), symbol="A")

    assert list(recording) == list(recording)
    assert recording.tally.rows == 2


def test_the_tally_tells_rows_symbols_and_span(csv_file: CsvFile) -> None:
    recording = read(csv_file("time,symbol,last", "5,A,1", "3,B,2", "9,A,3"))

    list(recording)

    tally = recording.tally
    assert (tally.rows, tally.symbols, tally.first_ns, tally.last_ns) == (3, {"A", "B"}, 3 * S, 9 * S)


def test_not_a_number_is_handed_on_for_the_gates_to_count(csv_file: CsvFile) -> None:
    first, second = read(csv_file("time,last", "1,nan", "2,-inf"), symbol="A")

    assert str(first.last) == "nan"
    assert second.last == float("-inf")


def test_unreadable_rows_are_counted_and_the_first_five_told(csv_file: CsvFile) -> None:
    path = csv_file(
        "time,symbol,last,bid",
        "1,A,10,9",
        "soon,A,10,9",
        "2,A,1_0,9",
        "",
        "3,A,10",
        "4,,10,9",
        "5,A,10,9,8",
        '6,A,10,"x',
        "7,A,ten,9",
        "8,A,11,10",
    )
    recording = read(path)

    ticks = list(recording)

    assert [tick.last for tick in ticks] == [10, 11]
    assert (recording.tally.rows, recording.tally.unreadable) == (2, 7)
    assert [str(fault).removeprefix(f"{path}: ") for fault in recording.tally.faults] == [
        "row 3, column time: expected a time such as 2024-07-01T13:30:00Z, found 'soon'",
        "row 4, column last: expected a number, found '1_0'",
        "row 6: expected 4 fields, found 3",
        "row 7, column symbol: expected a symbol, found nothing",
        "row 8: expected 4 fields, found 5",
    ]


def test_a_strict_reading_ends_at_the_first_unreadable_row(csv_file: CsvFile) -> None:
    path = csv_file("time,last", "1,10", "2,x", "3,11")
    ticks = iter(read(path, symbol="A", is_strict=True))

    assert next(ticks).event_ns == 1 * S
    with pytest.raises(BadInput, match="row 3, column last: expected a number, found 'x'"):
        next(ticks)


def test_windows_line_ends_are_no_part_of_a_field(tmp_path: Path) -> None:
    path = tmp_path / "windows.csv"
    path.write_bytes(b"time,last\r\n1,10\r\n2,11\r\n")

    assert [tick.last for tick in read(path, symbol="A")] == [10, 11]
