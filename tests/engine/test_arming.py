"""The state machine of a rule: what suppresses it, what outlives a restart, what it says it is doing."""

import json

import pytest

from tests.engine.conftest import START_NS, Desk
from tradeassist_desktop.domain.rules import Rearm, RulePhase, Trigger
from tradeassist_desktop.engine.arming import ArmingState, from_plain, to_plain

SECOND = 10**9
HOUR = 3_600


def at_ns(second):
    return START_NS + round(second * SECOND)


def phase(desk, number=0):
    return desk.engine.statuses()[number].phase


def until(desk):
    """Return when the phase of the first rule ends, in seconds."""
    until_ns = desk.engine.statuses()[0].until_ns
    return None if until_ns is None else (until_ns - START_NS) / SECOND


def outcomes(alerts):
    return [(alert.status.value, alert.reason) for alert in alerts]


def restarted(desk, *rules):
    """Return another desk that goes on from this one's kept state, through JSON."""
    other = Desk()
    other.rules(*rules)
    other.engine.restore(json.loads(json.dumps(desk.engine.snapshot())))
    other.engine.restore_market(json.loads(json.dumps(desk.engine.market_state())))
    return other


# --- snooze


def test_a_snoozed_rule_records_its_firings_as_suppressed(desk, rule):
    desk.rules(rule("last crosses above 100", name="r"))
    desk.tick(0, last=99)
    desk.engine.snooze("r", None, at_ns(10))

    suppressed = desk.tick(1, last=101)
    desk.tick(9, last=99)
    fired = desk.tick(10, last=101)

    assert outcomes([*suppressed, *fired]) == [("suppressed", "snoozed"), ("fired", None)]


def test_what_is_still_true_when_a_snooze_ends_does_not_fire_by_itself(desk, rule):
    desk.rules(rule("last > 100", name="r"))
    desk.engine.snooze("r", None, at_ns(10))
    desk.tick(0, last=101)

    assert outcomes(desk.tick(20, last=102)) == []


def test_a_snooze_is_of_one_symbol_or_of_all(desk, rule):
    desk.rules(rule("last > 100", name="r", symbols=("/ES", "/NQ")))
    desk.engine.snooze("r", "/ES", at_ns(10))

    alerts = [*desk.tick(0, last=101), *desk.tick(1, "/NQ", last=101)]

    assert outcomes(alerts) == [("suppressed", "snoozed"), ("fired", None)]


def test_a_snoozed_rule_can_be_woken(desk, rule):
    desk.rules(rule("last > 100", name="r"))
    desk.engine.snooze("r", None, at_ns(10))
    desk.engine.snooze("r", None, None)

    assert outcomes(desk.tick(0, last=101)) == [("fired", None)]


def test_a_snooze_outlives_a_restart(desk, rule):
    rules = (rule("last crosses above 100", name="r"),)
    desk.rules(*rules)
    desk.tick(0, last=99)
    desk.engine.snooze("r", None, at_ns(10))

    desk = restarted(desk, *rules)

    assert outcomes(desk.tick(1, last=101)) == [("suppressed", "snoozed")]


def test_a_snooze_ends_when_its_rule_is_made_active_again(desk, rule):
    desk.rules(rule("last > 100", name="r"))
    desk.engine.snooze("r", None, at_ns(10))
    desk.engine.set_active("r", False)
    desk.engine.set_active("r", True)

    assert outcomes(desk.tick(0, last=101)) == [("fired", None)]


def test_of_several_reasons_the_most_lasting_is_told(desk, rule):
    desk.rules(rule("last crosses above 100", name="r", cooldown_s=100, schedule="00:00-00:02 UTC"))
    desk.tick(0, last=99)
    desk.tick(1, last=101)
    desk.tick(2, last=99)
    cooling = desk.tick(3, last=101)
    desk.engine.snooze("r", None, at_ns(HOUR))
    desk.tick(4, last=99)
    snoozed = desk.tick(5, last=101)
    desk.tick(120, last=99)
    closed = desk.tick(121, last=101)

    assert [alert.reason for alert in (*cooling, *snoozed, *closed)] == ["cooldown", "snoozed", "schedule"]


