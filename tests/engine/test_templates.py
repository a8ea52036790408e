import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.engine.kinds.form_fields import FieldType
from tradeassist_desktop.engine.rulefiles.rulefile import parse_rules, rules_to_json
from tradeassist_desktop.engine.templates import TEMPLATES, template_rule

DAY = 86_400
OPEN = 13.5 * 3600  # 09:30 in New York in summer


def trades(*prices, symbol="AAPL"):
    """Say trades as (seconds, price)."""
    return [(at, symbol, {"last": price}) for at, price in prices]


def run(desk, events):
    """Give the events in order; return what was said."""
    alerts = []
    for at, symbol, fields in events:
        alerts += desk.tick(at, symbol, **fields)
    return alerts


def minute_bars(desk, *bars):
    """Give one bar of a minute after the other, each by what is not its default."""
    alerts = []
    for number, bar in enumerate(bars):
        alerts += desk.bar(number * 60, "1m", symbol="AAPL", **bar)
    return alerts


YESTERDAY = trades((OPEN, 105.0), (OPEN + 60, 110.0), (OPEN + 120, 100.0), (OPEN + 3600, 105.0))


@pytest.mark.parametrize(
    ("template", "values", "events", "expected"),
    [
        pytest.param(
            "previous-day-breakout",
            {},
            [
                *YESTERDAY,
                *trades(
                    (DAY + OPEN - 600, 111.0),
                    (DAY + OPEN, 109.0),
                    (DAY + OPEN + 10, 110.0),
                    (DAY + OPEN + 20, 110.5),
                    (DAY + OPEN + 30, 109.0),
                    (DAY + OPEN + 40, 112.0),
                ),
            ],
            [DAY + OPEN + 20],
            id="previous day's high, in hours, once a day",
        ),
        pytest.param(
            "previous-day-breakout",
            {"side": "below", "buffer": "1", "hold": "5s"},
            [
                *YESTERDAY,
                *trades(
                    (DAY + OPEN, 99.5),
                    (DAY + OPEN + 10, 98.5),
                    (DAY + OPEN + 12, 99.0),
                    (DAY + OPEN + 20, 98.5),
                    (DAY + OPEN + 30, 98.0),
                ),
            ],
            [DAY + OPEN + 25],
            id="previous day's low, by a point, for five seconds",
        ),
        pytest.param(
            "n-day-high",
            {"days": 2},
            [
                *YESTERDAY,
                *trades((DAY + OPEN, 108.0), (DAY + OPEN + 60, 104.0)),
                *trades((3 * DAY + OPEN, 109.0), (3 * DAY + OPEN + 5, 110.25), (3 * DAY + OPEN + 9, 111.0)),
            ],
            [3 * DAY + OPEN + 5],
            id="high of two days",
        ),
        pytest.param(
            "opening-range-breakout",
            {},
            trades(
                (OPEN - 60, 120.0),
                (OPEN, 100.0),
                (OPEN + 300, 104.0),
                (OPEN + 600, 98.0),
                (OPEN + 880, 99.0),
                (OPEN + 900, 104.0),
                (OPEN + 930, 104.5),
                (OPEN + 940, 103.0),
                (OPEN + 950, 105.0),
                (OPEN + 2700, 130.0),
            ),
            [OPEN + 930],
            id="opening range",
        ),
        pytest.param(
            "gap",
            {},
            [
                (OPEN - 600, "AAPL", {"last": 103.0, "prev_close": 100.0}),
                *trades((OPEN, 102.5), (OPEN + 20, 104.0), (DAY + OPEN, 101.0), (DAY + OPEN + 59, 102.0)),
            ],
            [OPEN],
            id="gap against the feed's previous close",
        ),
        pytest.param(
            "gap",
            {"against": "bars", "side": "down", "percent": "5"},
            [*YESTERDAY, *trades((DAY + OPEN, 98.0), (DAY + OPEN + 20, 97.0))],
            [DAY + OPEN],
            id="gap against the last daily bar",
        ),
        pytest.param(
            "percent-move",
            {"percent": "2", "over": "1m"},
            trades(
                (OPEN, 100.0), (OPEN + 30, 101.0), (OPEN + 60, 101.5), (OPEN + 61, 102.0), (OPEN + 62, 103.0)
            ),
            [OPEN + 61],
            id="two percent in a minute",
        ),
        pytest.param(
            "vwap-distance",
            {},
            [
                (OPEN, "AAPL", {"last": 100.0, "last_size": 1000.0}),
                (OPEN + 1, "AAPL", {"last": 101.0, "last_size": 0.0}),
                *trades((OPEN + 2, 101.5), (OPEN + 3, 102.0), (OPEN + 4, 100.0), (OPEN + 400, 98.5)),
            ],
            [OPEN + 2, OPEN + 400],
            id="one percent from the average price, either way",
        ),
        pytest.param(
            "vix-spike",
            {},
            trades(
                (OPEN - 400, 20.0),
                (OPEN + 200, 20.9),
                (OPEN + 250, 21.0),
                (OPEN + 260, 21.5),
                symbol="$VIX",
            ),
            [OPEN + 250],
            id="five percent in the VIX",
        ),
        pytest.param(
            "tick-extreme",
            {},
            trades(
                (OPEN - 60, 1500.0),
                (OPEN, 500.0),
                (OPEN + 1, 1000.0),
                (OPEN + 2, 1001.0),
                (OPEN + 3, 1100.0),
                (OPEN + 100, 0.0),
                (OPEN + 200, -1001.0),
                symbol="$TICK",
            ),
            [OPEN + 2, OPEN + 200],
            id="both extremes of the TICK",
        ),
        pytest.param(
            "stale-symbol",
            {},
            [
                *trades((OPEN, 100.0)),
                (OPEN + 100, "MSFT", {"last": 1.0}),
                *trades((OPEN + 110, 100.0), (OPEN + 150, 100.0)),
            ],
            [OPEN + 60],
            id="a minute without a trade",
        ),
        pytest.param(
            "spread-widening",
            {},
            [
                (OPEN, "AAPL", {"bid": 99.99, "ask": 100.01}),
                (OPEN + 10, "AAPL", {"bid": 99.9, "ask": 100.1}),
                (OPEN + 12, "AAPL", {"bid": 99.99, "ask": 100.01}),
                (OPEN + 20, "AAPL", {"bid": 99.9, "ask": 100.1}),
                (OPEN + 24, "AAPL", {"bid_size": 5.0}),
                (OPEN + 40, "AAPL", {"bid": 99.8}),
            ],
            [OPEN + 23],
            id="a wide spread that stays",
        ),
    ],
)
def test_a_template_on_ticks_fires_when_its_story_happens(desk, fired_at, template, values, events, expected):
    chosen = TEMPLATES[template]
    desk.rules(template_rule(chosen, chosen.symbols or ("AAPL",), values))

    alerts = run(desk, events)

    assert fired_at(alerts) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("template", "values", "bars", "expected"),
    [
        pytest.param(
            "rsi-extreme",
            {"bars": "2", "timeframe": "1m"},
            [{"close": close} for close in (100.0, 99.0, 100.0, 101.0, 102.0, 103.0)],
            [240],
            id="RSI above 70",
        ),
        pytest.param(
            "golden-cross",
            {"fast": "2", "slow": "3", "timeframe": "1m"},
            [{"close": close} for close in (10.0, 9.0, 8.0, 12.0, 13.0)],
            [240],
            id="golden cross",
        ),
        pytest.param(
            "bollinger-squeeze",
            {"bars": "2", "ranges": "0.5", "timeframe": "1m"},
            [{"close": close} for close in (100.0, 110.0, 120.0, 120.5, 121.0)],
            [240],
            id="bands within half the average range",
        ),
        pytest.param(
            "volume-spike",
            {"bars": "2"},
            [{"close": 1.0, "volume": volume} for volume in (10.0, 20.0, 44.0, 96.0, 96.0)],
            [240],
            id="three times the average of the two before",
        ),
        pytest.param(
            "inside-bar",
            {"timeframe": "1m"},
            [
                {"close": 105.0, "high": high, "low": low}
                for high, low in (
                    (110.0, 100.0),
                    (108.0, 102.0),
                    (107.0, 103.0),
                    (112.0, 101.0),
                    (111.0, 101.0),
                )
            ],
            [120, 180],
            id="each inside bar",
        ),
    ],
)
def test_a_template_on_bars_fires_at_the_close_that_makes_its_story(
    desk, fired_at, template, values, bars, expected
):
    desk.rules(template_rule(TEMPLATES[template], ("AAPL",), values))

    alerts = minute_bars(desk, *bars)

    assert fired_at(alerts) == expected


