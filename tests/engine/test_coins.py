"""Coins are instruments like all others: named in rules, with the UTC day for their session."""

from tradeassist_desktop.engine.rulefiles.rulefile import quick_rule


def test_a_rule_may_read_a_coin_and_a_future(desk, rule, fired_at):
    desk.rules(rule('"BTC-USD".last > 60000 and /ES.last > 5500', symbols=("/ES",)))

    fired = [
        *desk.tick(0, "BTC-USD", last=60_001),
        *desk.tick(1, "/ES", last=5_499),
        *desk.tick(2, "/ES", last=5_501),
    ]

    assert fired_at(fired) == [2]


def test_a_quick_rule_begins_with_a_coin_s_name():
    made = quick_rule("btc-usd last > 60000", uid="u")

    assert (made.symbols, made.when) == (("BTC-USD",), "last > 60000")


def test_a_coin_s_daily_bar_is_the_utc_day_built_of_its_minutes(desk):
    hour = 3600
    for timeframe in ("1m", "1d"):
        desk.engine.watch_bars("BTC-USD", timeframe)
    desk.tick(1, "BTC-USD", last=100, last_size=1)
    desk.tick(23 * hour, "BTC-USD", last=130, last_size=2)
    desk.tick(24 * hour, "BTC-USD", last=120, last_size=4)

    (day,) = [bar for bar in desk.engine.take_closed_bars() if bar.timeframe == "1d"]

    assert (day.open, day.high, day.low, day.close, day.volume) == (100, 130, 100, 130, 3)


def test_a_coin_s_price_of_zero_is_bad_data(desk, rule):
    desk.rules(rule("last < 10", symbols=("BTC-USD",)))

    fired = desk.tick(0, "BTC-USD", last=0.0)

    assert list(fired) == []
    assert desk.engine.rejected() == {"not_positive": 1}
