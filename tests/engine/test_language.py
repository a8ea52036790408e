import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.engine.conditions import (
    All,
    Arithmetic,
    Comparison,
    Crossing,
    Duration,
    Negative,
    Not,
    Number,
    Operand,
    Percent,
    Range,
    Some,
    Then,
    Touch,
)
from tradeassist_desktop.engine.language import in_words, is_unfinished, mended, parse, to_text

LAST = Operand("last")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        pytest.param("last > 100", Comparison(">", LAST, Number(100.0)), id="comparison"),
        pytest.param("LAST Crosses ABOVE 5", Crossing("above", LAST, Number(5.0)), id="any case"),
        pytest.param("last crosses -5", Crossing("either", LAST, Number(-5.0)), id="either way, negative"),
        pytest.param(
            "last enters 5520..5530", Range("enters", LAST, Number(5520.0), Number(5530.0)), id="range"
        ),
        pytest.param("last touches bid", Touch(LAST, Operand("bid")), id="touch"),
        pytest.param(
            "change(last, 5m) >= 2%",
            Comparison(">=", Operand("change", ("last", Duration("5m"))), Percent(2.0)),
            id="percentage",
        ),
        pytest.param(
            "close[5m] 3 ago > sma(high, 20)[1h] 1 ago",
            Comparison(
                ">",
                Operand("close", timeframe="5m", ago=3),
                Operand("sma", ("high", 20.0), timeframe="1h", ago=1),
            ),
            id="bars ago",
        ),
        pytest.param(
            '"BRK.B".last > /ES.bid',
            Comparison(">", Operand("last", symbol="BRK.B"), Operand("bid", symbol="/ES")),
            id="symbols",
        ),
        pytest.param(
            "high / /6E.last > 1",
            Comparison(">", Arithmetic("/", Operand("high"), Operand("last", symbol="/6E")), Number(1.0)),
            id="division by a future",
        ),
        pytest.param(
            "last > 1 or last > 2 and not last > 3",
            Some(
                (
                    Comparison(">", LAST, Number(1.0)),
                    All((Comparison(">", LAST, Number(2.0)), Not(Comparison(">", LAST, Number(3.0))))),
                )
            ),
            id="and binds tighter than or",
        ),
        pytest.param(
            "($TICK.last > 8 THEN last crosses 5 then bid > 1 or bid < 0) Within 5M",
            Then(
                (
                    Comparison(">", Operand("last", symbol="$TICK"), Number(8.0)),
                    Crossing("either", LAST, Number(5.0)),
                    Some(
                        (
                            Comparison(">", Operand("bid"), Number(1.0)),
                            Comparison("<", Operand("bid"), Number(0.0)),
                        )
                    ),
                ),
                Duration("5m"),
            ),
            id="sequence",
        ),
        pytest.param(
            "(last - 1 - 2) * -bid > 0",
            Comparison(
                ">",
                Arithmetic(
                    "*",
                    Arithmetic("-", Arithmetic("-", LAST, Number(1.0)), Number(2.0)),
                    Negative(Operand("bid")),
                ),
                Number(0.0),
            ),
            id="arithmetic",
        ),
    ],
)
def test_a_text_means_its_condition(text, condition):
    assert parse(text) == condition


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "found nothing"),
        ("last", 5, "expected a comparison such as >, crosses"),
        ("last >", 7, "expected a number, a field or an indicator; found the end"),
        ("last > and", 8, "expected a number, a field or an indicator; found 'and'"),
        ("lst > 5", 1, "did you mean last?"),
        ("last > 2%", 8, "a percentage can only be compared with change, roc or pct_change"),
        ("(last > 5", 10, "found the end"),
        ("last > 5)", 9, "found ')'"),
        ("rsi > 3", 1, "expected rsi(source, bars), such as rsi(14), found rsi"),
        ("rsi(1) > 3", 5, "2 to 10,000, found 1"),
        ("sma(20.5) > 1", 5, "expected a whole number of bars"),
        ("sma(vwap, 5) > 1", 5, "expected open, high, low, close or volume"),
        ("open 3 ago > 2", 1, "open[5m] would be"),
        ("last[5m] > 2", 1, "expected last, found last[5m]"),
        ("last > 8 then last > 5", 10, "(A then B) within 5m"),
        ("(last > 8 then last > 5)", 25, "expected within; found the end"),
        ("(last > 8 then last > 5) within 8d", 33, "1s to 7d, found 8d"),
        ("(last > 8 then last > 5) within 500ms", 33, "1s to 7d, found 500ms"),
        ("(" + " then ".join(["last > 8"] * 11) + ") within 5m", 137, "at most 10 steps"),
        ("last > 1 and > 2", 14, "expected a number, a field or an indicator; found '>'"),
        ("last > 1 last", 10, "expected and, or, the end; found 'last'"),
        ("last > 5 andlast > 3", 10, "found 'andlast'"),
        ("last > then", 8, "expected a number, a field or an indicator; found 'then'"),
        ("last > 1" + " + 1" * 50, 206, "a calculation has at most 49 steps"),
        ("not " * 50 + "last > 1", 5, "nested more than 50 deep"),
        ("(" * 51 + "last > 1" + ")" * 51, 51, "nested more than 50 deep"),
        (" and ".join(["last>1"] * 201), 2197, "at most 200 comparisons"),
        ("last > " + "9" * 50, 8, "expected a number up to 1e+15, found 9999999999"),
        ("a" * 41 + ".last > 1", 1, "a symbol has at most 40 characters"),
        ("last > 1 " + " " * 3992, 4001, "longer than 4000 characters"),
        ("macd(1,26,9) > 0", 6, "2 to 10,000, found 1"),
        ("aroon(14) > 0", 1, "expected aroon.aroondown(bars) or aroon.aroonup(bars), found aroon"),
        ("aroon.up(14) > 0", 7, "expected aroon.aroondown(bars) or aroon.aroonup(bars), found aroon.up"),
        ("aroon.aroonup > 0", 1, "aroon.aroonup(14), found aroon.aroonup"),
        ("/ES.aroon.up(14) > 0", 5, "expected aroon.aroondown(bars) or aroon.aroonup(bars)"),
        ("/ES.NQ.last > 0", 5, "expected one symbol"),
        ("ht_sine.sin() > 0", 1, "expected ht_sine.sine(source) or ht_sine.leadsine(source)"),
        ("last > 1 and btc-usd.last > 0", 14, 'write "BTC-USD".last'),
        ("BRK_B.last > 0", 1, 'in quotes: "BRK_B".last'),
        ("bbands.upperband(20, 2, 2, 14) > 1", 28, "a kind of average, 0 to 13"),
        ("sar(0.02, -1) > 1", 11, "expected maximum as a number of 0 to 1,000,000,000, found -1"),
        ("mavp(close, volume, 30, 2) > 1", 1, "expected minperiod up to maxperiod"),
        ("highest(20) > 1", 1, "expected highest(source, bars), found 1 argument"),
        ("rsi(14, 15) > 1", 1, "expected rsi(source, bars), found 2 arguments"),
        ("last > volume", 8, "expected a price or a number, found volume"),
        ("last + volume > 1", 8, "cannot add a size (volume) to a price"),
        ("last - 2 * age > 1", 8, "cannot subtract seconds from a price"),
        ("volume[1m] crosses above sma(20)", 26, "cannot compare a size (volume) with a price"),
        ("change(last, 5m) in 1..bid", 24, "cannot compare a percentage with a price"),
        ("rsi(14) > 2%", 11, "a percentage can only be compared with change, roc or pct_change"),
        ("5 > 3", 1, "found only numbers"),
        ("last in 5..3", 9, "expected the lower bound first"),
        ("last > 5 @", 10, "found '@'"),
        ("close[7m] > 1", 7, "found '7m'"),
        ("last crosses abve 5530", 14, "did you mean above?"),
        ("last > 5 andd bid < 3", 10, "did you mean and?"),
        ("last abve 5530", 6, "write crosses above, or >"),
        ("last below 5530", 6, "found 'below'; write crosses below, or <"),
        ("last is over 5530", 6, "write >, < or =="),
        ("last => 5530", 6, "found '=>'; write >="),
        ("last > 5,530", 9, "write 5530, not 5,530"),
        ("last > 5530 for 5m", 13, "is set beside the condition, as its hold"),
        ("price > 5530", 1, "write last"),
        (
            "SPY crosses above 500",
            1,
            "expected a field of SPY, found SPY alone; write SPY.last crosses above 500",
        ),
        ("last > 5 and /es > 5500", 14, "write last > 5 and /ES.last > 5500"),
        ("$VIX > 20", 1, "write $VIX.last > 20"),
        ("last > SPY", 8, "write last > SPY.last"),
        ("BRK.B > 400", 1, 'write "BRK.B".last > 400'),
        ('SPY > 5 and "\x1b".last > 4', 1, "found SPY alone; write SPY.last"),
        ('"\x1b" > 4', 1, "found '\"'"),
        ("BTC-USD > 60000", 1, 'write "BTC-USD".last > 60000'),
        ("SPY > 5 and QQQ > 4", 1, "found SPY alone; write SPY.last"),
        ("spy > 500", 1, "if it is a symbol, write SPY.last"),
        ("RSI > 70", 1, "expected rsi(source, bars), such as rsi(14), found rsi"),
        ("above 5530", 1, "expected a number, a field or an indicator; found 'above'"),
        ("last > ema(20)[5min]", 16, "expected a duration such as 5m; found '5min'"),
        ("last > ema(20", 14, "expected a closing ), a comma; found the end"),
        ("change(last, 5) > 1", 14, "expected a duration"),
        ("change(last, 9d) > 1", 14, "1s to 1d"),
        ("last > 1e400", 8, "expected a number up to"),
        ("close 10001 ago > 1", 1, "at most 10000 bars ago"),
    ],
)
def test_an_error_says_its_column_and_what_could_stand_there(text, column, message):
    with pytest.raises(BadInput) as refused:
        parse(text)

    (fault,) = refused.value.faults
    assert fault.column == column
    assert message in fault.message
    assert fault.message.isprintable()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("SPY crosses above 500", "SPY.last crosses above 500"),
        ("spy > 5 and /es crosses 5500", "SPY.last > 5 and /ES.last crosses 5500"),
        ("last crosses abve 5,530", "last crosses above 5530"),
        ("last above 5530", "last crosses above 5530"),
        ("price => 5530 andd bid < 3", "last >= 5530 and bid < 3"),
        ("btc-usd.last > 60000", '"BTC-USD".last > 60000'),
        ("last > 100", None),
        ("last >", None),
        ("last > 5 last", None),
        ("last > 5530 for 5m", None),
        ("last > 2%", None),
    ],
)
def test_what_was_most_likely_meant_is_written_out_as_a_sound_text(text: str, meant: str | None) -> None:
    assert mended(text) == meant


