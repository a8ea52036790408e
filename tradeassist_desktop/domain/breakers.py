"""How a circuit breaker stands, and what of it is kept over a restart."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class BreakerState(StrEnum):
    """What a breaker does with calls.

    ``CLOSED`` lets all through and counts, ``OPEN`` refuses all for a while, ``HALF_OPEN`` lets a few
    through to see. The others are chosen by hand and stay until they are ended by hand:
    ``FORCED_OPEN`` refuses all, ``FORCED_CLOSED`` lets all through and counts, ``DISABLED`` does not
    even count, ``METRICS_ONLY`` says once when it would have opened.
    """

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    FORCED_OPEN = "forced_open"
    FORCED_CLOSED = "forced_closed"
    DISABLED = "disabled"
    METRICS_ONLY = "metrics_only"


@dataclass(frozen=True, slots=True)
class BreakerTotals:
    """Calls since the start or the last reset, whatever the breaker's state was.

    Args:
        calls: Those that came to an end: successes, failures and ignored ones.
        ignored: Neither: cancelled, or no fault of the other side.
        slow: Successes and failures that took longer than the limit.
        rejected: Not made.
        trips: How often it opened.
    """

    calls: int = 0
    successes: int = 0
    failures: int = 0
    ignored: int = 0
    slow: int = 0
    rejected: int = 0
    trips: int = 0


@dataclass(frozen=True, slots=True)
class BreakerReading:
    """A breaker now.

    Args:
        failures: In a row.
        failure_rate: 0 to 1, of the window; ``None`` without a window or before it has calls enough.
        slow_rate: As ``failure_rate``, of calls that took longer than the limit.
        trips: In a row, since it was last closed; the next wait grows with it.
        retry_after_s: When the next call may be let through; 0 unless open.
        would_trip: It only counts, and would have opened.
        state_s: For how long it has been in its state.
        changed_ns: When it came there, UTC nanoseconds; ``None`` if it has never been elsewhere.
        last_failure: In words; empty before the first.
    """

    name: str
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    failure_rate: float | None = None
    slow_rate: float | None = None
    trips: int = 0
    retry_after_s: float = 0.0
    would_trip: bool = False
    state_s: float = 0.0
    changed_ns: int | None = None
    last_failure: str = ""
    totals: BreakerTotals = BreakerTotals()

    @property
    def is_healthy(self) -> bool:
        """Whether every call is let through, and none of them would have opened it."""
        refuses = self.state in (BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.FORCED_OPEN)
        return not refuses and not self.would_trip


@dataclass(frozen=True, slots=True)
class SavedBreaker:
    """What is kept of a breaker.

    Args:
        trips: In a row.
        until_ns: Until when it refuses calls, UTC nanoseconds; 0 unless open.
        saved_ns: UTC nanoseconds.
    """

    name: str
    state: BreakerState
    trips: int
    until_ns: int
    saved_ns: int


class BreakerStore(Protocol):
    """Keeps breakers over a restart."""

    async def load(self) -> Mapping[str, SavedBreaker]:
        """Return what was kept, by name; what cannot be read is left out and logged."""
        ...

    def keep(self, saved: SavedBreaker) -> None:
        """Keep a breaker as it stands now, in the background; from any thread."""
        ...
