"""When exchanges are open. Times are UTC unless a zone is said.

Days by hand are from the NYSE's "Holidays and Trading Hours" page and CME Group's holiday calendar for
equity indices; clock changes are the zone database's.
"""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeassist_desktop.domain.market import InstrumentKind, Tick
from tradeassist_desktop.engine.calendars import exchange_days
from tradeassist_desktop.engine.calendars.sessions import (
    bar_start,
    is_trading_day,
    parse_schedule,
    regular,
    whole,
)

SHARES, FUTURES, FOREX = InstrumentKind.EQUITY, InstrumentKind.FUTURE, InstrumentKind.FOREX
PROJECT = Path(__file__).parents[2]


def at(text):
    """Return ``2024-07-02T13:30`` or ``2024-07-02T13:30 America/New_York`` in nanoseconds."""
    moment, _, zone = text.partition(" ")
    return int(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone or "UTC")).timestamp()) * 10**9


def new_york(text):
    return at(f"{text} America/New_York")


def text(stamp_ns):
    return datetime.fromtimestamp(stamp_ns // 10**9, ZoneInfo("America/New_York")).strftime("%a %d %H:%M")


def opens_and_closes(calendar, day):
    """Return the session that is on, or comes next, at a New York noon (futures: at 01:00)."""
    stretch = calendar.at(new_york(day))
    if not stretch.is_open:
        stretch = calendar.at(stretch.end_ns)
    return f"{text(stretch.start_ns)} – {text(stretch.end_ns)}"


@pytest.mark.parametrize(
    ("calendar", "moment", "is_open"),
    [
        pytest.param(regular(SHARES), "2024-07-02T13:30:00", True, id="opens 09:30 in summer"),
        pytest.param(regular(SHARES), "2024-01-02T13:30:00", False, id="08:30 in winter"),
        pytest.param(regular(SHARES), "2024-01-02T14:30:00", True, id="opens 09:30 in winter"),
        pytest.param(regular(SHARES), "2024-07-02T20:00:00", False, id="half-open at 16:00"),
        pytest.param(regular(SHARES), "2024-07-06T15:00:00", False, id="Saturday"),
        pytest.param(whole(SHARES), "2024-07-02T08:00:00", True, id="extended from 04:00"),
        pytest.param(whole(FUTURES), "2024-07-07T22:00:00", True, id="futures open Sunday 18:00"),
        pytest.param(whole(FUTURES), "2024-07-07T21:59:59", False, id="not before"),
        pytest.param(whole(FUTURES), "2024-07-02T21:30:00", False, id="the daily break"),
        pytest.param(whole(FUTURES), "2024-07-05T21:00:00", False, id="closed Friday 17:00"),
        pytest.param(whole(FOREX), "2024-07-05T20:59:59", True, id="forex until Friday 17:00"),
        pytest.param(whole(FOREX), "2024-12-25T15:00:00", False, id="no forex at Christmas"),
        pytest.param(whole(InstrumentKind.UNKNOWN), "2024-07-06T03:00:00", True, id="unknown kinds always"),
        pytest.param(regular(InstrumentKind.CRYPTO), "2024-12-25T03:00:00", True, id="coins at Christmas"),
    ],
)
def test_a_session_is_open(calendar, moment, is_open):
    assert calendar.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("day", "shares", "extended"),
    [
        pytest.param(
            "2024-07-02T08:00", "Tue 02 09:30 – Tue 02 16:00", "Tue 02 04:00 – Tue 02 20:00", id="any"
        ),
        pytest.param(
            "2024-07-03T08:00", "Wed 03 09:30 – Wed 03 13:00", "Wed 03 04:00 – Wed 03 17:00", id="3 July"
        ),
        pytest.param(
            "2024-11-29T08:00",
            "Fri 29 09:30 – Fri 29 13:00",
            "Fri 29 04:00 – Fri 29 17:00",
            id="after Thanksgiving",
        ),
        pytest.param(
            "2025-01-09T08:00",
            "Fri 10 09:30 – Fri 10 16:00",
            "Fri 10 04:00 – Fri 10 20:00",
            id="President Carter's day of mourning",
        ),
        pytest.param(
            "2024-03-29T08:00",
            "Mon 01 09:30 – Mon 01 16:00",
            "Mon 01 04:00 – Mon 01 20:00",
            id="Good Friday",
        ),
        pytest.param(
            "2024-06-19T08:00",
            "Thu 20 09:30 – Thu 20 16:00",
            "Thu 20 04:00 – Thu 20 20:00",
            id="Juneteenth",
        ),
        pytest.param(
            "2001-09-11T10:00",
            "Mon 17 09:30 – Mon 17 16:00",
            "Mon 17 04:00 – Mon 17 20:00",
            id="the longest closure",
        ),
    ],
)
def test_shares_have_the_exchanges_holidays_and_half_days(day, shares, extended):
    assert opens_and_closes(regular(SHARES), day) == shares
    assert opens_and_closes(whole(SHARES), day) == extended


