"""Section 2 of the contract: the condition language. Every statement has a test named after it."""

import numpy as np
import pytest
import talib

from tests.rules.desk import bar, bars, fired, ns, run, tick, ticks
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.domain.rules import Trigger
from tradeassist_desktop.engine.language import parse, to_text

CLOSES = [100 + number * 7 % 11 - number % 5 for number in range(60)]


def refusal(text: str) -> str:
    with pytest.raises(BadInput) as refused:
        parse(text)
    (fault,) = refused.value.faults
    return str(fault)


def values(operand: str, closes: list[float] = CLOSES, timeframe: str = "1m") -> list[float | None]:
    """An operand's value after each bar; highs and lows are 1 away, volumes 1, 2, 3 …"""
    events = [
        event
        for number, close in enumerate(closes)
        for event in bar(
            60 * number, close, high=close + 1, low=close - 1, open=close - 0.5, volume=number + 1
        )
    ]
    alerts = run(f"{operand} > -1000000000", events, trigger=Trigger.EVERY)
    known = {round((each.event_ns - ns(0)) / 60e9): each.value for each in alerts}
    return [known.get(number + 1) for number in range(len(closes))]


def assert_same(found: list[float | None], expected: np.ndarray) -> None:
    """The same from the first defined value on, and unknown before."""
    assert [each is None for each in found] == [bool(each) for each in np.isnan(expected)]
    assert [each for each in found if each is not None] == pytest.approx(
        list(expected[~np.isnan(expected)]), rel=1e-9, abs=1e-12
    )


SERIES = np.array(CLOSES, dtype=float)
HIGHS, LOWS, VOLUMES = SERIES + 1, SERIES - 1, np.arange(1.0, 61.0)


@pytest.mark.parametrize(
    "text",
    [
        "close[5m] crosses above ema(20)[5m] and $VIX.last < 20",
        "change(last, 5m) >= 2%",
        "volume[1m] >= 3 * avg(volume, 20)[1m]",
        "last enters 5520..5530",
        "rsi(14)[15m] < 30 or last < lowest(low, 20)[1d]",
        "not (spread > 0.5) and last crosses 5530",
        "($TICK.last > 800 then /ES.last crosses above 5530) within 5m",
    ],
)
def test_the_contracts_examples_are_read(text: str) -> None:
    assert parse(to_text(parse(text))) == parse(text)


def test_and_binds_tighter_than_or() -> None:
    assert parse("last > 1 or last > 2 and last > 3") == parse("last > 1 or (last > 2 and last > 3)")
    assert parse("last > 1 or last > 2 and last > 3") != parse("(last > 1 or last > 2) and last > 3")


def test_keywords_are_case_insensitive() -> None:
    assert parse("LAST CROSSES ABOVE 5 AND NOT (bid > 1) OR last IN 1..2") == parse(
        "last crosses above 5 and not (bid > 1) or last in 1..2"
    )


@pytest.mark.parametrize(
    ("sign", "seconds"),
    [(">", [2]), (">=", [1]), ("<", [0]), ("<=", [0]), ("==", [1]), ("!=", [0, 2])],
)
def test_comparisons(sign: str, seconds: list[int]) -> None:
    assert fired(run(f"last {sign} 100", ticks(99, 100, 101))) == seconds


@pytest.mark.parametrize(
    ("when", "seconds"),
    [
        ("last crosses above 100", [2, 6]),
        ("last crosses below 100", [4]),
        ("last crosses 100", [2, 4, 6]),
        ("last in 100..101", [1, 6]),
        ("last outside 100..101", [0, 4]),
        ("last enters 100..101", [1, 6]),
        ("last exits 100..101", [4]),
        ("last touches 100", [1, 2, 3, 4, 6]),
    ],
)
def test_crossings_and_ranges(when: str, seconds: list[int]) -> None:
    # 99 below, 100 on the level, 101 above it
    assert fired(run(when, ticks(99, 100, 101, 100, 99, 99, 101))) == seconds


