import pytest

from tradeassist_desktop.domain.durations import spoken_duration, told_duration, whole_duration

SECOND_NS = 1_000_000_000


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("10m", 600),
        ("90 s", 90),
        ("1 h 30 min", 5_400),
        ("1h30m", 5_400),
        ("1.5 hours", 5_400),
        ("2 days", 172_800),
        ("5 MIN", 300),
        ("", 0),
        ("none", 0),
    ],
)
def test_a_duration_is_read_as_people_write_it(typed: str, seconds: int) -> None:
    assert spoken_duration(typed) == seconds * SECOND_NS


@pytest.mark.parametrize("typed", ["soon", "10", "10x", "m", "31 d", "1h -5m", "1" * 400 + "s"])
def test_what_is_no_duration_says_what_could_stand_there(typed: str) -> None:
    with pytest.raises(ValueError, match="such as 90 s, 10m or 1 h 30 m, found"):
        spoken_duration(typed)


@pytest.mark.parametrize(
    ("nanoseconds", "told", "whole"),
    [
        (0, "0 s", "0 s"),
        (42 * SECOND_NS, "42 s", "42 s"),
        (90 * SECOND_NS, "1 m 30 s", "1 m 30 s"),
        (300 * SECOND_NS, "5 m", "5 m"),
        (7_325 * SECOND_NS, "2 h 2 m", "2 h 2 m 5 s"),
        (86_430 * SECOND_NS, "1 d", "1 d 30 s"),
        (SECOND_NS // 2, "0 s", "500 ms"),
        (-SECOND_NS, "0 s", None),
    ],
)
def test_a_duration_is_told_in_its_two_coarsest_units_or_in_all(
    nanoseconds: int, told: str, whole: str | None
) -> None:
    assert told_duration(nanoseconds) == told
    assert whole is None or whole_duration(nanoseconds) == whole
