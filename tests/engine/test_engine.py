import json
from dataclasses import replace
from math import inf, nan

import pytest

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import InstrumentKind
from tradeassist_desktop.domain.rules import RulePhase, Trigger


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"last": nan}, "not_finite"),
        ({"last": inf}, "not_finite"),
        ({"bid": -inf}, "not_finite"),
        ({"last": 0.0}, "not_positive"),
        ({"ask": -1.0}, "not_positive"),
        ({"volume": -1.0}, "negative_size"),
        ({"high": nan}, "not_finite"),
    ],
)
def test_what_cannot_be_is_counted_and_not_evaluated(desk, rule, fields, reason):
    desk.rules(rule("AAPL.last > 0", trigger=Trigger.EVERY))
    desk.tick(0, "AAPL", last=5.0)

    alerts = desk.tick(1, "AAPL", **fields)

    assert list(alerts) == []
    assert desk.engine.rejected() == {reason: 1}
    assert desk.engine.updates("AAPL") == 1


def test_a_bad_value_drops_that_field_only(desk, rule):
    desk.rules(rule("AAPL.bid > 4"))

    assert len(desk.tick(0, "AAPL", last=nan, bid=5.0)) == 1
    assert desk.engine.quote("AAPL").last is None


def test_an_indicator_may_be_negative(desk, rule):
    desk.rules(rule("$TICK.last < -800"))

    assert len(desk.tick(0, "$TICK", last=-900)) == 1


def test_an_update_older_than_the_symbols_newest_is_late_and_not_applied(desk, rule):
    desk.rules(rule("last > 100"))
    desk.tick(10, last=99)

    late, other = desk.tick(9, last=101), desk.tick(9, "/NQ", last=1)

    assert (list(late), list(other)) == ([], [])
    assert desk.engine.rejected() == {"late": 1}
    assert desk.engine.quote("/ES").last == 99


def test_updates_of_one_timestamp_are_evaluated_one_by_one(desk, rule):
    desk.rules(rule("last > 100"))

    assert [len(desk.tick(0, last=price)) for price in (101, 99, 101)] == [1, 0, 1]


def test_a_message_names_what_happened_with_the_instruments_decimals(desk, rule):
    desk.rules(rule("last crosses above 5530 and $TICK.last > 800"))
    desk.tick(0, "$TICK", last=812)
    desk.tick(1, last=5529)

    (alert,) = desk.tick(2, last=5530.25)

    assert alert.message == "/ES last 5530.25 crosses above 5530 and $TICK.last 812 > 800"


def test_a_template_is_filled_in(desk, rule):
    desk.rules(
        rule(
            "last > 100",
            name="up",
            message="{name}: {symbol} {last} {bid} {value} {condition} {time} {priority}",
        )
    )

    (alert,) = desk.tick(0, last=100.5)

    assert alert.message == "up: /ES 100.50 – 100.50 last > 100 2024-07-02 00:00:00 UTC normal"


def test_the_same_data_gives_the_same_ids_and_every_id_differs(desk, rule):
    def run():
        fresh = type(desk)().rules(rule("last > 100"), rule("last crosses 100"))
        return [
            alert.id for at, price in enumerate((99, 101, 99, 101)) for alert in fresh.tick(at, last=price)
        ]

    first, second = run(), run()

    assert first == second
    assert len(set(first)) == len(first) == 5


def test_a_rule_of_unchanged_meaning_keeps_its_state_and_a_changed_one_starts_anew(desk, rule):
    kept, changed = rule("last > 100", name="kept"), rule("last > 99", name="changed")
    desk.rules(kept, changed)
    desk.tick(0, last=101)

    desk.rules(replace(kept, message="other words"), replace(changed, when="last > 98"))

    assert [alert.rule_name for alert in desk.tick(1, last=101)] == ["changed"]


def test_switching_a_rule_on_again_starts_it_anew(desk, rule):
    desk.rules(rule("last > 100", name="up"))
    desk.tick(0, last=101)
    desk.engine.set_active("up", False)
    while_off = desk.tick(1, last=101)
    phase = desk.engine.status("up")[0].phase
    desk.engine.set_active("up", True)

    (alert,) = desk.tick(2, last=101)

    assert (list(while_off), phase, alert.sequence) == ([], RulePhase.OFF, 1)


def test_a_removed_rule_is_silent(desk, rule):
    desk.rules(rule("last > 100", name="up"))
    assert len(desk.engine.levels("/ES")) == 1

    desk.engine.remove_rule("up")

    assert list(desk.tick(0, last=101)) == []
    assert desk.engine.symbols() == frozenset()
    assert desk.engine.levels("/ES") == ()


def test_a_rule_added_while_data_flows_starts_at_the_next_update(desk, rule):
    desk.tick(0, last=101)
    desk.engine.put_rule(rule("last > 100"))

    assert len(desk.tick(1, bid=100)) == 1


