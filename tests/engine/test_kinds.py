import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.engine.conditions import Duration, Number, Operand, Percent
from tradeassist_desktop.engine.kinds.kind_forms import KINDS, form_of, view_of
from tradeassist_desktop.engine.kinds.kind_shapes import EXPRESSION, kind_name, kind_of
from tradeassist_desktop.engine.kinds.kinds import (
    Crossover,
    MultiCondition,
    RateOfChange,
    Threshold,
    VolumeSpike,
    condition_of,
)
from tradeassist_desktop.engine.language import parse, to_text

LAST = Operand("last")


@pytest.mark.parametrize(
    ("text", "view"),
    [
        pytest.param("last > 5530", Threshold(LAST, ">", Number(5530.0)), id="level"),
        pytest.param(
            "pct_change <= -2%", Threshold(Operand("pct_change"), "<=", Percent(-2.0)), id="percent"
        ),
        pytest.param(
            "last > 0.0068962565095627365", Threshold(LAST, ">", Number(0.0068962565095627365)), id="long"
        ),
        pytest.param("last > 1e-07", Threshold(LAST, ">", Number(1e-7)), id="tiny"),
        pytest.param("last in 1..2", Threshold(LAST, "in", Number(1.0), Number(2.0)), id="range"),
        pytest.param("last crosses above 5530", Crossover(LAST, "above", Number(5530.0)), id="level crossed"),
        pytest.param(
            "ema(9)[5m] crosses ema(21)[5m]",
            Crossover(
                Operand("ema", (9.0,), timeframe="5m"), "either", Operand("ema", (21.0,), timeframe="5m")
            ),
            id="two averages",
        ),
        pytest.param(
            "$VIX.change(last, 5m) >= 5%",
            RateOfChange("last", Duration("5m"), ">=", Percent(5.0), symbol="$VIX"),
            id="change over a time",
        ),
        pytest.param("roc(3)[5m] > 2", RateOfChange(None, 3, ">", Number(2.0), "5m"), id="change over bars"),
        pytest.param("roc(high, 3) < -1", RateOfChange("high", 3, "<", Number(-1.0)), id="change of highs"),
        pytest.param(
            "volume[1m] >= 3 * avg(volume, 20)[1m] 1 ago", VolumeSpike("1m", 3.0, 20), id="volume spike"
        ),
        pytest.param(
            '"BRK.B".volume[5m] > 2.5 * "BRK.B".avg(volume, 10)[5m]',
            VolumeSpike("5m", 2.5, 10, 0, "BRK.B", ">"),
            id="volume spike of another symbol",
        ),
        pytest.param(
            "last > 5 and volume[1m] >= 3 * avg(volume, 20)[1m] 1 ago",
            MultiCondition("all", (Threshold(LAST, ">", Number(5.0)), VolumeSpike("1m", 3.0, 20))),
            id="all of two",
        ),
        pytest.param(
            "last > 5 or last crosses 3",
            MultiCondition(
                "any", (Threshold(LAST, ">", Number(5.0)), Crossover(LAST, "either", Number(3.0)))
            ),
            id="any of two",
        ),
    ],
)
def test_a_condition_of_a_known_shape_opens_in_its_form_and_the_form_writes_it_back(text, view):
    condition = parse(text)

    assert kind_of(condition) == view
    assert condition_of(view) == condition
    assert view_of(view.name, form_of(view)) == view
    assert to_text(condition_of(view)) == text


@pytest.mark.parametrize(
    "text",
    [
        "5530 < last",
        "last > bid",
        "last - bid > 5",
        "last enters 1..2",
        "last touches 5",
        "not last > 5",
        "last > 5 and (bid > 5 or ask > 5)",
        "last > 5 and not bid > 5",
        "last in bid..ask",
        "last crosses bid + 1",
        "volume[1m] >= avg(volume, 20)[1m] 1 ago",
        "volume[1m] >= 3 * avg(volume, 20)[5m] 1 ago",
        "volume[1m] >= 3 * avg(volume, 20)[1m] 2 ago",
        "volume[1m] < 3 * avg(volume, 20)[1m] 1 ago",
        "last crosses last",
        "(last > 5 then bid > 5) within 5m",
    ],
)
def test_any_other_condition_is_an_expression(text):
    condition = parse(text)

    assert kind_of(condition) is None
    assert kind_name(condition) == EXPRESSION


