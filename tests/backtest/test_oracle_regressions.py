"""What engine and oracle once saw differently, as small as it could be made."""

import json

import pytest

from tests.rules.desk import bar, engine, fired, ns, rule, run, tick, told
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.market import Bar, Tick, TimerCall
from tradeassist_desktop.domain.rules import Rule, Trigger
from tradeassist_desktop.engine.engine import Engine

Events = list[Bar | Tick | TimerCall]


def take(desk: Engine, event: Bar | Tick | TimerCall) -> list[Alert]:
    if isinstance(event, Bar):
        return list(desk.on_bar(event))
    return list(desk.on_time(event.utc_ns) if isinstance(event, TimerCall) else desk.on_tick(event))


def restarted(old: Engine, *rules: Rule) -> Engine:
    """A new engine that goes on from what a desk keeps of the old one."""
    arming, market = json.loads(json.dumps([old.snapshot(), old.market_state()]))
    new = engine(*rules)
    new.restore(arming)
    new.backfill(old.take_closed_bars())
    new.restore_market(market)
    return new


def values_over_a_restart(subject: Rule, before: Events, after: Events) -> list[tuple[float, float | None]]:
    """Second and value of each alert, with a restart between the two."""
    old = engine(subject)
    alerts = [each for event in before for each in take(old, event)]
    new = restarted(old, subject)
    alerts += [each for event in after for each in take(new, event)]
    alerts += new.finish()
    return [(second, each.value) for (second, *_), each in zip(told(alerts), alerts, strict=True)]


def test_a_hold_that_an_age_breaks_at_its_end_does_not_fire() -> None:
    assert fired(run("age < 1", [tick(0, 100), tick(5, bid=1)], hold=1)) == []


def test_every_is_evaluated_once_where_an_age_turns_at_an_update() -> None:
    found = run("age >= 3000", [tick(0, 100), tick(3000, bid=1)], trigger=Trigger.EVERY)

    assert fired(found) == [3000]


def test_an_age_that_turns_after_the_rule_has_started_fires() -> None:
    late = rule("/NQ.age > 10", starts_at_ns=ns(7))

    assert fired(run(late, [tick(0, 100, symbol="/NQ"), tick(8, 1, symbol="/CL"), tick(20, 1)])) == [
        10.000000001
    ]


def test_a_rule_made_while_a_symbol_is_silent_hears_of_its_age() -> None:
    desk = engine(rule("last > 1000"))
    desk.on_tick(tick(0, 100))
    desk.on_time(ns(10))
    desk.put_rule(rule("age >= 30"))

    assert fired(list(desk.on_time(ns(100)))) == [30]


def test_the_count_of_a_suppression_is_told_though_the_rule_has_fired_since() -> None:
    desk = engine(rule("last > 100", trigger=Trigger.EVERY, cooldown=5))

    alerts = [each for second in (0, 1, 2, 3, 20) for each in desk.on_tick(tick(second, 101))]

    assert desk.take_suppression_counts() == {alerts[1].id: 3}


def test_a_longer_bar_counts_each_shorter_one_once_over_a_restart() -> None:
    before = [*bar(0, 10, volume=14), *bar(3600, 20, volume=47), *bar(3660, 30, volume=18)]
    subject = rule("volume[1h] > 0", trigger=Trigger.EVERY)

    for at in range(len(before) + 1):
        found = values_over_a_restart(subject, before[:at], [*before[at:], tick(7200, 1)])

        assert found == [(3600, 14), (7200, 65)]


def test_a_hold_has_its_value_over_a_restart() -> None:
    subject = rule("age < 3", hold=2)

    assert [at for at, _ in values_over_a_restart(subject, [tick(0, 100)], [tick(30, 1)])] == [2]
    assert values_over_a_restart(rule("last > 99", hold=2), [tick(0, 100)], [tick(30, 1)]) == [(2, 100)]


@pytest.mark.parametrize("symbol", ["BTC-USD", "/ES"])
def test_the_session_s_average_price_goes_on_over_a_restart(symbol: str) -> None:
    subject = rule("vwap > 0", symbols=(symbol,), trigger=Trigger.EVERY)
    events = [tick(at, price, symbol=symbol, last_size=1) for at, price in ((0, 100), (1, 200), (2, 600))]

    assert values_over_a_restart(subject, events[:2], events[2:])[-1] == (2, 300)
