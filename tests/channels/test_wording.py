from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from tests.channels.desk import EVENT_NS
from tradeassist_desktop.channels.wording import times


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/New_York", "2025-12-31 19:00:00 EST · 00:00:00.123 UTC"),
        ("UTC", "2026-01-01 00:00:00.123 UTC"),
        ("Europe/London", "2026-01-01 00:00:00.123 UTC"),
    ],
)
def test_a_time_stands_once_where_the_desk_s_clock_shows_utc(zone: str, said: str) -> None:
    assert times(EVENT_NS, zone=ZoneInfo(zone)) == said


def test_a_time_of_utc_itself_stands_once() -> None:
    assert times(EVENT_NS, zone=UTC) == "2026-01-01 00:00:00.123 UTC"
