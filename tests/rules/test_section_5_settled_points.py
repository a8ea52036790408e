"""Section 5 of the contract: points that were settled. Every statement has a test named after it."""

import pytest

from tests.rules.desk import (
    START_NS,
    bar,
    bars,
    engine,
    fired,
    ns,
    refusal,
    rule,
    run,
    tick,
    ticks,
    told,
)
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.market import Bar, TimerCall
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, RulePhase, Trigger
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


# -- 9: what a suppressed firing costs


def test_a_suppressed_firing_does_not_spend_once() -> None:
    found = run("last > 100", ticks(101, 99, 101), trigger=Trigger.ONCE, schedule="23:00-23:01 UTC")

    assert told(found) == [(0, "suppressed", "schedule"), (2, "suppressed", "schedule")]


def test_a_suppressed_firing_does_not_spend_once_per_bar() -> None:
    events = [tick(second, 101) for second in (55, 60, 64, 66)]

    found = run("last > 100", events, trigger=Trigger.ONCE_PER_BAR, cooldown=10)

    assert told(found) == [(55, "fired", None), (60, "suppressed", "cooldown"), (66, "fired", None)]


def test_a_suppressed_firing_does_not_spend_rearm() -> None:
    events = ticks(101, 95, 101, 99, 101)

    assert told(run("last > 100", events, rearm=Rearm(5), cooldown=3)) == [
        (0, "fired", None),
        (2, "suppressed", "cooldown"),
        (4, "fired", None),
    ]


@pytest.mark.parametrize(
    "policies", [{"trigger": Trigger.ONCE}, {"trigger": Trigger.ONCE_PER_BAR}, {"rearm": Rearm(5)}], ids=str
)
def test_what_these_hold_back_is_not_recorded(policies: dict[str, object]) -> None:
    assert told(run("last > 100", ticks(101, 99, 101), **policies)) == [(0, "fired", None)]


def test_every_records_one_suppression_with_a_count_per_cooldown() -> None:
    desk = engine(rule("last > 100", trigger=Trigger.EVERY, cooldown=10))

    alerts = [each for event in ticks(*[101] * 12) for each in desk.on_tick(event)]

    assert told(alerts) == [
        (0, "fired", None),
        (1, "suppressed", "cooldown"),
        (10, "fired", None),
        (11, "suppressed", "cooldown"),
    ]
    assert alerts[1].count == 1
    assert desk.take_suppression_counts() == {alerts[1].id: 9}


def test_once_per_bar_is_every_limited_to_one_in_a_half_open_bar() -> None:
    events = [tick(second, 101) for second in (0, 59.999, 60, 61)]

    assert fired(run("last > 100", events, trigger=Trigger.ONCE_PER_BAR)) == [0, 60]


def test_once_is_per_symbol() -> None:
    both = rule("last > 100", symbols=("/ES", "/NQ"), trigger=Trigger.ONCE)

    assert fired(run(both, [tick(0, 101), tick(1, 101, symbol="/NQ"), tick(2, 99), tick(3, 101)])) == [0, 1]


# -- 10: what cannot be combined


@pytest.mark.parametrize(
    "when",
    ["last > bid", "last > 100 and bid > 1", "not (last > 100)", "last crosses above 100", "last in 1..2"],
)
def test_rearm_needs_a_single_comparison_with_a_constant(when: str) -> None:
    assert "rearm" in refusal(when=when, rearm=1)


@pytest.mark.parametrize(
    "when",
    [
        "last crosses 100", "last enters 1..2", "last exits 1..2", "last touches 1",
        "last > 1 or last crosses 100", "(last > 1 then bid > 1) within 5s",
    ],
)  # fmt: skip
def test_hold_needs_a_condition_without_momentary_leaves(when: str) -> None:
    assert "hold" in refusal(when=when, hold="5s")


@pytest.mark.parametrize("when", ["last > 100", "100 < last", "last > -5"])
def test_a_comparison_with_a_constant_takes_rearm(when: str) -> None:
    assert run(rule(when, rearm=Rearm(1)), ticks(101))