def test_bounds_of_ranges_are_inclusive() -> None:
    assert fired(run("last in 100..102", ticks(99.75, 100, 99, 102, 102.25))) == [1, 3]


def test_touches_needs_the_level_between_the_previous_and_the_present_value() -> None:
    assert fired(run("last touches 100", ticks(101, 100.25, 99.5))) == [2]


def test_last_touches_what_a_new_session_high_or_low_has_reached() -> None:
    events = [
        tick(0, 100, high=101, low=99),
        tick(1, 100, high=105),
        tick(2, 100, high=105),
        tick(3, 100, low=90),
    ]

    assert fired(run("last touches 104", events)) == [1]
    assert fired(run("last touches 91", events)) == [3]


def test_only_last_is_touched_by_session_extremes() -> None:
    assert run("bid touches 104", [tick(0, bid=100, high=101), tick(1, bid=100, high=105)]) == []


def test_a_sequence_is_true_when_its_last_step_is_after_the_others_in_time() -> None:
    when = "(last > 100 then bid > 50) within 5s"

    assert fired(run(when, [tick(0, 101), tick(5, bid=51)])) == [5]
    assert fired(run(when, [tick(0, 101), tick(1, 99), tick(5.001, bid=51)])) == []


def test_a_sequence_starts_anew_once_completed() -> None:
    events = [tick(0, 101), tick(1, 99), tick(2, bid=51), tick(3, bid=52), tick(4, 101), tick(5, bid=53)]

    assert fired(run("(last > 100 then bid > 50) within 5s", events, trigger=Trigger.EVERY)) == [2, 5]


def test_sequences_may_have_more_than_two_steps() -> None:
    when = "(last > 100 then bid > 50 then ask > 70) within 10m"
    first, second, third = tick(0, 101), tick(1, bid=51), tick(600, ask=71)

    assert fired(run(when, [first, second, third])) == [600]
    assert run(when, [second, first, third]) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("last + 1", 101), ("last - 1", 99), ("last * 2", 200), ("last / 4", 25), ("-last", -100),
        ("-(last - 1)", -99), ("last + 2 * 3", 106), ("(last + 2) * 3", 306), ("last - 1 - 1", 98),
    ],
)  # fmt: skip
def test_arithmetic(value: str, expected: float) -> None:
    (found,) = run(f"{value} == {expected}", ticks(100))

    assert found.value == expected


@pytest.mark.parametrize("operand", ["change(last, 5m)", "roc(10)[5m]", "pct_change"])
def test_a_percentage_compares_with_a_percentage_valued_operand(operand: str) -> None:
    assert parse(f"{operand} >= 2%")


def test_2_percent_is_2() -> None:
    assert fired(run("pct_change >= 2%", [tick(0, 101.75, prev_close=100), tick(1, 102)])) == [1]


@pytest.mark.parametrize(
    "text", ["last > 2%", "volume > 2%", "close[5m] > 2%", "rsi(14)[5m] > 2%", "age > 2%"]
)
def test_a_percentage_against_anything_else_is_an_error_at_its_column(text: str) -> None:
    assert refusal(text).startswith(f"column {text.index('2%') + 1}: ")


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("last > volume", 8),
        ("last + volume > 3", 8),
        ("last - age > 3", 8),
        ("age > bid", 7),
        ("pct_change > last", 14),
    ],
)
def test_units_that_do_not_go_together_are_an_error(text: str, column: int) -> None:
    assert refusal(text).startswith(f"column {column}: ")


