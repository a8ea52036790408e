"""Every indicator beside TA-Lib's batch function of the same name, bar by bar, warm-up included."""

import random
from math import isfinite, nan

import numpy
import pytest
import talib
from talib import abstract

from tests.engine.market_bars import column, random_bars, real_bars
from tradeassist_desktop.domain.rules import Trigger
from tradeassist_desktop.engine.conditions import Operand
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.operands import OPERANDS, completed_arguments, specification
from tradeassist_desktop.engine.operands.functions import FUNCTIONS
from tradeassist_desktop.engine.operands.specification import (
    BAR_FIELDS,
    LARGEST_FACTOR,
    MOST_BARS,
    Average,
    Factor,
    Period,
    SessionStarts,
    Source,
)

ROWS = {function.name: function for functions in FUNCTIONS.values() for function in functions}
REAL = real_bars(1_200)
RANDOM = random_bars(800)
TRIES = 4

NO_SESSIONS = SessionStarts(whole=lambda now_ns: None, regular=lambda now_ns: None)


def batch(name, bars, fields, settings):
    """Return every output of the batch function: unknown where it has none."""
    inputs = [numpy.array(column(bars, field)) for field in fields]
    outputs = getattr(talib, name)(*inputs, *settings)
    described = abstract.Function(name)
    described.set_parameters(dict(zip(described.parameters, settings, strict=True)))
    known = [each.astype(float) for each in (outputs if isinstance(outputs, tuple) else (outputs,))]
    for each in known:
        # Whole numbers cannot be NaN: TA-Lib writes 0 where it knows nothing yet.
        each[: described.lookback] = nan
    return known


def streamed(operand, bars):
    """Return the operand's value at each bar, NaN where it is unknown."""
    spec = specification(operand)
    series = spec.make(completed_arguments(operand, spec), NO_SESSIONS)
    values = [series.update(bar) for bar in bars]
    return numpy.array([nan if value is None or not isfinite(value) else value for value in values])


def streamed_at_once(operand, bars):
    """Return what ``streamed`` returns, all bars but the last three taken at once, those told beforehand."""
    spec = specification(operand)
    series = spec.make(completed_arguments(operand, spec), NO_SESSIONS)
    values = series.update_all(bars[:-3])
    for bar in bars[-3:]:
        foretold = series.peek(bar)
        values.append(series.update(bar))
        assert repr(foretold) == repr(values[-1])  # NaN is unlike itself
    return numpy.array([nan if value is None or not isfinite(value) else value for value in values])


def assert_same(ours, theirs):
    """Both known at the same bars, and there equal to 1e-9 of the value."""
    defined = numpy.isfinite(theirs)
    assert numpy.array_equal(numpy.isfinite(ours), defined)
    assert numpy.allclose(ours[defined], theirs[defined], rtol=1e-9, atol=0.0)


def random_setting(parameter, chance):
    if isinstance(parameter, Average):
        return chance.randrange(14)
    if isinstance(parameter, Period):
        return chance.randint(parameter.minimum, 40)
    most = min(parameter.maximum, 3.0)
    return round(chance.uniform(max(parameter.minimum, -most), most), 3)


def chosen(function, chance):
    """Return fields and settings, at random within the table's limits."""
    fields = [chance.choice(BAR_FIELDS[:4]) if isinstance(each, Source) else each for each in function.inputs]
    while True:
        settings = [random_setting(parameter, chance) for parameter in function.settings]
        named = {each.name: float(value) for each, value in zip(function.settings, settings, strict=True)}
        if function.check is None or function.check(named) is None:
            return fields, settings


def usual(function):
    """Return fields and settings where nothing is written that need not be."""
    fields = [each.default or "volume" if isinstance(each, Source) else each for each in function.inputs]
    settings = [each.default if isinstance(each, Factor) else int(each.default) for each in function.settings]
    return fields, settings


def assert_function(function, bars, fields, settings):
    name = function.name.lower()
    sources = tuple(
        field for field, each in zip(fields, function.inputs, strict=True) if isinstance(each, Source)
    )
    arguments = (*sources, *(float(setting) for setting in settings))
    theirs = batch(function.name, bars, fields, settings)
    for index, output in enumerate(function.outputs or (None,)):
        operand = Operand(name, arguments, output=output)
        assert_same(streamed(operand, bars), theirs[index])
        assert_same(streamed_at_once(operand, bars), theirs[index])


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_function_equals_the_batch_function_of_its_name(name):
    function = ROWS[name]
    chance = random.Random(name)

    assert_function(function, REAL, *usual(function))
    assert_function(function, RANDOM, *usual(function))
    for number in range(TRIES if function.settings or len(function.inputs) < 3 else 0):
        assert_function(function, (REAL, RANDOM)[number % 2], *chosen(function, chance))


