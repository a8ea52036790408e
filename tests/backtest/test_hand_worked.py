"""Sentences of the rules' contract, with numbers worked out by hand."""

from collections.abc import Callable

import pytest

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.market import Bar, Tick
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger

Alerts = Callable[..., list[Alert]]
Ticks = Callable[..., list[Tick | Bar]]
S = 1_000_000_000


def seconds(found: list[Alert]) -> list[float]:
    return [alert.event_ns / S for alert in found]


def told(found: list[Alert]) -> list[tuple[float, str, str | None]]:
    return [(alert.event_ns / S, str(alert.status), alert.reason) for alert in found]


def bar(symbol: str, end: int, close: float, *, width: int = 60, timeframe: str = "1m") -> list[Tick | Bar]:
    start_ns, end_ns = (end - width) * S, end * S
    return [
        Bar(symbol, timeframe, start_ns, end_ns, close, close, close, close, 10.0),
        Tick(symbol, end_ns, 0, last=close),
    ]


def test_a_hold_fires_the_duration_after_the_condition_became_true(alerts: Alerts, ticks: Ticks) -> None:
    found = alerts("last > 100", ticks((10, 101), (12, 102), (20, 103)), hold_ns=5 * S)

    assert [(alert.event_ns / S, alert.value) for alert in found] == [(15.0, 102.0)]


def test_a_hold_broken_by_an_update_at_its_last_moment_does_not_fire(alerts: Alerts, ticks: Ticks) -> None:
    found = alerts("last > 100", ticks((10, 101), (15, 100), (15, 101), (30, 101)), hold_ns=5 * S)

    assert seconds(found) == [20.0]


def test_a_hold_not_over_at_the_last_event_does_not_fire(alerts: Alerts, ticks: Ticks) -> None:
    assert alerts("last > 100", ticks((10, 101), (14.9, 102)), hold_ns=5 * S) == []
    assert seconds(alerts("last > 100", ticks((10, 101), (15, 102)), hold_ns=5 * S)) == [15.0]


def test_a_firing_exactly_a_cooldown_after_the_last_fires_and_one_before_is_suppressed(
    alerts: Alerts, ticks: Ticks
) -> None:
    events = ticks((0, 101), (1, 99), (59.999, 101), (59.9995, 99), (60, 101))

    found = alerts("last > 100", events, cooldown_ns=60 * S)

    assert told(found) == [(0.0, "fired", None), (59.999, "suppressed", "cooldown"), (60.0, "fired", None)]


def test_a_suppressed_firing_starts_no_cooldown(alerts: Alerts, ticks: Ticks) -> None:
    events = ticks((0, 101), (1, 99), (50, 101), (51, 99), (61, 101))

    assert told(alerts("last > 100", events, cooldown_ns=60 * S))[-1] == (61.0, "fired", None)


def test_a_bar_alerts_time_is_the_bars_end(alerts: Alerts, ticks: Ticks) -> None:
    events = ticks((5, 100), (59, 101), (75, 90))

    found = alerts("close[1m] > 100", events)

    assert [(alert.event_ns / S, alert.value) for alert in found] == [(60.0, 101.0)]


def test_longer_bars_ending_with_a_shorter_one_are_closed_before_it_is_looked_at(alerts: Alerts) -> None:
    events = [event for end in range(60, 361, 60) for event in bar("/ES", end, end / 60)]

    found = alerts("close[1m] >= 5 and close[5m] == 5", events, on=EvaluateOn.BAR_CLOSE)

    assert seconds(found) == [300.0]


def test_a_stretch_without_bars_still_closes_a_longer_bar_at_its_end(alerts: Alerts) -> None:
    events = [*bar("/ES", 60, 1), *bar("/ES", 120, 2), *bar("/ES", 600, 3)]

    found = alerts("close[5m] > 0", events, trigger=Trigger.EVERY)

    assert [(alert.event_ns / S, alert.value) for alert in found] == [(300.0, 2.0), (600.0, 3.0)]


def test_all_bars_of_an_instant_are_closed_before_any_rule_runs(alerts: Alerts) -> None:
    a, b = bar("/ES", 60, 10), bar("/NQ", 60, 20)
    later = [*bar("/ES", 120, 1)]

    found = alerts("close[1m] > 5 and /NQ.close[1m] > 15", [a[0], b[0], a[1], b[1], *later])

    assert seconds(found) == [60.0]


