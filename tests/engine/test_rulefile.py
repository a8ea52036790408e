import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger
from tradeassist_desktop.engine.rulefiles.rulefile import parse_rules, quick_rule, rules_to_json, uid_of_name

GOOD = {"name": "up", "symbol": "/ES", "when": "last > 100"}


def document(*rules, **more):
    return json.dumps({"format": "tradeassist-rules", "version": 1, "rules": list(rules), **more}).encode()


def faults(content):
    with pytest.raises(BadInput) as refused:
        parse_rules(content)
    return [str(fault) for fault in refused.value.faults]


def test_a_rule_has_the_contracts_defaults():
    (rule,) = parse_rules(document(GOOD))

    assert rule == Rule(uid=uid_of_name("up"), name="up", symbols=("/ES",), when="last > 100")
    assert (rule.cooldown_ns, rule.timeframe, rule.trigger) == (60 * 10**9, "1m", Trigger.EDGE)


def test_every_key_is_read():
    full = GOOD | {
        "symbol": ["/ES", "/NQ"],
        "on": "bar_close",
        "timeframe": "5m",
        "trigger": "every",
        "hold": "90s",
        "cooldown": "2d",
        "rearm": "0.5%",
        "priority": "urgent",
        "channels": ["toast", "sound"],
        "message": "{name} at {last}",
        "active": False,
        "starts_at": "2024-07-02T09:30:00-04:00",
        "expires_at": None,
        "notify_clear": True,
        "schedule": "09:30-16:00 America/New_York",
        "tags": ["a"],
        "notes": "n",
    }

    (rule,) = parse_rules(document(full))

    assert rule == Rule(
        uid=uid_of_name("up"),
        name="up",
        symbols=("/ES", "/NQ"),
        when="last > 100",
        on=EvaluateOn.BAR_CLOSE,
        timeframe="5m",
        trigger=Trigger.EVERY,
        hold_ns=90 * 10**9,
        cooldown_ns=172_800 * 10**9,
        rearm=Rearm(0.5, is_percent=True),
        priority=Priority.URGENT,
        channels=("toast", "sound"),
        message="{name} at {last}",
        active=False,
        starts_at_ns=1_719_927_000 * 10**9,
        notify_clear=True,
        schedule="09:30-16:00 America/New_York",
        tags=("a",),
        notes="n",
    )
    assert parse_rules(rules_to_json([rule])) == (rule,)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"when": "last > and"}, "rules[0].when: column 8: expected a number", id="condition"),
        pytest.param({"colour": 1}, "rules[0].colour: unknown key", id="unknown key"),
        pytest.param(
            {"active": 1}, "rules[0].active: expected true or false, found a number", id="wrong type"
        ),
        pytest.param({"name": ""}, "rules[0].name: expected 1 to 100 characters, found 0", id="empty name"),
        pytest.param({"name": "x" * 101}, "rules[0].name: expected 1 to 100", id="long name"),
        pytest.param({"symbol": []}, "rules[0].symbol: expected at least one symbol", id="no symbol"),
        pytest.param({"symbol": ["/ES", "/ES"]}, "rules[0].symbol: names a symbol twice", id="symbol twice"),
        pytest.param({"cooldown": 60}, "rules[0].cooldown: expected a duration", id="duration as number"),
        pytest.param({"hold": "-5s"}, "rules[0].hold: expected a duration", id="negative duration"),
        pytest.param({"timeframe": "7m"}, "rules[0].timeframe: expected one of 1s", id="timeframe"),
        pytest.param({"trigger": "often"}, "rules[0].trigger: expected one of edge, every", id="choice"),
        pytest.param({"trigger": []}, "rules[0].trigger: expected one of", id="choice of a wrong type"),
        pytest.param({"rearm": -1}, "rules[0].rearm: expected a number", id="negative rearm"),
        pytest.param({"rearm": "1"}, "rules[0].rearm: expected a number", id="rearm as text"),
        pytest.param(
            {"rearm": 1, "when": "last crosses 5"},
            "rules[0].rearm: needs a condition",
            id="rearm of a crossing",
        ),
        pytest.param(
            {"rearm": 1, "when": "last > bid"},
            "rules[0].rearm: needs a condition",
            id="rearm without a level",
        ),
        pytest.param(
            {"hold": "5s", "when": "last touches 5"}, "rules[0].hold: a crossing", id="hold of a moment"
        ),
        pytest.param({"message": "{nam}"}, "rules[0].message: unknown placeholder {nam}", id="placeholder"),
        pytest.param({"message": "x" * 501}, "rules[0].message: expected 0 to 500", id="long message"),
        pytest.param({"channels": ["fax"]}, "rules[0].channels: expected toast", id="channel"),
        pytest.param({"schedule": "9-17"}, "rules[0].schedule: expected always, rth, eth", id="schedule"),
        pytest.param({"schedule": "09:30-16:00 Mars/Base"}, "rules[0].schedule: expected", id="time zone"),
        pytest.param(
            {"schedule": "09:30-16:00 ../../etc/passwd"}, "rules[0].schedule: expected", id="zone as a path"
        ),
        pytest.param(
            {"starts_at": "2024-07-02"}, "rules[0].starts_at: expected a time", id="time without zone"
        ),
    ],
)
def test_a_fault_is_named_with_its_place(change, fault):
    (found,) = faults(document(GOOD | change))

    assert found.startswith(fault)


