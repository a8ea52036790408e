"""The engine and the oracle find the same alerts, over random rules, markets and desks."""

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.backtest.agreement import as_test, disagreement, make_trial, shrunk_to


def assert_agreement(number: int, *, updates: int, rules: int) -> None:
    trial = make_trial(number, updates=updates, rules=rules)
    fault = disagreement(trial)
    assert fault is None, f"seed {number}: {fault}\n\n{as_test(shrunk_to(trial, fault), number)}"


@pytest.mark.parametrize("number", range(40))
def test_engine_and_oracle_agree_on_a_random_desk(number: int) -> None:
    assert_agreement(number, updates=150, rules=10)


@pytest.mark.long
@seed(3)
@settings(max_examples=800, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.integers(1_000, 10_000_000))
def test_engine_and_oracle_agree_on_ten_thousand_random_rules(number: int) -> None:
    assert_agreement(number, updates=200, rules=12)
