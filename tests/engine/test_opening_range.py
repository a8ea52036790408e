"""``opening_high`` and ``opening_low``: the range of the regular session's first bars."""

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine

OPEN_S = 1_719_927_000  # 2024-07-02 09:30 New York
DAY_S = 86_400


def fired_at(when, prices):
    """Seconds after the first opening at which a rule on AAPL fired, by price and second."""
    engine = Engine(instruments=instrument_of)
    engine.set_rules([Rule("rule", "rule", ("AAPL",), when, cooldown_ns=0)])
    found = []
    for second, price in prices:
        found += engine.on_tick(Tick("AAPL", (OPEN_S + second) * NS_PER_SECOND, 0, last=price, last_size=1.0))
    return [alert.event_ns // NS_PER_SECOND - OPEN_S for alert in found]


def test_the_opening_range_is_known_when_it_is_over_and_lasts_the_session():
    prices = [
        (0, 100.0),
        (100, 104.0),
        (290, 99.0),
        (299, 105.0),
        (300, 106.0),
        (400, 104.0),
        (20_000, 110.0),
    ]

    assert fired_at("last > opening_high(5)[1m]", prices) == [300, 20_000]


def test_what_trades_before_the_session_is_no_part_of_its_opening_range():
    prices = [(-60, 90.0), (0, 100.0), (290, 99.0), (310, 98.5)]

    assert fired_at("last < opening_low(5)[1m]", prices) == [310]


def test_yesterday_s_opening_range_says_nothing_of_today():
    yesterday = [(0, 100.0), (290, 101.0), (24_000, 100.5)]
    opening = [(DAY_S - 60, 150.0), (DAY_S, 120.0), (DAY_S + 60, 121.0), (DAY_S + 290, 119.0)]

    assert fired_at("last > opening_high(5)[1m]", [*yesterday, *opening, (DAY_S + 301, 122.0)]) == [
        DAY_S + 301
    ]


def test_three_bars_of_five_minutes_are_the_first_quarter_of_an_hour():
    prices = [(0, 100.0), (600, 103.0), (899, 101.0), (900, 103.5)]

    assert fired_at("last > opening_high(3)[5m]", prices) == [900]
