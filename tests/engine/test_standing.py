"""Whether what a rule fired for is so still. Times are seconds since 2024-07-02 00:00 UTC."""

import pytest

from tests.engine.conftest import START_NS
from tradeassist_desktop.domain.rules import EvaluateOn, Standing, Trigger

SECOND = 10**9


def stands(desk, uid="r", symbol="/ES"):
    standing = desk.engine.standing(uid, symbol)
    assert standing is not None
    return standing.is_true


@pytest.mark.parametrize(
    ("when", "prices", "expected"),
    [
        pytest.param("last > 100", (99, 101, 102), True, id="a level that is held"),
        pytest.param("last > 100", (99, 101, 99), False, id="a level that was left"),
        pytest.param("last crosses above 100", (99, 101, 105), True, id="beyond what was crossed"),
        pytest.param("last crosses above 100", (99, 101, 99), False, id="back before what was crossed"),
        pytest.param("last crosses below 100", (101, 99, 90), True, id="below what was crossed"),
        pytest.param("last crosses below 100", (101, 99, 101), False, id="above again"),
        pytest.param("last crosses 100", (99, 101, 105), None, id="crossed either way"),
        pytest.param("last enters 100..102", (99, 101, 101.5), True, id="inside"),
        pytest.param("last enters 100..102", (99, 101, 103), False, id="out again"),
        pytest.param("last exits 100..102", (101, 103, 104), True, id="outside"),
        pytest.param("last touches 100", (99, 100, 100), None, id="touched"),
        pytest.param("last crosses above 100 and last < 110", (99, 101, 105), True, id="crossed and level"),
        pytest.param("last crosses above 100 and last < 110", (99, 101, 115), False, id="level left"),
        pytest.param("(last > 100 then last > 101) within 5m", (99, 101, 102), None, id="a sequence"),
    ],
)
def test_a_condition_stands_while_what_it_fired_for_is_so(desk, rule, when, prices, expected):
    desk.rules(rule(when, name="r"))

    desk.lasts(*prices)

    assert stands(desk) is expected


def test_a_level_tells_since_when_it_has_been_true(desk, rule):
    desk.rules(rule("last > 100", name="r", trigger=Trigger.EVERY))

    desk.lasts(99, 101, 102, 103)

    assert desk.engine.standing("r", "/ES") == Standing(True, START_NS + 1 * SECOND)


def test_a_blind_rule_stands_as_it_last_saw(desk, rule):
    desk.rules(rule("last > 100", name="r"))
    desk.lasts(99, 101)

    desk.engine.go_blind(["/ES"], "the feed is down")

    assert stands(desk) is True


def test_a_rule_of_closing_bars_stands_as_its_last_bar_said(desk, rule):
    desk.rules(rule("close[1m] crosses above 100", name="r", on=EvaluateOn.BAR_CLOSE))
    desk.bar(0, "1m", 99)
    desk.bar(60, "1m", 101)

    desk.tick(125, last=90)

    assert stands(desk) is True


def test_after_a_restart_a_level_stands_and_a_crossing_is_not_known_until_there_is_a_price(desk, rule):
    rules = (rule("last > 100", name="level"), rule("last crosses above 100", name="crossing"))
    desk.rules(*rules)
    desk.lasts(99, 101)
    kept = desk.engine.snapshot()

    again = type(desk)().rules(*rules)
    again.engine.restore(kept)

    assert (stands(again, "level"), stands(again, "crossing")) == (True, None)
    again.tick(10, last=102)
    assert (stands(again, "level"), stands(again, "crossing")) == (True, True)


def test_a_rule_that_does_not_run_has_no_standing(desk, rule):
    desk.rules(rule("last > 100", name="r", active=False))

    assert desk.engine.standing("r", "/ES") is None
