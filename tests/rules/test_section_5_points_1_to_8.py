"""Section 5 of the contract: settled points 1 to 8. Every statement has a test named after it."""

import pytest

from tests.rules.desk import (
    bar,
    bars,
    engine,
    fired,
    ns,
    rule,
    run,
    tick,
    ticks,
    told,
)
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.market import TimerCall
from tradeassist_desktop.domain.rules import EvaluateOn, RulePhase, Trigger
from tradeassist_desktop.recordings import merge

HOUR = 3600.0


# -- 1, 2: momentary leaves


@pytest.mark.parametrize(
    ("when", "lasts", "seconds"),
    [
        ("last crosses 100", (99, 101, 99), [1, 2]),
        ("last enters 100..101 or last exits 100..101", (99, 100, 102), [1, 2]),
        ("last touches 100", (99, 100, 100), [1, 2]),
        ("(last > 100 then last > 100) within 9s", (101, 101, 101, 101, 101), [1, 3]),
        ("last > 50 and last crosses 100", (99, 101, 99), [1, 2]),
        ("not (last < 50) and last crosses 100", (99, 101, 99), [1, 2]),
    ],
)
def test_momentary_leaves_are_true_for_one_evaluation_so_two_in_a_row_both_fire(
    when: str, lasts: tuple[float, ...], seconds: list[float]
) -> None:
    assert fired(run(when, ticks(*lasts))) == seconds


def test_a_true_evaluation_does_not_fire_again_if_it_is_true_without_its_momentary_leaves() -> None:
    assert fired(run("last > 50 or last crosses 100", ticks(99, 101, 99))) == [0]


def test_all_leaves_are_evaluated_without_short_cuts_so_that_none_loses_its_previous() -> None:
    events = [tick(0, 99, bid=1), tick(1, 101, bid=0), tick(2, 102, bid=1)]

    assert fired(run("bid > 0 and last crosses above 100", events)) == []
    assert fired(run("bid > 5 or last crosses above 100", events)) == [1]


# -- 3: one instant


def test_all_bars_ending_at_an_instant_close_for_all_symbols_before_rules_run() -> None:
    events = [tick(0, 10), tick(1, 20, symbol="/NQ"), tick(61, 1)]

    assert fired(run("close[1m] > 5 and /NQ.close[1m] > 15", events)) == [60]


def test_rules_run_each_once_at_an_instant() -> None:
    events = [tick(0, 10), tick(1, 20, symbol="/NQ"), tick(61, 1)]

    found = run("close[1m] > 5 and /NQ.close[1m] > 15", events, trigger=Trigger.EVERY)

    assert fired(found) == [60]


def test_a_bar_row_sets_last_before_its_bars_close() -> None:
    assert fired(run("close[1m] == 10 and last == 10", bar(0, 10), on=EvaluateOn.BAR_CLOSE)) == [60]


def test_the_tick_of_a_bar_row_is_evaluated_after_its_bars_have_closed() -> None:
    found = run([rule("last == 10"), rule("close[1m] == 10")], bar(0, 10))

    assert [each.rule_name for each in found] == ["last == 10", "close[1m] == 10"]
    assert fired(run("close[1m] == 10 and last > 0", bar(0, 10))) == [60]


def test_hold_timers_run_after_the_updates_of_their_instant() -> None:
    assert fired(run("last > 100", [tick(0, 101), tick(10, 99)], hold=10)) == []
    assert fired(run("last > 100", [tick(0, 101), tick(10, bid=1), tick(10, 99)], hold=10)) == []


def test_at_the_end_of_data_nothing_later_than_the_last_event_is_evaluated() -> None:
    assert run("last > 100", [tick(0, 101), tick(9.9, 102)], hold=10) == []
    assert run("close[1m] > 0", [tick(0, 101), tick(59.9, 102)]) == []


def test_what_falls_due_at_the_last_event_is_evaluated() -> None:
    assert fired(run("last > 100", [tick(0, 101), tick(10, 102)], hold=10)) == [10]


def test_a_first_partial_bar_counts() -> None:
    assert fired(run("close[1m] > 0", [tick(55, 1), tick(61, 2)])) == [60]


# -- 4: timeframes


@pytest.mark.parametrize(("field", "value"), [("open", 90), ("high", 110), ("low", 80), ("volume", 1000)])
def test_without_a_timeframe_open_high_low_volume_are_the_session_s(field: str, value: float) -> None:
    (found,) = run(f"{field} > 0", [tick(0, 100, open=90, high=110, low=80, volume=1000)])

    assert found.value == value


def test_without_a_timeframe_close_and_indicators_take_the_rule_s() -> None:
    events = [tick(0, 1), tick(5, 2), tick(10, 3)]

    assert fired(run("close > 0", events, timeframe="5s", trigger=Trigger.EVERY)) == [5, 10]
    assert fired(run("sma(2) > 0", events, timeframe="5s")) == [10]


