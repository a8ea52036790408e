"""A circuit breaker: what fails again and again is left alone for a while."""

import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

_NS_PER_SECOND: Final = 1_000_000_000
_MOST_DOUBLINGS: Final = 62  # beyond that 2.0 ** n only overflows; every cap is long reached


class BreakerState(StrEnum):
    """``OPEN`` refuses all; ``HALF_OPEN`` lets one call through to see."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class BreakerOpen(Exception):
    """The call was not made.

    Args:
        retry_after_s: When the next call may be let through; 0 while a probe is under way.
        cause: The last failure.
    """

    def __init__(self, name: str, *, retry_after_s: float, cause: Exception | None) -> None:
        super().__init__(f"{name} is left alone for {retry_after_s:.0f} s")
        self.name = name
        self.retry_after_s = retry_after_s
        self.cause = cause


@dataclass(frozen=True, slots=True)
class BreakerReading:
    """The breaker now. ``failures`` are those in a row, ``trips`` since it was last closed."""

    name: str
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    trips: int = 0
    rejected: int = 0
    retry_after_s: float = 0.0
    last_failure: str = ""


Listener = Callable[[BreakerReading], None]


class Breaker:
    """Opens after ``threshold`` failures in a row; waits longer after each failed probe.

    The k-th wait in a row is even over ``(1 ± jitter) · min(base_s · 2^(k-1), cap_s)``, or what the
    failure itself asks for where that is longer. Whatever is no failure is neutral: it neither
    closes nor opens anything, and gives a probe's place back. Cancellation is neutral too.

    Args:
        counts: Which errors are failures of the other side.
        asked_s: How long a failure asks us to wait, seconds.
        jitter: 0 to 1.

    Raises:
        ValueError: a limit makes no sense.
    """

    def __init__(
        self,
        *,
        name: str,
        clock: Clock,
        rng: random.Random,
        threshold: int = 5,
        base_s: float = 5.0,
        cap_s: float = 120.0,
        jitter: float = 0.2,
        counts: Callable[[Exception], bool] = lambda error: True,
        asked_s: Callable[[Exception], float] = lambda error: 0.0,
    ) -> None:
        if threshold < 1 or not 0 < base_s <= cap_s or not 0 <= jitter <= 1:
            raise ValueError(
                "A breaker needs threshold >= 1, 0 < base_s <= cap_s and 0 <= jitter <= 1, "
                f"was {threshold}, {base_s}, {cap_s} and {jitter}"
            )
        self._name = name
        self._clock = clock
        self._rng = rng
        self._threshold = threshold
        self._base_s = base_s
        self._cap_s = cap_s
        self._jitter = jitter
        self._counts = counts
        self._asked_s = asked_s
        self._state = BreakerState.CLOSED
        self._epoch = 0
        self._failures = 0
        self._trips = 0
        self._rejected = 0
        self._due_ns = 0
        self._is_probing = False
        self._last_failure: Exception | None = None
        self._listeners: list[Listener] = []

    @property
    def reading(self) -> BreakerReading:
        """How it is now."""
        return BreakerReading(
            name=self._name,
            state=self._state,
            failures=self._failures,
            trips=self._trips,
            rejected=self._rejected,
            retry_after_s=self._left_s(),
            last_failure="" if self._last_failure is None else str(self._last_failure),
        )

    @property
    def last_failure(self) -> Exception | None:
        """The last failure; ``None`` before the first."""
        return self._last_failure

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after each change of state; call the result to end that."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what ``work()`` returns.

        Raises:
            BreakerOpen: it was not called.
            Exception: whatever it raised.
        """
        epoch = self._admit()
        try:
            result = await work()
        except Exception as error:
            if epoch == self._epoch:
                self._on_error(error)
            raise
        except BaseException:
            # Cancelled, or the program ends: it says nothing of the other side.
            if epoch == self._epoch:
                self._is_probing = False
            raise
        # What began before the state changed speaks of the past.
        if epoch == self._epoch:
            self._on_success()
        return result

    def _admit(self) -> int:
        if self._state is BreakerState.OPEN and self._left_s() <= 0:
            self._change(BreakerState.HALF_OPEN)
        if self._state is BreakerState.OPEN or self._is_probing:
            self._rejected += 1
            raise BreakerOpen(self._name, retry_after_s=self._left_s(), cause=self._last_failure)
        self._is_probing = self._state is BreakerState.HALF_OPEN
        return self._epoch

    def _on_success(self) -> None:
        self._failures = 0
        if self._state is BreakerState.HALF_OPEN:
            self._trips = self._rejected = 0
            self._change(BreakerState.CLOSED)

    def _on_error(self, error: Exception) -> None:
        self._is_probing = False
        if not self._counts(error):
            return
        self._failures += 1
        self._last_failure = error
        if self._state is BreakerState.HALF_OPEN or self._failures >= self._threshold:
            self._trips += 1
            wait_s = max(self._wait_s(), self._asked_s(error))
            self._due_ns = self._clock.monotonic_ns() + round(wait_s * _NS_PER_SECOND)
            self._change(BreakerState.OPEN)

    def _wait_s(self) -> float:
        limit_s = min(self._cap_s, self._base_s * 2.0 ** min(self._trips - 1, _MOST_DOUBLINGS))
        return limit_s * self._rng.uniform(1.0 - self._jitter, 1.0 + self._jitter)

    def _left_s(self) -> float:
        if self._state is not BreakerState.OPEN:
            return 0.0
        return max(0, self._due_ns - self._clock.monotonic_ns()) / _NS_PER_SECOND

    def _change(self, state: BreakerState) -> None:
        self._state = state
        self._epoch += 1
        self._is_probing = False
        reading = self.reading
        log.info("breaker changed", extra={"breaker": self._name, "state": state.value})
        for listener in tuple(self._listeners):
            try:
                listener(reading)
            except Exception:  # one bad guest must not keep the breaker from its work
                log.exception("breaker listener failed", extra={"breaker": self._name})
