import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeassist_desktop.runtime.backoff import Backoff


class HighestRandom(random.Random):
    """Draws the top of every range, so that the limits show."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_the_limit_doubles_up_to_its_cap_and_starts_anew_after_a_reset() -> None:
    backoff = Backoff(base_s=1, cap_s=10, rng=HighestRandom())

    waits = [backoff.next_s() for _ in range(6)]
    backoff.reset()

    assert waits == [1, 2, 4, 8, 10, 10]
    assert backoff.next_s() == 1


@given(seed=st.integers(), tries=st.integers(1, 2000))
def test_waits_stay_between_nothing_and_the_cap(seed: int, tries: int) -> None:
    backoff = Backoff(base_s=0.5, cap_s=30, rng=random.Random(seed))

    waits = [backoff.next_s() for _ in range(tries)]

    assert all(0 <= wait <= 30 for wait in waits)


@pytest.mark.parametrize(("base_s", "cap_s"), [(0, 1), (-1, 1), (2, 1)])
def test_limits_out_of_order_are_refused(base_s: float, cap_s: float) -> None:
    with pytest.raises(ValueError, match="Back-off needs"):
        Backoff(base_s=base_s, cap_s=cap_s, rng=random.Random(1))


def test_a_lower_cap_holds_for_one_wait_and_the_limit_goes_on_doubling() -> None:
    backoff = Backoff(base_s=1, cap_s=60, rng=HighestRandom())

    capped = [backoff.next_s(at_most_s=4) for _ in range(5)]

    assert capped == [1, 2, 4, 4, 4]
    assert backoff.next_s() == 32
