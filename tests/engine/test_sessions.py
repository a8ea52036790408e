from datetime import UTC, datetime

import pytest

from tradeassist_desktop.domain.market import InstrumentKind
from tradeassist_desktop.engine.sessions import parse_schedule, regular, whole


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("calendar", "moment", "is_open"),
    [
        pytest.param(regular(InstrumentKind.EQUITY), "2024-07-02T13:30:00", True, id="opens 09:30 in summer"),
        pytest.param(regular(InstrumentKind.EQUITY), "2024-01-02T13:30:00", False, id="08:30 in winter"),
        pytest.param(regular(InstrumentKind.EQUITY), "2024-01-02T14:30:00", True, id="opens 09:30 in winter"),
        pytest.param(regular(InstrumentKind.EQUITY), "2024-07-02T20:00:00", False, id="half-open at 16:00"),
        pytest.param(regular(InstrumentKind.EQUITY), "2024-07-06T15:00:00", False, id="Saturday"),
        pytest.param(whole(InstrumentKind.EQUITY), "2024-07-02T08:00:00", True, id="extended from 04:00"),
        pytest.param(
            whole(InstrumentKind.FUTURE), "2024-07-07T22:00:00", True, id="futures open Sunday 18:00"
        ),
        pytest.param(whole(InstrumentKind.FUTURE), "2024-07-07T21:59:59", False, id="not before"),
        pytest.param(whole(InstrumentKind.FUTURE), "2024-07-02T21:30:00", False, id="the daily break"),
        pytest.param(whole(InstrumentKind.FUTURE), "2024-07-05T21:00:00", False, id="closed Friday 17:00"),
        pytest.param(whole(InstrumentKind.FOREX), "2024-07-05T20:59:59", True, id="forex until Friday 17:00"),
        pytest.param(whole(InstrumentKind.UNKNOWN), "2024-07-06T03:00:00", True, id="unknown kinds always"),
        pytest.param(
            parse_schedule("22:00-02:00 UTC")(InstrumentKind.EQUITY),
            "2024-07-06T01:00:00",
            True,
            id="over midnight",
        ),
        pytest.param(
            parse_schedule("22:00-02:00 UTC")(InstrumentKind.EQUITY),
            "2024-07-06T02:00:00",
            False,
            id="half-open",
        ),
    ],
)
def test_a_session_is_open(calendar, moment, is_open):
    assert calendar.is_open(at(moment)) is is_open


def test_a_stretch_says_from_when_to_when():
    stretch = whole(InstrumentKind.FUTURE).at(at("2024-07-02T03:00:00"))

    assert (stretch.start_ns, stretch.end_ns) == (at("2024-07-01T22:00:00"), at("2024-07-02T21:00:00"))


def test_daily_bars_hold_the_regular_session(desk, rule):
    desk.engine.watch_bars("/ES", "1d")
    day = 86_400
    for hour, price in ((13.25, 1), (13.5, 2), (19.9, 3), (20, 4), (24 + 14, 5)):
        desk.tick(hour * 3600, last=price)
    desk.tick(2 * day, last=6)

    bars = desk.engine.take_closed_bars()

    assert [(bar.open, bar.close) for bar in bars] == [(2, 3), (5, 5)]
