"""Times of files, to the nanosecond."""

from itertools import pairwise

import pytest

from tradeassist_desktop.recordings.times import TimeReader

MIDNIGHT_NS = 1_719_878_400_000_000_000  # 2024-07-02T00:00:00Z
NEW_YEAR_NS = 1_483_228_800_000_000_000  # 2017-01-01T00:00:00Z, after the last leap second there was


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        pytest.param("2024-07-02T00:00:01.218218Z", MIDNIGHT_NS + 1_218_218_000, id="ISO with Z"),
        pytest.param("2024-07-02 00:00:01", MIDNIGHT_NS + 1_000_000_000, id="a space and no zone is UTC"),
        pytest.param("2024-07-02 00:00", MIDNIGHT_NS, id="no seconds"),
        pytest.param("2024-07-02", MIDNIGHT_NS, id="a date is its midnight"),
        pytest.param("2016-12-31T23:59:60Z", NEW_YEAR_NS, id="a leap second is the second after it"),
        pytest.param(
            "2016-12-31T18:59:60.5-05:00", NEW_YEAR_NS + 500_000_000, id="a leap second in New York"
        ),
        pytest.param("2015-06-30 23:59:60", 1_435_708_800_000_000_000, id="a leap second in June"),
        pytest.param("20240702", MIDNIGHT_NS, id="a compact date"),
        pytest.param("2024-07-02T02:00:00+02:00", MIDNIGHT_NS, id="an offset east"),
        pytest.param(
            "2024-07-01T20:00:00.5-0400", MIDNIGHT_NS + 500_000_000, id="an offset west without colon"
        ),
        pytest.param("2024-07-02T05:30:00+05:30", MIDNIGHT_NS, id="half an hour of offset"),
        pytest.param("2024-07-02t00:00:00z", MIDNIGHT_NS, id="small letters"),
        pytest.param("2024-07-02 00:00:00 UTC", MIDNIGHT_NS, id="UTC spelled out"),
        pytest.param("2024-07-02 00:00:00.123456789", MIDNIGHT_NS + 123_456_789, id="nanoseconds"),
        pytest.param("2024-07-02 00:00:00.1234567899", MIDNIGHT_NS + 123_456_789, id="finer is cut off"),
        pytest.param(" 2024-07-02 00:00:00 ", MIDNIGHT_NS, id="blanks around"),
        pytest.param("1719878400", MIDNIGHT_NS, id="epoch seconds"),
        pytest.param("1719878400.25", MIDNIGHT_NS + 250_000_000, id="epoch seconds with a fraction"),
        pytest.param("1719878400123", MIDNIGHT_NS + 123_000_000, id="epoch milliseconds"),
        pytest.param("1719878400123456", MIDNIGHT_NS + 123_456_000, id="epoch microseconds"),
        pytest.param("1719878400123456789", MIDNIGHT_NS + 123_456_789, id="epoch nanoseconds"),
        pytest.param("0", 0, id="the epoch"),
        pytest.param("-60", -60_000_000_000, id="before the epoch"),
        pytest.param("1969-12-31T23:59:59Z", -1_000_000_000, id="before the epoch as ISO"),
    ],
)
def test_a_time_is_read_to_the_nanosecond(text: str, expected_ns: int) -> None:
    assert TimeReader().read(text) == expected_ns


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "yesterday",
        "2024-13-01 00:00:00",
        "2024-02-30",
        "2024-07-02T24:00:00",
        "2024-07-02T23:60:00",
        "2024-07-02T23:59:60",
        "2016-12-31T22:59:60Z",
        "2016-12-31T23:59:61Z",
        "2016-12-31T23:59:60+01:00",
        "2024-07-02T23:59:5",
        "2024-07-02T00:00:00+24:00",
        "2024-07-02T00:00:00 EST",
        "07/02/2024 00:00",
        "٢٠٢٤-07-02",
        "1_719_878_400",
        "1e9",
        "1600-01-01",
        "9999-12-31T00:00:00Z",
        "99999999999",
        "nan",
        "9" * 30,
    ],
)
def test_what_is_no_time_is_not_guessed(text: str) -> None:
    assert TimeReader().read(text) is None


def test_times_after_the_first_of_their_minute_are_read_alike() -> None:
    reader = TimeReader()

    read = [reader.read(f"2024-07-02T00:00:{second:02d}.5Z") for second in (0, 1, 59)]

    assert read == [MIDNIGHT_NS + second * 1_000_000_000 + 500_000_000 for second in (0, 1, 59)]


def test_row_96_a_leap_second_leaves_what_follows_alone() -> None:
    reader = TimeReader()

    read = [
        reader.read(text) for text in ("2016-12-31T23:59:60Z", "2017-01-02T23:59:60Z", "2017-01-01T00:00:01Z")
    ]

    assert read == [NEW_YEAR_NS, None, NEW_YEAR_NS + 1_000_000_000]


def test_a_reader_of_many_times_forgets_and_still_reads() -> None:
    reader = TimeReader()

    read = [
        reader.read(f"2024-07-{day:02d} {hour:02d}:{minute:02d}:00")
        for day in range(1, 6)
        for hour in range(24)
        for minute in range(60)
    ]

    assert [later - earlier for earlier, later in pairwise(read)] == [60_000_000_000] * 7199