# --- what a suppressed firing does not spend


def test_a_suppressed_firing_does_not_spend_once(desk, rule):
    desk.rules(rule("last > 100", trigger=Trigger.ONCE, schedule="00:01-01:00 UTC"))

    alerts = [alert for at, price in ((0, 101), (1, 99), (60, 101)) for alert in desk.tick(at, last=price)]

    assert outcomes(alerts) == [("suppressed", "schedule"), ("fired", None)]


def test_a_suppressed_firing_does_not_spend_once_per_bar(desk, rule):
    desk.rules(rule("last > 100", trigger=Trigger.ONCE_PER_BAR, timeframe="5m", schedule="00:01-01:00 UTC"))

    alerts = [*desk.tick(0, last=101), *desk.tick(60, last=101), *desk.tick(61, last=101)]

    assert outcomes(alerts) == [("suppressed", "schedule"), ("fired", None)]


def test_what_once_and_once_per_bar_and_rearm_hold_back_is_not_recorded(desk, rule):
    desk.rules(
        rule("last > 100", name="once", trigger=Trigger.ONCE),
        rule("last > 100", name="bar", trigger=Trigger.ONCE_PER_BAR),
        rule("last > 100", name="rearm", rearm=Rearm(50.0)),
    )
    desk.tick(0, last=101)
    desk.tick(1, last=99)

    alerts = desk.tick(2, last=101)

    assert outcomes(alerts) == []
    assert [status.suppressed for status in desk.engine.statuses()] == [0, 0, 0]


def test_once_per_bar_is_once_a_session_for_daily_bars(desk, rule, fired_at):
    desk.rules(rule("last > 100", trigger=Trigger.ONCE_PER_BAR, timeframe="1d"))

    fired = [alert for hour in (14, 20, 26, 36, 38, 43) for alert in desk.tick(hour * HOUR, last=101)]

    # Sessions begin at 13:30 UTC; 20:00 and the night after belong to the day they follow.
    assert [at / HOUR for at in fired_at(fired)] == [14, 38]


# --- suppressions that are counted


def test_every_counts_on_one_record_what_a_cooldown_suppresses(desk, rule):
    desk.rules(rule("last > 100", trigger=Trigger.EVERY, cooldown_s=10))
    alerts = [alert for at in range(5) for alert in desk.tick(at, last=101)]

    counts = desk.engine.take_suppression_counts()

    assert outcomes(alerts) == [("fired", None), ("suppressed", "cooldown")]
    assert counts == {alerts[1].id: 4}
    assert alerts[1].count == 1


def test_each_cooldown_has_a_record_of_its_own(desk, rule):
    desk.rules(rule("last > 100", trigger=Trigger.EVERY, cooldown_s=10))

    alerts = [alert for at in range(14) for alert in desk.tick(at, last=101)]

    assert [alert.status for alert in alerts] == ["fired", "suppressed"] * 2
    assert desk.engine.take_suppression_counts() == {alerts[1].id: 9, alerts[3].id: 3}


def test_counting_goes_on_after_a_restart(desk, rule):
    rules = (rule("last > 100", trigger=Trigger.EVERY, cooldown_s=10),)
    desk.rules(*rules)
    alerts = [alert for at in range(3) for alert in desk.tick(at, last=101)]

    desk = restarted(desk, *rules)
    more = desk.tick(3, last=101)

    assert outcomes(more) == []
    assert desk.engine.take_suppression_counts() == {alerts[1].id: 3}


# --- restarts


