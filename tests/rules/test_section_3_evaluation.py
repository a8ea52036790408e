"""Section 3 of the contract: when a condition is evaluated, and on what. Every statement has its test."""

import pytest

from tests.rules.desk import bar, engine, fired, ns, rule, run, tick, ticks, told
from tradeassist_desktop.domain.market import Tick, TimerCall
from tradeassist_desktop.domain.rules import Trigger


def test_the_clock_is_the_timestamp_of_the_data_so_that_a_replay_is_the_same_to_the_bit() -> None:
    events = [tick(0, 99), tick(1, 101), tick(9, 99), tick(10, 101), tick(100, 1)]
    rules = [rule("last > 100", hold=3, cooldown=5), rule("close[5s] > 100")]

    assert run(rules, events) == run(rules, events)


def test_an_alert_s_time_does_not_hang_on_when_its_data_came_in() -> None:
    (alert,) = engine(rule("last > 100")).on_tick(Tick("/ES", ns(5), ns(500), last=101))

    assert (alert.event_ns, alert.received_ns) == (ns(5), ns(500))


def test_an_update_changes_only_the_fields_it_carries() -> None:
    assert fired(run("last > 100 and bid > 50", [tick(0, 101), tick(1, bid=51)])) == [1]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("symbol", ["AAPL", "/ES", "$TICK"])
def test_prices_that_are_no_numbers_are_rejected_counted_and_never_evaluated(bad: float, symbol: str) -> None:
    desk = engine(rule("last > 100 or last < 100", symbols=(symbol,), trigger=Trigger.EVERY))

    assert list(desk.on_tick(tick(0, bad, symbol=symbol))) == []
    assert sum(desk.rejected().values()) == 1


@pytest.mark.parametrize("bad", [0, -1])
@pytest.mark.parametrize("symbol", ["AAPL", "SPY"])
def test_a_share_has_no_price_at_or_below_0(bad: float, symbol: str) -> None:
    desk = engine(rule("last < 100", symbols=(symbol,)))

    assert list(desk.on_tick(tick(0, bad, symbol=symbol))) == []
    assert sum(desk.rejected().values()) == 1


@pytest.mark.parametrize("symbol", ["/CL", "$TICK"])
def test_other_instruments_may_have_one(symbol: str) -> None:
    assert fired(run(rule("last < 0", symbols=(symbol,)), [tick(0, -37.63, symbol=symbol)])) == [0]


def test_an_update_older_than_the_symbol_s_newest_is_counted_as_late_and_not_evaluated() -> None:
    desk = engine(rule("last > 100"))
    desk.on_tick(tick(10, 99))

    assert list(desk.on_tick(tick(9, 101))) == []
    assert desk.rejected() == {"late": 1}
    assert desk.quote("/ES").last == 99


def test_on_tick_is_evaluated_at_each_update_of_any_symbol_it_names() -> None:
    events = [tick(0, 101), tick(1, 5, symbol="$VIX"), tick(2, 6, symbol="/NQ"), tick(3, bid=1)]

    assert fired(run("last > 100 and $VIX.last < 20", events, trigger=Trigger.EVERY)) == [1, 3]


def test_on_tick_is_evaluated_after_the_update_is_applied() -> None:
    assert run("last > 100", [tick(0, 101)])[0].value == 101


def test_on_tick_bar_operands_have_the_value_of_the_last_closed_bar() -> None:
    events = [tick(0, 10), tick(59, 20), tick(60, 30), tick(119, 40), tick(120, 50)]

    found = run("close[1m] > 0 and last > 0", events, trigger=Trigger.EVERY)

    assert [each.value for each in found] == [20, 20, 40]


def test_on_bar_close_is_evaluated_once_at_each_close_of_the_shortest_timeframe_it_names() -> None:
    events = [tick(second, 10) for second in range(0, 200, 10)]

    found = run("close[1m] > 0 and close[15s] > 0", events, trigger=Trigger.EVERY)

    assert fired(found) == [60, 75, 90, 105, 120, 135, 150, 165, 180]


def test_longer_timeframes_that_end_at_that_instant_are_already_closed() -> None:
    events = [tick(0, 1), tick(59, 2), tick(60, 3)]

    assert fired(run("close[15s] == close[1m] and close[1m] == 2", events)) == [60]


def test_a_bar_closes_at_its_end_which_is_the_alert_s_time() -> None:
    assert fired(run("close[5m] > 0", [tick(10, 1), tick(1000, 2)])) == [300]


def test_in_a_replay_it_closes_before_the_first_event_at_or_after_it() -> None:
    found = run([rule("close[1m] == 1"), rule("last == 2")], [tick(0, 1), tick(60, 2)])

    assert [(each.rule_name, each.event_ns) for each in found] == [
        ("close[1m] == 1", ns(60)),
        ("last == 2", ns(60)),
    ]


def test_live_it_closes_by_timer() -> None:
    assert fired(run("close[1m] > 0", [tick(0, 1), TimerCall(ns(61))])) == [60]


