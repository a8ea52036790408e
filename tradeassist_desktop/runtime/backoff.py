"""How long to wait before the next try."""

import random
from math import inf
from typing import Final

_MOST_DOUBLINGS: Final = 62  # beyond that 2.0 ** n only overflows; every cap is long reached


class Backoff:
    """Exponential back-off with full jitter: each wait is even over 0 to a doubling limit.

    Source: M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015.

    Args:
        base_s: Limit of the first wait, seconds; above 0.
        cap_s: Highest limit, seconds; at least ``base_s``.

    Raises:
        ValueError: the limits are not in that order.
    """

    def __init__(self, *, base_s: float, cap_s: float, rng: random.Random) -> None:
        if not 0 < base_s <= cap_s:
            raise ValueError(f"Back-off needs 0 < base_s <= cap_s, was {base_s} and {cap_s}")
        self._base_s = base_s
        self._cap_s = cap_s
        self._rng = rng
        self._tries = 0

    def next_s(self, *, at_most_s: float = inf) -> float:
        """Return the next wait in seconds and double the limit; a lower cap may hold for this wait."""
        limit_s = min(self._cap_s, at_most_s, self._base_s * 2.0 ** min(self._tries, _MOST_DOUBLINGS))
        self._tries += 1
        return self._rng.uniform(0.0, limit_s)

    def reset(self) -> None:
        """Start anew at ``base_s``: it worked."""
        self._tries = 0
