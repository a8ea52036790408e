"""A stretch that was not seen, told afterwards: what rules decide on it, and when."""

from dataclasses import replace

import pytest

from tests.rules.desk import engine, ns, rule, tick
from tradeassist_desktop.domain.alerts import Timing
from tradeassist_desktop.domain.rules import RulePhase, Trigger

UP = rule("last crosses above 100")


def seconds(alerts) -> list[float]:
    return [(alert.event_ns - ns(0)) / 1e9 for alert in alerts]


def told(desk, since, ticks, until):
    """Tell the engine a stretch of /ES that it did not see."""
    look = desk.look_back(["/ES"], ns(since))
    alerts = [alert for each in ticks for alert in look.on_tick(each)]
    return [*alerts, *look.end(ns(until))]


def test_a_crossing_that_is_told_afterwards_fires_at_its_own_time_and_not_again() -> None:
    desk = engine(UP)
    desk.on_tick(tick(0, 99.0))
    desk.go_blind(["/ES"], "the feed is down")

    late = told(desk, 10, [tick(30, 101.0)], 60)
    after = desk.on_tick(tick(61, 101.5))

    assert seconds(late) == [30]
    assert list(after) == []


def test_a_crossing_that_is_never_told_fires_at_the_first_look_and_says_so() -> None:
    desk = engine(UP)
    desk.on_tick(tick(0, 99.0))
    desk.go_blind(["/ES"], "the feed is down")

    first = desk.on_tick(tick(60, 101.0))
    desk.on_tick(tick(61, 99.0))
    second = desk.on_tick(tick(62, 101.0))

    assert [alert.timing for alert in (*first, *second)] == [Timing.AFTER_GAP, Timing.LIVE]


def test_what_is_heard_for_the_first_time_ever_comes_after_no_gap() -> None:
    desk = engine(rule("last > 100"))
    desk.go_blind(["/ES"], "the feed is connecting")

    (alert,) = desk.on_tick(tick(0, 101.0))

    assert alert.timing is Timing.LIVE


def test_a_rule_on_closing_bars_says_that_its_first_look_is_after_a_gap() -> None:
    desk = engine(rule("close[1m] > 100"))
    desk.on_tick(tick(0, 99.0))
    desk.on_tick(tick(61, 99.0))
    desk.go_blind(["/ES"], "the feed is down")

    alerts = [alert for second in (200, 241, 301) for alert in desk.on_tick(tick(second, 101.0))]

    assert [(*seconds([alert]), alert.timing) for alert in alerts] == [(240, Timing.AFTER_GAP)]


def test_bars_in_the_stretch_come_out_as_if_seen_though_the_clock_has_gone_on() -> None:
    desk = engine(rule("close[1m] > 100"), rule("$VIX.last > 1000"))
    desk.watch_bars("/ES", "1m")
    desk.on_tick(tick(0, 99.0))
    desk.on_tick(tick(1, 1.0, symbol="$VIX"))
    desk.go_blind(["/ES"], "the feed is down")
    for second in range(30, 330, 30):
        desk.on_tick(tick(second, 1.0, symbol="$VIX"))  # another feed brings the engine's clock forward
    desk.take_closed_bars()

    late = told(desk, 60, [tick(60, 99.5), tick(80, 98.0), tick(100, 103.0), tick(119, 102.0)], 301)
    bars = [bar for bar in desk.take_closed_bars() if bar.symbol == "/ES"]
    desk.on_tick(tick(302, 99.0))

    assert seconds(late) == [120]
    assert [(bar.start_ns, *bar[4:8]) for bar in bars] == [(ns(60), 99.5, 103.0, 98.0, 102.0)]
    assert desk.clock_ns == ns(302)


def test_a_hold_goes_on_through_a_stretch_that_is_told() -> None:
    desk = engine(rule("last > 100", hold=60))
    desk.on_tick(tick(0, 101.0))
    desk.go_blind(["/ES"], "the feed is down")

    late = told(desk, 10, [tick(30, 102.0)], 90)

    assert seconds(late) == [60]


def test_a_hold_goes_on_where_nothing_traded_and_the_clock_has_passed_its_end() -> None:
    desk = engine(rule("last > 100", hold=60))
    desk.on_tick(tick(0, 101.0))
    desk.go_blind(["/ES"], "the feed is down")
    desk.on_time(ns(80))  # another feed keeps time: a blind rule lets its end pass

    assert seconds(told(desk, 10, [], 90)) == [60]


def test_a_hold_that_broke_in_the_stretch_fires_nothing() -> None:
    desk = engine(rule("last > 100", hold=60))
    desk.on_tick(tick(0, 101.0))
    desk.go_blind(["/ES"], "the feed is down")

    late = told(desk, 10, [tick(30, 99.0), tick(50, 101.0)], 90)
    desk.on_tick(tick(91, 101.0))

    assert late == []
    assert seconds(desk.on_time(ns(120))) == [110]