@pytest.mark.parametrize(
    ("day", "session"),
    [
        pytest.param("2024-07-02T01:00", "Mon 01 18:00 – Tue 02 17:00", id="any"),
        pytest.param("2024-07-03T01:00", "Tue 02 18:00 – Wed 03 13:15", id="a half-day ends 12:15 Central"),
        pytest.param("2024-07-04T01:00", "Wed 03 18:00 – Thu 04 13:00", id="a cash holiday ends 12:00"),
        pytest.param("2024-06-19T01:00", "Tue 18 18:00 – Wed 19 13:00", id="Juneteenth"),
        pytest.param("2024-11-29T01:00", "Thu 28 18:00 – Fri 29 13:15", id="after Thanksgiving"),
        pytest.param("2024-03-29T01:00", "Sun 31 18:00 – Mon 01 17:00", id="Good Friday is closed"),
        pytest.param("2023-04-07T01:00", "Thu 06 18:00 – Fri 07 09:15", id="but open for the jobs report"),
        pytest.param("2025-01-09T01:00", "Wed 08 18:00 – Thu 09 09:30", id="a day of mourning"),
        pytest.param("2024-12-25T01:00", "Wed 25 18:00 – Thu 26 17:00", id="opens on Christmas evening"),
    ],
)
def test_futures_have_the_holidays_and_early_closes_of_globex(day, session):
    assert opens_and_closes(whole(FUTURES), day) == session


@pytest.mark.parametrize(
    ("day", "session"),
    [
        pytest.param("2024-07-03T01:00", "Wed 03 09:30 – Wed 03 13:00", id="half-day"),
        pytest.param("2024-07-04T01:00", "Fri 05 09:30 – Fri 05 16:00", id="none on a cash holiday"),
    ],
)
def test_the_regular_session_of_futures_is_that_of_the_shares(day, session):
    assert opens_and_closes(regular(FUTURES), day) == session


@pytest.mark.parametrize(
    ("friday", "monday"),
    [
        pytest.param("2024-03-08T14:30", "2024-03-11T13:30", id="forward on 2024-03-10"),
        pytest.param("2024-11-01T13:30", "2024-11-04T14:30", id="back on 2024-11-03"),
    ],
)
def test_sessions_keep_new_yorks_time_over_its_clock_changes(friday, monday):
    calendar = regular(SHARES)

    assert calendar.at(at(friday)).start_ns == at(friday)
    assert calendar.at(calendar.at(at(friday)).end_ns).end_ns == at(monday)


def test_it_is_known_whether_a_day_is_a_trading_day():
    days = [date(2024, 7, 3), date(2024, 7, 4), date(2024, 7, 6)]

    assert [is_trading_day(SHARES, day) for day in days] == [True, False, False]
    assert [is_trading_day(InstrumentKind.UNKNOWN, day) for day in days] == [True, True, True]


def test_after_the_last_known_year_weekdays_and_hours_still_hold():
    assert opens_and_closes(regular(SHARES), "2050-12-26T12:00") == "Mon 26 09:30 – Mon 26 16:00"


def test_a_closed_schedule_says_when_it_opens():
    calendar = regular(SHARES)

    assert calendar.opens_ns(new_york("2024-07-03T13:00")) == new_york("2024-07-05T09:30")
    assert calendar.opens_ns(new_york("2024-07-05T09:30")) is None


@pytest.mark.parametrize(
    ("schedule", "opened", "closed"),
    [
        pytest.param("22:00-02:00 UTC", "2024-07-06T01:59:59", "2024-07-06T02:00", id="over midnight"),
        pytest.param("09:30-16:00 America/New_York", "2024-07-02T13:30", "2024-07-02T20:00", id="half-open"),
        pytest.param("09:00-00:00 UTC", "2024-07-02T23:59", "2024-07-02T08:59", id="until midnight"),
        pytest.param(
            "02:30-03:00 America/New_York",
            "2024-03-09T07:45",
            "2024-03-10T07:45",
            id="a skipped time",
        ),
        pytest.param(
            "02:30-04:00 America/New_York", "2024-03-10T07:00", "2024-03-10T08:00", id="begins when it may"
        ),
        pytest.param(
            "01:00-01:30 America/New_York", "2024-11-03T05:15", "2024-11-03T05:45", id="the first of two"
        ),
        pytest.param(
            "01:00-01:30 America/New_York", "2024-11-03T06:15", "2024-11-03T06:45", id="the second of two"
        ),
        pytest.param(
            "00:30-02:30 Australia/Lord_Howe", "2024-04-06T15:15", "2024-04-06T16:00", id="half an hour back"
        ),
    ],
)
def test_a_range_is_what_the_clock_on_the_wall_shows(schedule, opened, closed):
    calendar = parse_schedule(schedule)(SHARES)

    assert (calendar.is_open(at(opened)), calendar.is_open(at(closed))) == (True, False)


ZONES = (
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "UTC",
)


