"""The session of a coin is the UTC day."""

from typing import Any

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Tick
from tradeassist_desktop.feeds.coinbase.days import Days

DAY_NS = TIMEFRAMES["1d"]
HOUR_NS = TIMEFRAMES["1h"]
TODAY = 19_906 * DAY_NS  # 2024-07-02


def trade(price: float | None, *, at_ns: int) -> Tick:
    return Tick("BTC-USD", at_ns, at_ns, last=price, bid=99.0)


def apply(days: Days, tick: Tick) -> Tick:
    return days.apply(tick, tick.event_ns)


def candle(start_ns: int, low: float, high: float, open_: float, close: float) -> Bar:
    return Bar("BTC-USD", "1d", start_ns, start_ns + DAY_NS, open_, high, low, close, 1.0)


def session(tick: Tick | None) -> Any:
    return None if tick is None else (tick.open, tick.high, tick.low, tick.prev_close)


YESTERDAY_S = candle(TODAY - DAY_NS, 80.0, 120.0, 90.0, 110.0)
TODAY_S = candle(TODAY, 95.0, 130.0, 110.0, 100.0)
UNKNOWN = (None, None, None, None)


def test_without_a_candle_a_trade_tells_nothing_of_its_session() -> None:
    days = Days()

    told = [apply(days, trade(price, at_ns=TODAY + HOUR_NS)) for price in (100.0, 101.0, 99.0)]

    assert [session(tick) for tick in told] == [UNKNOWN] * 3


def test_the_day_s_candle_makes_its_session_known_at_the_newest_trade() -> None:
    days = Days()
    apply(days, trade(100.0, at_ns=TODAY + HOUR_NS))

    tick = days.learn("BTC-USD", [YESTERDAY_S, TODAY_S], TODAY + 2 * HOUR_NS)

    assert tick is not None
    assert session(tick) == (110.0, 130.0, 95.0, 110.0)
    assert (tick.event_ns, tick.last, tick.trade_ns) == (TODAY + HOUR_NS, None, None)


def test_a_new_high_or_low_comes_with_its_trade() -> None:
    days = Days()
    apply(days, trade(100.0, at_ns=TODAY + HOUR_NS))
    days.learn("BTC-USD", [YESTERDAY_S, TODAY_S], TODAY + HOUR_NS)

    told = [apply(days, trade(price, at_ns=TODAY + 2 * HOUR_NS)) for price in (130.0, 131.0, 94.0, 96.0)]

    assert [session(tick) for tick in told] == [
        UNKNOWN,
        (None, 131.0, None, None),
        (None, None, 94.0, None),
        UNKNOWN,
    ]


def test_a_high_heard_before_the_candle_came_is_not_forgotten() -> None:
    days = Days()
    apply(days, trade(100.0, at_ns=TODAY + HOUR_NS))
    apply(days, trade(140.0, at_ns=TODAY + HOUR_NS))

    assert session(days.learn("BTC-USD", [TODAY_S], TODAY + HOUR_NS)) == (110.0, 140.0, 95.0, None)


def test_the_first_trade_after_midnight_utc_begins_a_new_day() -> None:
    days = Days()
    apply(days, trade(100.0, at_ns=TODAY - 1))

    told = [apply(days, trade(price, at_ns=TODAY + 1)) for price in (105.0, 106.0)]

    assert [session(tick) for tick in told] == [(105.0, 105.0, 105.0, 100.0), (None, 106.0, None, None)]


def test_of_a_coin_that_did_not_trade_today_the_last_day_is_the_session() -> None:
    days = Days()
    apply(days, trade(110.0, at_ns=TODAY - HOUR_NS))

    assert session(days.learn("BTC-USD", [YESTERDAY_S], TODAY + HOUR_NS)) == (90.0, 120.0, 80.0, None)


def test_quotes_pass_as_they_are_and_candles_of_unheard_coins_tell_nothing() -> None:
    days = Days()
    quote = trade(None, at_ns=TODAY)

    assert apply(days, quote) is quote
    assert days.learn("BTC-USD", [YESTERDAY_S, TODAY_S], TODAY) is None


def test_a_stamp_of_next_year_begins_no_day() -> None:
    days = Days()
    apply(days, trade(100.0, at_ns=TODAY + HOUR_NS))
    days.learn("BTC-USD", [YESTERDAY_S, TODAY_S], TODAY + HOUR_NS)

    told = days.apply(trade(101.0, at_ns=TODAY + 365 * DAY_NS), TODAY + 2 * HOUR_NS)
    later = apply(days, trade(140.0, at_ns=TODAY + 3 * HOUR_NS))

    assert session(told) == UNKNOWN
    assert session(later) == (None, 140.0, None, None)