@pytest.mark.parametrize(
    ("text", "is_begun"),
    [
        ("last >", True),
        ("last crosses ab", True),
        ("last crosses abve", False),
        ("last crosses abve 5", False),
        ("last > SP", True),
        ("last > 5 and /E", True),
        ("last > ema(", True),
        ("close[5", True),
        ("last > ema(20)[5min", False),
        ("SPY crosses above 5", False),
        ("last > 5)", False),
    ],
)
def test_a_text_is_unfinished_only_while_typing_on_could_mend_it(text: str, is_begun: bool) -> None:
    with pytest.raises(BadInput) as refused:
        parse(text)

    assert is_unfinished(text, refused.value.faults[0].column) is is_begun


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("(" * 2000 + "last > 1", id="parentheses"),
        pytest.param("not " * 900 + "last > 1", id="nots"),
        pytest.param("last > " + "-" * 3900 + "1", id="minuses of a literal are one number"),
        pytest.param("last > " + "-" * 3900 + "bid", id="minuses of a field"),
        pytest.param("last > 1" + "+1" * 1900, id="a long sum"),
        pytest.param("last > " + "9" * 3900, id="a long number"),
        pytest.param("a" * 4001, id="too long"),
        pytest.param("last > 1\0", id="NUL"),
        pytest.param("__import__('os') > 1", id="code"),
        pytest.param("last.__class__ > 1", id="attributes"),
        pytest.param("last > 9**9**9", id="powers"),
    ],
)
def test_hostile_texts_end_within_a_second_and_never_in_a_crash(text):
    started = time.perf_counter()

    try:
        parse(text)
    except BadInput as error:
        assert error.faults[0].column is not None

    assert time.perf_counter() - started < 1.0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" and ".join(["sma(20)[1m] > 1.25"] * 180)[:4000], id="many comparisons"),
        pytest.param("last > " + "-" * 3980 + "bid", id="minuses"),
        pytest.param("sma(" + "5," * 1980 + "5) > 1", id="arguments"),
        pytest.param("last > " + "9" * 3980 + " @", id="a long number and a stray sign"),
        pytest.param('"a' * 2000, id="quotes"),
        pytest.param("lasst bidd " * 360, id="misspelt words"),
    ],
)
def test_the_longest_texts_are_read_or_refused_without_exploding(text):
    parse("last > 1")
    times = []

    for suffix in ("", " ", "  "):
        started = time.perf_counter()
        with suppress(BadInput):
            parse(text + suffix)
        times.append(time.perf_counter() - started)

    # Milliseconds each (tests/benchmarks/parse.py); what grows with the square would take minutes.
    assert min(times) < 1.0