@pytest.mark.parametrize(
    ("template", "values", "events", "message"),
    [
        pytest.param(
            "percent-move",
            {"percent": "2", "over": "1m"},
            trades((OPEN, 100.0), (OPEN + 61, 102.5)),
            "AAPL has moved 2.50% in 1m, last 102.50",
            id="percent",
        ),
        pytest.param(
            "gap",
            {},
            [(OPEN, "AAPL", {"last": 103.0, "prev_close": 100.0})],
            "AAPL opens 3.00% from the previous close, at 103.00",
            id="percent of the feed",
        ),
        pytest.param(
            "gap",
            {"against": "bars"},
            [*YESTERDAY, *trades((DAY + OPEN, 126.0))],
            "AAPL opens 20 % from the previous close, at 126.00",
            id="percent as calculated",
        ),
        pytest.param(
            "stale-symbol",
            {},
            [*trades((OPEN, 100.0)), (OPEN + 100, "AAPL", {"bid": 1.0})],
            "AAPL has not traded for 60 s, last 100.00",
            id="seconds",
        ),
    ],
)
def test_a_templates_message_reads_as_a_sentence(desk, template, values, events, message):
    desk.rules(template_rule(TEMPLATES[template], ("AAPL",), values))

    alerts = run(desk, events)

    assert [alert.message for alert in alerts if alert.status == "fired"] == [message]


