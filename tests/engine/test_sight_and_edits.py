"""What blindness, edits and a lifted expiry must not cost: an alert."""

from dataclasses import replace

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.domain.rules import Rule, RulePhase
from tradeassist_desktop.engine.engine import Engine

START_NS = 1_719_927_000 * NS_PER_SECOND
RULE = Rule("rule", "rule", ("AAPL",), "last > 100", cooldown_ns=0)


def new_engine(*rules):
    engine = Engine(instruments=instrument_of)
    engine.set_rules(rules)
    return engine


def tick(engine, second, last):
    return engine.on_tick(Tick("AAPL", START_NS + second * NS_PER_SECOND, 0, last=last, last_size=1.0))


def test_a_desk_of_rules_on_closing_bars_sees_again_with_the_next_update():
    engine = new_engine(replace(RULE, when="close[1m] > 100"))
    tick(engine, 0, 99.0)
    engine.go_blind(None, "feed down")

    alerts = [*tick(engine, 61, 101.0), *tick(engine, 121, 101.0), *tick(engine, 181, 101.0)]

    assert [(alert.event_ns - START_NS) // NS_PER_SECOND for alert in alerts] == [120]
    assert engine.status("rule")[0].phase is not RulePhase.BLIND


def test_alerts_of_an_edited_rule_go_on_counting():
    engine = new_engine(RULE)
    (first,) = tick(engine, 0, 101.0)
    engine.put_rule(replace(RULE, when="last > 500"))
    tick(engine, 0, 101.0)
    engine.put_rule(RULE)
    (second,) = tick(engine, 0, 101.0)

    assert (second.sequence, second.id != first.id) == (1, True)
    assert engine.status("rule")[0].fired == 2


def test_when_a_rule_fired_stays_known_through_an_edit_its_undo_and_a_restart():
    engine = new_engine(RULE)
    tick(engine, 5, 101.0)
    engine.put_rule(replace(RULE, when="last > 500"))
    edited = engine.status("rule")[0].last_fired_ns
    engine.set_active("rule", False)
    off = engine.status("rule")[0].last_fired_ns
    engine.put_rule(RULE)
    again = new_engine(RULE)
    again.restore(engine.take_dirty())

    told = (edited, off, engine.status("rule")[0].last_fired_ns, again.status("rule")[0].last_fired_ns)
    assert [at_ns - START_NS for at_ns in told] == [5 * NS_PER_SECOND] * 4
    assert len(tick(engine, 6, 101.0)) == 1  # no cooldown is left of before


def test_a_rule_edited_back_is_kept_as_what_it_is_then():
    engine = new_engine(RULE)
    tick(engine, 0, 101.0)
    kept = engine.take_dirty()
    engine.put_rule(replace(RULE, when="last > 500"))
    engine.put_rule(RULE)
    kept |= engine.take_dirty()
    again = new_engine(RULE)
    again.restore(kept)

    assert len(tick(again, 1, 101.0)) == len(tick(engine, 1, 101.0)) == 1


def test_a_rule_whose_expiry_is_lifted_decides_at_the_next_update():
    rule = replace(RULE, expires_at_ns=START_NS + 10 * NS_PER_SECOND)
    engine = new_engine(rule)
    tick(engine, 0, 99.0)
    tick(engine, 12, 101.0)
    engine.put_rule(replace(rule, expires_at_ns=None))

    assert len(tick(engine, 13, 101.0)) == 1
