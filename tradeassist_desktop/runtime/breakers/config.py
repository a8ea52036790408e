"""When a breaker opens, for how long, and what counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from tradeassist_desktop.runtime.breakers.outcomes import Outcome, asks_for_nothing, every_error_fails
from tradeassist_desktop.runtime.breakers.waits import Exponential, Trip
from tradeassist_desktop.runtime.breakers.windows import LastCalls, LastSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerConfig:
    """It opens when any limit that is set is reached; whatever is no failure is neutral.

    Args:
        failures: In a row.
        failure_rate: Above 0, up to 1, of the calls in ``window``.
        slow_rate: As ``failure_rate``, of calls that took longer than ``slow_s``.
        slow_s: Beyond which a call is slow, whether it succeeded or not.
        window: Of which calls rates are; only they use it.
        min_calls: Fewer in the window make no rate.
        probes: So many calls are let through half open. It closes when all have succeeded, and opens
            again with the first that fails, or if the share of slow ones reaches ``slow_rate``.
        probing_limit_s: A probe that has not ended by then counts as failed: it opens again.
        wait_s: Returns how long it stays open; never waits longer than ``cap_s``.
        cap_s: The longest wait of our own.
        jitter: 0 to 1: a wait is even over ``1 ± jitter`` times what it would be.
        asked_cap_s: The longest wait that a server may ask for.
        judge: What an error says of the other side. Errors of our own making (a wrong request, a
            refused sign-in) belong to ``NEUTRAL``: they close nothing and open nothing.
        asked_s: How long a failure asks us to wait (``Retry-After``), seconds; 0 if it does not.
        failure_in: Returns the error that a result stands for (a 503, an ``ok: false``), or ``None``.
            It is judged like one that is raised; the caller gets the result all the same.

    Raises:
        ValueError: a limit makes no sense.
    """

    failures: int | None = 5
    failure_rate: float | None = None
    slow_rate: float | None = None
    slow_s: float | None = None
    window: LastCalls | LastSeconds = field(default_factory=LastCalls)
    min_calls: int = 10
    probes: int = 1
    probing_limit_s: float = 120.0
    wait_s: Callable[[Trip], float] = field(default_factory=Exponential)
    cap_s: float = 120.0
    jitter: float = 0.2
    asked_cap_s: float = 3600.0
    judge: Callable[[Exception], Outcome] = every_error_fails
    asked_s: Callable[[Exception], float] = asks_for_nothing
    failure_in: Callable[[Any], Exception | None] | None = None

    def __post_init__(self) -> None:
        for fault, is_wrong in (
            ("failures must be at least 1", self.failures is not None and self.failures < 1),
            ("failure_rate must be above 0 and at most 1", not _is_rate(self.failure_rate)),
            ("slow_rate must be above 0 and at most 1", not _is_rate(self.slow_rate)),
            ("slow_s must be above 0", self.slow_s is not None and not _is_wait(self.slow_s)),
            ("slow_rate needs slow_s", self.slow_rate is not None and self.slow_s is None),
            ("min_calls must be at least 1", self.min_calls < 1),
            ("min_calls must fit into the window", self.has_rates and not self._fits),
            ("probes must be at least 1", self.probes < 1),
            ("probing_limit_s must be above 0", not _is_wait(self.probing_limit_s)),
            ("cap_s must be above 0", not _is_wait(self.cap_s)),
            ("wait_s must not be above cap_s", self._base_s > self.cap_s),
            ("jitter must be 0 to 1", not 0 <= self.jitter <= 1),
            ("asked_cap_s must not be negative", not 0 <= self.asked_cap_s < float("inf")),
        ):
            if is_wrong:
                raise ValueError(f"A breaker's {fault}, was {self}")

    @property
    def has_rates(self) -> bool:
        """Whether it needs the window."""
        return self.failure_rate is not None or self.slow_rate is not None

    @property
    def longest_wait_s(self) -> float:
        """No wait is longer than this."""
        return max(self.cap_s * (1 + self.jitter), self.asked_cap_s)

    @property
    def _fits(self) -> bool:
        return not isinstance(self.window, LastCalls) or self.min_calls <= self.window.count

    @property
    def _base_s(self) -> float:
        return self.wait_s.base_s if isinstance(self.wait_s, Exponential) else 0.0


def _is_rate(rate: float | None) -> bool:
    return rate is None or 0 < rate <= 1


def _is_wait(seconds: float) -> bool:
    return isfinite(seconds) and seconds > 0