@pytest.mark.parametrize(
    "text", ["last / bid > 1.5", "last * volume > 3", "rsi(14)[1m] > last - 1", "last > 5"]
)
def test_numbers_products_and_quotients_go_with_anything(text: str) -> None:
    assert parse(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("last", 100), ("bid", 99), ("ask", 101), ("mid", 100), ("spread", 2), ("last_size", 3),
        ("bid_size", 4), ("ask_size", 5), ("volume", 1000), ("open", 90), ("high", 110), ("low", 80),
        ("prev_close", 95), ("net_change", 5), ("pct_change", 100 * 5 / 95), ("age", 0),
    ],
)  # fmt: skip
def test_tick_fields(field: str, value: float) -> None:
    update = tick(
        0, 100, bid=99, ask=101, last_size=3, bid_size=4, ask_size=5, volume=1000, open=90, high=110, low=80,
        prev_close=95,
    )  # fmt: skip

    (found,) = run(f"{field} > -1000", [update])

    assert found.value == pytest.approx(value)


def test_age_is_seconds_since_the_last_trade() -> None:
    events = [tick(0, 100), tick(10, bid=99)]

    assert [each.value for each in run("age >= 0", events, trigger=Trigger.EVERY)] == [0, 10]


def test_vwap_is_of_the_session_s_trades() -> None:
    events = [tick(0, 100, last_size=1), tick(1, 103, last_size=2)]

    assert [each.value for each in run("vwap > 0", events, trigger=Trigger.EVERY)] == [100, 102]


@pytest.mark.parametrize(
    ("field", "value"), [("open", 10), ("high", 14), ("low", 8), ("close", 12), ("volume", 9)]
)
def test_bar_fields_are_the_last_closed_bar_s(field: str, value: float) -> None:
    events = [
        tick(0, 10, last_size=1),
        tick(1, 14, last_size=2),
        tick(2, 8, last_size=3),
        tick(59, 12, last_size=3),
    ]

    (found,) = run(f"{field}[1m] > 0", [*events, tick(61, 500)])

    assert found.value == value


def test_n_ago_is_the_value_n_bars_earlier() -> None:
    assert values("close[1m] 3 ago", [1, 2, 3, 4, 5]) == [None, None, None, 1, 2]


def test_n_ago_of_an_average_leaves_the_newest_bars_out() -> None:
    assert values("avg(close, 2)[1m] 1 ago", [1, 3, 5, 7]) == [None, None, 2, 4]