def test_bars_finer_than_the_data_stay_unknown() -> None:
    assert run("close[1m] > 0 or close[30s] > 0", bars(1, 2, 3, timeframe="5m")) == []
    assert run("not (close[1m] > 0)", bars(1, 2, 3, timeframe="5m")) == []


# -- 5: order


def test_several_files_are_merged_by_time_stable_in_argument_order() -> None:
    first, second = [tick(0, 1), tick(2, 2)], [tick(0, 3), tick(1, 4), tick(2, 5)]

    assert [event.last for event in merge([first, second])] == [1, 3, 4, 2, 5]


def test_within_a_file_row_order_is_arrival_order() -> None:
    assert [event.last for event in merge([[tick(5, 1), tick(3, 2), tick(4, 3)]])] == [1, 2, 3]


def test_alerts_of_one_instant_are_ordered_by_rule_then_symbol() -> None:
    rules = [
        rule("$VIX.last > 1", symbols=("/NQ", "/ES")),
        rule("$VIX.last > 2", symbols=("AAPL",)),
        rule("close[1m] > 0", symbols=("/ES",)),
    ]
    events = [tick(0, 1), tick(60, 5, symbol="$VIX"), tick(61, 1)]

    assert [(each.rule_name, each.symbol) for each in run(rules, events)] == [
        ("$VIX.last > 1", "/ES"),
        ("$VIX.last > 1", "/NQ"),
        ("$VIX.last > 2", "AAPL"),
        ("close[1m] > 0", "/ES"),
    ]


def test_lateness_is_judged_per_symbol() -> None:
    assert len(run(rule("last > 100", symbols=("/NQ",)), [tick(10, 1), tick(5, 101, symbol="/NQ")])) == 1


def test_the_engine_s_clock_never_goes_back() -> None:
    events = [tick(10, 1), tick(5, 101, symbol="/NQ")]

    assert fired(run(rule("last > 100", symbols=("/NQ",)), events)) == [10]


# -- 6: trades


def test_an_update_with_last_a_later_trade_time_or_grown_volume_is_a_trade() -> None:
    first = tick(0, 100, volume=10, trade_ns=ns(0))
    later = [
        tick(10, 100),
        tick(10, bid=1, trade_ns=ns(10)),
        tick(10, volume=11),
    ]

    for trade in later:
        assert fired(run("age >= 5", [first, trade, tick(16, bid=2)])) == [5, 15]


def test_an_update_without_these_is_none() -> None:
    assert fired(run("age >= 5", [tick(0, 100, volume=10), tick(3, bid=1, volume=10), tick(9, bid=2)])) == [5]


def test_a_first_or_falling_session_volume_is_a_new_baseline() -> None:
    events = [
        tick(0, 1, volume=500),
        tick(1, 1, volume=503),
        tick(2, 1, volume=10),
        tick(3, 1, volume=14),
        tick(60, 1),
    ]

    assert [each.value for each in run("volume[1m] > 0", events)] == [7]


# -- 7: live bars


def test_live_bars_close_at_the_first_event_at_or_after_their_end() -> None:
    desk = engine(rule("close[1m] > 0"))
    desk.on_tick(tick(0, 1))

    assert fired(list(desk.on_tick(tick(60, 2)))) == [60]


def test_or_one_second_after_it() -> None:
    desk = engine(rule("close[1m] > 0"))
    desk.on_tick(tick(0, 1))

    assert list(desk.on_time(ns(60.999))) == []
    assert fired(list(desk.on_time(ns(61)))) == [60]


def test_recordings_keep_the_timer_s_calls_so_that_a_replay_repeats_them() -> None:
    rules = [rule("close[1m] > 0", trigger=Trigger.EVERY), rule("last > 0", hold=3)]
    events = [tick(0, 1), tick(50, 2), TimerCall(ns(61)), tick(59.9, 3), tick(130, 4)]
    live = engine(*rules)

    alerts = [
        each
        for event in events
        for each in (live.on_time(event.utc_ns) if isinstance(event, TimerCall) else live.on_tick(event))
    ]

    alerts += live.finish()

    def of(found: list[Alert]) -> list[tuple[int, str, float | None]]:
        return sorted((each.event_ns, each.rule_name, each.value) for each in found)

    assert of(run(rules, events)) == of(alerts) != []


# -- 8: schedules, snooze, blindness


@pytest.mark.parametrize("trigger", [Trigger.EDGE, Trigger.ONCE])
def test_what_is_still_true_when_a_schedule_begins_does_not_fire_by_itself(trigger: Trigger) -> None:
    found = run("last > 100", ticks(*[101] * 99), schedule="00:01-23:00 UTC", trigger=trigger)

    assert told(found) == [(0, "suppressed", "schedule")]