@given(
    zone=st.sampled_from(ZONES),
    opens=st.integers(0, 1439),
    length=st.integers(1, 1439),
    now_s=st.integers(at("2009-01-01") // 10**9, at("2026-01-01") // 10**9),
)
def test_a_range_agrees_with_the_clock_at_any_instant(zone, opens, length, now_s):
    closes = (opens + length) % 1440
    schedule = f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02} {zone}"

    stretch = parse_schedule(schedule)(SHARES).at(now_s * 10**9)

    local = datetime.fromtimestamp(now_s, UTC).astimezone(ZoneInfo(zone))
    shows = local.hour * 60 + local.minute
    expected = opens <= shows < closes if opens < closes else not closes <= shows < opens
    assert stretch.is_open is expected
    assert stretch.start_ns <= now_s * 10**9 < stretch.end_ns


@given(kind=st.sampled_from(InstrumentKind), now_s=st.integers(0, at("2060-01-01") // 10**9))
def test_stretches_follow_each_other_without_gap(kind, now_s):
    for calendar in (regular(kind), whole(kind)):
        stretch = calendar.at(now_s * 10**9)

        assert stretch.start_ns <= now_s * 10**9 < stretch.end_ns
        assert calendar.at(stretch.end_ns).start_ns == stretch.end_ns


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "sometimes",
        "09:30-09:30 UTC",
        "9:30-16:00 UTC",
        "09:30-16:00",
        "09:30-24:00 UTC",
        "09:30-16:00 Mars",
        "09:3x-16:00 UTC",
        "09:30-16:00 ../UTC",
        "²9:30-16:00 UTC",
    ],
)
def test_what_is_no_schedule_is_refused(schedule):
    with pytest.raises(ValueError, match="expected always, rth, eth or HH:MM-HH:MM and a time zone"):
        parse_schedule(schedule)


def test_a_stretch_says_from_when_to_when():
    stretch = whole(FUTURES).at(at("2024-07-02T03:00:00"))

    assert (stretch.start_ns, stretch.end_ns) == (at("2024-07-01T22:00:00"), at("2024-07-02T21:00:00"))


@pytest.mark.parametrize(
    ("timeframe", "kind", "moment", "start"),
    [
        pytest.param("5m", SHARES, "2024-07-02T13:34", "2024-07-02T13:30", id="of the epoch"),
        pytest.param("1d", SHARES, "2024-07-02T15:00", "2024-07-02T13:30", id="the session's"),
        pytest.param("1d", SHARES, "2024-07-03T12:00", "2024-07-02T13:30", id="until the next session"),
        pytest.param("1d", InstrumentKind.UNKNOWN, "2024-07-03T12:00", "2024-07-03", id="00:00 where none"),
        pytest.param("1d", InstrumentKind.CRYPTO, "2024-07-06T23:59", "2024-07-06", id="coins at 00:00 UTC"),
    ],
)
def test_a_bar_begins_with_its_session(timeframe, kind, moment, start):
    assert bar_start(timeframe, kind)(at(moment)) == at(start)


def test_daily_bars_hold_the_regular_session(desk, rule):
    desk.engine.watch_bars("/ES", "1d")
    day = 86_400
    for hour, price in ((13.25, 1), (13.5, 2), (19.9, 3), (20, 4), (24 + 14, 5)):
        desk.tick(hour * 3600, last=price)
    desk.tick(2 * day, last=6)

    bars = desk.engine.take_closed_bars()

    assert [(bar.open, bar.close) for bar in bars] == [(2, 3), (5, 5)]


def test_row_96_daily_bars_keep_the_session_over_the_clock_changes_and_a_half_day(desk):
    engine = desk.engine
    engine.watch_bars("AAPL", "1d")
    sessions = (
        ("2024-03-08T09:30", "2024-03-08T15:59"),
        ("2024-03-11T09:30", "2024-03-11T15:59"),
        ("2024-07-03T09:30", "2024-07-03T12:59"),
        ("2024-11-04T09:30", "2024-11-04T15:59"),
    )
    moments = [new_york(moment) for session in sessions for moment in session]
    for price, moment in enumerate(moments, 1):
        engine.on_tick(Tick("AAPL", moment, moment, last=float(price)))
    engine.on_tick(Tick("AAPL", new_york("2024-11-05T09:30"), 0, last=99.0))

    bars = engine.take_closed_bars()

    assert [(text(bar.start_ns), bar.open, bar.close) for bar in bars] == [
        ("Fri 08 09:30", 1, 2),
        ("Mon 11 09:30", 3, 4),
        ("Wed 03 09:30", 5, 6),
        ("Mon 04 09:30", 7, 8),
    ]


def test_the_table_of_days_is_what_the_library_says_now():
    pytest.importorskip("exchange_calendars")

    made = subprocess.run(
        [sys.executable, PROJECT / "packaging/make_calendars.py", "--print"], capture_output=True, check=True
    )

    assert made.stdout.decode() == Path(exchange_days.__file__).read_text(encoding="utf-8")