def macd(index):
    return lambda bars: talib.MACD(numpy.array(column(bars, "close")), 12, 26, 9)[index]


def bands(bars, deviations=2.5):
    return talib.BBANDS(numpy.array(column(bars, "high")), 15, deviations, deviations, 0)


def stochastic(index, average):
    def compute(bars):
        prices = [numpy.array(column(bars, field)) for field in ("high", "low", "close")]
        return talib.STOCH(*prices, 14, 3, 0, average, 0)[index]

    return compute


@pytest.mark.parametrize(
    ("operand", "compute"),
    [
        pytest.param(Operand("macd", (12.0, 26.0, 9.0)), macd(0), id="macd"),
        pytest.param(Operand("macd_signal", (12.0, 26.0, 9.0)), macd(1), id="macd_signal"),
        pytest.param(Operand("macd_hist", ()), macd(2), id="macd_hist"),
        pytest.param(Operand("bb_upper", ("high", 15.0, 2.5)), lambda bars: bands(bars)[0], id="bb_upper"),
        pytest.param(Operand("bb_middle", ("high", 15.0)), lambda bars: bands(bars)[1], id="bb_middle"),
        pytest.param(Operand("bb_lower", ("high", 15.0, 2.5)), lambda bars: bands(bars)[2], id="bb_lower"),
        pytest.param(
            Operand("bb_width", ("high", 15.0, 2.5)),
            lambda bars: (bands(bars)[0] - bands(bars)[2]) / bands(bars)[1],
            id="bb_width",
        ),
        pytest.param(Operand("stoch_k", (14.0, 3.0)), stochastic(0, 1), id="stoch_k"),
        pytest.param(Operand("stoch_d", (14.0, 3.0, 5.0)), stochastic(1, 5), id="stoch_d"),
        pytest.param(
            Operand("highest", ("low", 20.0)),
            lambda bars: talib.MAX(numpy.array(column(bars, "low")), 20),
            id="highest",
        ),
        pytest.param(
            Operand("lowest", ("high", 20.0)),
            lambda bars: talib.MIN(numpy.array(column(bars, "high")), 20),
            id="lowest",
        ),
        pytest.param(
            Operand("avg", ("volume", 20.0)),
            lambda bars: talib.SMA(numpy.array(column(bars, "volume")), 20),
            id="avg",
        ),
    ],
)
@pytest.mark.parametrize("bars", [pytest.param(REAL, id="real"), pytest.param(RANDOM, id="random")])
def test_the_named_indicators_equal_the_outputs_they_stand_for(operand, compute, bars):
    assert_same(streamed(operand, bars), compute(bars))


def test_the_table_holds_every_function_but_the_vwap_without_sessions():
    assert sorted(ROWS) == sorted(set(talib.get_functions()) - {"VWAP"})


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_row_agrees_with_what_the_library_says_of_itself(name):
    function, described = ROWS[name], abstract.Function(name)
    names = ["timeperiod" if each.name == "bars" else each.name for each in function.settings]

    assert dict(described.parameters) == {
        each: parameter.default for each, parameter in zip(names, function.settings, strict=True)
    }
    assert (function.outputs or tuple(described.output_names)) == tuple(described.output_names)
    assert len(described.output_names) == max(1, len(function.outputs))
    assert all(
        isinstance(parameter, Average) == ("matype" in parameter.name) for parameter in function.settings
    )
    inputs = described.input_names.values()
    theirs = [field for each in inputs for field in ([each] if isinstance(each, str) else each)]
    ours = [each.default if isinstance(each, Source) else each for each in function.inputs]
    assert theirs in (ours, ["close", "periods"])


def limits(parameter):
    """Return the least and the most the library takes, each with one beyond; ``None`` for no limit."""
    if isinstance(parameter, Average):
        return (0, -1), (13, 14)
    if isinstance(parameter, Period):
        return (parameter.minimum, parameter.minimum - 1), (None, None)
    least, most = parameter.minimum, parameter.maximum
    return (
        (None, None) if least <= -LARGEST_FACTOR else (least, least - 0.001),
        (None, None) if most >= LARGEST_FACTOR else (most, most + 0.001),
    )