def test_with_every_and_hold_it_fires_at_each_evaluation_once_the_hold_is_over() -> None:
    events = [tick(second, 101) for second in (0, 9, 12, 13)]

    assert fired(run("last > 100", events, trigger=Trigger.EVERY, hold=10)) == [10, 12, 13]


# -- 11: sequences


def test_steps_are_distinct_evaluations() -> None:
    assert run("(last > 100 then bid > 50) within 5s", [tick(0, 101, bid=51)]) == []
    assert fired(run("(last > 100 then bid > 50) within 5s", [tick(0, 101, bid=51), tick(0, 102)])) == [0]


def test_the_span_is_from_the_first_step_to_the_last() -> None:
    when = "(last > 100 then bid > 50 then ask > 70) within 10s"
    first, second, third = tick(0, 101), tick(8, bid=51, last=1), tick(11, ask=71)

    assert run(when, [first, second, third]) == []


def test_a_later_first_step_may_still_be_in_time() -> None:
    events = [tick(0, 101), tick(8, 102), tick(9, 1), tick(11, bid=51)]

    assert fired(run("(last > 100 then bid > 50) within 5s", events)) == [11]


def test_the_completing_evaluation_is_not_a_new_first_step() -> None:
    found = run("(last > 100 then last > 100) within 9s", ticks(101, 101, 101, 101))

    assert fired(found) == [1, 3]


# -- 12: values


@pytest.mark.parametrize("value", ["last / 0", "last / (last - last)", "0 / (bid - bid)", "1 / (last - 101)"])
def test_non_finite_results_are_unknown(value: str) -> None:
    assert run([rule(f"{value} > 0"), rule(f"not ({value} > 0)")], [tick(0, 101, bid=100)]) == []


def test_a_bare_number_against_a_percentage_means_percent() -> None:
    assert fired(run("pct_change >= 2", [tick(0, 101.75, prev_close=100), tick(1, 102)])) == [1]


def test_a_bad_value_drops_that_field_only() -> None:
    desk = engine(rule("last > 100"), rule("bid > 50", symbols=("/ES",)))

    found = list(desk.on_tick(tick(0, float("nan"), bid=51)))

    assert [each.rule_name for each in found] == ["bid > 50"]


def test_an_instrument_of_unknown_kind_may_be_zero_or_negative() -> None:
    odd = rule("last <= 0", symbols=("BTC-USD-PERP",))

    assert fired(run(odd, [tick(0, 0, symbol="BTC-USD-PERP")])) == [0]


# -- 13: averages


def test_vwap_of_bars_is_of_their_typical_prices_since_the_session_s_start() -> None:
    events = [
        *bar(0, 10, high=14, low=6, volume=1),
        *bar(60, 13, high=19, low=13, volume=3),
    ]

    found = run("vwap()[1m] > 0", events, trigger=Trigger.EVERY)

    assert [each.value for each in found] == [10, (10 * 1 + 15 * 3) / 4]


def test_vwap_starts_anew_with_the_session() -> None:
    events = [*bar(0, 10, symbol="BTC-USD"), *bar(86_400, 20, symbol="BTC-USD")]

    found = run(rule("vwap()[1m] > 0", symbols=("BTC-USD",), trigger=Trigger.EVERY), events)

    assert [each.value for each in found] == [10, 20]


def test_avg_is_the_simple_moving_average() -> None:
    assert fired(run("avg(close, 3)[1m] != sma(3)[1m]", bars(1, 5, 2, 8, 3))) == []
    assert [each.value for each in run("avg(close, 3)[1m] > 0", bars(1, 5, 3))] == [3]


def test_recursive_indicators_start_at_the_first_bar_there_is() -> None:
    # TA-Lib's EMA of 3 begins with the mean of the first 3 closes, then weighs by 2 / (3 + 1).
    found = run("ema(3)[1m] > 0", bars(1, 2, 6, 7), trigger=Trigger.EVERY)

    assert [each.value for each in found] == [3, 5]


