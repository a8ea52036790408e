"""Sections 3 to 5 of the contract, sentence by sentence. Times are seconds."""

import pytest

from tradeassist_desktop.domain.rules import Rearm, RulePhase, Trigger


def test_an_edge_fires_when_the_condition_turns_true_and_again_after_it_was_not(desk, rule):
    desk.rules(rule("last > 100"))

    assert desk.lasts(99, 101, 102, 100, 101) == [1, 4]


def test_a_condition_true_at_its_first_evaluation_fires_there(desk, rule):
    desk.rules(rule("last > 100"))

    assert desk.lasts(101, 102) == [0]


@pytest.mark.parametrize(
    ("when", "prices", "fired"),
    [
        pytest.param("last crosses above 100", (99, 101, 99, 101), [1, 3], id="each crossing fires"),
        pytest.param("last crosses above 100", (101, 102), [], id="no previous evaluation, no crossing"),
        pytest.param("last crosses above 100", (99, 100, 101), [2], id="from the level upwards counts"),
        pytest.param("last crosses below 100", (101, 100, 99), [2], id="below mirrors above"),
        pytest.param("last crosses 100", (99, 101, 99), [1, 2], id="either way, two in a row both fire"),
        pytest.param("last enters 100..102", (99, 100, 101, 103, 102), [1, 4], id="bounds are inside"),
        pytest.param("last exits 100..102", (101, 102, 102.25, 99), [2], id="exits mirrors enters"),
        pytest.param("last enters 100..102", (101, 101), [], id="no side known before is unknown"),
        pytest.param("last in 100..102", (99, 100, 102, 103), [1], id="in is a level condition"),
        pytest.param("last outside 100..102", (99, 101, 103), [0, 2], id="outside"),
        pytest.param("last touches 100", (99, 101, 102), [1], id="touches what lies between"),
        pytest.param("last touches 100", (99, 100, 100, 101), [1, 2, 3], id="bounds of a touch are included"),
        pytest.param("not (last > 100)", (101, 99), [1], id="not"),
        pytest.param("last > 100 and bid > 1", (101, 102), [], id="true and unknown is unknown"),
        pytest.param("last > 100 or bid > 1", (101, 102), [0], id="true or unknown is true"),
        pytest.param("not (bid > 1)", (101, 102), [], id="not unknown is unknown"),
        pytest.param("last / 0 > 1", (101, 102), [], id="a division by zero is unknown"),
        pytest.param("-last < -100", (99, 101), [1], id="unary minus"),
        pytest.param("last * 2 - 1 >= 201", (100, 101), [1], id="arithmetic"),
        pytest.param("100 < last", (99, 101), [1], id="the number may stand first"),
    ],
)
def test_conditions_over_a_stream_of_trades(desk, rule, when, prices, fired):
    desk.rules(rule(when))

    assert desk.lasts(*prices) == fired


def test_a_new_session_high_counts_as_a_touch_of_last(desk, rule):
    desk.rules(rule("last touches 105"))
    desk.tick(0, last=100, high=103, low=99)

    fired = desk.tick(1, last=101, high=106, low=99)

    assert len(fired) == 1


def test_an_update_of_another_field_is_an_evaluation_too(desk, rule, fired_at):
    desk.rules(rule("last > 100", trigger=Trigger.EVERY))
    desk.tick(0, last=101)

    assert fired_at(desk.tick(1, bid=100.5)) == [1]


def test_a_hold_fires_when_it_has_been_true_that_long(desk, rule, fired_at):
    desk.rules(rule("last > 100", hold_s=10))
    desk.lasts(101, 102)

    assert fired_at(desk.tick(30, last=99)) == [10]


def test_a_hold_ends_after_the_updates_of_its_instant(desk, rule, fired_at):
    desk.rules(rule("last > 100", hold_s=10))
    desk.tick(0, last=101)

    at_ten = desk.tick(10, last=99)

    assert fired_at([*at_ten, *desk.tick(20, last=99)]) == []


def test_a_hold_begins_anew_when_the_condition_was_not_true(desk, rule, fired_at):
    desk.rules(rule("last > 100", hold_s=10))
    for at, price in ((0, 101), (5, 99), (6, 101)):
        desk.tick(at, last=price)

    assert fired_at(desk.tick(100, last=101)) == [16]


def test_every_with_a_hold_fires_at_each_evaluation_once_it_is_over(desk, rule, fired_at):
    desk.rules(rule("last > 100", hold_s=10, trigger=Trigger.EVERY))
    desk.tick(0, last=101)

    fired = [*desk.tick(9, last=101), *desk.tick(12, last=101), *desk.tick(13, last=101)]

    assert fired_at(fired) == [10, 12, 13]


def test_the_firing_exactly_at_the_cooldown_fires_and_one_before_is_recorded(desk, rule):
    desk.rules(rule("last crosses above 100", cooldown_s=60))
    desk.lasts(99, 101)

    desk.tick(58, last=99)
    (at_60,) = desk.tick(60.5, last=101)
    desk.tick(60.6, last=99)
    (at_61,) = desk.tick(61, last=101)

    assert (at_60.status, at_60.reason, at_61.status) == ("suppressed", "cooldown", "fired")


def test_only_fired_alerts_start_a_cooldown(desk, rule):
    desk.rules(rule("last crosses above 100", cooldown_s=10))
    desk.lasts(99, 101, 99)

    suppressed = desk.tick(9, last=101)
    desk.tick(10, last=99)
    fired = desk.tick(11, last=101)

    assert [alert.status for alert in (*suppressed, *fired)] == ["suppressed", "fired"]