@pytest.mark.parametrize("name", sorted(name for name, function in ROWS.items() if function.settings))
def test_the_limits_of_a_parameter_are_those_of_the_library(name):
    function = ROWS[name]
    fields, settings = usual(function)
    inputs = [numpy.array(column(RANDOM[:100], field)) for field in fields]

    def call(index, setting):
        getattr(talib, name)(*inputs, *settings[:index], setting, *settings[index + 1 :])

    for index, parameter in enumerate(function.settings):
        for last, beyond in limits(parameter):
            if last is None or parameter.name in ("minperiod", "maxperiod"):
                continue
            call(index, last)
            with pytest.raises(Exception, match="Bad Parameter"):
                call(index, beyond)


@pytest.mark.parametrize(
    ("operand", "bars_needed"),
    [
        (Operand("last"), 0),
        (Operand("close"), 1),
        (Operand("vwap", ()), 1),
        (Operand("sma", (20.0,)), 20),
        (Operand("rsi", ()), 15),
        (Operand("avg", ("volume", 20.0)), 20),
        (Operand("macd", (12.0, 26.0, 9.0)), 34),
        (Operand("stoch_k", (14.0, 3.0)), 16),
        (Operand("stoch_d", (14.0, 3.0, 3.0)), 18),
        (Operand("aroon", (14.0,), output="aroonup"), 15),
        (Operand("sma", (float(MOST_BARS),)), MOST_BARS),
    ],
    ids=str,
)
def test_an_operand_says_how_many_bars_its_first_value_takes(operand, bars_needed):
    spec = specification(operand)

    assert spec.bars_needed(completed_arguments(operand, spec)) == bars_needed


@pytest.mark.parametrize("spec", [pytest.param(spec, id=spec.name) for spec in OPERANDS if spec.needs])
def test_the_first_value_comes_with_the_bar_that_was_announced(spec):
    name, _, output = spec.name.partition(".")
    arguments = tuple(
        ("close" if isinstance(each, Source) else 20.0) if each.default is None else each.default
        for each in spec.parameters
    )
    operand = Operand(name, arguments, output=output or None)
    announced = spec.bars_needed(completed_arguments(operand, spec))
    series = spec.make(completed_arguments(operand, spec), NO_SESSIONS)

    values = [series.update(bar) for bar in REAL[: announced + 1]]

    assert [value is None for value in values] == [True] * (announced - 1) + [False, False]


@pytest.mark.parametrize("name", ["OBV", "MFI", "VWMA", "EFI"])
def test_a_function_of_volume_stays_unknown_in_a_recording_without_volume(name):
    bars = [bar._replace(volume=nan) for bar in REAL[:100]]

    assert not numpy.isfinite(streamed(Operand(name.lower(), ()), bars)).any()


def test_a_bar_without_volume_is_no_bar_to_a_function_of_volume():
    whole = REAL[:60]
    holed = [*whole[:30], whole[30]._replace(volume=nan, close=9.0), *whole[30:]]

    values = streamed(Operand("mfi", (14.0,)), holed)

    assert_same(numpy.delete(values, 30), streamed(Operand("mfi", (14.0,)), whole))
    assert numpy.isnan(values[30])
    assert_same(values, streamed_at_once(Operand("mfi", (14.0,)), holed))


@pytest.mark.parametrize("text", ["close", "vwap()", "sma(50)"])
@pytest.mark.parametrize("count", [3, 20, 52, 100])
def test_bars_taken_at_once_leave_an_operand_where_single_ones_do(text, count):
    operand = parse(f"{text} > 0").left

    at_once, singly = streamed_at_once(operand, REAL[:count]), streamed(operand, REAL[:count])

    assert numpy.array_equal(at_once, singly, equal_nan=True)


def test_a_value_the_function_is_not_defined_for_is_unknown():
    assert not numpy.isfinite(streamed(Operand("acos", ("close",)), RANDOM)).any()


@pytest.mark.parametrize("text", ["rsi(5)", "aroon.aroonup(5)", "macd_signal(3, 6, 4)", "bb_width(5, 2)"])
def test_the_engine_reads_an_indicator_as_the_library_computes_it(desk, rule, text):
    condition = f"{text}[1m] >= -1000"
    desk.rules(rule(condition, trigger=Trigger.EVERY, symbols=("/6EH24",)))

    values = [alert.value for bar in REAL[:60] for alert in desk.engine.on_bar(bar)]

    # The last bar's end is not past yet.
    expected = streamed(parse(condition).left, REAL[:59])
    assert values == pytest.approx(expected[numpy.isfinite(expected)].tolist(), rel=1e-9)
