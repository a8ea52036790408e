"""Decides whether a call is let through, and what follows from how it ended. Never waits."""

import logging
import random
import threading
from asyncio import CancelledError
from collections.abc import Callable
from math import isnan
from typing import Any, Final, TypeVar

from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState, SavedBreaker
from tradeassist_desktop.runtime.breakers.circuit import Circuit
from tradeassist_desktop.runtime.breakers.config import BreakerConfig, Trip
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen, Outcome
from tradeassist_desktop.runtime.breakers.tally import Tally
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

Listener = Callable[[BreakerReading], None]
Permit = tuple[int, int]
"""Leave to make one call: in which epoch it was given, and when (monotonic nanoseconds)."""

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
_UNKNOWN_WAIT_S: Final = 1.0
"""What a refused call is told to wait where nobody knows: for probes under way, or for a hand."""
_NS_PER_SECOND: Final = 1_000_000_000
_NEVER_NS: Final = 1 << 62
_REFUSING: Final = (OPEN, HALF_OPEN, BreakerState.FORCED_OPEN)
_PROBED_BY_HAND_FROM: Final = (OPEN, BreakerState.FORCED_OPEN)


class Switch:
    """A breaker's state. May be used from any thread; only a decision holds its lock, never a call.

    Every permit that ``admit`` gives is given back by one ``succeed`` or ``fail``. What was admitted
    before a change of state is counted in the totals, and else speaks of the past: it is ignored.

    Args:
        saved: How it stood when the program ended; what is left of its wait is waited.
    """

    def __init__(
        self,
        *,
        name: str,
        config: BreakerConfig,
        clock: Clock,
        rng: random.Random,
        saved: SavedBreaker | None = None,
    ) -> None:
        self.name: Final = name
        self.config: Final = config
        self._clock = clock
        self._now_ns = clock.monotonic_ns
        self._rng = rng
        self._lock = threading.RLock()
        self._circuit = Circuit(name=name, probes=config.probes)
        self._window = config.window.new() if config.has_rates else None
        self._slow_ns = _NEVER_NS if config.slow_s is None else round(config.slow_s * _NS_PER_SECOND)
        self._failure_in = config.failure_in
        self._is_timed = config.slow_s is not None or config.has_rates
        self._tally = Tally()
        self._state = CLOSED
        self._epoch = 0
        self._has_failed = False
        self._trips = 0
        self._due_ns = 0
        self._probing = 0
        self._slow_probes = 0
        self._would_trip = False
        self._came_ns = clock.monotonic_ns()
        self._changed_ns: int | None = None
        self._last_failure: Exception | None = None
        if saved is not None:
            self._take_up(saved)

    # --- looking

    @property
    def reading(self) -> BreakerReading:
        """How it is now."""
        with self._lock:
            now_ns = self._now_ns()
            failure_rate, slow_rate = self._rates(now_ns)
            return BreakerReading(
                name=self.name,
                state=self._state,
                failures=self._circuit.failures,
                failure_rate=failure_rate,
                slow_rate=slow_rate,
                trips=self._trips,
                retry_after_s=self._left_s(now_ns),
                would_trip=self._would_trip,
                state_s=(now_ns - self._came_ns) / _NS_PER_SECOND,
                changed_ns=self._changed_ns,
                last_failure="" if self._last_failure is None else str(self._last_failure),
                totals=self._tally.totals(),
            )

    @property
    def last_failure(self) -> Exception | None:
        """The last failure; ``None`` before the first."""
        return self._last_failure

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after each change of state; call the result to end that.

        It is also called once when a breaker that only counts would have opened. It is called in the
        thread of the call that brought the change; what it raises is logged and alters nothing.
        """
        return self._circuit.listen(lambda: listener(self.reading))

    def saved(self) -> SavedBreaker:
        """Return what is to be kept of it."""
        with self._lock:
            now_ns = self._clock.now_ns()
            left_ns = max(0, self._due_ns - self._now_ns()) if self._state is OPEN else 0
            until_ns = now_ns + left_ns if left_ns else 0
            return SavedBreaker(self.name, self._state, self._trips, until_ns, now_ns)

    # --- by hand

    def force(self, state: BreakerState) -> None:
        """Put it into a state by hand.

        Raises:
            ValueError: it is in that state, or is to probe without being open.
        """
        with self._lock:
            if state is self._state:
                raise ValueError(f"{self.name} is {state.value} already")
            if state is HALF_OPEN and self._state not in _PROBED_BY_HAND_FROM:
                raise ValueError(f"{self.name} is {self._state.value}: only an open breaker can probe")
            if state is OPEN:
                self._trip(None)
            else:
                self._change(state)

    def reset(self) -> None:
        """Close it, from whatever state, and begin every count at 0."""
        with self._lock:
            self._tally.clear()
            self._last_failure = None
            self._change(CLOSED)

    # --- one call

    def admit(self) -> Permit:
        """Return leave to make one call.

        Raises:
            BreakerOpen: it is not to be made.
        """
        # Read before the state: whatever trips in between makes this call one of an older epoch.
        epoch = self._epoch
        if self._state is not CLOSED:
            epoch = self._admit_with_care()
        return epoch, self._now_ns() if self._is_timed else 0

    def succeed(self, permit: Permit) -> None:
        """Take the good end of a call."""
        with self._lock:
            if self._state is BreakerState.DISABLED:
                return
            tally = self._tally
            tally.successes += 1
            now_ns = self._now_ns() if self._is_timed else 0
            is_slow = now_ns - permit[1] > self._slow_ns
            if is_slow:
                tally.slow += 1
            if permit[0] != self._epoch:
                return
            if self._state is HALF_OPEN:
                self._end_probe(is_slow=is_slow)
                return
            if self._has_failed:
                self._has_failed = False
                self._circuit.end_failures()
            window = self._window
            if window is not None:
                window.add(now_ns, False, is_slow)
                # Even a success may open it: with it there may be calls enough for a rate.
                if window.failures or window.slow:
                    self._trip_at_limit(None)

    def fail(self, permit: Permit, error: BaseException) -> None:
        """Take the error a call ended with; cancellation, and the program's end, say nothing."""
        if isinstance(error, Exception):
            outcome = self._asked(self.config.judge, error, otherwise=Outcome.FAILURE)
        elif isinstance(error, CancelledError):
            outcome = Outcome.NEUTRAL
        else:
            self._give_back(permit)
            return
        if outcome is Outcome.SUCCESS:
            self.succeed(permit)
        elif outcome is Outcome.NEUTRAL:
            self._tally.ignored += self._state is not BreakerState.DISABLED
            self._give_back(permit)
        else:
            assert isinstance(error, Exception)
            self._count_failure(permit, error)

    def result(self, permit: Permit, result: object) -> None:
        """Take what a call returned, which may stand for a failure."""
        error = None
        if self._failure_in is not None:
            error = self._asked(self._failure_in, result, otherwise=None)
        if error is None:
            self.succeed(permit)
        else:
            self.fail(permit, error)

    # --- deciding

    def _admit_with_care(self) -> int:
        with self._lock:
            left_s = self._left_s(self._now_ns())
            if self._state is OPEN and left_s <= 0:
                self._change(HALF_OPEN)
            if self._state is HALF_OPEN and self._probing + self._circuit.passed < self._circuit.probes:
                self._probing += 1
            elif self._state in _REFUSING:
                self._tally.rejected += 1
                raise BreakerOpen(
                    self.name, retry_after_s=left_s or _UNKNOWN_WAIT_S, cause=self._last_failure
                )
            return self._epoch

    def _give_back(self, permit: Permit) -> None:
        with self._lock:
            if permit[0] == self._epoch and self._state is HALF_OPEN:
                self._probing -= 1

    def _end_probe(self, *, is_slow: bool) -> None:
        self._probing -= 1
        self._slow_probes += is_slow
        self._circuit.add_passed()
        if self._circuit.passed < self._circuit.probes:
            return
        slow_rate = self.config.slow_rate
        if slow_rate is not None and self._slow_probes / self._circuit.probes >= slow_rate:
            self._trip(None)
        else:
            self._change(CLOSED)

    def _count_failure(self, permit: Permit, error: Exception) -> None:
        with self._lock:
            if self._state is BreakerState.DISABLED:
                return
            self._tally.failures += 1
            now_ns = self._now_ns()
            is_slow = self._is_timed and now_ns - permit[1] > self._slow_ns
            self._tally.slow += is_slow
            if permit[0] != self._epoch:
                return
            self._last_failure = error
            self._has_failed = True
            self._circuit.add_failure()
            if self._state is HALF_OPEN:
                self._trip(error)
                return
            if self._window is not None:
                self._window.add(now_ns, True, is_slow)
            self._trip_at_limit(error)

    def _trip_at_limit(self, error: Exception | None) -> None:
        config, window = self.config, self._window
        is_at_limit = config.failures is not None and self._circuit.failures >= config.failures
        if not is_at_limit and window is not None and window.calls >= config.min_calls:
            is_at_limit = (
                config.failure_rate is not None and window.failures / window.calls >= config.failure_rate
            ) or (config.slow_rate is not None and window.slow / window.calls >= config.slow_rate)
        if not is_at_limit:
            return
        if self._state is CLOSED:
            self._trip(error)
        elif self._state is BreakerState.METRICS_ONLY and not self._would_trip:
            self._would_trip = True
            log.warning("breaker would have opened", extra={"breaker": self.name})
            self._circuit.tell()

    def _rates(self, now_ns: int) -> tuple[float | None, float | None]:
        window = self._window
        if window is None:
            return None, None
        window.expire(now_ns)
        if window.calls < self.config.min_calls:
            return None, None
        slow = None if self.config.slow_s is None else window.slow / window.calls
        return window.failures / window.calls, slow

    def _trip(self, error: Exception | None) -> None:
        self._trips += 1
        self._tally.trips += 1
        now_ns = self._now_ns()
        wait_s = self._wait_s(Trip(self._trips, self._circuit.failures, self._rates(now_ns)[0]))
        if error is not None:
            asked_s = self._asked(self.config.asked_s, error, otherwise=0.0)
            wait_s = max(wait_s, min(asked_s, self.config.asked_cap_s))
        self._due_ns = now_ns + round(wait_s * _NS_PER_SECOND)
        self._change(OPEN, wait_s=wait_s)

    def _wait_s(self, trip: Trip) -> float:
        cap_s, jitter = self.config.cap_s, self.config.jitter
        wait_s = self._asked(self.config.wait_s, trip, otherwise=cap_s)
        wait_s = cap_s if isnan(wait_s) else min(max(0.0, wait_s), cap_s)
        return wait_s * self._rng.uniform(1.0 - jitter, 1.0 + jitter)

    def _left_s(self, now_ns: int) -> float:
        return max(0, self._due_ns - now_ns) / _NS_PER_SECOND if self._state is OPEN else 0.0

    def _change(self, state: BreakerState, *, wait_s: float = 0.0) -> None:
        # The state before the epoch: ``admit`` reads them the other way round, without the lock.
        self._state = state
        self._epoch += 1
        self._probing = self._slow_probes = 0
        self._has_failed = False
        self._would_trip = False
        self._came_ns, self._changed_ns = self._now_ns(), self._clock.now_ns()
        if state not in (OPEN, HALF_OPEN):
            self._trips = 0
            if self._window is not None:
                self._window.clear()
        log.info("breaker changed", extra={"breaker": self.name, "state": state.value, "wait_s": wait_s})
        self._circuit.move(state, wait_s=wait_s)

    def _take_up(self, saved: SavedBreaker) -> None:
        left_s = (saved.until_ns - self._clock.now_ns()) / _NS_PER_SECOND
        # A probe that was under way has ended with the program; the calendar may have been set back.
        left_s = min(max(0.0, left_s), self.config.longest_wait_s)
        state = OPEN if saved.state is HALF_OPEN else saved.state
        if state is OPEN:
            self._due_ns = self._now_ns() + round(left_s * _NS_PER_SECOND)
        if state is not CLOSED:
            self._change(state, wait_s=left_s)
            self._trips = max(0, saved.trips)

    def _asked(self, question: Callable[[Any], T], about: object, *, otherwise: T) -> T:
        try:
            return question(about)
        except Exception:  # a mistake in a configuration must not cost the caller its result
            log.exception("breaker's question failed", extra={"breaker": self.name})
            return otherwise