@pytest.mark.parametrize(
    ("operand", "expected"),
    [
        ("sma(5)", talib.SMA(SERIES, 5)),
        ("ema(5)", talib.EMA(SERIES, 5)),
        ("wma(5)", talib.WMA(SERIES, 5)),
        ("rsi(5)", talib.RSI(SERIES, 5)),
        ("roc(5)", talib.ROC(SERIES, 5)),
        ("stddev(5)", talib.STDDEV(SERIES, 5)),
        ("atr(5)", talib.ATR(HIGHS, LOWS, SERIES, 5)),
        ("adx(5)", talib.ADX(HIGHS, LOWS, SERIES, 5)),
        ("cci(5)", talib.CCI(HIGHS, LOWS, SERIES, 5)),
        ("mfi(5)", talib.MFI(HIGHS, LOWS, SERIES, VOLUMES, 5)),
        ("obv()", talib.OBV(SERIES, VOLUMES)),
        ("macd(3, 6, 4)", talib.MACD(SERIES, 3, 6, 4)[0]),
        ("macd_signal(3, 6, 4)", talib.MACD(SERIES, 3, 6, 4)[1]),
        ("macd_hist(3, 6, 4)", talib.MACD(SERIES, 3, 6, 4)[2]),
        ("bb_upper(5, 2)", talib.BBANDS(SERIES, 5, 2, 2)[0]),
        ("bb_middle(5, 2)", talib.BBANDS(SERIES, 5, 2, 2)[1]),
        ("bb_lower(5, 2)", talib.BBANDS(SERIES, 5, 2, 2)[2]),
        ("stoch_k(5, 3)", talib.STOCH(HIGHS, LOWS, SERIES, 5, 3, 0, 1, 0)[0]),
        ("stoch_d(5, 3, 2)", talib.STOCH(HIGHS, LOWS, SERIES, 5, 3, 0, 2, 0)[1]),
        ("highest(high, 5)", talib.MAX(HIGHS, 5)),
        ("lowest(low, 5)", talib.MIN(LOWS, 5)),
        ("avg(volume, 5)", talib.SMA(VOLUMES, 5)),
        ("sma(high, 5)", talib.SMA(HIGHS, 5)),
        ("willr(5)", talib.WILLR(HIGHS, LOWS, SERIES, 5)),
        ("aroonosc(5)", talib.AROONOSC(HIGHS, LOWS, 5)),
        ("aroon.aroonup(5)", talib.AROON(HIGHS, LOWS, 5)[1]),
        ("aroon.aroondown(5)", talib.AROON(HIGHS, LOWS, 5)[0]),
        ("trange()", talib.TRANGE(HIGHS, LOWS, SERIES)),
        ("adosc()", talib.ADOSC(HIGHS, LOWS, SERIES, VOLUMES, 3, 10)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_indicators_agree_with_talib_from_their_first_defined_value_on(
    operand: str, expected: np.ndarray
) -> None:
    assert_same(values(f"{operand}[1m]"), expected)


def test_bb_width_is_the_band_s_share_of_its_middle() -> None:
    upper, middle, lower = talib.BBANDS(SERIES, 5, 2, 2)

    assert_same(values("bb_width(5, 2)[1m]"), (upper - lower) / middle)


def test_the_source_is_close_unless_given() -> None:
    assert values("sma(3)[1m]") == values("sma(close, 3)[1m]") != values("sma(high, 3)[1m]")


@pytest.mark.parametrize("text", ["willr(14)[5m] < -80", "aroonosc(25)[1h] > 0", "cdlengulfing()[15m] != 0"])
def test_every_function_of_talib_is_an_operand(text: str) -> None:
    assert parse(text)


def test_one_output_of_several_is_chosen_by_name() -> None:
    assert parse("aroon.aroonup(14)[1h] > 70")
    assert "aroonup" in refusal("aroon.nonsense(14)[1h] > 70")


def test_change_is_the_percent_change_against_the_last_value_at_or_before_then() -> None:
    events = [tick(0, 100), tick(299, 90), tick(300, 102)]

    assert [each.value for each in run("change(last, 5m) >= 2%", events)] == [2]


def test_another_symbol_s_value_is_read_by_its_name() -> None:
    events = [tick(0, 100), tick(1, -700, symbol="$TICK"), tick(2, -900, symbol="$TICK")]

    assert fired(run("last > 0 and $TICK.last < -800", events)) == [2]


@pytest.mark.parametrize(
    "text", ["$TICK.last < -800", "/ES.rsi(14)[5m] > 70", '"BTC-USD".last > 1', '"BRK.B".last > 1']
)
def test_a_symbol_with_punctuation_is_quoted(text: str) -> None:
    assert to_text(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "column", "found"),
    [
        ("last > and 5", 8, "and"),
        ("lst > 5", 1, "lst"),
        ("last >", 7, "the end"),
        ("last > 5 bid", 10, "bid"),
        ("sma(20[5m] > 3", 7, "["),
        ("last > 5)", 9, ")"),
        ("close[7m] > 5", 7, "7m"),
        ("rsi(0)[5m] > 5", 5, "0"),
    ],
)
def test_an_error_says_the_column_what_stood_there_and_what_could(text: str, column: int, found: str) -> None:
    told = refusal(text)

    assert told.startswith(f"column {column}: ")
    assert found in told
    assert "expected" in told or "from" in told
    assert "invalid" not in told.lower()


def test_bars_of_ticks_and_recorded_bars_are_read_alike() -> None:
    recorded = [each for each in bars(10, 12, 11) if isinstance(each, Bar)]

    assert [each.value for each in run("close[1m] > 0", bars(10, 12, 11), trigger=Trigger.EVERY)] == [
        each.close for each in recorded
    ]
