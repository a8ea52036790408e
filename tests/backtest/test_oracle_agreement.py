"""The engine and the oracle find the same alerts, over random rules and streams and real recordings."""

import random

import pytest

from tests.backtest.generator import INSTRUMENTS, make_case, make_market
from tests.backtest.oracle import Finding, Oracle
from tradeassist_desktop.engine.backtest import backtest
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.recordings import merge


def disagreement(seed: int, *, updates: int, rules: int) -> str:
    """Return what engine and oracle see differently, or nothing."""
    chance = random.Random(seed)
    market = make_market(chance, updates=updates)
    cases = [make_case(chance, market, place) for place in range(rules)]
    expected = Oracle(cases, INSTRUMENTS).run(merge(market.events))
    engine = Engine(instruments=INSTRUMENTS.__getitem__)
    engine.set_rules([case.rule for case in cases])
    found = [
        Finding(each.event_ns, each.rule_name, each.symbol, each.value, str(each.status), each.reason)
        for each in backtest(merge(market.events), engine)
    ]
    if found == expected:
        return ""
    missing = [each for each in expected if each not in found][:5]
    extra = [each for each in found if each not in expected][:5]
    rules_named = {each.rule for each in missing + extra}
    return "\n".join(
        [
            f"seed {seed}: the oracle alone: {missing}",
            f"the engine alone: {extra}",
            "(or only the order differs)",
        ]
        + [str(case.rule) for case in cases if case.rule.name in rules_named]
    )


@pytest.mark.parametrize("seed", range(60))
def test_engine_and_oracle_agree_on_a_random_market(seed: int) -> None:
    assert disagreement(seed, updates=250, rules=12) == ""


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1_000, 2_000))
def test_engine_and_oracle_agree_on_many_random_markets(seed: int) -> None:
    assert disagreement(seed, updates=400, rules=20) == ""
