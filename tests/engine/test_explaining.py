"""Why a rule fires or does not. Times are seconds since 2024-07-02 00:00 UTC."""

import pytest

from tests.engine.conftest import START_NS
from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Tick
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, RulePhase, Trigger
from tradeassist_desktop.engine.operands import OPERANDS
from tradeassist_desktop.engine.operands.specification import Unit

SECOND = 10**9
NAN = float("nan")


def explained(desk, uid="r", symbol="/ES"):
    explanation = desk.engine.explain(uid, symbol)
    assert explanation is not None
    return explanation


def missing(desk, uid="r"):
    """Return why operands have no value, by their text."""
    legs = explained(desk, uid).legs
    return {each.text: each.missing for leg in legs for each in leg.operands if each.missing is not None}


def closed(timeframe, count, symbol="/ES", volume=1.0):
    """Return as many closed bars, up to the desk's start."""
    length_ns = TIMEFRAMES[timeframe]
    starts = range(START_NS - count * length_ns, START_NS, length_ns)
    return [
        Bar(symbol, timeframe, start, start + length_ns, 100.0, 101.0, 99.0, 100.0, volume)
        for start in starts
    ]


def test_each_comparison_tells_its_operands_values_and_truth(desk, rule):
    desk.rules(rule("last - bid > 1 and $VIX.last < 20", name="r"))
    desk.tick(0, last=102, bid=100)
    desk.tick(0, "$VIX", last=25)

    legs = explained(desk).legs

    assert [(leg.text, leg.left, leg.right, leg.is_true) for leg in legs] == [
        ("last - bid > 1", 2, 1, True),
        ("$VIX.last < 20", 25, 20, False),
    ]
    assert [[(each.text, each.value) for each in leg.operands] for leg in legs] == [
        [("last", 102), ("bid", 100)],
        [("$VIX.last", 25)],
    ]


def test_each_operand_tells_what_its_value_is_in_and_of(desk, rule):
    parts = (
        "change(last, 5m) > 1%",
        "age > 30",
        "avg(volume, 20)[1m] > 5",
        "rsi(14)[5m] > $VIX.last",
        "spread > 1",
        "natr(14)[5m] > 2%",
    )
    desk.rules(rule(" and ".join(parts), name="r"))
    desk.tick(0, last=102, bid=100)

    legs = explained(desk).legs

    assert [(each.text, each.unit, each.symbol) for leg in legs for each in leg.operands] == [
        ("change(last, 5m)", "percent", ""),
        ("age", "seconds", ""),
        ("avg(volume, 20)[1m]", "size", ""),
        ("rsi(14)[5m]", "number", ""),
        ("$VIX.last", "price", "$VIX"),
        ("spread", "price", ""),
        ("natr(14)[5m]", "percent", ""),
    ]
    assert [leg.unit for leg in legs] == ["%", "s", "", "", "", "%"]


def test_what_says_it_is_in_percent_is_a_percentage():
    told = {spec.name for spec in OPERANDS if "percent" in f"{spec.name} {spec.doc}".lower()}
    ranks = {"percentile", "percentrank"}

    assert told - ranks == {spec.name for spec in OPERANDS if spec.unit is Unit.PERCENT}