def test_a_symbol_with_the_name_of_a_function_is_quoted():
    of_symbol = Operand("min", (30.0,), symbol="MINMAX")
    of_function = Operand("minmax", (30.0,), output="min")

    assert parse('"MINMAX".min(30) > 1').left == of_symbol
    assert parse("MINMAX.min(30) > 1").left == of_function
    assert to_text(Comparison(">", of_symbol, Number(1.0))) == '"MINMAX".min(30) > 1'


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("aroon.aroonup(14)[1h] > 1", Operand("aroon", (14.0,), None, "1h", 0, "aroonup")),
        ("/ES.Aroon.AroonUp(14)[1h] 2 ago > 1", Operand("aroon", (14.0,), "/ES", "1h", 2, "aroonup")),
        ('"BRK.B".ht_sine.leadsine() > 0', Operand("ht_sine", (), "BRK.B", output="leadsine")),
        ("stddev(20, -1.5) > 0", Operand("stddev", (20.0, -1.5))),
        ("high/ES.last > 0", Arithmetic("/", Operand("high"), Operand("last", symbol="ES"))),
    ],
)
def test_an_operand_is_read_with_all_its_parts(text, left):
    assert parse(text).left == left


@pytest.mark.parametrize(
    "text",
    [
        "last > sma(20) + 2 * atr(14)",
        "volume / avg(volume, 20)[1m] > 3",
        "last / prev_close > 1.02",
        "change(last, 5m) - change(bid, 5m) > 2%",
        "2% < change(last, 5m)",
        "pct_change in -2%..2%",
        "high - low > 0.5 * (open - 3)",
        "last * volume > 1000000",
        "age > 30",
        "rsi(14) > last",
        "roc(10)[1h] > 2%",
        "sma(volume, 20) < volume[5m]",
    ],
)
def test_values_that_go_together_are_taken(text):
    assert to_text(parse(text)) == text