@pytest.mark.parametrize(
    ("policies", "times", "statuses"),
    [
        pytest.param({"cooldown": 60}, [20, 40], ["fired", "suppressed"], id="a cooldown runs in it"),
        pytest.param({"cooldown": 15}, [20, 40], ["fired", "fired"], id="and ends in it"),
        pytest.param({"trigger": Trigger.ONCE}, [20], ["fired"], id="once is once"),
    ],
)
def test_policies_hold_in_event_time(policies, times, statuses) -> None:
    desk = engine(rule("last crosses above 100", **policies))
    desk.on_tick(tick(0, 99.0))
    desk.go_blind(["/ES"], "the feed is down")

    late = told(desk, 10, [tick(20, 101.0), tick(30, 99.0), tick(40, 101.0)], 50)

    assert seconds(late) == times
    assert [str(alert.status) for alert in late] == statuses


def test_a_rule_that_reads_another_symbol_too_waits_for_the_present() -> None:
    both = rule("last > 100 and $VIX.last > 20")
    desk = engine(both)
    desk.on_tick(tick(0, 99.0))
    desk.on_tick(tick(1, 25.0, symbol="$VIX"))
    desk.go_blind(["/ES"], "the feed is down")

    late = told(desk, 10, [tick(30, 101.0)], 60)
    (alert,) = desk.on_tick(tick(61, 25.5, symbol="$VIX"))

    assert late == []
    assert (seconds([alert]), alert.timing) == ([61], Timing.AFTER_GAP)


def test_a_rule_stays_blind_for_a_symbol_that_cannot_be_told() -> None:
    both = rule("last > 100 and $VIX.last > 20")
    desk = engine(both)
    desk.on_tick(tick(0, 99.0))
    desk.on_tick(tick(1, 25.0, symbol="$VIX"))
    desk.go_blind(["/ES", "$VIX"], "the feed is down")

    late = told(desk, 10, [tick(30, 101.0)], 60)
    seen_half = desk.on_tick(tick(61, 101.0))
    (alert,) = desk.on_tick(tick(62, 25.5, symbol="$VIX"))

    assert (late, list(seen_half)) == ([], [])
    assert (seconds([alert]), alert.timing) == ([62], Timing.AFTER_GAP)


def test_what_was_decided_before_a_kill_is_not_decided_again() -> None:
    desk = engine(UP)
    desk.on_tick(tick(0, 99.0))
    market = desk.market_state()
    look = desk.look_back(["/ES"], ns(10))
    first = [*look.on_tick(tick(20, 101.0)), *look.on_tick(tick(30, 99.0))]
    kept = desk.snapshot()
    again = engine(UP)
    again.restore(kept)
    again.restore_market(market)
    again.go_blind(["/ES"], "not heard since the start")

    late = told(again, 0, [tick(20, 101.0), tick(30, 99.0), tick(40, 101.0)], 60)

    assert seconds(first) == [20]
    assert seconds(late) == [40]


def test_a_rule_made_while_nothing_was_seen_does_not_fire_for_what_came_before_it() -> None:
    desk = engine()
    desk.on_tick(tick(0, 99.0))
    desk.go_blind(["/ES"], "the feed is down")
    desk.tell_time(ns(30))
    desk.put_rule(UP)

    late = told(desk, 10, [tick(20, 101.0), tick(25, 99.0), tick(40, 99.0), tick(50, 101.0)], 60)

    assert seconds(late) == [50]


def test_a_change_is_measured_in_the_stretch_against_the_values_of_then() -> None:
    desk = engine(rule("change(last, 1m) >= 5%"), rule("change(last, 1m) > 500% and $VIX.last > 0"))
    desk.on_tick(tick(0, 100.0))
    desk.on_tick(tick(59, 100.0))
    desk.go_blind(["/ES"], "the feed is down")
    for second in range(60, 300, 10):
        desk.on_tick(tick(second, 1.0 + second, symbol="$VIX"))

    late = told(desk, 60, [tick(70, 101.0), tick(100, 104.0), tick(131, 106.1)], 200)

    assert seconds(late) == [131]


def test_a_look_back_that_breaks_off_leaves_rules_seeing_the_present() -> None:
    desk = engine(replace(UP, uid="one"), rule("last > 100 and $VIX.last > 0"))
    desk.on_tick(tick(0, 99.0))
    desk.on_tick(tick(0, 1.0, symbol="$VIX"))
    desk.go_blind(["/ES"], "the feed is down")

    look = desk.look_back(["/ES"], ns(10))
    look.on_tick(tick(20, 99.0))
    look.leave()

    assert [status.phase for status in desk.statuses()] == [RulePhase.ARMED] * 2