@pytest.mark.parametrize(
    ("more", "prices", "later", "expected"),
    [
        pytest.param({}, (99, 101), 102, [], id="a condition that stays true fires nothing again"),
        pytest.param({"rearm": Rearm(5.0)}, (101, 99), 101, [], id="the level is still to be left"),
        pytest.param({"trigger": Trigger.ONCE}, (101, 99), 101, [], id="what was spent stays spent"),
        pytest.param(
            {"cooldown_s": 60}, (101, 99), 101, [("suppressed", "cooldown")], id="the cooldown goes on"
        ),
        pytest.param({"trigger": Trigger.ONCE_PER_BAR}, (101, 99), 101, [], id="the bar has had its firing"),
        pytest.param({"notify_clear": True}, (99, 101), 99, [("cleared", None)], id="a clearing follows"),
    ],
)
def test_the_state_outlives_a_restart(desk, rule, more, prices, later, expected):
    rules = (rule("last > 100", **more),)
    desk.rules(*rules)
    desk.lasts(*prices)

    desk = restarted(desk, *rules)

    assert outcomes(desk.tick(10, last=later)) == expected


def test_a_crossing_over_a_restart_is_seen(desk, rule):
    rules = (rule("last crosses above 100"),)
    desk.rules(*rules)
    desk.tick(0, last=99)

    desk = restarted(desk, *rules)

    assert outcomes(desk.tick(1, last=101)) == [("fired", None)]


def test_a_running_hold_ends_when_it_would_have_without_the_restart(desk, rule, fired_at):
    rules = (rule("last > 100", hold_s=10),)
    desk.rules(*rules)
    desk.tick(0, last=101)

    desk = restarted(desk, *rules)

    assert phase(desk) is RulePhase.PENDING
    assert fired_at(desk.tick(30, last=101)) == [10]


def test_unknown_after_a_restart_without_the_market_says_nothing_about_what_was(desk, rule):
    rules = (rule("last > 100 and bid > 1"),)
    desk.rules(*rules)
    desk.tick(0, last=101, bid=100)
    kept = desk.engine.snapshot()

    desk = Desk().rules(*rules)
    desk.engine.restore(kept)

    assert [*desk.tick(1, last=101), *desk.tick(2, bid=100)] == []


@pytest.mark.parametrize("name", list(to_plain(ArmingState())))
def test_state_that_cannot_be_read_starts_anew(name):
    plain = to_plain(ArmingState()) | {name: ["something"]}

    assert from_plain(plain) is None


def test_state_written_by_another_version_is_read_as_far_as_it_is_known():
    plain = {"was_true": True, "fired": 3, "a_later_word": 1}

    assert from_plain(plain) == ArmingState(was_true=True, fired=3)


def test_state_survives_being_written_as_json():
    state = ArmingState(was_true=True, true_since_ns=1, recorded_id="a", recorded_count=2, snoozed_until_ns=3)

    assert from_plain(json.loads(json.dumps(to_plain(state)))) == state


# --- clocks that jump


def restored(desk, rule, **state):
    """Put a rule to work that goes on from a kept state."""
    desk.rules(rule)
    fingerprint = desk.engine.snapshot()[f"{rule.uid}|/ES"]["fingerprint"]
    plain = {"fingerprint": fingerprint, **to_plain(ArmingState(**state))}
    desk.engine.restore({f"{rule.uid}|/ES": plain})


def test_a_firing_later_than_now_keeps_nothing_quiet(desk, rule):
    restored(desk, rule("last > 100", cooldown_s=60), last_fired_ns=at_ns(86_400))

    assert outcomes(desk.tick(0, last=101)) == [("fired", None)]


def test_a_hold_begun_later_than_now_begins_now(desk, rule, fired_at):
    restored(desk, rule("last > 100", hold_s=10), was_true=True, true_since_ns=at_ns(86_400))
    desk.tick(0, last=101)

    assert until(desk) == 10
    assert fired_at(desk.tick(30, last=101)) == [10]


# --- blindness


