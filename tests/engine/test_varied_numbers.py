"""Which numbers of a rule can be varied, and the rules that come of it."""

from decimal import Decimal

import pytest

from tradeassist_desktop.domain.rules import Rearm, Rule
from tradeassist_desktop.engine.studies.numbers import numbers_of, plain, steps, usual_range, varied


def rule(when: str, **fields: object) -> Rule:
    values = {"uid": "r", "name": "it", "symbols": ("/ES",), "when": when, "cooldown_ns": 0}
    return Rule(**(values | fields))  # type: ignore[arg-type]  # a test names the fields it changes


@pytest.mark.parametrize(
    ("when", "labels"),
    [
        pytest.param(
            "close[5m] crosses above ema(20)[5m] and rsi(14)[15m] < 30",
            ["20 in ema(20)", "14 in rsi(14)", "30 in rsi(14)[15m] < 30"],
            id="arguments and levels, no timeframes",
        ),
        pytest.param(
            "change(last, 5m) >= 2%",
            ["5m in change(last, 5m)", "2 in change(last, 5m) >= 2"],
            id="a duration",
        ),
        pytest.param(
            "last enters 5520..5530",
            ["5520 in last enters 5520", "5530 in last enters 5520..5530"],
            id="a range",
        ),
        pytest.param("last > open", [], id="none"),
    ],
)
def test_the_numbers_of_a_condition_are_named_by_what_they_stand_in(when: str, labels: list[str]) -> None:
    assert [number.label for number in numbers_of(rule(when))] == labels


def test_each_combination_of_two_numbers_is_a_rule_and_nothing_else_changes() -> None:
    base = rule(
        "last > 5530 and rsi(14)[5m] < 30", cooldown_ns=60 * 10**9, message="{symbol} {last}", tags=("a",)
    )
    level, _, low, _ = numbers_of(base)

    made = varied(base, [(level, steps(Decimal(5530), Decimal(5531), Decimal("0.5"))), (low, [Decimal(25)])])

    assert [each.rule.when for each in made] == [
        "last > 5530 and rsi(14)[5m] < 25",
        "last > 5530.5 and rsi(14)[5m] < 25",
        "last > 5531 and rsi(14)[5m] < 25",
    ]
    assert {(each.rule.message, each.rule.tags, each.rule.cooldown_ns) for each in made} == {
        ("{symbol} {last}", ("a",), 60 * 10**9)
    }
    assert len({each.rule.uid for each in made}) == 3


def test_a_cooldown_and_a_hysteresis_can_be_varied_too() -> None:
    base = rule("last > 100", cooldown_ns=90 * 10**9, rearm=Rearm(0.5, is_percent=True))
    _, cooldown, rearm = numbers_of(base)

    made = varied(base, [(cooldown, [Decimal(30)]), (rearm, [Decimal("0.25"), Decimal(1)])])

    assert [(each.rule.cooldown_ns, each.rule.rearm) for each in made] == [
        (30 * 10**9, Rearm(0.25, is_percent=True)),
        (30 * 10**9, Rearm(1.0, is_percent=True)),
    ]


def test_a_range_to_begin_with_has_the_number_in_its_middle_in_steps_of_ticks_or_bars() -> None:
    level, period = numbers_of(rule("last > 5530.25 or ema(20)[1m] > open"))

    assert [plain(each) for each in usual_range(level, 0.25)] == ["5522", "5538.5", "2.75"]
    assert [plain(each) for each in usual_range(period, 0.25)] == ["14", "26", "2"]


@pytest.mark.parametrize(
    ("when", "tick_size", "expected"),
    [
        pytest.param("last > 1.085", 0.00005, ["1.08335", "1.08665", "0.00055"], id="a price far from 100"),
        pytest.param("last > 91.75", 0.01, ["91.6", "91.9", "0.05"], id="a price below 100"),
        pytest.param(
            "$VIX.last < 20 and volume > 500", 0.01, ["19.97", "20.03", "0.01"], id="another symbol's"
        ),
        pytest.param("mfi(14)[1m] > 70", 0.00005, ["11", "17", "1"], id="a period"),
        pytest.param("pct_change > 0.5", 0.00005, ["0.35", "0.65", "0.05"], id="no price"),
        pytest.param(
            "last - vwap > 0.002", 0.00005, ["0.0014", "0.0026", "0.0002"], id="a distance of prices"
        ),
    ],
)
def test_only_the_level_of_a_price_is_moved_by_a_share_of_a_thousandth(
    when: str, tick_size: float, expected: list[str]
) -> None:
    first = numbers_of(rule(when))[0]

    assert [plain(each) for each in usual_range(first, tick_size)] == expected