def test_bars_are_aligned_to_the_epoch_in_utc() -> None:
    assert fired(run("close[4h] > 0", [tick(5, 1), tick(20_000, 2)])) == [14_400]


def test_daily_bars_are_aligned_to_the_exchange_s_session() -> None:
    nine_thirty, four = 13.5 * 3600, 20 * 3600
    events = [tick(nine_thirty, 100, symbol="AAPL"), tick(86_400 + nine_thirty, 2, symbol="AAPL")]

    assert fired(run(rule("close[1d] == 100", symbols=("AAPL",)), events)) == [four]


def test_daily_bars_begin_at_midnight_utc_where_there_is_no_exchange() -> None:
    events = [tick(3600, 100, symbol="BTC-USD"), tick(90_000, 2, symbol="BTC-USD")]

    assert fired(run(rule("close[1d] == 100", symbols=("BTC-USD",)), events)) == [86_400]


def test_a_stretch_without_trades_makes_no_bar() -> None:
    events = [tick(0, 1), tick(30, bid=1), tick(200, 2), tick(300, 3)]

    assert fired(run("close[1m] > 0", events, trigger=Trigger.EVERY)) == [60, 240]


def test_a_bar_s_volume_is_the_growth_of_the_session_s_volume() -> None:
    events = [tick(0, 1, volume=1000, last_size=9), tick(10, 1, volume=1005, last_size=9), tick(60, 1)]

    assert [each.value for each in run("volume[1m] > 0", events)] == [5]


def test_else_it_is_the_sum_of_last_size() -> None:
    events = [tick(0, 1, last_size=9), tick(10, 1, last_size=4), tick(60, 1)]

    assert [each.value for each in run("volume[1m] > 0", events)] == [13]


def test_several_updates_with_one_timestamp_are_evaluated_one_by_one_in_their_order() -> None:
    events = [tick(0, 99), tick(1, 101), tick(1, 99), tick(1, 102)]

    assert [each.value for each in run("last crosses above 100", events)] == [101, 102]


@pytest.mark.parametrize(
    ("when", "is_true"),
    [
        ("bid > 1", False),
        ("not (bid > 1)", False),
        ("last > 100 and bid > 1", False),
        ("last > 100 or bid > 1", True),
        ("bid > 1 or last > 100", True),
        ("not (bid > 1 and last < 100)", True),
        ("not (bid > 1 and last > 100)", False),
        ("sma(5)[1m] > 1", False),
        ("not (sma(5)[1m] > 1)", False),
        ("last > 100 or sma(5)[1m] > 1", True),
    ],
)
def test_what_is_not_known_yet_is_neither_true_nor_false(when: str, is_true: bool) -> None:
    assert bool(run(when, [tick(0, 101)])) is is_true


@pytest.mark.parametrize(
    ("when", "lasts", "seconds"),
    [
        ("last crosses above 100", (99, 101), [1]),
        ("last crosses above 100", (100, 101), [1]),
        ("last crosses above 100", (101, 102), []),
        ("last crosses above 100", (101,), []),
        ("last crosses below 100", (100, 99), [1]),
        ("last crosses below 100", (99, 98), []),
        ("last enters 100..101", (99, 100), [1]),
        ("last enters 100..101", (100, 101), []),
        ("last enters 100..101", (100,), []),
        ("last exits 100..101", (101, 102), [1]),
        ("last exits 100..101", (99, 102), []),
    ],
)
def test_crossings_and_entries_look_at_the_previous_evaluation(
    when: str, lasts: tuple[float, ...], seconds: list[float]
) -> None:
    assert fired(run(when, ticks(*lasts))) == seconds


def test_a_crossing_needs_both_sides_known_at_both_evaluations() -> None:
    events = [tick(0, 99), tick(1, bid=100), tick(2, 101)]

    assert fired(run("last crosses above bid", events)) == [2]
    assert fired(run("last crosses above bid", [tick(0, 99), tick(1, 101, bid=100), tick(2, 102)])) == []


def test_both_sides_of_a_crossing_may_move() -> None:
    assert fired(run("last crosses above bid", [tick(0, 99, bid=100), tick(1, bid=98)])) == [1]


def test_hold_needs_a_timer_between_ticks_which_event_time_drives() -> None:
    assert told(run("last > 100", [tick(0, 101), tick(60, 99)], hold=10)) == [(10, "fired", None)]
    assert fired(run("last > 100", [tick(0, 101), TimerCall(ns(10))], hold=10)) == [10]


def test_age_needs_a_timer_between_ticks_which_event_time_drives() -> None:
    assert fired(run("age >= 30", [tick(0, 101), tick(60, 99)])) == [30]
    assert fired(run("age >= 30", [tick(0, 101), TimerCall(ns(31))])) == [30]


def test_a_recorded_bar_and_its_update_are_seen_in_that_order() -> None:
    found = run([rule("close[1m] == 5"), rule("last == 5")], bar(0, 5))

    assert [each.rule_name for each in found] == ["close[1m] == 5", "last == 5"]
