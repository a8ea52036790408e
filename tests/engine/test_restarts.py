"""An engine restarted at any point goes on as if it had not been: alerts, counts of suppressions, phases."""

import json
import random

import pytest

from tests.engine.conftest import START_NS, make_rule
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.domain.rules import Rearm, Trigger
from tradeassist_desktop.engine.engine import Engine

SECOND = 10**9
LEVELS = ("last > 100", "last <= 101")
HELD = (
    *LEVELS,
    "last > 100 and bid > 99",
    "last > 100 or ask < 100",
    "not (last > 101)",
    "last / (ask - bid) > 101",
    "change(last, 3s) > 1%",
    "last > high[5s]",
    "close[5s] > 100",
    "last > sma(3)[5s]",
    "age > 2",
    "age >= 3 or last > 101",
    "$VIX.last > last",
    "vwap > 100",
    "volume[5s] > 2 and last > 99",
    "last - close[5s] > 0.5",
)
MOMENTARY = (
    "last crosses 100",
    "last enters 100..101",
    "last touches 101",
    "not (last crosses 100)",
    "last crosses above 100 and $VIX.last > 100",
    "(last > 101 then last < 100) within 5s",
    "(last crosses above 100 then bid < 99 then last > 101) within 20s",
)


def random_rule(chance, number):
    when = chance.choice(HELD + MOMENTARY)
    return make_rule(
        when,
        name=f"rule {number}",
        symbols=chance.choice([("/ES",), ("/ES", "$VIX")]),
        trigger=chance.choice(list(Trigger)),
        hold_s=chance.choice([0, 0, 1, 2, 5]) if when in HELD else 0,
        rearm=Rearm(1.0) if when in LEVELS and chance.random() < 0.6 else Rearm(),
        cooldown_s=chance.choice([0, 0, 3, 10]),
        schedule=chance.choice(["always"] * 4 + ["00:00-00:01 UTC", "rth"]),
        timeframe=chance.choice(["5s", "1m"]),
        notify_clear=chance.random() < 0.4,
    )


def random_ticks(chance):
    at_s = 0.0
    for _ in range(chance.randint(20, 80)):
        at_s += chance.choice([0, 0.5, 1, 1, 2, 7])
        yield Tick(
            chance.choice(["/ES", "/ES", "$VIX"]),
            START_NS + round(at_s * SECOND),
            0,
            last=chance.choice([None, 98.0, 99.0, 100.0, 101.0, 102.0]),
            bid=chance.choice([None, None, 98.0, 99.0, 100.0, 101.0]),
            ask=chance.choice([None, None, 99.0, 100.0, 101.0, 102.0]),
            last_size=chance.choice([None, 1.0, 2.0]),
        )


def restarted(engine, rules, closed):
    """Return an engine that was given, through JSON, all that the desk keeps of another."""
    closed += engine.take_closed_bars()
    other = Engine(instruments=instrument_of)
    other.set_rules(rules)
    other.restore(json.loads(json.dumps(engine.snapshot())))
    other.backfill(closed)
    other.restore_market(json.loads(json.dumps(engine.market_state())))
    return other


def run(rules, ticks, *, restart_at, snooze_at):
    """Return the alerts, the counts of suppressions, and what every rule is doing at the end."""
    engine = Engine(instruments=instrument_of)
    engine.set_rules(rules)
    alerts, counts, closed = [], {}, []
    for number, tick in enumerate(ticks):
        if number == restart_at:
            counts |= engine.take_suppression_counts()
            engine = restarted(engine, rules, closed)
        if number == snooze_at:
            engine.snooze("rule 0", None, tick.event_ns + 5 * SECOND)
        alerts += engine.on_tick(tick)
    alerts += engine.finish()
    counts |= engine.take_suppression_counts()
    return alerts, counts, engine.statuses()


@pytest.mark.parametrize("seed", range(60))
def test_a_restart_at_any_point_changes_nothing(seed):
    chance = random.Random(seed)
    rules = [random_rule(chance, number) for number in range(6)]
    ticks = list(random_ticks(chance))
    snooze_at = chance.randrange(len(ticks))

    uninterrupted = run(rules, ticks, restart_at=None, snooze_at=snooze_at)
    interrupted = run(rules, ticks, restart_at=chance.randrange(len(ticks)), snooze_at=snooze_at)

    assert interrupted == uninterrupted
