"""Bar files: each row is a bar and, at its end, a tick."""

from collections.abc import Callable
from math import isnan
from pathlib import Path

import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.market import Bar, Tick
from tradeassist_desktop.recordings import read

CsvFile = Callable[..., Path]
S = 1_000_000_000
HEADER = "time,open,high,low,close,volume"


def test_a_row_labelled_by_its_start_ends_a_width_later(csv_file: CsvFile) -> None:
    path = csv_file(HEADER, "60,1,4,0.5,2,100", "120,2,3,1,3,50")

    assert list(read(path, symbol="A")) == [
        Bar("A", "1m", 60 * S, 120 * S, 1, 4, 0.5, 2, 100),
        Tick("A", 120 * S, 0, last=2),
        Bar("A", "1m", 120 * S, 180 * S, 2, 3, 1, 3, 50),
        Tick("A", 180 * S, 0, last=3),
    ]


def test_a_row_labelled_by_its_end_began_a_width_earlier(csv_file: CsvFile) -> None:
    path = csv_file(HEADER, "60,1,4,0.5,2,100", "120,2,3,1,3,50")

    first, tick, *_ = read(path, symbol="A", bar_label="end")

    assert first == Bar("A", "1m", 0, 60 * S, 1, 4, 0.5, 2, 100)
    assert tick == Tick("A", 60 * S, 0, last=2)


def test_the_width_is_the_smallest_difference_between_rows(csv_file: CsvFile) -> None:
    gap_first = csv_file(HEADER, "0,1,1,1,1,1", "1800,1,1,1,1,1", "2100,1,1,1,1,1", "3900,1,1,1,1,1")

    assert read(gap_first, symbol="A").timeframe == "5m"


def test_the_width_is_told_within_each_symbol(csv_file: CsvFile) -> None:
    path = csv_file("symbol," + HEADER, "A,0,1,1,1,1,1", "B,1,2,2,2,2,2", "A,60,1,1,1,1,1", "B,61,2,2,2,2,2")

    assert read(path).timeframe == "1m"


def test_all_bars_of_an_instant_come_before_its_ticks(csv_file: CsvFile) -> None:
    path = csv_file("symbol," + HEADER, "A,0,1,1,1,1,1", "B,0,2,2,2,2,2", "A,60,3,3,3,3,3", "B,60,4,4,4,4,4")

    kinds = [(type(event).__name__, event.symbol) for event in read(path)]

    assert kinds == [("Bar", "A"), ("Bar", "B"), ("Tick", "A"), ("Tick", "B")] * 2


def test_a_bar_without_volume_has_an_unknown_one(csv_file: CsvFile) -> None:
    path = csv_file("time,open,high,low,close", "0,1,1,1,1", "60,1,1,1,1")

    assert isnan(next(iter(read(path, symbol="A"))).volume)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        pytest.param("120,,1,1,1,1", "column open: expected a price, found nothing", id="no open"),
        pytest.param("120,1,1,1,nan,1", "column close: expected a price, found nan", id="nan"),
        pytest.param("120,1,x,1,1,1", "column high: expected a number, found 'x'", id="no number"),
    ],
)
def test_a_bar_with_a_bad_price_is_unreadable(csv_file: CsvFile, row: str, fault: str) -> None:
    path = csv_file(HEADER, "0,1,1,1,1,1", "60,1,1,1,1,1", row)
    recording = read(path, symbol="A")

    list(recording)

    assert [str(each) for each in recording.tally.faults] == [f"{path}: row 4, {fault}"]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        pytest.param((0,), "the width of its bars cannot be told", id="one row"),
        pytest.param((0, 0), "the width of its bars cannot be told", id="one time"),
        pytest.param((0, 420), "420 s apart, which is no timeframe", id="seven minutes"),
    ],
)
def test_bars_without_a_known_width_are_refused(
    csv_file: CsvFile, times: tuple[int, ...], message: str
) -> None:
    path = csv_file(HEADER, *(f"{time},1,1,1,1,1" for time in times))

    with pytest.raises(BadInput, match=message):
        read(path, symbol="A")
