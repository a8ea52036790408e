"""Decides whether a call is let through, and what follows from how it ended. Never waits."""

import logging
import random
import threading
from asyncio import CancelledError
from collections.abc import Callable
from typing import Final

from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState, SavedBreaker
from tradeassist_desktop.runtime.breakers.answers import Answers
from tradeassist_desktop.runtime.breakers.circuit import Circuit
from tradeassist_desktop.runtime.breakers.config import BreakerConfig
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen, Outcome
from tradeassist_desktop.runtime.breakers.pause import Pause
from tradeassist_desktop.runtime.breakers.probes import Probes
from tradeassist_desktop.runtime.breakers.rates import Rates
from tradeassist_desktop.runtime.breakers.tally import Tally
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

Listener = Callable[[BreakerReading], None]
Permit = tuple[int, int]
"""Leave to make one call: in which epoch it was given, and when (monotonic nanoseconds)."""

# Named here: a look-up in an enumeration costs as much as a lock on Python 3.11.
CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
_FORCED_OPEN, _DISABLED = BreakerState.FORCED_OPEN, BreakerState.DISABLED
_SUCCESS, _FAILURE = Outcome.SUCCESS, Outcome.FAILURE
_UNKNOWN_WAIT_S: Final = 1.0
"""What a refused call is told to wait where nobody knows: for probes under way, or for a hand."""
_NS_PER_SECOND: Final = 1_000_000_000
_NEVER: Final = 1 << 62


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
        self._answers = Answers(config=config, name=name, rng=rng)
        self._pause = Pause(clock=clock, answers=self._answers)
        self._lock = threading.RLock()
        self._circuit = Circuit(name=name, probes=config.probes)
        self._probes = Probes(config=config, circuit=self._circuit)
        self._rates = Rates(config) if config.has_rates else None
        self._most_failures = _NEVER if config.failures is None else config.failures
        self._slow_ns = _NEVER if config.slow_s is None else round(config.slow_s * _NS_PER_SECOND)
        self._looks_into_results = config.failure_in is not None
        self._is_timed = config.slow_s is not None or config.has_rates
        self._tally = Tally()
        self._state = CLOSED
        self._epoch = 0
        self._has_failed = False
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
            failure_rate, slow_rate = self._rates_at(now_ns)
            return BreakerReading(
                name=self.name,
                state=self._state,
                failures=self._circuit.counter,
                failure_rate=failure_rate,
                slow_rate=slow_rate,
                trips=self._pause.trips,
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
            until_ns = self._pause.until_ns() if self._state is OPEN else 0
            return SavedBreaker(self.name, self._state, self._pause.trips, until_ns, self._clock.now_ns())

    # --- by hand

    def force(self, state: BreakerState) -> None:
        """Put it into a state by hand.

        Raises:
            ValueError: it is in that state, or is to probe without being open.
        """
        with self._lock:
            if state is self._state:
                raise ValueError(f"{self.name} is {state.value} already")
            if state is HALF_OPEN and self._state not in (OPEN, _FORCED_OPEN):
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
            if self._state is _DISABLED:
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
                if self._probes.add_passed(is_slow=is_slow):
                    self._end_probing()
                return
            if self._has_failed:
                self._has_failed = False
                self._circuit.reset_counter()
            if self._rates is not None and self._rates.add(now_ns, False, is_slow):
                self._reach_limit(None)

    def fail(self, permit: Permit, error: BaseException) -> None:
        """Take the error a call ended with; cancellation, and the program's end, say nothing."""
        if isinstance(error, Exception):
            outcome = self._answers.outcome_of(error)
            if outcome is _FAILURE:
                self._count_failure(permit, error)
            elif outcome is _SUCCESS:
                self.succeed(permit)
            else:
                self._give_back(permit, is_counted=True)
        else:
            self._give_back(permit, is_counted=isinstance(error, CancelledError))

    def result(self, permit: Permit, result: object) -> None:
        """Take what a call returned, which may stand for a failure."""
        error = self._answers.failure_in(result) if self._looks_into_results else None
        if error is None:
            self.succeed(permit)
        else:
            self.fail(permit, error)

    # --- deciding

    def _admit_with_care(self) -> int:
        with self._lock:
            now_ns = self._now_ns()
            if self._state is OPEN and self._pause.left_s(now_ns) <= 0:
                self._change(HALF_OPEN)
            if self._state is HALF_OPEN:
                if self._probes.take_place(now_ns):
                    return self._epoch
                if self._probes.hang(now_ns):
                    self._trip(None)
            elif self._state is not OPEN and self._state is not _FORCED_OPEN:
                return self._epoch
            self._tally.rejected += 1
            left_s = self._left_s(now_ns) or _UNKNOWN_WAIT_S
            raise BreakerOpen(self.name, retry_after_s=left_s, cause=self._last_failure)

    def _give_back(self, permit: Permit, *, is_counted: bool) -> None:
        with self._lock:
            if is_counted and self._state is not _DISABLED:
                self._tally.ignored += 1
            if permit[0] == self._epoch and self._state is HALF_OPEN:
                self._probes.give_back()

    def _end_probing(self) -> None:
        if self._probes.were_slow:
            self._trip(None)
        else:
            self._change(CLOSED)

    def _count_failure(self, permit: Permit, error: Exception) -> None:
        with self._lock:
            if self._state is _DISABLED:
                return
            self._tally.failures += 1
            now_ns = self._now_ns() if self._is_timed else 0
            is_slow = now_ns - permit[1] > self._slow_ns
            if is_slow:
                self._tally.slow += 1
            if permit[0] != self._epoch:
                return
            self._last_failure = error
            self._has_failed = True
            self._circuit.increment_counter()
            if self._state is HALF_OPEN:
                self._trip(error)
                return
            is_at_limit = self._circuit.counter >= self._most_failures
            if self._rates is not None:
                is_at_limit |= self._rates.add(now_ns, True, is_slow)
            if is_at_limit:
                self._reach_limit(error)

    def _reach_limit(self, error: Exception | None) -> None:
        if self._state is CLOSED:
            self._trip(error)
        elif self._state is BreakerState.METRICS_ONLY and not self._would_trip:
            self._would_trip = True
            log.warning("breaker would have opened", extra={"breaker": self.name})
            self._circuit.tell()

    def _rates_at(self, now_ns: int) -> tuple[float | None, float | None]:
        return (None, None) if self._rates is None else self._rates.at(now_ns)

    def _trip(self, error: Exception | None) -> None:
        self._tally.trips += 1
        failure_rate, _ = self._rates_at(self._now_ns())
        wait_s = self._pause.begin(failures=self._circuit.counter, failure_rate=failure_rate, error=error)
        self._change(OPEN, wait_s=wait_s)

    def _left_s(self, now_ns: int) -> float:
        return self._pause.left_s(now_ns) if self._state is OPEN else 0.0

    def _change(self, state: BreakerState, *, wait_s: float = 0.0) -> None:
        # The state before the epoch: ``admit`` reads them the other way round, without the lock.
        self._state = state
        self._epoch += 1
        self._probes.begin()
        self._has_failed = False
        self._would_trip = False
        self._came_ns, self._changed_ns = self._now_ns(), self._clock.now_ns()
        if state not in (OPEN, HALF_OPEN):
            self._pause.forget()
            if self._rates is not None:
                self._rates.clear()
        log.info("breaker changed", extra={"breaker": self.name, "state": state.value, "wait_s": wait_s})
        self._circuit.move(state, wait_s=wait_s)

    def _take_up(self, saved: SavedBreaker) -> None:
        if saved.state in (OPEN, HALF_OPEN):  # a probe that was under way has ended with the program
            self._change(OPEN, wait_s=self._pause.take_up(saved, longest_s=self.config.longest_wait_s))
        elif saved.state is not CLOSED:
            self._change(saved.state)
