"""Rules carried over a roll, a split and a rename. New levels are worked out by hand."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.conditions_drawn import conditions
from tradeassist_desktop.domain.rules import Rearm, Rule
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.rulefiles.adjusting import Adjustment, adjust, symbols_of

ROLL = Adjustment(symbol="/ESU24", new_symbol="/ESZ24", shift=56.25, tick_size=0.25)
SPLIT = Adjustment(symbol="NVDA", new_symbol="NVDA", factor=0.1, tick_size=0.01)
RENAME = Adjustment(symbol="FB", new_symbol="META")


def rule(symbol, when, **more):
    return Rule(uid="1", name="a rule", symbols=(symbol,), when=when, **more)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("last > 5500", "last > 5556.25", id="a level"),
        pytest.param("5500 <= bid", "5556.25 <= bid", id="a level on the left"),
        pytest.param("last crosses above 5530", "last crosses above 5586.25", id="a crossing"),
        pytest.param("last touches 5500.25", "last touches 5556.5", id="a touch"),
        pytest.param("mid enters 5520..5530", "mid enters 5576.25..5586.25", id="a range"),
        pytest.param("close[5m] 3 ago > 5500", "close[5m] 3 ago > 5556.25", id="a bar"),
        pytest.param("ema(20)[5m] < 5500", "ema(20)[5m] < 5556.25", id="an average"),
        pytest.param("-last < -5500", "-last < -5556.25", id="a negative level"),
        pytest.param("last > 5500.1", "last > 5556.25", id="a level that was between price steps"),
        pytest.param("last - 5 > 5500", "last - 5 > 5556.25", id="a level less a distance"),
        pytest.param("2 * last > 11000", "2 * last > 11112.5", id="a multiple"),
        pytest.param(
            "/ESU24.last > 5500 and rsi(14)[5m] > 70",
            "/ESZ24.last > 5556.25 and rsi(14)[5m] > 70",
            id="by name",
        ),
        pytest.param("change(last, 5m) >= 2%", "change(last, 5m) >= 2%", id="a change in percent"),
        pytest.param("rsi(14)[5m] > 70", "rsi(14)[5m] > 70", id="an oscillator"),
        pytest.param(
            "volume[1m] >= 3 * avg(volume, 20)[1m]", "volume[1m] >= 3 * avg(volume, 20)[1m]", id="volumes"
        ),
        pytest.param("volume > 100000", "volume > 100000", id="a volume"),
        pytest.param("spread > 0.5", "spread > 0.5", id="a distance"),
        pytest.param("atr(14)[5m] > 3", "atr(14)[5m] > 3", id="a range of prices"),
        pytest.param("last > close[1d] + 3", "last > close[1d] + 3", id="a distance from a price"),
        pytest.param("last > 1.02 * close[1d]", "last > 1.02 * close[1d]", id="prices in proportion"),
        pytest.param("last > ema(20) + 2 * atr(14)", "last > ema(20) + 2 * atr(14)", id="a channel"),
        pytest.param("last / close[1d] > 1.02", "last / close[1d] > 1.02", id="a ratio of prices"),
        pytest.param("cdlengulfing()[15m] != 0", "cdlengulfing()[15m] != 0", id="a pattern"),
        pytest.param("$TICK.last > 800", "$TICK.last > 800", id="another symbol"),
        pytest.param(
            "($TICK.last > 800 then last crosses above 5530) within 5m",
            "($TICK.last > 800 then last crosses above 5586.25) within 5m",
            id="a sequence",
        ),
        pytest.param(
            "not last > 5500 or bid < 5400", "not (last > 5556.25) or bid < 5456.25", id="all parts"
        ),
    ],
)
def test_a_roll_moves_levels_by_the_offset_and_nothing_else(before, after):
    adjusted = adjust(rule("/ESU24", before), ROLL)

    assert (adjusted.after.symbols, adjusted.after.when, adjusted.doubts) == (("/ESZ24",), after, ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("last > 1200", "last > 120", id="a level"),
        pytest.param("last crosses below 1234.56", "last crosses below 123.46", id="rounded to a cent"),
        pytest.param("last outside 1100..1300", "last outside 110..130", id="a range"),
        pytest.param("spread > 0.5", "spread > 0.05", id="a distance"),
        pytest.param("atr(14)[1d] > 40", "atr(14)[1d] > 4", id="a range of prices"),
        pytest.param("volume > 5000000", "volume > 50000000", id="a volume"),
        pytest.param("avg(volume, 20)[1m] < 1000", "avg(volume, 20)[1m] < 10000", id="an average volume"),
        pytest.param("last_size >= 500", "last_size >= 5000", id="a size"),
        pytest.param("last > close[1d] + 30", "last > close[1d] + 3", id="a distance from a price"),
        pytest.param("last * volume > 1000000", "last * volume > 1000000", id="money"),
        pytest.param("100 / last > 2", "100 / last > 20", id="shares for a hundred dollars"),
        pytest.param("last > 2 * close[1d] + 30", "last > 2 * close[1d] + 3", id="a factor stays"),
        pytest.param("rsi(14)[5m] > 70", "rsi(14)[5m] > 70", id="an oscillator"),
        pytest.param("pct_change > 3%", "pct_change > 3%", id="a percentage"),
        pytest.param(
            "volume[1m] >= 3 * avg(volume, 20)[1m]", "volume[1m] >= 3 * avg(volume, 20)[1m]", id="volumes"
        ),
    ],
)
def test_a_split_of_ten_for_one_divides_prices_and_multiplies_volumes(before, after):
    adjusted = adjust(rule("NVDA", before), SPLIT)

    assert (adjusted.after.symbols, adjusted.after.when, adjusted.doubts) == (("NVDA",), after, ())


@pytest.mark.parametrize(
    ("before", "adjustment", "doubt"),
    [
        pytest.param(
            "/ESU24 last > 2 * close[1d] + 3",
            ROLL,
            "last > 2 * close[1d] + 3: no side of it is a plain level",
        ),
        pytest.param("/ESU24 last > /NQU24.last", ROLL, "last > /NQU24.last: no side of it is a plain level"),
        pytest.param(
            "/ESU24 last * bid > 30000000",
            ROLL,
            "last * bid > 30000000: a product of prices does not move as they do",
        ),
        pytest.param(
            "/ESU24 obv()[5m] > 1000", ROLL, "obv()[5m] > 1000: obv()[5m] follows prices in a way of its own"
        ),
        pytest.param(
            "NVDA last > 10 * AMD.last", SPLIT, "last > 10 * AMD.last: its sides do not follow alike"
        ),
        pytest.param(
            "NVDA last + rsi(14)[5m] > 3",
            SPLIT,
            "last + rsi(14)[5m] > 3: last + rsi(14)[5m] mixes values that do not follow alike",
        ),
    ],
)
def test_what_cannot_be_told_for_sure_is_left_to_the_trader(before, adjustment, doubt):
    symbol, _, when = before.partition(" ")
    before_rule = rule(symbol, when)

    adjusted = adjust(before_rule, adjustment)

    assert adjusted.after is before_rule
    assert adjusted.doubts == (doubt,)


def test_a_rule_in_doubt_is_left_whole():
    before = rule("/ESU24", "last > 5500 and last > 2 * close[1d] + 3")

    assert adjust(before, ROLL).after == before


def test_a_level_of_several_symbols_is_left_to_the_trader():
    both = Rule("1", "n", ("/ESU24", "/NQU24"), "last > 5500")

    adjusted = adjust(both, ROLL)

    assert adjusted.doubts == ("last > 5500: the rule is on 2 symbols with one level",)


def test_a_rule_on_several_symbols_without_a_level_takes_the_new_one():
    both = Rule("1", "n", ("/ESU24", "/NQU24"), "rsi(14)[5m] > 70")

    assert adjust(both, ROLL).after.symbols == ("/ESZ24", "/NQU24")


def test_what_changes_is_listed():
    adjusted = adjust(rule("/ESU24", "last > 5500 and bid > 1"), ROLL)

    assert adjusted.changes == (
        ("/ESU24", "/ESZ24"),
        ("last > 5500", "last > 5556.25"),
        ("bid > 1", "bid > 57.25"),
    )


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("/ESU24 last > 5500", "/ESZ24 last > 5556.25"),
        ("Breakout of /ESU24", "Breakout of /ESZ24"),
        ("ES breaks out", "ES breaks out"),
    ],
)
def test_a_name_follows_its_symbol(name, after):
    assert adjust(replace(rule("/ESU24", "last > 5500"), name=name), ROLL).after.name == after


def test_a_message_that_tells_the_old_level_is_pointed_out():
    adjusted = adjust(rule("/ESU24", "last > 5500", message="/ESU24 over 5500!"), ROLL)

    assert adjusted.after.message == "/ESZ24 over 5500!"
    assert adjusted.notes == ("its message still says 5500",)


@pytest.mark.parametrize(
    ("when", "rearm", "after"),
    [
        ("last > 1200", Rearm(20.0), Rearm(2.0)),
        ("volume > 1000", Rearm(20.0), Rearm(200.0)),
        ("rsi(14)[5m] > 70", Rearm(5.0), Rearm(5.0)),
        ("last > 1200", Rearm(1.0, is_percent=True), Rearm(1.0, is_percent=True)),
    ],
)
def test_the_way_back_is_multiplied_as_its_level_is(when, rearm, after):
    assert adjust(rule("NVDA", when, rearm=rearm), SPLIT).after.rearm == after


def test_the_way_back_of_another_symbols_level_stays():
    before = Rule("1", "n", ("NVDA",), "AMD.last > 1 / 0", rearm=Rearm(20.0))

    assert adjust(before, SPLIT).after == before


def test_a_roll_keeps_the_way_back():
    assert adjust(rule("/ESU24", "last > 5500", rearm=Rearm(20.0)), ROLL).after.rearm == Rearm(20.0)


def test_a_rename_changes_no_number():
    before = rule("FB", "last > 200 and FB.volume > 2 * QQQ.volume")

    after = adjust(before, RENAME).after

    assert (after.symbols, after.when) == (("META",), "last > 200 and META.volume > 2 * QQQ.volume")


def test_a_symbol_within_another_is_another():
    assert symbols_of(rule("FBX", "last > FBY.last")) == {"FBX", "FBY"}
    assert adjust(replace(rule("FB", "last > 1"), name="FB and FBX"), RENAME).after.name == "META and FBX"


@settings(max_examples=200, deadline=None)
@given(
    condition=conditions(), shift=st.sampled_from((0.0, 12.5, -3.25)), factor=st.sampled_from((1.0, 0.5, 3.0))
)
def test_whatever_a_rule_says_it_is_carried_over_sound_or_left_alone(condition, shift, factor):
    from tradeassist_desktop.engine.language import to_text

    before = rule("/ES", to_text(condition))
    adjustment = Adjustment(symbol="/ES", new_symbol="/NQ", shift=shift, factor=factor, tick_size=0.25)

    adjusted = adjust(before, adjustment)

    if adjusted.doubts:
        assert adjusted.after is before
    else:
        meaning_of(adjusted.after)
        assert "/ES" not in symbols_of(adjusted.after)
        assert parse(adjusted.after.when)