@given(st.text(max_size=60) | st.text(alphabet='last>5.%()[]m agocrosses and"$/', max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_condition_or_is_refused_with_a_column(text):
    try:
        parse(text)
    except BadInput as error:
        assert error.faults[0].column is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("last crosses above 5530", "last price crosses above 5,530"),
        (
            "$VIX.last < 20 and not age > 5",
            "$VIX last price is below 20 and not (seconds since the last trade is above 5)",
        ),
        ("change(last, 5m) >= 2%", "change of last price in 5 minutes is at or above 2%"),
        ("close[5m] > close[5m] 3 ago", "close of the last 5-minute bar is above close 3 5-minute bars ago"),
        (
            "/ES.aroon.aroonup(14)[1h] 1 ago > 70",
            "/ES aroon.aroonup(14) of 1-hour bars 1 bar ago is above 70",
        ),
        (
            "last in 1..2 or -(bid - ask) == 0",
            "last price is inside 1 to 2 or minus (bid - ask) is exactly 0",
        ),
        (
            "($TICK.last > 800 then last touches 5530) within 1m",
            "($TICK last price is above 800, then last price touches 5,530) within 1 minute",
        ),
    ],
)
def test_plain_words_read_like_a_sentence(text, words):
    assert in_words(parse(text)) == words