def test_a_bar_row_sets_last_before_its_bar_closes(alerts: Alerts) -> None:
    found = alerts("close[1m] > 5 and last > 5", bar("/ES", 60, 10), on=EvaluateOn.BAR_CLOSE)

    assert [(alert.event_ns / S, alert.value) for alert in found] == [(60.0, 10.0)]


def test_two_crossings_in_a_row_both_fire(alerts: Alerts, ticks: Ticks) -> None:
    found = alerts("last crosses 100", ticks((1, 99), (2, 101), (3, 99), (4, 99)))

    assert seconds(found) == [2.0, 3.0]


def test_a_crossing_needs_the_value_before_it(alerts: Alerts, ticks: Ticks) -> None:
    assert alerts("last crosses above 100", ticks((1, 101), (2, 102))) == []
    assert seconds(alerts("last crosses above 100", ticks((1, 100), (2, 100.25)))) == [2.0]


def test_a_condition_true_at_its_first_evaluation_fires_there(alerts: Alerts, ticks: Ticks) -> None:
    assert seconds(alerts("last > 100", ticks((1, 101), (2, 102)))) == [1.0]


def test_a_level_is_armed_again_only_after_it_was_left_by_rearm(alerts: Alerts, ticks: Ticks) -> None:
    events = ticks((1, 101), (2, 99.5), (3, 101), (4, 99), (5, 101))

    assert seconds(alerts("last > 100", events, rearm=Rearm(1.0))) == [1.0, 5.0]
    assert seconds(alerts("last > 100", events, rearm=Rearm(0.5, is_percent=True))) == [1.0, 3.0, 5.0]


def test_once_fires_once(alerts: Alerts, ticks: Ticks) -> None:
    assert seconds(alerts("last > 100", ticks((1, 101), (2, 99), (3, 101)), trigger=Trigger.ONCE)) == [1.0]


def test_once_per_bar_fires_once_from_a_bars_start_to_before_its_end(alerts: Alerts, ticks: Ticks) -> None:
    events = ticks((5, 101), (30, 101), (59.999, 102), (60, 103), (61, 104))

    assert seconds(alerts("last > 100", events, trigger=Trigger.ONCE_PER_BAR)) == [5.0, 60.0]


def test_every_records_one_suppression_a_cooldown(alerts: Alerts, ticks: Ticks) -> None:
    events = ticks((0, 101), (1, 101), (2, 101), (10, 101), (11, 101))

    found = alerts("last > 100", events, trigger=Trigger.EVERY, cooldown_ns=10 * S)

    assert [(alert.event_ns / S, str(alert.status)) for alert in found if str(alert.status) == "fired"] == [
        (0.0, "fired"),
        (10.0, "fired"),
    ]
    assert [str(alert.status) for alert in found].count("suppressed") == 2


def test_an_unknown_side_of_or_leaves_the_other_to_decide(alerts: Alerts, ticks: Ticks) -> None:
    assert seconds(alerts("bid > 1 or last > 100", ticks((1, 101)))) == [1.0]
    assert alerts("not (bid > 1)", ticks((1, 101))) == []
    assert alerts("not (bid > 1) and last > 100", ticks((1, 101))) == []


def test_change_compares_with_the_last_value_at_or_before_then(alerts: Alerts, ticks: Ticks) -> None:
    events = ticks((0, 100), (9, 90), (10, 102), (19, 101))

    # At 10 against 100 at 0: +2 %. At 19 against 90 at 9: +12.2 %.
    found = alerts("change(last, 10s) >= 2%", events, trigger=Trigger.EVERY)

    assert [(alert.event_ns / S, round(alert.value or 0, 3)) for alert in found] == [
        (10.0, 2.0),
        (19.0, 12.222),
    ]


def test_a_late_update_is_not_evaluated(alerts: Alerts, ticks: Ticks) -> None:
    assert seconds(alerts("last > 100", ticks((10, 99), (9, 101), (11, 98), (12, 101)))) == [12.0]


def test_a_share_has_no_price_at_or_below_zero_but_a_future_may(alerts: Alerts, ticks: Ticks) -> None:
    share = ticks((1, 5), (2, 0), (3, -1), symbol="AAPL")
    future = ticks((1, 5), (2, 0), (3, -37.63), symbol="/CL")

    assert alerts("last <= 0", share, symbols=("AAPL",)) == []
    assert seconds(alerts("last <= 0", future, symbols=("/CL",))) == [2.0]


def test_updates_of_one_time_are_looked_at_one_by_one(alerts: Alerts, ticks: Ticks) -> None:
    found = alerts("last > 100", ticks((1, 99), (1, 101), (1, 99), (1, 102)))

    assert [alert.value for alert in found] == [101.0, 102.0]


