"""What a rule file may not hold, and that nothing of a rule is lost on the way through one."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger
from tradeassist_desktop.engine.rulefiles.rule_entry import FIELDS
from tradeassist_desktop.engine.rulefiles.rulefile import MOST_FAULTS, parse_rules, rules_to_json, uid_of_name

GOOD = {"name": "up", "symbol": "/ES", "when": "last > 100"}
HEAD = '{"format": "tradeassist-rules", "version": 1, "rules": ['
TAIL = "]}"


def document(*rules):
    return json.dumps({"format": "tradeassist-rules", "version": 1, "rules": list(rules)}).encode()


def faults(content):
    with pytest.raises(BadInput) as refused:
        parse_rules(content)
    return [str(fault) for fault in refused.value.faults]


# --- keys given twice


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(
            HEAD + '{"name": "a", "symbol": "/ES", "when": "last > 1", "when": "last > 2"}' + TAIL,
            "rules[0].when: is given twice",
            id="in a rule",
        ),
        pytest.param(
            HEAD + '{"name": "a", "symbol": "/ES", "when": "last > 1", "n\\u0061me": "b"}' + TAIL,
            "rules[0].name: is given twice",
            id="escaped",
        ),
        pytest.param(
            HEAD + '{"name": "a", "symbol": "/ES", "when" \n : "last > 1", "when":"last > 1"}' + TAIL,
            "rules[0].when: is given twice",
            id="spaced",
        ),
        pytest.param(
            '{"format": "tradeassist-rules", "version": 1, "rules": [], "rules": []}',
            "rules: is given twice",
            id="in the document",
        ),
        pytest.param(
            HEAD + '{"name": "a", "symbol": "/ES", "when": "last > 1", "x": 1, "x": 2}' + TAIL,
            "rules[0].x: unknown key",
            id="unknown and twice",
        ),
    ],
)
def test_a_key_given_twice_is_refused(text, fault):
    assert faults(text.encode())[0] == fault


def test_what_looks_like_a_key_inside_a_text_is_none():
    rule = GOOD | {"notes": 'say "when": twice, and "when": again', "message": '{name}":"{last}'}

    assert parse_rules(document(rule))[0].notes == rule["notes"]


# --- every key, every type

WRONG = {
    "null": None,
    "true": True,
    "a number": 5,
    "a fraction": -2.5,
    "a huge number": 10**30,
    "a text": "\x1b[31mwrong",
    "an empty text": "",
    "a long text": "x" * 20_000,
    "a text with a NUL": "a\0b",
    "a text with a line end": "a\r\nb",
    "an empty list": [],
    "a list of numbers": [1, 2],
    "a list of lists": [[["a"]]],
    "a long list": ["a"] * 2_000,
    "an object": {"a": {"b": []}},
}
RIGHT = {
    ("channels", "null"),
    ("channels", "an empty list"),
    ("active", "true"),
    ("starts_at", "null"),
    ("expires_at", "null"),
    ("notify_clear", "true"),
    ("tags", "an empty list"),
    ("message", "an empty text"),
    ("notes", "an empty text"),
}


@pytest.mark.parametrize(
    ("key", "wrong"), [(key, wrong) for key in FIELDS for wrong in WRONG if (key, wrong) not in RIGHT]
)
def test_a_value_of_the_wrong_type_is_refused_at_its_key(key, wrong):
    if (key, wrong) == ("rearm", "a number"):
        return  # the only key that takes one

    found = faults(document(GOOD | {key: WRONG[wrong]}))

    assert all(fault.startswith(f"rules[0].{key}") for fault in found)
    assert all(len(fault) < 300 and fault.isprintable() for fault in found)
    assert len(found) <= 7


@pytest.mark.parametrize("key", ["name", "symbol", "tags", "message", "notes", "when", "schedule"])
@pytest.mark.parametrize(
    "odd", [pytest.param("\x1b", id="escape"), pytest.param("\u202e", id="right to left"), "\x85", "\0"]
)
def test_characters_that_deceive_a_reader_are_refused(key, odd):
    text = f"last > 1{odd}"

    found = faults(document(GOOD | {key: [text] if key == "tags" else text}))

    assert all(fault.startswith(f"rules[0].{key}") for fault in found)


def test_names_may_be_in_any_script():
    names = ["Ausbruch über 100 €", "突破", "🚀👩‍💻", "عبور"]

    rules = parse_rules(document(*(GOOD | {"name": name} for name in names)))

    assert [rule.name for rule in rules] == names


# --- not quite JSON


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param((HEAD + '{"rearm": NaN}' + TAIL).encode(), "not JSON", id="NaN"),
        pytest.param((HEAD + '{"rearm": -Infinity}' + TAIL).encode(), "not JSON", id="infinity"),
        pytest.param((HEAD + '{"rearm": 1e999}' + TAIL).encode(), "not JSON", id="beyond a float"),
        pytest.param(
            (HEAD + "[" * 500 + "1e999" + "]" * 500 + TAIL).encode(), "not JSON", id="deep and wrong"
        ),
        pytest.param((HEAD + '{"name": "\\ud800"}' + TAIL).encode(), "not JSON", id="half a surrogate"),
        pytest.param((HEAD + '{"name": "\\ud800 a"}' + TAIL).encode(), "not JSON", id="lone surrogate"),
        pytest.param(
            HEAD.encode() + b'{"name": "\xed\xa0\x80"}' + TAIL.encode(), "not JSON", id="raw surrogate"
        ),
        pytest.param(HEAD.encode() + b'{"name": "\xff"}' + TAIL.encode(), "not JSON", id="not UTF-8"),
        pytest.param((HEAD + TAIL).encode("utf-16"), "not JSON", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf" * 2 + (HEAD + TAIL).encode(), "not JSON", id="two byte order marks"),
        pytest.param((HEAD + TAIL + " x").encode(), "not JSON", id="something after it"),
        pytest.param((HEAD + "// no\n" + TAIL).encode(), "not JSON", id="comment"),
        pytest.param((HEAD + "{'name': 1}" + TAIL).encode(), "not JSON", id="single quotes"),
        pytest.param((HEAD + "{}," + TAIL).encode(), "not JSON", id="comma at the end"),
        pytest.param((HEAD + "9" * 5000 + TAIL).encode(), "not JSON", id="endless number"),
        pytest.param(b"\0" * 1000, "not JSON", id="zeros"),
        pytest.param((HEAD + "[" * 50_000 + "]" * 50_000 + TAIL).encode(), "not a rule file", id="deep"),
        pytest.param(
            (HEAD + '{"a":' * 20_000 + "1" + "}" * 20_000 + TAIL).encode(),
            "not a rule file",
            id="deep objects",
        ),
        pytest.param(
            (HEAD + "{}," * 300_000 + "{}" + TAIL).encode(),
            "holds more values than 10,000 rules",
            id="objects",
        ),
        pytest.param(
            (HEAD + '"",' * 700_000 + '""' + TAIL).encode(), "holds more values than 10,000 rules", id="texts"
        ),
        pytest.param(
            (HEAD + "[" + '{"a": 1, "a": 2},' * 10_001 + "{}]" + TAIL).encode(),
            "gives keys twice in more than 10,000 objects",
            id="repeated keys",
        ),
        pytest.param(
            document(*({"when": "x" * 4_000} for _ in range(501))),
            "rules: conditions of more than 2,000,000 characters in all",
            id="conditions",
        ),
    ],
)
def test_what_is_no_rule_file_is_refused_in_one_line(content, fault):
    (found,) = faults(content)

    assert found.startswith(fault)
    assert len(found) < 200


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_that_cannot_be_told_in_utc_is_refused(when):
    (found,) = faults(document(GOOD | {"expires_at": when}))

    assert found.startswith("rules[0].expires_at: expected a time such as")


# --- many faults


def test_a_rule_lists_at_most_ten_unknown_keys():
    found = faults(document(GOOD | {f"k{number}": 1 for number in range(500)}))

    assert len(found) == 11
    assert found[-1] == "rules[0]: 490 more unknown keys"


def test_an_unknown_key_is_shown_so_that_it_can_be_printed():
    found = faults(document(GOOD | {"\x1b[31m": 1, "": 1, "y" * 500: 1}))

    assert [fault.partition(": ")[0] for fault in found] == [
        "rules[0].'\\x1b[31m'",
        "rules[0].''",
        "rules[0]." + "y" * 57 + "…",
    ]


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        pytest.param("{a\nb}", r"{'a\nb'}", id="with a line end"),
        pytest.param("{" + "x" * 400 + "}", "{'" + "x" * 40 + "'}", id="without end"),
    ],
)
def test_a_strange_placeholder_is_told_on_one_line(message, shown):
    assert faults(document(GOOD | {"message": message})) == [f"rules[0].message: unknown placeholder {shown}"]


def test_reading_stops_after_a_thousand_faults_and_says_where():
    found = faults(document(*[{}] * 10_000))

    assert len(found) == MOST_FAULTS + 1
    assert found[-1] == "rules[334]: not read, nor what follows: too many faults"


def test_reading_stops_where_telling_what_is_wrong_would_take_long():
    wrong = "last > 1 or " * 300
    rules = [GOOD | {"name": f"r{number}", "when": f"{wrong}{number}"} for number in range(100)]

    found = faults(document(*rules))

    assert len(found) == 29
    assert found[-1] == "rules[28]: not read, nor what follows: too many faults"


def test_two_rules_of_one_name_are_refused_at_the_second():
    assert faults(document(GOOD, GOOD)) == ["rules[1].name: rules[0] is called 'up' too"]


# --- there and back

TEXTS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), min_size=1, max_size=40
).filter(lambda text: text.strip())
DURATIONS = st.integers(0, 31_622_400_000).map(lambda milliseconds: milliseconds * 1_000_000)
INSTANTS = st.none() | st.integers(0, 253_370_764_800_000_000).map(lambda microseconds: microseconds * 1000)


@st.composite
def valid_rules(draw):
    """Draw a rule that a file may hold."""
    is_held = draw(st.booleans())
    levels = st.floats(0, 1e9).map(repr).filter(lambda text: "e" not in text)
    when = draw(levels.map("last > {}".format) | st.just("$VIX.rsi(14)[5m] < 30"))
    name = draw(TEXTS)
    return Rule(
        uid=uid_of_name(name),
        name=name,
        symbols=tuple(draw(st.lists(TEXTS, min_size=1, max_size=5, unique=True))),
        when=when,
        on=draw(st.none() | st.sampled_from(EvaluateOn)),
        timeframe=draw(st.sampled_from(["1s", "5m", "1d"])),
        trigger=draw(st.sampled_from(Trigger)),
        hold_ns=draw(DURATIONS) if is_held else 0,
        cooldown_ns=draw(DURATIONS),
        rearm=draw(
            st.just(Rearm())
            | st.floats(0, 1e15, exclude_min=True).map(Rearm)
            | st.floats(1e-9, 1e9).map(lambda amount: Rearm(amount, is_percent=True))
        ),
        priority=draw(st.sampled_from(Priority)),
        channels=draw(st.none() | st.lists(st.sampled_from(CHANNEL_NAMES), unique=True).map(tuple)),
        message=draw(st.sampled_from(["", "{name}: {symbol} at {last}", "two\nlines\tand a tab", "100 %"])),
        active=draw(st.booleans()),
        starts_at_ns=draw(INSTANTS),
        expires_at_ns=draw(INSTANTS),
        notify_clear=draw(st.booleans()),
        schedule=draw(st.sampled_from(["always", "rth", "eth", "22:00-02:00 Europe/Berlin"])),
        tags=tuple(draw(st.lists(TEXTS, max_size=3))),
        notes=draw(st.just("") | TEXTS),
    )


@given(st.lists(valid_rules(), max_size=4, unique_by=lambda rule: rule.name))
@settings(max_examples=200, deadline=None)
def test_rules_survive_their_file(rules):
    assert parse_rules(rules_to_json(rules)) == tuple(rules)
