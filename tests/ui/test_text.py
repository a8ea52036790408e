import pytest

from tradeassist_desktop.domain.market import NS_PER_SECOND, Instrument
from tradeassist_desktop.ui import text

MINUTE_NS = 60 * NS_PER_SECOND


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(5530.25, "5,530.25", id="thousands and the instrument's decimals"),
        pytest.param(-312.0, "−312.00", id="a real minus sign"),
        pytest.param(0.0, "0.00", id="zero has no sign"),
        pytest.param(-0.001, "0.00", id="what rounds to zero has no sign"),
        pytest.param(None, "—", id="unknown is a dash"),
    ],
)
def test_prices_carry_the_instruments_own_format(value: float | None, shown: str) -> None:
    assert text.price(value, Instrument("/ES", decimals=2)) == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        pytest.param("of /ES and /6E", "of /\N{WORD JOINER}ES and /\N{WORD JOINER}6E", id="symbols"),
        pytest.param("BTC/USD", "BTC/USD", id="a pair may be broken where its halves meet"),
        pytest.param("3 / 4", "3 / 4", id="a quotient"),
        pytest.param("(/ES)", "(/\N{WORD JOINER}ES)", id="in brackets"),
        pytest.param("once in 1 minute.", "once in 1\xa0minute.", id="a number and its unit"),
    ],
)
def test_what_belongs_together_stays_on_one_line(words: str, shown: str) -> None:
    assert text.unbroken(words) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(1.25, "+1.25"), (-1.25, "−1.25"), (0.0, "0.00")], ids=["rise", "fall", "neither"]
)
def test_changes_say_their_direction_without_colour(value: float, shown: str) -> None:
    assert text.number(value, 2, signed=True) == shown


@pytest.mark.parametrize(
    ("nanoseconds", "shown"),
    [
        (42 * NS_PER_SECOND, "42 s"),
        (3 * MINUTE_NS + 12 * NS_PER_SECOND, "3 m 12 s"),
        (3 * MINUTE_NS, "3 m"),
        (125 * MINUTE_NS, "2 h 5 m"),
        (99 * 60 * MINUTE_NS, "4 d 3 h"),
        (-5, "0 s"),
        (None, "—"),
    ],
)
def test_durations_are_human(nanoseconds: int | None, shown: str) -> None:
    assert text.duration(nanoseconds) == shown


def test_where_words_wrap_a_number_stays_with_its_unit() -> None:
    told = text.with_whole_amounts("Wait 1 m 30 s, at 5 symbols, for 40 ms, then 2 hours or 90 seconds.")

    assert told == "Wait 1\xa0m 30\xa0s, at 5 symbols, for 40\xa0ms, then 2\xa0hours or 90\xa0seconds."


@pytest.mark.parametrize(
    ("count", "shown"),
    [(999.0, "999"), (9_999.0, "9,999"), (56_120.0, "56.1k"), (1_234_567.0, "1.23M"), (-2.5e9, "−2.50B")],
)
def test_large_counts_are_short(count: float, shown: str) -> None:
    assert text.short(count) == shown


@pytest.mark.parametrize(
    ("traded", "shown"),
    [
        (56_120.0, "56.1k"),
        (12.0, "12"),
        (12.34567, "12.35"),
        (0.0246602, "0.02466"),
        (0.00001234, "0.00001234"),
        (None, "—"),
    ],
)
def test_parts_of_a_coin_are_shown(traded: float | None, shown: str) -> None:
    assert text.quantity(traded) == shown


def test_the_tooltip_of_a_time_is_utc_to_the_millisecond() -> None:
    assert text.utc_time(1_719_928_800_012_345_678) == "2024-07-02 14:00:00.012 UTC"


def test_bytes_carry_their_unit() -> None:
    assert [text.size(count) for count in (512, 2048, 12_582_912)] == ["512 B", "2.0 kB", "12.0 MB"]


def test_a_sentence_of_the_engine_tells_local_times() -> None:
    now_ns = 1_719_928_800_000_000_000

    said = text.localised("It is snoozed until 2024-07-02 14:00:00 UTC.", now_ns=now_ns)

    assert said == f"It is snoozed until {text.clock_time(now_ns)}."
    assert text.localised("The feed is down.", now_ns=now_ns) == "The feed is down."


def test_where_room_is_short_another_day_s_time_is_its_date() -> None:
    now_ns = 1_732_924_800 * NS_PER_SECOND
    days_before_ns = now_ns - 3 * 24 * 60 * MINUTE_NS

    assert text.time_or_day(now_ns, now_ns=now_ns) == text.clock_time(now_ns)
    assert text.time_or_day(days_before_ns, now_ns=now_ns) == f"{text.local(days_before_ns):%d %b}"
    assert text.time_or_day(None, now_ns=now_ns) == "—"
