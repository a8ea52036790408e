"""Files that cannot be used are refused with one line that says which and why."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.recordings import read

CsvFile = Callable[..., Path]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param((), "the file is empty", id="empty"),
        pytest.param(("",), "the file is empty", id="a blank line"),
        pytest.param(("time,last",), "there are no rows", id="a header alone"),
        pytest.param(("symbol,last", "A,1"), "there is no time column", id="no time"),
        pytest.param(
            ("time,symbol", "1,A"), "there is neither last, bid or ask nor all of open", id="no prices"
        ),
        pytest.param(
            ("time,close", "1,2"), "there is neither last, bid or ask nor all of open", id="close alone"
        ),
        pytest.param(
            ("time,date,last", "1,1,1"), "time .column 1. and date .column 2. could each", id="two times"
        ),
        pytest.param(("time,last,price", "1,1,1"), "could each be the last; keep one", id="two lasts"),
        pytest.param(("time,last,last", "1,1,1"), "could each be the last; keep one", id="one name twice"),
        pytest.param(
            ("time,open,high,low,close,last", "1,1,1,1,1,1"),
            "are a tick's and .* are a bar's",
            id="ticks and bars",
        ),
        pytest.param(
            ("time,last", "x,1"), "row 2, column time: .* no row can be read", id="nothing readable"
        ),
        pytest.param(("time,last", "1," + "9" * 70_000), "row 2: the line is too long", id="an endless line"),
    ],
)
def test_a_csv_file_that_cannot_be_used_is_refused(
    csv_file: CsvFile, lines: tuple[str, ...], message: str
) -> None:
    path = csv_file(*lines)

    with pytest.raises(BadInput, match=message) as refusal:
        list(read(path, symbol="A"))
    assert str(refusal.value).startswith(str(path))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(b'{"format": "tradeassist-rules"}', "a rule file, which is imported", id="rules"),
        pytest.param(b'\xef\xbb\xbf [\n{"last": 1}]', "JSON", id="JSON of another program"),
        pytest.param(b"<!doctype html>", "a web page", id="web page"),
        pytest.param(b"PK\x03\x04\x14\x00", "a spreadsheet or a ZIP archive", id="spreadsheet"),
        pytest.param("time,last".encode("utf-16"), "text in UTF-16", id="UTF-16"),
    ],
)
def test_what_is_no_table_is_told_what_it_is_and_what_is_read(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(content)

    with pytest.raises(BadInput) as refusal:
        read(path, symbol="A")
    said = str(refusal.value)
    assert said.startswith(f"{path}: this is {kind}")
    assert said.endswith("; recordings are read from CSV (.csv, .csv.gz) and Parquet (.parquet) files")


def test_columns_in_angle_brackets_are_no_web_page(csv_file: CsvFile) -> None:
    with pytest.raises(BadInput, match="there is no time column"):
        list(read(csv_file("<TICKER>,<PER>,<DATE>,<CLOSE>", "ES,1,20240102,5530.25"), symbol="A"))


def test_a_file_without_symbols_needs_to_be_told(csv_file: CsvFile) -> None:
    with pytest.raises(BadInput, match="name the symbol with --symbol"):
        read(csv_file("time,last", "1,2"))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file or directory"):
        read(tmp_path / "absent.csv")
    with pytest.raises(BadInput, match="Is a directory"):
        read(tmp_path)


def test_a_gzip_file_that_breaks_off_says_at_which_row(csv_file: CsvFile) -> None:
    path = csv_file("time,last", *(f"{second},{second}.5" for second in range(20_000)), name="data.csv.gz")
    path.write_bytes(path.read_bytes()[:20_000])

    with pytest.raises(BadInput, match=r"row \d+: the file is broken here"):
        list(read(path, symbol="A"))


def test_a_gzip_file_with_a_flipped_byte_is_refused(csv_file: CsvFile) -> None:
    path = csv_file("time,last", *(f"{second},{second}.5" for second in range(20_000)), name="data.csv.gz")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))

    with pytest.raises(BadInput, match="the file is broken here"):
        list(read(path, symbol="A"))


def test_a_name_of_gzip_over_plain_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv.gz"
    path.write_text("time,last\n1,2\n")

    with pytest.raises(BadInput, match="Not a gzipped file"):
        read(path, symbol="A")


def test_binary_rubbish_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rubbish.csv"
    path.write_bytes(gzip.compress(b"x" * 1000)[10:] + bytes(range(256)))

    with pytest.raises(BadInput, match="there is no time column"):
        read(path, symbol="A")
