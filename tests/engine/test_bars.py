import numpy
import pytest
import talib

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.domain.rules import EvaluateOn
from tradeassist_desktop.engine.market.bars import BarStream


def closed(desk, timeframe, symbol="/ES"):
    return [
        bar for bar in desk.engine.take_closed_bars() if (bar.symbol, bar.timeframe) == (symbol, timeframe)
    ]


def test_a_bar_closes_before_the_first_event_at_or_after_its_end_and_fires_at_its_end(desk, rule, fired_at):
    desk.rules(rule("close[1m] > 100"))
    desk.tick(10, last=101)

    assert fired_at(desk.tick(75, "/NQ", last=1)) == [60]


def test_a_bar_rule_is_evaluated_once_at_each_close_with_longer_bars_closed(desk, rule, fired_at):
    desk.rules(rule("close[1m] == close[5m]"))

    fired = [alert for at in range(0, 360, 30) for alert in desk.tick(at, last=100 + at)]

    assert fired_at(fired) == [300]


def test_a_stretch_without_trades_makes_no_bar(desk, rule):
    desk.rules(rule("close[1m] > 0"))
    desk.tick(10, last=1)
    desk.tick(200, last=2)
    desk.tick(300, last=3)

    assert [bar.close for bar in closed(desk, "1m")] == [1, 2]


def test_volume_grows_with_the_sessions_where_the_feed_has_it(desk):
    desk.engine.watch_bars("/ES", "1m")
    for at, volume in ((0, 1000), (1, 1010), (2, 5), (3, 8)):
        desk.tick(at, last=1, last_size=99, volume=volume)
    desk.tick(61, last=1)

    assert [bar.volume for bar in closed(desk, "1m")] == [13]


def test_volume_is_the_sum_of_sizes_where_the_feed_has_no_other(desk):
    desk.engine.watch_bars("/ES", "1m")
    for at, size in ((0, 3), (1, 4)):
        desk.tick(at, last=1, last_size=size)
    desk.tick(61, last=1)

    assert [bar.volume for bar in closed(desk, "1m")] == [7]


def test_longer_bars_hold_what_their_shorter_ones_held(desk):
    for timeframe in ("5m", "1m"):
        desk.engine.watch_bars("/ES", timeframe)
    for at, price in enumerate((5, 9, 1, 7, 3)):
        desk.tick(at * 60, last=price)
    forming = desk.engine.forming_bar("/ES", "5m")
    desk.tick(300, last=2)

    (bar,) = closed(desk, "5m")
    assert (bar.open, bar.high, bar.low, bar.close) == (5, 9, 1, 3)
    assert forming == bar


def test_live_bars_close_a_second_after_their_end_when_nothing_comes(desk, rule, fired_at):
    desk.rules(rule("close[1m] > 0"))
    desk.tick(10, last=1)
    start_ns = 1_719_878_400_000_000_000

    early = desk.engine.on_time(start_ns + 60_900_000_000)
    late = desk.engine.on_time(start_ns + 61_000_000_000)

    assert (fired_at(early), fired_at(late)) == ([], [60])


def test_recorded_bars_of_one_instant_close_together_for_all_symbols(desk, rule, fired_at):
    desk.rules(rule("close[1m] > /NQ.close[1m]"))
    for symbol, close in (("/ES", 2.0), ("/NQ", 1.0)):
        desk.engine.on_bar(
            Bar(symbol, "1m", 1_719_878_400 * 10**9, 1_719_878_460 * 10**9, close, close, close, close, 1.0)
        )

    assert fired_at(desk.engine.finish()) == [60]


def test_a_bar_row_sets_last_before_its_bars_close_and_its_tick_enters_no_bar(desk, rule, fired_at):
    desk.rules(rule("last > 100", on=EvaluateOn.BAR_CLOSE))

    fired = [*desk.bar(0, "1m", 101), *desk.bar(60, "1m", 99), *desk.engine.finish()]

    assert fired_at(fired) == [60]
    assert len(closed(desk, "1m")) == 2


def test_bars_finer_than_the_data_stay_unknown(desk, rule, fired_at):
    desk.rules(rule("close[1s] > 0"), rule("close[1m] > 0"))

    fired = [*desk.bar(0, "1m", 101), *desk.engine.finish()]

    assert [alert.rule_name for alert in fired] == ["close[1m] > 0"]


