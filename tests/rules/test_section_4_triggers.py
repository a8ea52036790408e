"""Section 4 of the contract: triggers. Every statement has a test named after it."""

import pytest

from tests.rules.desk import engine, fired, ns, rule, run, tick, ticks, told
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.rules import Rearm, RulePhase, Trigger
from tradeassist_desktop.engine.engine import Engine


def test_edge_fires_when_the_condition_turns_true_and_is_armed_again_when_it_is_not() -> None:
    assert fired(run("last > 100", ticks(99, 101, 102, 100, 101))) == [1, 4]


def test_edge_is_armed_again_by_unknown_too() -> None:
    events = [tick(0, 101, bid=1), tick(1, bid=0, ask=1), tick(2, bid=1)]

    assert fired(run("last / bid > 100", events)) == [0, 2]


def test_a_condition_true_at_its_first_evaluation_fires_there() -> None:
    assert fired(run("last > 100", ticks(101, 102))) == [0]


def test_the_state_outlives_a_restart_so_that_a_restart_fires_nothing_again() -> None:
    before = engine(rule("last > 100"))
    before.on_tick(tick(0, 101))

    after = Engine(instruments=instrument_of)
    after.set_rules([rule("last > 100")])
    after.restore(before.snapshot())
    after.restore_market(before.market_state())

    assert list(after.on_tick(tick(1, 102))) == []
    assert list(after.on_tick(tick(2, 99))) == []
    assert len(after.on_tick(tick(3, 101))) == 1


def test_each_crossing_fires() -> None:
    assert fired(run("last crosses above 100", ticks(99, 101, 99, 101))) == [1, 3]


def test_hold_fires_at_the_moment_it_became_true_plus_its_length() -> None:
    assert fired(run("last > 100", [tick(3, 101), tick(4, 102), tick(60, 1)], hold=10)) == [13]


def test_hold_needs_it_true_at_every_evaluation_between() -> None:
    assert fired(run("last > 100", [tick(0, 101), tick(5, 99), tick(6, 101), tick(60, 1)], hold=10)) == [16]


def test_hold_needs_it_true_at_the_last_evaluation_too() -> None:
    assert fired(run("last > 100", [tick(0, 101), tick(10, 99), tick(60, 1)], hold=10)) == []


def test_every_fires_at_each_evaluation_at_which_it_is_true() -> None:
    assert fired(run("last > 100", ticks(101, 102, 99, 103), trigger=Trigger.EVERY)) == [0, 1, 3]


def test_every_fires_as_its_cooldown_permits() -> None:
    events = ticks(*[101] * 7)

    assert fired(run("last > 100", events, trigger=Trigger.EVERY, cooldown=3)) == [0, 3, 6]


def test_once_fires_once_and_then_the_rule_is_spent() -> None:
    desk = engine(rule("last > 100", trigger=Trigger.ONCE))

    alerts = [each for event in ticks(101, 99, 101) for each in desk.on_tick(event)]

    assert fired(alerts) == [0]
    assert desk.statuses()[0].phase is RulePhase.SPENT


def test_that_it_is_spent_is_persisted() -> None:
    before = engine(rule("last > 100", trigger=Trigger.ONCE))
    before.on_tick(tick(0, 101))

    after = engine(rule("last > 100", trigger=Trigger.ONCE))
    after.restore(before.snapshot())

    assert [each for event in ticks(99, 101) for each in after.on_tick(event)] == []


def test_once_per_bar_fires_at_most_once_in_each_bar_of_its_timeframe() -> None:
    events = [tick(second, 101) for second in (0, 1, 14.9, 15, 16, 45)]

    assert fired(run("last > 100", events, trigger=Trigger.ONCE_PER_BAR, timeframe="15s")) == [0, 15, 45]


@pytest.mark.parametrize(
    ("when", "rearm", "lasts", "seconds"),
    [
        ("last > 100", Rearm(1), (101, 99.25, 101, 99, 101), [0, 4]),
        ("last < 100", Rearm(1), (99, 100.75, 99, 101, 99), [0, 4]),
        ("last > 200", Rearm(0.5, is_percent=True), (201, 199.25, 201, 199, 201), [0, 4]),
        ("100 < last", Rearm(1), (101, 99.25, 101, 99, 101), [0, 4]),
    ],
    ids=["above", "below", "percent of the level", "the level on the left"],
)
def test_a_level_must_be_left_by_rearm_before_it_is_armed_again(
    when: str, rearm: Rearm, lasts: tuple[float, ...], seconds: list[float]
) -> None:
    assert fired(run(when, ticks(*lasts), rearm=rearm)) == seconds


def test_a_firing_exactly_cooldown_after_the_last_fired_one_fires() -> None:
    events = [tick(0, 101), tick(1, 99), tick(60, 101)]

    assert told(run("last > 100", events, cooldown=60)) == [(0, "fired", None), (60, "fired", None)]


def test_one_before_that_is_recorded_as_suppressed_with_its_reason() -> None:
    events = [tick(0, 101), tick(1, 99), tick(59.999, 101)]

    assert told(run("last > 100", events, cooldown=60))[1:] == [(59.999, "suppressed", "cooldown")]


def test_only_fired_alerts_start_a_cooldown() -> None:
    events = [tick(0, 101), tick(1, 99), tick(50, 101), tick(51, 99), tick(61, 101)]

    assert told(run("last > 100", events, cooldown=60))[1:] == [
        (50, "suppressed", "cooldown"),
        (61, "fired", None),
    ]


def test_a_cooldown_outlives_a_restart() -> None:
    before = engine(rule("last crosses above 100", cooldown=60))
    for event in ticks(99, 101, 99):
        before.on_tick(event)

    after = engine(rule("last crosses above 100", cooldown=60))
    after.restore(before.snapshot())
    after.restore_market(before.market_state())

    assert told(list(after.on_tick(tick(30, 101)))) == [(30, "suppressed", "cooldown")]
    assert after.status("last crosses above 100")[0].last_fired_ns == ns(1)
