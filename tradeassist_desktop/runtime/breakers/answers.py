"""What a breaker's configuration answers; a mistake in it costs no caller its result."""

import logging
import random
from collections.abc import Callable
from math import isnan
from typing import Any, TypeVar

from tradeassist_desktop.runtime.breakers.config import BreakerConfig
from tradeassist_desktop.runtime.breakers.outcomes import Outcome
from tradeassist_desktop.runtime.breakers.waits import Trip

log = logging.getLogger(__name__)

T = TypeVar("T")


class Answers:
    """Asks a configuration's functions, and makes sense of what they say.

    Args:
        name: The breaker's.
    """

    def __init__(self, *, config: BreakerConfig, name: str, rng: random.Random) -> None:
        self._config = config
        self._judge = config.judge
        self._name = name
        self._rng = rng

    def outcome_of(self, error: Exception) -> Outcome:
        """Return what an error says of the other side."""
        try:
            return self._judge(error)
        except Exception:  # the configuration's mistake, not the caller's
            log.exception("breaker's judge failed", extra={"breaker": self._name})
            return Outcome.FAILURE

    def failure_in(self, result: object) -> Exception | None:
        """Return the error that a result stands for, if it does."""
        failure_in = self._config.failure_in
        return None if failure_in is None else self._asked(failure_in, result, otherwise=None)

    def wait_s(self, trip: Trip, error: Exception | None) -> float:
        """Return how long to stay open, seconds; longer than our own cap only where ``error`` asks for it."""
        cap_s, jitter = self._config.cap_s, self._config.jitter
        wait_s = self._asked(self._config.wait_s, trip, otherwise=cap_s)
        wait_s = cap_s if isnan(wait_s) else min(max(0.0, wait_s), cap_s)
        wait_s *= self._rng.uniform(1.0 - jitter, 1.0 + jitter)
        if error is None:
            return wait_s
        asked_s = self._asked(self._config.asked_s, error, otherwise=0.0)
        return max(wait_s, min(asked_s, self._config.asked_cap_s))

    def _asked(self, question: Callable[[Any], T], about: object, *, otherwise: T) -> T:
        try:
            return question(about)
        except Exception:  # the configuration's mistake, not the caller's
            log.exception("breaker's question failed", extra={"breaker": self._name})
            return otherwise