def test_at_the_end_of_data_nothing_later_than_the_last_event_is_evaluated(desk, rule):
    desk.rules(rule("close[1m] > 0"))
    desk.tick(59, last=1)

    assert list(desk.engine.finish()) == []


@pytest.mark.parametrize(
    ("operand", "batch"),
    [
        ("sma(5)", lambda close, high: talib.SMA(close, 5)),
        ("ema(5)", lambda close, high: talib.EMA(close, 5)),
        ("rsi(5)", lambda close, high: talib.RSI(close, 5)),
        ("sma(high, 4)", lambda close, high: talib.SMA(high, 4)),
        ("highest(high, 5)", lambda close, high: talib.MAX(high, 5)),
        ("lowest(close, 5)", lambda close, high: talib.MIN(close, 5)),
        ("avg(close, 3)", lambda close, high: talib.SMA(close, 3)),
    ],
)
def test_indicators_agree_with_talibs_batch_functions_from_their_first_value_on(desk, rule, operand, batch):
    chance = numpy.random.default_rng(7)
    close = 100 + chance.standard_normal(60).cumsum()
    high = close + chance.random(60)
    desk.rules(rule(f"{operand}[1m] > 0"), rule(f"{operand}[1m] 2 ago > 0"))
    known, ago = [], []

    for number in range(60):
        desk.bar(number * 60, "1m", close[number], high=high[number], low=close[number], open=close[number])
        known.append(desk.engine.legs(f"{operand}[1m] > 0", "/ES")[0].left)
        ago.append(desk.engine.legs(f"{operand}[1m] 2 ago > 0", "/ES")[0].left)

    expected = [
        None if numpy.isnan(value) else pytest.approx(value, rel=1e-9) for value in batch(close, high)
    ]
    assert known == expected
    assert ago[2:] == expected[:-2]


def test_vwap_weighs_by_volume_since_the_sessions_start(desk, rule):
    desk.rules(rule("vwap > 0"), rule("vwap()[1m] > 0"))
    desk.tick(0, last=10, last_size=1)
    desk.tick(1, last=20, last_size=3)
    desk.tick(60, bid=1)

    field, of_bars = (desk.engine.legs(when, "/ES")[0].left for when in ("vwap > 0", "vwap()[1m] > 0"))

    assert field == 17.5
    assert of_bars == pytest.approx((20 + 10 + 20) / 3)


def test_warm_bars_are_known_at_once_and_fire_nothing(desk, rule):
    desk.rules(rule("sma(3)[1m] > 0", on=EvaluateOn.TICK), rule("close[5m] > 0"))
    start_ns = (1_719_878_400 - 600) * 10**9
    desk.engine.backfill(
        [
            Bar("/ES", "1m", start_ns + n * 60 * 10**9, start_ns + (n + 1) * 60 * 10**9, n, n, n, n, 1.0)
            for n in range(10)
        ]
    )

    first = desk.tick(0.5, bid=1)

    assert [(alert.rule_name, alert.value) for alert in first] == [("sma(3)[1m] > 0", 8.0)]
    assert desk.engine.legs("close[5m] > 0", "/ES")[0].left == 9


def test_a_rule_added_later_starts_warm_and_fires_nothing_of_the_past(desk, rule):
    desk.engine.watch_bars("/ES", "1m")
    for minute in range(3):
        desk.tick(minute * 60, last=100 + minute)
    desk.tick(1000, "/NQ", last=1)
    desk.engine.put_rule(rule("close[5m] > 0"))

    alerts = desk.tick(1001, "/NQ", last=1)

    assert list(alerts) == []
    assert desk.engine.legs("close[5m] > 0", "/ES")[0].left == 102


class Failing:
    """An operand whose formula fails at the second bar."""

    def __init__(self):
        self.bars = 0

    def update(self, bar):
        self.bars += 1
        if self.bars == 2:
            raise ArithmeticError("no such root")
        return bar.close

    def update_all(self, bars):
        return [self.update(bar) for bar in bars]

    def peek(self, bar):
        return bar.close


def test_a_formula_that_fails_is_unknown_and_says_why_and_goes_on():
    stream = BarStream(make=Failing, bars_needed=1, ago=0)
    seen = []
    for close in (1.0, 2.0, 3.0):
        stream.take(Bar("/ES", "1m", 0, 60_000_000_000, close, close, close, close, 1.0), [], {})
        seen.append((stream.value, stream.fault))

    assert seen == [(1.0, None), (None, "ArithmeticError: no such root"), (3.0, None)]