def test_what_is_still_true_when_a_cooldown_ends_does_not_fire_by_itself() -> None:
    found = run("last > 100", ticks(101, 99, 101, 101, 101, 101, 101), cooldown=4)

    assert told(found) == [(0, "fired", None), (2, "suppressed", "cooldown")]


def test_a_snooze_suppresses_firings_until_its_end() -> None:
    desk = engine(rule("last crosses 100"))
    desk.on_tick(tick(0, 99))
    desk.snooze("last crosses 100", "/ES", ns(10))

    found = [each for second, last in ((9, 101), (10, 99)) for each in desk.on_tick(tick(second, last))]

    assert told(found) == [(9, "suppressed", "snoozed"), (10, "fired", None)]


def test_what_is_still_true_when_a_snooze_ends_does_not_fire_by_itself() -> None:
    desk = engine(rule("last > 100"))
    desk.snooze("last > 100", None, ns(5))

    found = [each for event in ticks(*[101] * 9) for each in desk.on_tick(event)]

    assert told(found) == [(0, "suppressed", "snoozed")]


def test_a_snooze_is_of_one_symbol_and_can_be_ended() -> None:
    both = rule("last crosses 100", symbols=("/ES", "/NQ"))
    desk = engine(both)
    desk.snooze(both.uid, "/ES", ns(100))
    for symbol in both.symbols:
        desk.on_tick(tick(0, 99, symbol=symbol))

    first = [each for symbol in both.symbols for each in desk.on_tick(tick(1, 101, symbol=symbol))]
    desk.snooze(both.uid, "/ES", None)
    then = list(desk.on_tick(tick(2, 99)))

    assert [(each.symbol, str(each.status)) for each in first] == [("/ES", "suppressed"), ("/NQ", "fired")]
    assert told(then) == [(2, "fired", None)]


def test_a_cleared_message_is_no_firing_and_so_not_suppressed() -> None:
    desk = engine(rule("last > 100", notify_clear=True))
    desk.on_tick(tick(0, 101))
    desk.snooze("last > 100", None, ns(100))

    assert told(list(desk.on_tick(tick(1, 99)))) == [(1, "cleared", None)]


def test_blindness_fires_nothing_and_keeps_the_last_values() -> None:
    desk = engine(rule("last > 100 and $VIX.last > 20"), rule("last > 100"))
    desk.on_tick(tick(0, 25, symbol="$VIX"))
    desk.go_blind(["$VIX"], "feed down")

    blind = list(desk.on_tick(tick(1, 101)))
    seen = list(desk.on_tick(tick(2, 26, symbol="$VIX")))

    assert [each.rule_name for each in blind] == ["last > 100"]
    assert [each.rule_name for each in seen] == ["last > 100 and $VIX.last > 20"]


def test_a_crossing_goes_on_from_before_blindness() -> None:
    desk = engine(rule("last crosses above 100"))
    desk.on_tick(tick(0, 99))
    desk.go_blind(None, "feed down")

    assert fired(list(desk.on_tick(tick(60, 101)))) == [60]


def test_a_blind_rule_says_so_until_its_symbols_are_heard_again() -> None:
    desk = engine(rule("last > 100"))
    desk.on_tick(tick(0, 99))
    desk.go_blind(["/ES"], "feed down")

    blind = desk.statuses()[0].phase
    desk.on_tick(tick(1, 99))

    assert (blind, desk.statuses()[0].phase) == (RulePhase.BLIND, RulePhase.ARMED)


def test_what_was_not_seen_has_not_held() -> None:
    desk = engine(rule("last > 100", hold=10))
    desk.on_tick(tick(0, 101))
    desk.go_blind(["/ES"], "feed down")

    found = [each for second in (9, 12, 18.9, 40) for each in desk.on_tick(tick(second, 101))]

    assert fired(found) == [19]


def test_staleness_can_still_be_asked_for_while_a_symbol_is_stale() -> None:
    desk = engine(rule("age >= 30"))
    desk.on_tick(tick(0, 101))
    desk.go_blind(["/ES"], "stale", is_stale=True)

    assert fired(list(desk.on_time(ns(40)))) == [30]


def test_making_a_rule_active_again_starts_it_anew() -> None:
    desk = engine(rule("last > 100", trigger=Trigger.ONCE, cooldown=60))
    desk.on_tick(tick(0, 101))
    desk.set_active("last > 100", False)
    desk.set_active("last > 100", True)

    assert fired(list(desk.on_tick(tick(1, 101)))) == [1]


def test_a_spent_rule_can_be_made_active_again() -> None:
    desk = engine(rule("last > 100", trigger=Trigger.ONCE))
    desk.on_tick(tick(0, 101))
    desk.set_active("last > 100", True)

    assert fired(list(desk.on_tick(tick(1, 101)))) == [1]
