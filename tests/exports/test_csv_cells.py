"""Row E103: no spreadsheet calculates what the program exports, and no number becomes a text."""

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeassist_desktop.exports.csv_cells import csv_line, text_cell, text_of


def read_back(line: str) -> list[str]:
    (row,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    return row


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("=1+1", id="equals"),
        pytest.param("+1", id="plus"),
        pytest.param("-1+cmd|' /C calc'!A0", id="minus"),
        pytest.param("-12.5", id="a text that looks like a number"),
        pytest.param("@SUM(A1)", id="at"),
        pytest.param("\t=1", id="tab"),
        pytest.param("\rx", id="carriage return"),
        pytest.param("\nx", id="line feed"),
        pytest.param("＝1+1", id="full-width equals"),
        pytest.param("＋1", id="full-width plus"),
        pytest.param("－1", id="full-width minus"),
        pytest.param("＠SUM(A1)", id="full-width at"),
        pytest.param("﹦1", id="small equals"),
        pytest.param("−1", id="minus sign"),
        pytest.param("  =1", id="spaces before"),
        pytest.param("\u00a0=1", id="no-break space before"),
        pytest.param("\u200b=1", id="zero width before"),
        pytest.param("\ufeff=1", id="byte order mark before"),
        pytest.param('"=1', id="quote before"),
        pytest.param("' =1", id="apostrophe and space before"),
        pytest.param("'quoted", id="apostrophe"),
    ],
)
def test_e103_a_text_that_might_be_calculated_begins_with_an_apostrophe(text: str) -> None:
    (cell,) = read_back(csv_line([text]))

    assert cell == "'" + text
    assert text_of(cell) == text


@pytest.mark.parametrize(
    "text", ["/ES", "AAPL", "last > 100", "a=b", "5-10", "", "100 %", "Zürich", "x\ny", 'say "hi"']
)
def test_e103_other_texts_stay_as_they_are(text: str) -> None:
    assert read_back(csv_line([text, "end"])) == [text, "end"]


@pytest.mark.parametrize(
    ("number", "cell"), [(-1, "-1"), (-12.5, "-12.5"), (0, "0"), (1e-07, "1e-07"), (True, "1")]
)
def test_e103_numbers_stay_numbers(number: float, cell: str) -> None:
    assert csv_line([number]) == cell + "\r\n"


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_e103_what_is_no_number_is_an_empty_cell(value: float | None) -> None:
    assert csv_line([value, 1]) == ",1\r\n"


def test_e103_a_line_is_as_rfc_4180_has_it() -> None:
    assert csv_line(["a", 'b "c", d', 1.5, " e"]) == 'a,"b ""c"", d",1.5," e"\r\n'


@given(st.lists(st.text(), min_size=2))
def test_e103_every_text_comes_back(texts: list[str]) -> None:
    assert [text_of(cell) for cell in read_back(csv_line(texts))] == texts


@given(st.text())
def test_e103_guarding_twice_is_undone_twice(text: str) -> None:
    assert text_of(text_of(text_cell(text_cell(text)))) == text
