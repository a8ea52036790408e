from collections import Counter

import pytest

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.services.market.silence import Silence

SECOND_NS = 1_000_000_000
OPEN_NS = 1_719_928_800 * SECOND_NS  # Tuesday 2024-07-02, 10:00 in New York
CLOSED_NS = OPEN_NS + 8 * 3600 * SECOND_NS


@pytest.fixture
def updates() -> Counter[str]:
    return Counter()


@pytest.fixture
def silence(updates: Counter[str]) -> Silence:
    return Silence(instruments=instrument_of, updates=lambda symbol: updates[symbol], limit_s=lambda: 60.0)


def stale(silence: Silence, at_s: int, *, event_ns: int = OPEN_NS) -> list[str]:
    return silence.newly_stale(
        ["AAPL", "MSFT"], monotonic_ns=at_s * SECOND_NS, event_ns=event_ns + at_s * SECOND_NS
    )


def test_a_symbol_that_falls_silent_in_its_session_is_told_once(
    silence: Silence, updates: Counter[str]
) -> None:
    told = []
    for at_s in (0, 30, 59, 60, 61, 300):
        updates["MSFT"] += 1
        told.append(stale(silence, at_s))

    assert told == [[], [], [], ["AAPL"], [], []]


def test_a_symbol_heard_again_can_fall_silent_again(silence: Silence, updates: Counter[str]) -> None:
    stale(silence, 0)
    first = stale(silence, 60)
    updates["AAPL"] += 1
    heard = stale(silence, 70)
    early, again = stale(silence, 129), stale(silence, 130)

    assert (first, heard, early, again) == (["AAPL", "MSFT"], [], [], ["AAPL"])


def test_silence_between_sessions_is_no_news(silence: Silence) -> None:
    assert [stale(silence, at_s, event_ns=CLOSED_NS) for at_s in (0, 100, 1000)] == [[], [], []]
    assert stale(silence, 1059) == []
    assert stale(silence, 1060) == ["AAPL", "MSFT"]


@pytest.mark.parametrize(
    ("moment_s", "is_news"),
    [
        pytest.param(1_720_025_880, True, id="12:58 of a half-day"),
        pytest.param(1_720_026_000, False, id="13:00 of a half-day"),
        pytest.param(1_720_101_600, False, id="10:00 of a holiday"),
        pytest.param(1_710_163_800, True, id="09:30 after the clocks went forward"),
        pytest.param(1_730_727_000, False, id="08:30 after they went back, once 09:30"),
        pytest.param(1_730_730_600, True, id="09:30 after they went back"),
    ],
)
def test_row_96_sessions_keep_holidays_half_days_and_the_clock_of_new_york(
    silence: Silence, moment_s: int, is_news: bool
) -> None:
    stale(silence, 0, event_ns=moment_s * SECOND_NS)

    assert stale(silence, 60, event_ns=moment_s * SECOND_NS) == (["AAPL", "MSFT"] if is_news else [])


def test_silence_of_a_feed_that_was_down_does_not_count(silence: Silence) -> None:
    stale(silence, 0)
    silence.forget(("AAPL", "MSFT"))

    assert [stale(silence, at_s) for at_s in (300, 359)] == [[], []]


def test_no_limit_takes_every_silence_as_normal(updates: Counter[str]) -> None:
    silence = Silence(instruments=instrument_of, updates=lambda symbol: updates[symbol], limit_s=lambda: 0.0)

    assert [stale(silence, at_s) for at_s in (0, 10_000)] == [[], []]