def test_every_fault_is_listed_and_nothing_is_half_read():
    found = faults(document(GOOD, GOOD | {"when": "last >"}, {"name": "x"}, 5))

    assert [fault.partition(":")[0] for fault in found] == [
        "rules[1].name",
        "rules[1].when",
        "rules[2].symbol",
        "rules[2].when",
        "rules[3]",
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b"{", "not JSON", id="cut off"),
        pytest.param(b"\x80\x04\x95pickle", "not JSON", id="pickle"),
        pytest.param(b'{"format": "tradeassist-rules", "version": NaN}', "not JSON", id="NaN"),
        pytest.param(b"[" * 100_000, "not", id="nested"),
        pytest.param(b"[]", "format: expected", id="a list"),
        pytest.param(document(version=2), "version: expected 1, found 2", id="version"),
        pytest.param(document(version=True), "version: expected 1", id="version of a wrong type"),
        pytest.param(document(more=1), "more: unknown key", id="unknown key"),
        pytest.param(b" " * (10 * 1024 * 1024 + 1), "larger than 10 MiB", id="large"),
        pytest.param(document(*[1] * 10_001), "rules: at most 10000 rules, found 10001", id="many rules"),
    ],
)
def test_a_file_that_is_no_rule_file_is_refused_whole(content, fault):
    (found,) = faults(content)

    assert found.startswith(fault)


def test_a_byte_order_mark_is_looked_over():
    assert len(parse_rules(b"\xef\xbb\xbf" + document(GOOD))) == 1


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(tuple(GOOD)), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from(("name", "symbol", "when", "rearm", "channels", "hold", "tags", "starts_at", "on")),
)
@settings(max_examples=200, deadline=None)
def test_any_json_is_read_or_refused(value, key):
    try:
        parse_rules(document(GOOD | {key: value}))
    except BadInput as error:
        assert all(fault.place.startswith("rules[0]") for fault in error.faults)


def test_a_quick_rule_is_a_symbol_and_a_condition():
    rule = quick_rule("  /es last crosses above 5530 ", uid="u")

    assert (rule.symbols, rule.when, rule.name) == (
        ("/ES",),
        "last crosses above 5530",
        "/es last crosses above 5530",
    )


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ('"BTC-USD".last > 60000 and /ES.last > 5500', "BTC-USD"),
        ("$VIX.last < 20", "$VIX"),
        ("/ES.age > 60", "/ES"),
    ],
)
def test_a_condition_alone_is_a_rule_on_its_first_symbol(text, symbol):
    rule = quick_rule(text, uid="u")

    assert (rule.symbols, rule.when) == ((symbol,), text)


def test_a_point_in_a_symbol_is_not_the_beginning_of_a_field():
    assert quick_rule("BRK.B last > 400", uid="u").symbols == ("BRK.B",)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 1),
        ("$VIX.last <", 12),
        ("/ES", 4),
        ("/ES last >", 11),
        ("  /ES lst > 5", 7),
        ("SPY crosses abve 500", 13),
        ("SPY over 500", 5),
        ("SPY >", 6),
        ("low > 250", 5),
    ],
)
def test_a_quick_rules_fault_has_its_column_in_the_text_as_typed(text, column):
    with pytest.raises(BadInput) as refused:
        quick_rule(text, uid="u")

    assert refused.value.faults[0].column == column


@pytest.mark.parametrize(
    ("text", "symbol", "when"),
    [
        pytest.param("last crosses above 5530", "/ES", "last crosses above 5530", id="condition alone"),
        pytest.param("rsi(14)[5m] > 70", "/ES", "rsi(14)[5m] > 70", id="function alone"),
        pytest.param("(last > 5) or bid > 4", "/ES", "(last > 5) or bid > 4", id="parenthesis"),
        pytest.param("low last > 250", "LOW", "last > 250", id="symbol that is a word, in small letters"),
        pytest.param("low < 250", "/ES", "low < 250", id="word that is a symbol"),
        pytest.param("aapl last > 250", "AAPL", "last > 250", id="symbol typed"),
        pytest.param("AAPL.last > 250", "AAPL", "AAPL.last > 250", id="symbol in its first field"),
        pytest.param("SPY crosses above 500", "SPY", "last crosses above 500", id="comparison of a symbol"),
        pytest.param("spy in 490..500", "SPY", "last in 490..500", id="range of a symbol"),
        pytest.param("> 5530 and bid > 5", "/ES", "last > 5530 and bid > 5", id="comparison alone"),
        pytest.param("crosses below 5530", "/ES", "last crosses below 5530", id="crossing alone"),
    ],
)
def test_a_line_without_a_symbol_is_of_the_one_that_is_looked_at(text: str, symbol: str, when: str) -> None:
    rule = quick_rule(text, uid="u", symbol="/ES")

    assert (rule.symbols, rule.when) == ((symbol,), when)


@pytest.mark.parametrize(
    ("text", "column"),
    [("last crosses abve 5530", 14), ("low last >", 11), ("last", 5), ("aapl", 5), ("/NQ las", 5)],
)
def test_a_line_is_refused_where_its_likelier_reading_goes_wrong(text: str, column: int) -> None:
    with pytest.raises(BadInput) as refused:
        quick_rule(text, uid="u", symbol="/ES")

    assert refused.value.faults[0].column == column
