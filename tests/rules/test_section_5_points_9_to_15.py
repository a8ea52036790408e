"""Section 5 of the contract: settled points 9 to 15. Every statement has a test named after it."""

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
from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.domain.rules import Rearm, Trigger

HOUR = 3600.0


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


def test_a_sequence_is_unknown_if_its_last_step_is_while_the_others_were_passed_in_time() -> None:
    when = "not ((last > 100 then bid > 50) within 5s)"

    assert fired(run(when, [tick(0, 101), tick(1, 99), tick(7, 99)])) == [0, 7]


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