def test_every_records_one_suppression_a_cooldown(desk, rule):
    desk.rules(rule("last > 100", cooldown_s=10, trigger=Trigger.EVERY))

    statuses = [alert.status for at in range(22) for alert in desk.tick(at, last=101)]

    assert statuses == ["fired", "suppressed"] * 2 + ["fired", "suppressed"]


def test_once_fires_once_for_each_symbol(desk, rule, fired_at):
    desk.rules(rule("last > 100", trigger=Trigger.ONCE, symbols=("/ES", "/NQ")))

    fired = [*desk.tick(0, last=101), *desk.tick(1, last=99), *desk.tick(2, last=101)]
    other = desk.tick(3, "/NQ", last=101)

    assert fired_at([*fired, *other]) == [0, 3]
    assert {status.phase for status in desk.engine.statuses()} == {RulePhase.SPENT}


def test_once_per_bar_fires_once_in_each_bar(desk, rule, fired_at):
    desk.rules(rule("last > 100", trigger=Trigger.ONCE_PER_BAR, timeframe="1m"))

    fired = [alert for at in (0, 1, 59.9, 60, 61, 130) for alert in desk.tick(at, last=101)]

    assert fired_at(fired) == [0, 60, 130]


@pytest.mark.parametrize(
    ("rearm", "prices", "fired"),
    [
        pytest.param(Rearm(1.0), (101, 99.5, 101, 99, 101), [0, 4], id="left by the amount"),
        pytest.param(
            Rearm(2.0, is_percent=True), (101, 98.5, 101, 98, 101), [0, 4], id="in percent of the level"
        ),
    ],
)
def test_a_level_must_be_left_by_rearm_before_it_fires_again(desk, rule, rearm, prices, fired):
    desk.rules(rule("last > 100", rearm=rearm))

    assert desk.lasts(*prices) == fired


def test_a_suppressed_firing_does_not_spend_rearm(desk, rule):
    desk.rules(rule("last > 100", rearm=Rearm(5.0), cooldown_s=3))
    desk.lasts(101, 95, 101)

    statuses = [alert.status for at, price in ((3, 99), (4, 101)) for alert in desk.tick(at, last=price)]

    assert statuses == ["fired"]


def test_a_cleared_message_follows_a_fired_level_that_is_no_longer_true(desk, rule):
    desk.rules(rule("last > 100", notify_clear=True))
    desk.lasts(101)

    cleared = [alert.status for price in (102, 99, 98) for alert in desk.tick(1, last=price)]

    assert cleared == ["cleared"]


def test_what_is_still_true_when_the_schedule_opens_does_not_fire_by_itself(desk, rule):
    desk.rules(rule("last > 100", schedule="00:01-23:00 UTC"))

    (before,) = desk.tick(0, last=101)
    after = desk.tick(61, last=101)

    assert (before.status, before.reason, len(after)) == ("suppressed", "schedule", 0)


def test_a_rule_runs_from_its_start_until_it_expires(desk, rule, fired_at):
    start_ns = 1_719_878_400_000_000_000
    desk.rules(
        rule(
            "last > 100",
            trigger=Trigger.EVERY,
            starts_at_ns=start_ns + 2 * 10**9,
            expires_at_ns=start_ns + 4 * 10**9,
        )
    )

    fired = [alert for at in range(6) for alert in desk.tick(at, last=101)]

    assert fired_at(fired) == [2, 3]
    assert desk.engine.statuses()[0].phase is RulePhase.EXPIRED


def test_age_fires_by_event_time_between_updates(desk, rule, fired_at):
    desk.rules(rule("age >= 30"))
    desk.tick(0, last=100)

    assert fired_at(desk.tick(100, bid=99)) == [30]


def test_age_fires_by_the_timer_when_no_update_comes(desk, rule, fired_at):
    desk.rules(rule("age >= 30"))
    desk.tick(0, last=100)

    assert fired_at(desk.engine.on_time(1_719_878_400_000_000_000 + 31 * 10**9)) == [30]


def test_change_compares_with_the_last_value_at_or_before_then(desk, rule, fired_at):
    desk.rules(rule("change(last, 5m) >= 2%"))
    desk.tick(0, last=100)
    desk.tick(200, last=103)

    fired = [*desk.tick(299, bid=1), *desk.tick(300, bid=2)]

    assert fired_at(fired) == [300]


def test_the_value_is_the_left_side_of_the_leftmost_true_comparison(desk, rule):
    desk.rules(rule("bid > 200 or last > 100 or ask > 50"))

    (alert,) = desk.tick(0, bid=100, last=101, ask=60)

    assert alert.value == 101


def test_the_value_is_null_where_no_comparison_is_true(desk, rule):
    desk.rules(rule("not (spread > 0.5)"))

    (alert,) = desk.tick(0, bid=100, ask=100.25)

    assert alert.value is None


def test_alerts_of_one_instant_are_ordered_by_rule_then_symbol(desk, rule):
    desk.rules(
        rule("/CL.last > 1", name="first", symbols=("/NQ", "/ES")),
        rule("/CL.last > 1", name="second", symbols=("/AB",)),
    )

    order = [(alert.rule_name, alert.symbol) for alert in desk.tick(0, "/CL", last=2)]

    assert order == [("first", "/ES"), ("first", "/NQ"), ("second", "/AB")]