def ends(field):
    """Return what stands at either end of a field's range, as it is typed."""
    if field.type is FieldType.TIMEFRAME:
        return "1s", "1d"
    if field.type is FieldType.SYMBOL:
        return "/ES", "B R,K)"
    if field.choices:
        return field.choices[0][0], field.choices[-1][0]
    unit = "s" if field.type is FieldType.DURATION else ""
    return tuple(f"{bound:.4f}".rstrip("0").rstrip(".") + unit for bound in (field.minimum, field.maximum))


@pytest.mark.parametrize("end", [pytest.param(0, id="least"), pytest.param(1, id="most")])
@pytest.mark.parametrize("name", TEMPLATES)
def test_parameters_at_the_ends_of_their_ranges_make_a_rule_that_reads_back(name, end):
    template = TEMPLATES[name]
    values = {field.name: ends(field)[end] for field in template.parameters}

    rule = template_rule(template, ("/ES", "BRK.B"), values)

    assert parse_rules(rules_to_json([rule])) == (rule,)


@pytest.mark.parametrize(
    ("name", "parameter", "choice"),
    [
        (name, field.name, choice)
        for name, template in TEMPLATES.items()
        for field in template.parameters
        for choice, _ in field.choices
    ],
)
def test_every_choice_makes_a_rule_that_reads_back(name, parameter, choice):
    rule = template_rule(TEMPLATES[name], ("/ES",), {parameter: choice})

    assert parse_rules(rules_to_json([rule])) == (rule,)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.name)
def test_a_template_tells_its_story_and_its_parameters(template):
    assert template.story and template.label
    assert all(field.label and field.help and field.limits and field.default for field in template.parameters)


@pytest.mark.parametrize(
    ("name", "symbols", "values", "place"),
    [
        pytest.param("rsi-extreme", ("/ES",), {"bars": "1"}, "bars", id="below its range"),
        pytest.param("rsi-extreme", ("/ES",), {"bars": "fourteen"}, "bars", id="no number"),
        pytest.param("rsi-extreme", ("/ES",), {"overbought": "20"}, "oversold", id="upside down"),
        pytest.param("golden-cross", ("/ES",), {"fast": "200"}, "fast", id="fast is slow"),
        pytest.param("gap", ("/ES",), {"side": "left"}, "side", id="no choice"),
        pytest.param("stale-symbol", ("/ES",), {"quiet": "2d"}, "quiet", id="too long"),
        pytest.param("inside-bar", ("/ES",), {"timeframe": "7m"}, "timeframe", id="timeframe"),
        pytest.param("vix-spike", (), {"index": 'a"b'}, "index", id="symbol"),
        pytest.param("inside-bar", ("/ES",), {"colour": "red"}, "colour", id="no such parameter"),
        pytest.param("inside-bar", (), {}, "symbol", id="no symbol"),
        pytest.param("inside-bar", ("/ES", "/ES"), {}, "symbol", id="a symbol twice"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(name, symbols, values, place):
    with pytest.raises(BadInput) as refused:
        template_rule(TEMPLATES[name], symbols, values)

    assert [fault.place for fault in refused.value.faults] == [place]


def test_a_rule_is_named_for_its_template_and_symbols():
    many = tuple(f"S{number}" for number in range(6))

    assert template_rule(TEMPLATES["n-day-high"], ("AAPL",), {}).name == "20-day high: AAPL"
    assert template_rule(TEMPLATES["n-day-high"], many, {}).name == "20-day high: S0, S1, S2 and 3 more"
    assert template_rule(TEMPLATES["n-day-high"], many, {}, name="mine").name == "mine"
