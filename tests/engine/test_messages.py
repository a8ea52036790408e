"""What an alert says where its rule has no message of its own, and what placeholders stand for."""

import pytest


@pytest.mark.parametrize(
    ("when", "message"),
    [
        pytest.param("last > 100", "/ES last 101.00 > 100", id="a price with its decimals"),
        pytest.param("last - bid > 0.5", "/ES last - bid 1.00 > 0.5", id="a difference of prices"),
        pytest.param("100 < last", "/ES 100 < last", id="a number needs no value"),
        pytest.param("change(last, 1m) > 0.5%", "/ES change(last, 1m) 1.00% > 0.5%", id="percent"),
        pytest.param("last_size > 10", "/ES last_size 12 > 10", id="a size"),
        pytest.param(
            "last > 100 and $VIX.last < 20",
            "/ES last 101.00 > 100 and $VIX.last 15.50 < 20",
            id="two symbols",
        ),
        pytest.param(
            "(last < 101 then last crosses above 100) within 5m",
            "/ES (last < 101 then last 101.00 crosses above 100) within 5m",
            id="of a sequence, the last step",
        ),
        pytest.param("last > 100 or ask > 1", "/ES last 101.00 > 100", id="nothing of what is unknown"),
        pytest.param("last > 200 or last_size > 10", "/ES last_size 12 > 10", id="of either, the true one"),
        pytest.param(
            "last > 100 or last_size > 10",
            "/ES last 101.00 > 100 or last_size 12 > 10",
            id="both where both are",
        ),
        pytest.param(
            "last > 200 and bid > 1 or last > 100 and last_size > 10",
            "/ES last 101.00 > 100 and last_size 12 > 10",
            id="of either group, the true one",
        ),
        pytest.param(
            "(last > 200 or last > 100) and $VIX.last < 20",
            "/ES last 101.00 > 100 and $VIX.last 15.50 < 20",
            id="of either, beside what must hold",
        ),
        pytest.param(
            "not (last > 200 or last < 101)",
            "/ES not (last 101.00 > 200 or last 101.00 < 101)",
            id="of neither, both",
        ),
        pytest.param(
            "last > 200 or (last < 101 then last crosses above 100) within 5m",
            "/ES (last < 101 then last 101.00 crosses above 100) within 5m",
            id="a sequence, where the other is false",
        ),
        pytest.param(
            "(last < 101 then bid > 200 or last crosses above 100) within 5m",
            "/ES (last < 101 then last 101.00 crosses above 100) within 5m",
            id="of a last step, the true one",
        ),
    ],
)
def test_a_message_is_the_condition_with_its_values(desk, rule, when, message):
    desk.rules(rule(when))
    desk.tick(0, "$VIX", last=15.5)
    desk.tick(0, last=100, bid=100, last_size=1)

    alerts = desk.tick(60, last=101, last_size=12)

    assert [alert.message for alert in alerts] == [message]


def test_seconds_are_told_as_seconds(desk, rule):
    desk.rules(rule("age >= 30", message="{symbol} silent for {value}"), rule("age >= 30", name="plain"))
    desk.tick(0, last=100)

    alerts = desk.tick(40, bid=1)

    assert [alert.message for alert in alerts] == ["/ES silent for 30 s", "/ES age 30 s >= 30"]


def test_percent_is_told_in_percent(desk, rule):
    desk.rules(rule("pct_change > 1%", message="{symbol} {value}"))

    (alert,) = desk.tick(0, last=102, prev_close=100)

    assert (alert.message, alert.value, alert.value_unit) == ("/ES 2.00%", 2.0, "%")


def test_a_clearing_tells_what_is_now(desk, rule):
    desk.rules(rule("last > 100 or bid > 100", notify_clear=True))
    desk.tick(0, last=101, bid=99)

    (alert,) = desk.tick(1, last=99.25)

    assert alert.message == "Cleared: /ES last > 100 or bid > 100 (now 99.25, 99.00)"


def test_a_price_has_the_decimals_of_its_own_instrument(desk, rule):
    desk.rules(rule('"EUR/USD".last > 1', symbols=("/ES",)))

    (alert,) = desk.tick(0, "EUR/USD", last=1.07125)

    assert alert.message == '/ES "EUR/USD".last 1.07125 > 1'


@pytest.mark.parametrize(
    ("when", "value", "symbol"),
    [
        pytest.param("last > 100 and $VIX.last < 20", 101, "/ES", id="the rule's own"),
        pytest.param("$VIX.last < 20 and last > 100", 15.5, "$VIX", id="another symbol's"),
        pytest.param("last > 200 or $VIX.last < 20", 15.5, "$VIX", id="of the first that is true"),
        pytest.param("last - $VIX.last > 1", 85.5, None, id="of two together"),
    ],
)
def test_an_alert_knows_whose_its_value_is(desk, rule, when, value, symbol):
    desk.rules(rule(when))

    (alert,) = (*desk.tick(0, "$VIX", last=15.5), *desk.tick(60, last=101))

    assert (alert.value, alert.value_symbol) == (value, symbol)