def test_an_alert_tells_the_operands_of_its_evaluation(desk, rule):
    desk.rules(rule("last > 100 and (bid + ask) / 2 > 99", name="r"))

    (alert,) = desk.tick(0, last=101, bid=100, ask=102)
    desk.tick(1, last=1, bid=1, ask=1)

    assert [(each.text, each.value) for leg in alert.legs for each in leg.operands] == [
        ("last", 101),
        ("bid", 100),
        ("ask", 102),
    ]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param("$VIX.last < 20", {"$VIX.last": "no data of $VIX yet"}, id="a silent symbol"),
        pytest.param("bid > 1", {"bid": "no bid yet"}, id="a field that never came"),
        pytest.param("spread > 1", {"spread": "no bid yet"}, id="what it is made of"),
        pytest.param(
            "pct_change > 1%", {"pct_change": "no close of the previous session yet"}, id="the previous close"
        ),
        pytest.param("vwap > 1", {"vwap": "no trade with a size in this session yet"}, id="no volume"),
        pytest.param("change(last, 5m) >= 2%", {"change(last, 5m)": "needs 4 m more of last"}, id="change"),
        pytest.param("change(bid, 5m) >= 2%", {"change(bid, 5m)": "no bid yet"}, id="change of nothing"),
        pytest.param(
            "sma(20)[15m] > 1",
            {"sma(20)[15m]": "needs 20 more 15m bars (about 5 h)"},
            id="an indicator that warms up",
        ),
        pytest.param(
            "close[1h] 1 ago > 1",
            {"close[1h] 1 ago": "needs 2 more 1h bars (about 2 h)"},
            id="a bar of the past",
        ),
        pytest.param(
            "high[1d] > 1",
            {"high[1d]": "needs 1 more 1d bar (trading day)"},
            id="daily bars are not 24 hours",
        ),
        pytest.param(
            "last / (last - 100) > 1",
            {"last / (last - 100)": "division by zero"},
            id="arithmetic that has no result",
        ),
        pytest.param("-(1 / (last - 100)) > 1", {"-(1 / (last - 100))": "division by zero"}, id="inside"),
        pytest.param("last > 1", {}, id="nothing"),
    ],
)
def test_an_operand_without_a_value_says_why(desk, rule, when, expected):
    desk.rules(rule(when, name="r"))
    desk.tick(0, last=100)
    desk.tick(60, last=100)

    assert missing(desk) == expected


def test_bars_of_the_past_shorten_what_is_missing(desk, rule):
    desk.rules(rule("sma(20)[15m] > 1", name="r"))
    desk.engine.backfill(closed("15m", 14))

    assert missing(desk) == {"sma(20)[15m]": "needs 6 more 15m bars (about 1 h 30 m)"}


def test_a_recording_without_volume_or_finer_bars_says_so(desk, rule):
    desk.rules(rule("avg(volume, 2)[5m] > 1 or close[1m] > 1 or ask > 1", name="r", on=None))
    for start in (0, 300, 600):
        desk.bar(start, "5m", 100.0, volume=NAN)

    assert missing(desk) == {
        "avg(volume, 2)[5m]": "the recording has no volume",
        "close[1m]": "the recording has no bars finer than 5m",
        "ask": "the recording has no ask",
    }


@pytest.mark.parametrize(
    ("more", "blocks"),
    [
        pytest.param({}, ["It has been true since 00:00:01 and has fired: it must be false"], id="fired"),
        pytest.param({"hold_s": 30}, ["It must stay true until 00:00:31"], id="hold"),
        pytest.param({"rearm": Rearm(5.0)}, ["It has fired, and is armed again once last <= 95"], id="rearm"),
        pytest.param(
            {"trigger": Trigger.EVERY, "cooldown_s": 60},
            ["It has fired, and is cooling down until 00:01:01"],
            id="cooldown",
        ),
        pytest.param(
            {"trigger": Trigger.EVERY, "schedule": "22:00-23:00 UTC"},
            ["It is outside its schedule (22:00-23:00 UTC) until 22:00:00"],
            id="schedule",
        ),
        pytest.param({"trigger": Trigger.ONCE_PER_BAR}, ["It has fired in this 1m bar"], id="once per bar"),
        pytest.param({"trigger": Trigger.ONCE}, ["It fires once, and has fired, at 00:00:01"], id="spent"),
        pytest.param({"expires_at_ns": START_NS + SECOND}, ["It expired at 00:00:01"], id="expired"),
        pytest.param(
            {"starts_at_ns": START_NS + 60 * SECOND},
            ["It does not start before 00:01:00"],
            id="not started",
        ),
        pytest.param({"trigger": Trigger.EVERY}, [], id="nothing"),
        pytest.param({"active": False}, ["It is switched off"], id="switched off"),
    ],
)
def test_what_keeps_a_rule_from_firing_is_told_with_its_end(desk, rule, more, blocks):
    desk.rules(rule("last > 100", name="r", **more))
    desk.lasts(99, 101)

    told = [block.replace("2024-07-02 ", "").replace(" UTC", "", 1) for block in explained(desk).blocks]

    assert len(told) == len(blocks)
    for block, start in zip(told, blocks, strict=True):
        assert block.replace(" UTC", "").startswith(start.replace(" UTC", ""))