# -- 14: sessions (2024-07-03 closes at 13:00, 2024-07-04 not at all)


@pytest.mark.parametrize(
    ("symbol", "schedule", "hour", "is_open"),
    [
        ("AAPL", "rth", 13.4999, False),
        ("AAPL", "rth", 13.5, True),
        ("AAPL", "rth", 19.9999, True),
        ("AAPL", "rth", 20, False),
        ("AAPL", "eth", 7.9999, False),
        ("AAPL", "eth", 8, True),
        ("AAPL", "eth", 23.9999, True),
        ("AAPL", "eth", 24, False),
        ("/ES", "rth", 13.5, True),
        ("/ES", "eth", 3, True),
        ("/ES", "eth", 20.9999, True),
        ("/ES", "eth", 21, False),
        ("/ES", "eth", 22, True),
        ("$VIX", "rth", 14, True),
        ("AAPL", "rth", 24 + 16.9999, True),
        ("AAPL", "rth", 24 + 17, False),
        ("AAPL", "rth", 48 + 15, False),
        ("AAPL", "rth", 72 + 15, True),
        ("AAPL", "rth", 96 + 15, False),
        ("BTC-USD", "rth", 96 + 3, True),
    ],
)
def test_rth_is_the_regular_session_and_eth_the_whole_one(
    symbol: str, schedule: str, hour: float, is_open: bool
) -> None:
    event = tick(hour * HOUR, 101, symbol=symbol)

    found = run(rule("last > 100", symbols=(symbol,), schedule=schedule), [event])

    assert [str(each.status) for each in found] == ["fired" if is_open else "suppressed"]


@pytest.mark.parametrize(
    ("day", "opens"), [(4, 14.5), (11, 13.5), (237 + 4, 13.5), (237 + 11, 14.5)], ids=str
)
def test_sessions_follow_daylight_saving_time(day: int, opens: float) -> None:
    # 2024-03-08 and 03-15, 2024-10-31 and 11-07 (clocks change on 03-10 and 11-03)
    began = ns(0) - 116 * 86_400 * 10**9 + (day - 4 - (2 if day > 200 else 0)) * 86_400 * 10**9
    second = (began - START_NS) / 10**9 + opens * HOUR

    regular = rule("last > 100", symbols=("AAPL",), schedule="rth")

    assert told(run(regular, [tick(second - 1, 101, symbol="AAPL")]))[0][1] == "suppressed"
    assert told(run(regular, [tick(second, 101, symbol="AAPL")]))[0][1] == "fired"


def test_ranges_of_time_are_half_open() -> None:
    hours = {"schedule": "10:00-11:00 UTC"}

    for hour, status in ((9.9999, "suppressed"), (10, "fired"), (10.9999, "fired"), (11, "suppressed")):
        assert told(run("last > 100", [tick(hour * HOUR, 101)], **hours))[0][1] == status


def test_daily_bars_are_of_the_regular_session() -> None:
    def trade(hour: float, last: float):
        return tick(hour * HOUR, last, symbol="AAPL")

    events = [trade(12, 50), trade(13.5, 100), trade(19.9, 101), trade(21, 500), trade(38, 1)]

    found = run(rule("close[1d] > 0", symbols=("AAPL",)), events)

    assert [(at / HOUR, each.value) for at, each in zip(fired(found), found, strict=True)] == [(20, 101)]


# -- 15: the value


def test_value_is_the_left_side_of_the_leftmost_true_leaf() -> None:
    (found,) = run("bid > 200 or last > 100 or ask > 50", [tick(0, 101, bid=100, ask=60)])

    assert found.value == 101


def test_value_is_null_where_there_is_none() -> None:
    (found,) = run("not (spread > 0.5)", [tick(0, bid=100, ask=100.25)])

    assert found.value is None


def test_a_bar_s_alert_has_the_bar_s_value() -> None:
    events: list[Bar] = [each for each in bars(5, 7) if isinstance(each, Bar)]

    assert [each.value for each in run("close[1m] > 6", events)] == [7]
