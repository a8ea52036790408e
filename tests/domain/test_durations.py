import pytest

from tradeassist_desktop.domain.durations import spoken_duration

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
