"""What of pybreaker carries a breaker: its states, its storage, its listeners, its time-out.

Its guards (``call``, ``calling``, the decorator) are not used: they never count a failing coroutine,
let every call through half open, and hold a lock while they wait.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import pybreaker

from tradeassist_desktop.domain.breakers import BreakerState

log = logging.getLogger(__name__)

_STATES: Final[Mapping[BreakerState, str]] = {
    BreakerState.CLOSED: pybreaker.STATE_CLOSED,
    BreakerState.OPEN: pybreaker.STATE_OPEN,
    BreakerState.HALF_OPEN: pybreaker.STATE_HALF_OPEN,
    BreakerState.FORCED_OPEN: pybreaker.STATE_OPEN,
    BreakerState.FORCED_CLOSED: pybreaker.STATE_CLOSED,
    BreakerState.DISABLED: pybreaker.STATE_CLOSED,
    BreakerState.METRICS_ONLY: pybreaker.STATE_CLOSED,
}


class Circuit(pybreaker.CircuitMemoryStorage):
    """pybreaker's storage, with the circuit that watches it; moved from outside, never by a call.

    ``counter`` has the failures in a row, ``success_counter`` the probes that succeeded.
    """

    def __init__(self, *, name: str, probes: int) -> None:
        super().__init__(pybreaker.STATE_CLOSED)
        self._pybreaker = pybreaker.CircuitBreaker(name=name, success_threshold=probes, state_storage=self)

    def move(self, state: BreakerState, *, wait_s: float = 0.0) -> None:
        """Put it into a state; its counters begin anew as the state has it, then listeners hear of it."""
        if state is BreakerState.OPEN:
            self._pybreaker.reset_timeout = wait_s
        before = self._pybreaker.state
        # pybreaker's own open() tells its listeners before its storage has changed, and reads the wall
        # clock. What changes in the storage it takes up by itself, and tells them then.
        self.state = _STATES[state]
        after = self._pybreaker.state
        if after is before:
            # Forced open is open to pybreaker: it sees no change where there is one.
            self.reset_counter()
            self.reset_success_counter()
            for listener in self._pybreaker.listeners:
                listener.state_change(self._pybreaker, before, after)

    def tell(self) -> None:
        """Have the listeners called without a change of state."""
        for listener in self._pybreaker.listeners:
            listener.state_change(self._pybreaker, self._pybreaker.state, self._pybreaker.state)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after each change; call the result to end that, as often as you like."""
        added = _Listener(listener)
        self._pybreaker.add_listener(added)

        def end() -> None:
            if added in self._pybreaker.listeners:
                self._pybreaker.remove_listener(added)

        return end


class _Listener(pybreaker.CircuitBreakerListener):
    def __init__(self, listener: Callable[[], None]) -> None:
        self._listener = listener

    def state_change(self, cb: pybreaker.CircuitBreaker, old_state: Any, new_state: Any) -> None:
        try:
            self._listener()
        except Exception:  # one bad guest must not keep the breaker from its work
            log.exception("breaker listener failed", extra={"breaker": cb.name})