def test_a_condition_that_is_not_true_or_not_known_is_told(desk, rule):
    desk.rules(
        rule("last > 100", name="r"),
        rule("bid > 100", name="unknown"),
        rule("last crosses above 1 and last > 1", name="crossing"),
    )
    desk.tick(0, last=99)

    told = [explained(desk, uid) for uid in ("r", "unknown", "crossing")]

    assert [(each.is_true, each.blocks) for each in told] == [
        (False, ("The condition is not true.",)),
        (None, ("The condition is not known yet. bid: no bid yet.",)),
        (None, ("The condition is not known yet. What it compares with an earlier value has only one.",)),
    ]


def test_the_whole_condition_is_told_by_its_comparisons(desk, rule):
    desk.rules(rule("(last > 100 or bid > 1) and not (last > 200)", name="r"))
    desk.tick(0, last=101)

    assert explained(desk).is_true is True


def test_a_begun_sequence_tells_what_must_follow_and_when(desk, rule):
    desk.rules(rule("(last > 100 then last < 99 then last > 100) within 5m", name="r"))
    desk.lasts(101, 98)

    assert explained(desk).blocks[-1] == (
        "Step 2 of 3 is done; last > 100 must follow by 2024-07-02 00:05:00 UTC."
    )


def test_a_sequence_that_ran_out_is_not_told(desk, rule):
    desk.rules(rule("(last > 100 then last < 99) within 5m", name="r"))
    desk.lasts(101)
    desk.tick(301, "/NQ", last=1)

    assert explained(desk).blocks == ("The condition is not true.",)


def test_a_snoozed_and_a_blind_rule_tell_so(desk, rule):
    desk.rules(rule("last > 100 or $VIX.last > 1", name="r", trigger=Trigger.EVERY))
    desk.tick(0, last=101)
    desk.engine.snooze("r", None, START_NS + 60 * SECOND)
    desk.engine.go_blind(["$VIX"], "feed down")

    explanation = explained(desk)

    assert explanation.phase is RulePhase.BLIND
    assert explanation.blocks == (
        "$VIX cannot be seen: feed down.",
        "It is snoozed until 2024-07-02 00:01:00 UTC.",
    )


def test_a_rule_on_closing_bars_that_is_true_meanwhile_waits_for_the_close(desk, rule):
    desk.rules(rule("close[1m] > 1 and last > 100", name="r", on=EvaluateOn.BAR_CLOSE))
    desk.engine.backfill(closed("1m", 1))
    desk.tick(0, last=101)

    assert explained(desk).blocks == ("It is looked at when the next bar closes.",)


def test_a_rule_that_cannot_be_read_says_why(desk, rule):
    desk.rules(rule("last >", name="r"))

    explanation = explained(desk)

    assert explanation.phase is RulePhase.ERROR
    assert explanation.blocks[0].startswith("It cannot run: ")


def test_there_is_no_explanation_of_what_does_not_exist(desk, rule):
    desk.rules(rule("last > 1", name="r"))

    assert (desk.engine.explain("other", "/ES"), desk.engine.explain("r", "/NQ")) == (None, None)


def test_explaining_changes_nothing(desk, rule):
    desk.rules(rule("last crosses above 100 or change(last, 1m) > 1%", name="r"))
    desk.tick(0, last=99)

    for _ in range(3):
        explained(desk)

    assert len(desk.tick(1, last=101)) == 1


def test_an_alert_of_a_silent_symbol_says_so(desk, rule):
    desk.rules(rule("last > 100 or $VIX.last > 20", name="r"))

    (alert,) = desk.engine.on_tick(Tick("/ES", START_NS, 0, last=101.0))

    assert alert.legs[1].operands[0].missing == "no data of $VIX yet"
