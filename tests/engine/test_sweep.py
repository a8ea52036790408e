"""Rules with other numbers in them."""

import json
from typing import Any

import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import Rearm
from tradeassist_desktop.engine.studies.sweep import parse_axis, variants


def file_of(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"format": "tradeassist-rules", "version": 1, "rules": entries}).encode()


LEVEL = {"name": "level", "symbol": "/ES", "when": "last > {level}"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("level=5500..5520 step 10", ("5500", "5510", "5520"), id="both bounds"),
        pytest.param("level=5500..5515 step 10", ("5500", "5510"), id="a step that misses the upper bound"),
        pytest.param("n=1..4", ("1", "2", "3", "4"), id="steps of one"),
        pytest.param("x=-0.5..0.5 step 0.5", ("-0.5", "0", "0.5"), id="through zero"),
        pytest.param(" n = 9, 14 ,21 ", ("9", "14", "21"), id="a list"),
        pytest.param("n=7", ("7",), id="one number"),
        pytest.param("n=1.50,1.5", ("1.5",), id="one number twice"),
    ],
)
def test_an_axis_is_a_range_or_a_list(text: str, values: tuple[str, ...]) -> None:
    assert parse_axis(text).values == values


def test_steps_do_not_drift() -> None:
    values = parse_axis("k=0..100 step 0.1").values

    assert values[3] == "0.3"
    assert (len(values), values[-1]) == (1001, "100")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("level", "expected a name, = and numbers", id="no numbers"),
        pytest.param("1x=3", "expected a name", id="no name"),
        pytest.param("n=3..1", "from low to high", id="backwards"),
        pytest.param("n=1..3 step 0", "a step above 0", id="no step"),
        pytest.param("n=1..x", "expected a number such as 5500 or 0.25, found 'x'", id="no number"),
        pytest.param("n=1..3 step 1e-9", "expected a number", id="an exponent"),
        pytest.param("n=1,,2", "expected a number such as 5500 or 0.25, found ''", id="a gap"),
        pytest.param("n=0..1 step 0.0001", "stands for 10,001 numbers; at most 2,000", id="too many"),
        pytest.param("n=" + "1," * 3000 + "2", "stands for 3,001 numbers", id="too long a list"),
    ],
)
def test_an_axis_written_otherwise_is_refused_in_a_line(text: str, message: str) -> None:
    with pytest.raises(BadInput, match="--vary") as refusal:
        parse_axis(text)

    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_every_combination_makes_a_rule_of_its_own() -> None:
    rule = {"name": "both", "symbol": "/ES", "when": "close[1m] > ema({n})[1m]", "hold": "{s}s"}

    found = variants(file_of(rule), [parse_axis("n=9,21"), parse_axis("s=0,30")])

    assert [(dict(each.settings), each.rule.when, each.rule.hold_ns) for each in found] == [
        ({"n": "9", "s": "0"}, "close[1m] > ema(9)[1m]", 0),
        ({"n": "9", "s": "30"}, "close[1m] > ema(9)[1m]", 30_000_000_000),
        ({"n": "21", "s": "0"}, "close[1m] > ema(21)[1m]", 0),
        ({"n": "21", "s": "30"}, "close[1m] > ema(21)[1m]", 30_000_000_000),
    ]
    assert len({each.rule.uid for each in found}) == 4


def test_each_rule_varies_over_the_names_it_has_and_others_are_left_out() -> None:
    plain = {"name": "plain", "symbol": "/ES", "when": "last > 1"}
    period = {"name": "period", "symbol": "/ES", "when": "rsi({n})[5m] < 30"}

    found = variants(file_of(LEVEL, plain, period), [parse_axis("level=1..3"), parse_axis("n=9,14")])

    assert [each.rule.name for each in found] == ["level"] * 3 + ["period"] * 2


def test_the_same_rule_in_one_file_twice_is_varied_twice() -> None:
    other = LEVEL | {"name": "other"}

    found = variants(file_of(LEVEL, other), [parse_axis("level=1,2")])

    assert len({each.rule.uid for each in found}) == 4


@pytest.mark.parametrize(
    ("text", "rearm"),
    [
        pytest.param("{x}", Rearm(2.5), id="a number"),
        pytest.param("{x}%", Rearm(2.5, True), id="a percentage"),
    ],
)
def test_a_rearm_can_be_varied(text: str, rearm: Rearm) -> None:
    (variant,) = variants(file_of({**LEVEL, "when": "last > 9", "rearm": text}), [parse_axis("x=2.5")])

    assert variant.rule.rearm == rearm


def test_placeholders_of_messages_are_not_touched() -> None:
    (variant,) = variants(file_of({**LEVEL, "message": "{name} at {last}"}), [parse_axis("level=1")])

    assert variant.rule.message == "{name} at {last}"


@pytest.mark.parametrize(
    ("content", "axes", "message"),
    [
        pytest.param(file_of(LEVEL), ["z=1"], "--vary z: no rule has {z}", id="a name in no rule"),
        pytest.param(
            file_of({**LEVEL, "when": "ema({level})[1m] > 1"}),
            ["level=0,5"],
            "rules[0].when with level=0: column 5: expected a number of bars",
            id="a number that cannot be",
        ),
        pytest.param(
            file_of({**LEVEL, "when": "last > {level} + {other}"}),
            ["level=1"],
            "rules[0].when with level=1: column 12",
            id="a name that is not varied",
        ),
        pytest.param(file_of(LEVEL), ["level=1", "level=2"], "at most 2 different names", id="a name twice"),
        pytest.param(
            file_of({**LEVEL, "when": "last > {a} + {b}"}),
            ["a=1..100", "b=1..100"],
            "10,000 variants in all; at most 2,000",
            id="too many in all",
        ),
        pytest.param(b"{", ["level=1"], "", id="no JSON"),
        pytest.param(b"[]", ["level=1"], "", id="no rule file"),
        pytest.param(b'{"rules": [3]}', ["level=1"], "rules[0]", id="no rule"),
    ],
)
def test_what_cannot_be_varied_is_refused_with_its_place(
    content: bytes, axes: list[str], message: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        variants(content, [parse_axis(axis) for axis in axes])

    assert message in str(refusal.value)