def test_a_blind_rule_fires_nothing_and_keeps_what_it_knew(desk, rule):
    desk.rules(rule("last > 100 and $VIX.last < 20", symbols=("/ES",)))
    desk.tick(0, last=99)
    desk.tick(0, "$VIX", last=15)
    desk.engine.go_blind(["$VIX"], "feed down")

    blind = desk.tick(1, last=101)
    seen = desk.tick(2, "$VIX", last=15)

    assert (outcomes(blind), outcomes(seen)) == ([], [("fired", None)])


def test_a_running_hold_begins_anew_at_sight(desk, rule, fired_at):
    desk.rules(rule("last > 100", hold_s=10))
    desk.tick(0, last=101)
    desk.engine.go_blind(["/ES"], "feed down")

    fired = [*desk.engine.on_time(at_ns(20)), *desk.tick(30, last=101), *desk.tick(60, last=101)]

    assert fired_at(fired) == [40]


def test_a_hold_that_was_served_does_not_fire_again_at_sight(desk, rule, fired_at):
    desk.rules(rule("last > 100", hold_s=10))
    desk.tick(0, last=101)
    desk.tick(20, last=101)
    desk.engine.go_blind(["/ES"], "feed down")

    fired = [*desk.tick(30, last=101), *desk.tick(60, last=101)]

    assert outcomes(fired) == []


# --- clearing


def test_a_clearing_is_told_while_snoozed_for_it_is_no_firing(desk, rule):
    desk.rules(rule("last > 100", name="r", notify_clear=True))
    desk.tick(0, last=101)
    desk.engine.snooze("r", None, at_ns(10))

    assert outcomes(desk.tick(1, last=99)) == [("cleared", None)]


def test_only_what_fired_clears(desk, rule):
    desk.rules(rule("last > 100", notify_clear=True, schedule="10:00-11:00 UTC"))
    desk.tick(0, last=101)

    assert outcomes(desk.tick(1, last=99)) == []


def test_a_condition_that_becomes_unknown_is_no_longer_true(desk, rule):
    desk.rules(rule("last / (ask - bid) > 1", notify_clear=True))
    desk.tick(0, last=101, bid=100, ask=101)

    assert outcomes(desk.tick(1, bid=101)) == [("cleared", None)]


def test_a_rule_that_fires_once_waits_for_its_clearing_before_it_is_spent(desk, rule):
    desk.rules(rule("last > 100", trigger=Trigger.ONCE, notify_clear=True))
    desk.tick(0, last=101)
    before = phase(desk)

    cleared = desk.tick(1, last=99)

    assert (before, outcomes(cleared), phase(desk)) == (
        RulePhase.FIRING,
        [("cleared", None)],
        RulePhase.SPENT,
    )


# --- start and expiry


def test_a_rule_runs_from_its_start_up_to_but_not_at_its_expiry(desk, rule, fired_at):
    desk.rules(
        rule("last > 100", trigger=Trigger.EVERY, starts_at_ns=at_ns(2), expires_at_ns=at_ns(4)),
    )

    fired = [alert for at in (1.999, 2, 3.999, 4) for alert in desk.tick(at, last=101)]

    assert fired_at(fired) == [2, 3.999]


def test_a_hold_that_would_end_at_the_expiry_does_not_fire(desk, rule):
    desk.rules(rule("last > 100", hold_s=10, expires_at_ns=at_ns(10)))
    desk.tick(0, last=101)

    assert outcomes(desk.tick(30, last=101)) == []


# --- phases


def test_a_new_rule_is_armed(desk, rule):
    desk.rules(rule("last > 100"))

    assert phase(desk) is RulePhase.ARMED


def test_a_rule_is_firing_while_the_condition_it_fired_at_is_true(desk, rule):
    desk.rules(rule("last > 100"))
    desk.tick(0, last=101)
    during = phase(desk)
    desk.tick(1, last=99)

    assert (during, phase(desk)) == (RulePhase.FIRING, RulePhase.ARMED)


def test_a_rule_is_not_armed_before_its_level_was_left_far_enough(desk, rule):
    desk.rules(rule("last > 100", rearm=Rearm(5.0)))
    desk.lasts(99, 101, 98)
    before = phase(desk)
    desk.tick(3, last=95)

    assert (before, phase(desk)) == (RulePhase.REARMING, RulePhase.ARMED)