@pytest.mark.parametrize(
    ("view", "place", "message"),
    [
        pytest.param(
            Threshold(Operand("lst"), ">", Number(1.0)), "operand", "did you mean last", id="unknown word"
        ),
        pytest.param(Threshold(LAST, ">", Percent(2.0)), "level", "a percentage", id="percentage of a price"),
        pytest.param(Threshold(LAST, "in", Number(2.0)), "high", "needs an upper bound", id="half a range"),
        pytest.param(
            Threshold(LAST, "in", Number(2.0), Number(1.0)),
            "level",
            "lower bound first",
            id="range upside down",
        ),
        pytest.param(Threshold(LAST, "~", Number(1.0)), "comparator", "expected one of", id="comparator"),
        pytest.param(
            Crossover(LAST, "up", Number(1.0)), "direction", "expected one of above", id="direction"
        ),
        pytest.param(Crossover(LAST, "above", LAST), "right", "another value", id="crosses itself"),
        pytest.param(
            Crossover(LAST, "above", Operand("sma", (0.0,))), "right", "number of bars", id="period of zero"
        ),
        pytest.param(
            RateOfChange("lost", Duration("5m"), ">", Percent(2.0)), "field", "tick field", id="no field"
        ),
        pytest.param(
            RateOfChange("last", Duration("9d"), ">", Percent(2.0)), "over", "1s to 1d", id="too long"
        ),
        pytest.param(RateOfChange(None, 0, ">", Percent(2.0)), "over", "number of bars", id="no bars"),
        pytest.param(VolumeSpike("7m", 3.0, 20), "timeframe", "expected a timeframe", id="timeframe"),
        pytest.param(VolumeSpike("1m", 0.0, 20), "factor", "expected 0.01 to", id="factor"),
        pytest.param(VolumeSpike("1m", 3.0, 20_000), "bars", "number of bars", id="average too long"),
        pytest.param(VolumeSpike("1m", 3.0, 20, 5), "ago", "expected 0 or 1", id="ago"),
        pytest.param(
            MultiCondition("all", (Threshold(LAST, ">", Number(1.0)),)), "parts", "expected 2", id="one part"
        ),
        pytest.param(
            MultiCondition("any", (Threshold(LAST, ">", Number(1.0)), VolumeSpike("1m", 3.0, 20_000))),
            "parts[1].bars",
            "number of bars",
            id="second part",
        ),
        pytest.param(
            Threshold(Operand("last", symbol='A" or "B'), ">", Number(1.0)), "", "", id="symbol as a trick"
        ),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(view, place, message):
    with pytest.raises(BadInput) as refused:
        condition_of(view)

    (fault,) = refused.value.faults
    assert message in fault.message
    assert not place or fault.place == place


@pytest.mark.parametrize(
    ("kind", "form", "place"),
    [
        pytest.param("threshold", {"level": "5530 or last > 1"}, "level", id="a condition as a level"),
        pytest.param(
            "threshold", {"operand": "last > 5 or bid", "level": "1"}, "operand", id="as an operand"
        ),
        pytest.param("threshold", {"operand": "last + 1", "level": "1"}, "operand", id="a sum"),
        pytest.param("threshold", {}, "level", id="nothing"),
        pytest.param("threshold", {"level": "1", "colour": "red"}, "colour", id="unknown field"),
        pytest.param("threshold", {"level": "x" * 501}, "level", id="long"),
        pytest.param("threshold", {"level": None}, "level", id="no text"),
        pytest.param("rate_of_change", {"over": "soon"}, "over", id="span"),
        pytest.param("rate_of_change", {"field": "last, 5m) > 1 or change(last"}, "field", id="field"),
        pytest.param("volume_spike", {"factor": "1e400"}, "factor", id="huge factor"),
        pytest.param("volume_spike", {"bars": "2.5"}, "bars", id="half a bar"),
        pytest.param("multi_condition", {}, "parts", id="no parts"),
        pytest.param("multi_condition", {"parts": [{}, 5]}, "parts[0].kind", id="parts without a kind"),
        pytest.param("fishing", {}, "kind", id="unknown kind"),
    ],
)
def test_a_form_is_refused_at_the_field_that_is_wrong(kind, form, place):
    with pytest.raises(BadInput) as refused:
        view_of(kind, form)

    assert refused.value.faults[0].place == place


def test_a_form_takes_numbers_as_they_are():
    assert view_of("volume_spike", {"factor": 2.5, "bars": 10}) == VolumeSpike("1m", 2.5, 10)


def test_every_kind_tells_what_its_form_shows():
    assert [spec.name for spec in KINDS] == [
        "threshold", "crossover", "rate_of_change", "volume_spike", "multi_condition",
    ]  # fmt: skip
    assert all(spec.label and spec.help and spec.fields for spec in KINDS)
    assert all(field.label and field.help and field.limits for spec in KINDS for field in spec.fields)


NUMBERS = st.floats(-1e14, 1e14, allow_nan=False).map(lambda value: Number(value + 0.0))
SYMBOLS = st.none() | st.sampled_from(["/ES", "$VIX", "BRK.B", "a b", "ES, 20)", "A "])
TIMEFRAMES = st.sampled_from(["1s", "5m", "1d"])
OPERANDS = st.builds(
    Operand, st.sampled_from(["last", "bid", "spread", "volume"]), symbol=SYMBOLS
) | st.builds(
    Operand,
    st.sampled_from(["sma", "ema", "rsi"]),
    st.tuples(st.integers(2, 500).map(float)),
    SYMBOLS,
    st.none() | TIMEFRAMES,
    st.integers(0, 5),
)
RANGES = st.tuples(NUMBERS, NUMBERS).map(lambda bounds: sorted(bounds, key=lambda bound: bound.value))
SIMPLE = st.one_of(
    st.builds(Threshold, OPERANDS, st.sampled_from([">", ">=", "<", "<=", "==", "!="]), NUMBERS),
    st.builds(
        lambda operand, kind, bounds: Threshold(operand, kind, *bounds),
        OPERANDS,
        st.sampled_from(["in", "outside"]),
        RANGES,
    ),
    st.builds(Crossover, OPERANDS, st.sampled_from(["above", "below", "either"]), NUMBERS),
    st.builds(
        RateOfChange,
        st.sampled_from(["last", "bid"]),
        st.sampled_from(["1s", "5m", "1d"]).map(Duration),
        st.sampled_from([">", ">=", "<", "<="]),
        NUMBERS | st.floats(-100, 100).map(Percent),
        symbol=SYMBOLS,
    ),
    st.builds(
        RateOfChange,
        st.none() | st.sampled_from(["high", "volume"]),
        st.integers(1, 10_000),
        st.sampled_from([">", "<="]),
        NUMBERS,
        st.none() | TIMEFRAMES,
        SYMBOLS,
    ),
    st.builds(
        VolumeSpike,
        TIMEFRAMES,
        st.floats(0.01, 1e6),
        st.integers(1, 10_000),
        st.integers(0, 1),
        SYMBOLS,
        st.sampled_from([">", ">="]),
    ),
)
VIEWS = SIMPLE | st.builds(
    MultiCondition, st.sampled_from(["all", "any"]), st.lists(SIMPLE, min_size=2, max_size=5).map(tuple)
)


@given(VIEWS)
@settings(max_examples=300, deadline=None)
def test_any_view_survives_its_condition_its_text_and_its_form(view):
    condition = condition_of(view)

    assert kind_of(condition) == view
    assert kind_of(parse(to_text(condition))) == view
    assert view_of(view.name, form_of(view)) == view