def test_alerts_of_one_instant_are_in_the_order_of_the_rules_then_of_the_symbols(alerts: Alerts) -> None:
    events = [Tick(symbol, S, 0, last=1.0) for symbol in ("B", "A")]
    rules = [Rule(uid=name, name=name, symbols=("A", "B"), when="last > 0") for name in ("second", "first")]

    found = alerts(rules, events)

    assert [(alert.rule_name, alert.symbol) for alert in found] == [
        ("second", "A"), ("second", "B"), ("first", "A"), ("first", "B"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param("not (spread > 0.5)", None, id="no true leaf"),
        pytest.param("bid > 500 or last > 1", 100.25, id="the leftmost that is true"),
        pytest.param("mid >= 100", 100.0, id="a derived field"),
        pytest.param("ask - bid < 1", 0.5, id="arithmetic"),
        pytest.param("last in 100..101", 100.25, id="a range"),
    ],
)
def test_value_is_the_left_side_of_the_leftmost_true_leaf(
    alerts: Alerts, when: str, expected: float | None
) -> None:
    found = alerts(when, [Tick("/ES", S, 0, last=100.25, bid=99.75, ask=100.25)])

    assert [alert.value for alert in found] == [expected]


def test_a_schedule_suppresses_and_what_is_still_true_when_it_opens_does_not_fire(
    alerts: Alerts, ticks: Ticks
) -> None:
    events = ticks((59, 101), (60, 102), (61, 99), (119.5, 101), (119.75, 99), (120, 101))

    found = alerts("last > 100", events, schedule="00:01-00:02 UTC")

    assert told(found) == [
        (59.0, "suppressed", "schedule"),
        (119.5, "fired", None),
        (120.0, "suppressed", "schedule"),
    ]


def test_a_hold_that_ends_when_its_rule_has_expired_does_not_fire(alerts: Alerts, ticks: Ticks) -> None:
    events = ticks((10, 101), (20, 102))

    assert alerts("last > 100", events, hold_ns=5 * S, expires_at_ns=15 * S) == []
    assert seconds(alerts("last > 100", events, hold_ns=5 * S, expires_at_ns=16 * S)) == [15.0]


def test_a_rule_that_starts_later_is_new_when_it_starts(alerts: Alerts, ticks: Ticks) -> None:
    events = ticks((10, 99), (11, 101), (20, 102), (21, 99), (22, 103))

    assert seconds(alerts("last > 100", events, starts_at_ns=20 * S)) == [20.0, 22.0]
    assert seconds(alerts("last crosses above 100", events, starts_at_ns=11 * S)) == [22.0]
    assert seconds(alerts("last > 100", events, expires_at_ns=22 * S)) == [11.0]


def test_a_fired_level_that_is_left_is_told_once(alerts: Alerts, ticks: Ticks) -> None:
    events = ticks((1, 101), (2, 102), (3, 99), (4, 98))

    assert told(alerts("last > 100", events, notify_clear=True)) == [
        (1.0, "fired", None),
        (3.0, "cleared", None),
    ]


def test_regular_hours_are_the_exchanges_through_a_change_of_clocks(alerts: Alerts) -> None:
    # New York left daylight saving on 2024-11-03: 09:30 is 13:30 UTC on the 1st and 14:30 UTC on the 4th.
    friday, monday = 1_730_467_800 * S, 1_730_730_600 * S
    instants = [friday - 1, friday, monday - 1, monday, monday + 390 * 60 * S - 1, monday + 390 * 60 * S]
    events = [Tick("AAPL", at, 0, last=price) for at in instants for price in (99, 101)]

    found = alerts("last > 100", events, symbols=("AAPL",), schedule="rth")

    assert [alert.event_ns for alert in found if alert.reason is None] == [
        friday,
        monday,
        monday + 390 * 60 * S - 1,
    ]
    assert [alert.reason for alert in found if alert.reason is not None] == ["schedule"] * 3


def test_a_recording_without_volume_leaves_volume_unknown_and_prices_known(alerts: Alerts) -> None:
    unknown = float("nan")
    events = [
        event
        for end in (60, 120)
        for event in (
            Bar("/ES", "1m", (end - 60) * S, end * S, 1, 2, 1, 2, unknown),
            Tick("/ES", end * S, 0, last=2),
        )
    ]

    assert alerts("volume[1m] >= 0 or volume[1m] < 0", events) == []
    assert seconds(alerts("high[1m] == 2", events)) == [60.0]
    assert seconds(alerts("high[2m] == 2", events)) == [120.0]