def test_a_crossing_leaves_its_rule_armed(desk, rule):
    desk.rules(rule("last crosses above 100"))
    desk.lasts(99, 101)

    assert phase(desk) is RulePhase.ARMED


def test_what_was_suppressed_is_not_firing(desk, rule):
    desk.rules(rule("last > 100", schedule="10:00-11:00 UTC"))
    desk.tick(0, last=101)

    assert phase(desk) is RulePhase.ARMED


@pytest.mark.parametrize(
    ("more", "expected", "ends"),
    [
        pytest.param({"hold_s": 10}, RulePhase.PENDING, 10, id="holding"),
        pytest.param({"cooldown_s": 60}, RulePhase.COOLING, 60, id="cooling"),
        pytest.param({"trigger": Trigger.ONCE}, RulePhase.SPENT, None, id="spent"),
        pytest.param({"expires_at_ns": at_ns(0)}, RulePhase.EXPIRED, None, id="expired"),
        pytest.param({"starts_at_ns": at_ns(60)}, RulePhase.OFF, 60, id="not yet started"),
        pytest.param({"active": False}, RulePhase.OFF, None, id="switched off"),
    ],
)
def test_a_rule_says_what_it_is_doing_and_until_when(desk, rule, more, expected, ends):
    desk.rules(rule("last > 100", **more))
    desk.tick(0, last=101)

    assert (phase(desk), until(desk)) == (expected, ends)


def test_phases_end_with_time_alone(desk, rule):
    desk.rules(rule("last > 100", name="r", cooldown_s=60), rule("last > 100", expires_at_ns=at_ns(60)))
    desk.engine.snooze("r", None, at_ns(30))
    desk.tick(0, last=101)
    desk.engine.snooze("r", None, None)
    desk.tick(1, last=99)
    desk.tick(2, last=101)
    before = [phase(desk, number) for number in (0, 1)]

    desk.tick(62, "/NQ", last=1)

    assert before == [RulePhase.COOLING, RulePhase.FIRING]
    assert [phase(desk, number) for number in (0, 1)] == [RulePhase.FIRING, RulePhase.EXPIRED]


def test_a_snoozed_and_a_blind_rule_say_so(desk, rule):
    desk.rules(rule("last > 100", name="r"))
    desk.tick(0, last=99)
    desk.engine.snooze("r", None, at_ns(10))
    snoozed = phase(desk), until(desk)
    desk.engine.go_blind(["/ES"], "feed down")

    assert (snoozed, phase(desk)) == ((RulePhase.SNOOZED, 10), RulePhase.BLIND)


def test_what_a_hold_was_true_with_is_told_when_it_ends_after_a_restart(desk, rule):
    rules = (rule("last - close[1m] > 0.5", hold_s=10),)
    desk.rules(*rules)
    desk.bar(0, "1m", 100)
    desk.tick(61, last=102)

    (alert,) = restarted(desk, *rules).tick(90, last=102)

    assert (alert.value, alert.message) == (2, "/ES last - close[1m] 2.00 > 0.5")


def test_an_age_reached_at_the_very_instant_of_a_restart_is_not_missed(desk, rule, fired_at):
    rules = (rule("age >= 3"),)
    desk.rules(*rules)
    desk.tick(0, last=100)
    desk.tick(3, "/NQ", last=1)

    desk = restarted(desk, *rules)

    assert fired_at(desk.tick(10, bid=100)) == [3]


def test_a_condition_that_becomes_unknown_after_a_restart_with_the_market_is_no_longer_true(desk, rule):
    rules = (rule("last > 100 or ask < 50", notify_clear=True),)
    desk.rules(*rules)
    desk.tick(0, last=101)

    desk = restarted(desk, *rules)

    assert outcomes(desk.tick(1, last=99)) == [("cleared", None)]