def test_a_restart_fires_nothing_again(desk, rule):
    rules = (
        rule("last > 100 and bid > 0"),
        rule("last crosses above 100", cooldown_s=60),
        rule("last > 1", trigger=Trigger.ONCE),
    )
    desk.rules(*rules)
    desk.tick(0, last=99, bid=1)
    desk.tick(1, last=101)
    kept = json.loads(json.dumps(desk.engine.snapshot()))

    again = type(desk)().rules(*rules)
    again.engine.restore(kept)
    # The bid is not known yet: that must not count as "no longer true".
    after = [
        *again.tick(2, last=101),
        *again.tick(3, bid=1),
        *again.tick(4, last=99),
        *again.tick(5, last=101),
    ]

    assert [(alert.rule_name, alert.status.value, alert.sequence) for alert in after] == [
        ("last > 100 and bid > 0", "fired", 1),
        ("last crosses above 100", "suppressed", 1),
    ]


def test_a_state_of_another_meaning_or_unreadable_is_ignored(desk, rule):
    desk.rules(rule("last > 100", name="a"), rule("last > 100", name="b"), rule("last > 100", name="c"))
    desk.tick(0, last=101)
    kept = desk.engine.snapshot()
    kept["a|/ES"]["fingerprint"] = "of another condition"
    kept["b|/ES"]["was_true"] = "yes"
    kept["c|/ES"] = None

    again = type(desk)().rules(*(rule("last > 100", name=name) for name in "abc"))
    again.engine.restore(kept)

    assert [alert.rule_name for alert in again.tick(1, last=101)] == ["a", "b", "c"]


def test_a_firing_of_another_timeline_does_not_keep_a_rule_quiet(desk, rule):
    desk.rules(rule("last crosses above 100", cooldown_s=60))
    desk.tick(10_000, last=99)
    desk.tick(10_001, last=101)
    kept = desk.engine.snapshot()

    again = type(desk)().rules(rule("last crosses above 100", cooldown_s=60))
    again.engine.restore(kept)
    again.tick(0, last=99)

    assert [alert.status for alert in again.tick(1, last=101)] == ["fired"]


def test_only_changed_states_are_handed_out_for_saving(desk, rule):
    desk.rules(rule("last > 100", name="a"), rule("last > 200", name="b"))
    desk.tick(0, last=101)

    first, second = desk.engine.take_dirty(), desk.engine.take_dirty()

    assert (list(first), second) == (["a|/ES"], {})


def test_a_rule_that_cannot_be_read_says_so_and_others_run(desk, rule):
    desk.rules(rule("lst > 100", name="broken"), rule("last > 100", name="good"))

    fired = desk.tick(0, last=101)

    assert [alert.rule_name for alert in fired] == ["good"]
    status = desk.engine.status("broken")[0]
    assert (status.phase, "did you mean last?" in status.error) == (RulePhase.ERROR, True)


def test_levels_are_the_constants_compared_with_a_price(desk, rule):
    desk.rules(
        rule("last crosses above 5530 and volume > 7"),
        rule("/NQ.bid in 1..2"),
        rule("last > 5", active=False),
        rule("spread > 1"),
    )

    levels = [level.price for symbol in ("/ES", "/NQ") for level in desk.engine.levels(symbol)]

    assert levels == [5530, 1, 2]


def test_legs_say_why_not(desk, rule):
    desk.rules(rule("last > 100 and bid > 50", name="up"))
    desk.tick(0, last=99)

    legs = desk.engine.legs("up", "/ES")

    assert [(leg.text, leg.left, leg.right, leg.is_true) for leg in legs] == [
        ("last > 100", 99, 100, False),
        ("bid > 50", None, 50, None),
    ]


def test_symbols_are_those_any_active_rule_reads(desk, rule):
    desk.rules(
        rule("$TICK.last > 5"), rule("last > 1", symbols=("AAPL", "SPY")), rule("/CL.last > 1", active=False)
    )

    assert desk.engine.symbols() == {"$TICK", "AAPL", "SPY"}


@pytest.mark.parametrize(
    ("symbol", "kind", "decimals"),
    [
        ("/ESU24", InstrumentKind.FUTURE, 2),
        ("/6EH24", InstrumentKind.FUTURE, 5),
        ("$TICK", InstrumentKind.INDICATOR, 0),
        ("$SPX", InstrumentKind.INDEX, 2),
        ("AAPL", InstrumentKind.EQUITY, 2),
        ("SPY", InstrumentKind.ETF, 2),
        ("USD/JPY", InstrumentKind.FOREX, 3),
        ("AAPL  240719C00200000", InstrumentKind.OPTION, 2),
        ("BTC-USD", InstrumentKind.CRYPTO, 2),
    ],
)
def test_a_spelling_tells_the_kind(symbol, kind, decimals):
    instrument = instrument_of(symbol)

    assert (instrument.kind, instrument.decimals) == (kind, decimals)


def test_rules_put_in_another_order_keep_their_state_and_alert_in_the_new_order(desk, rule):
    first, second = rule("last > 100", name="first"), rule("last > 100.5", name="second")
    desk.rules(first, second)
    desk.tick(0, last=101)

    desk.rules(second, first)
    desk.tick(1, last=99)

    assert [alert.rule_name for alert in desk.tick(2, last=101)] == ["second", "first"]
