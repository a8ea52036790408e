"""The time for which an open breaker refuses calls."""

from typing import Final

from tradeassist_desktop.domain.breakers import SavedBreaker
from tradeassist_desktop.runtime.breakers.answers import Answers
from tradeassist_desktop.runtime.breakers.waits import Trip
from tradeassist_desktop.runtime.clock import Clock

_NS_PER_SECOND: Final = 1_000_000_000


class Pause:
    """Grows with each trip in a row; ``trips`` is how many there were."""

    def __init__(self, *, clock: Clock, answers: Answers) -> None:
        self._clock = clock
        self._answers = answers
        self._due_ns = 0
        self.trips = 0

    def begin(self, *, failures: int, failure_rate: float | None, error: Exception | None) -> float:
        """Begin a pause after a further trip, for which ``error`` may ask; return its length, seconds."""
        self.trips += 1
        wait_s = self._answers.wait_s(Trip(self.trips, failures, failure_rate), error)
        self._due_ns = self._clock.monotonic_ns() + round(wait_s * _NS_PER_SECOND)
        return wait_s

    def forget(self) -> None:
        """Let the next trip be the first in a row."""
        self.trips = 0

    def left_s(self, now_ns: int) -> float:
        """Return what is left of it, seconds, by the monotonic clock."""
        return max(0, self._due_ns - now_ns) / _NS_PER_SECOND

    def until_ns(self) -> int:
        """Return its end by the wall clock, UTC nanoseconds; 0 where it is over."""
        left_ns = self._due_ns - self._clock.monotonic_ns()
        return self._clock.now_ns() + left_ns if left_ns > 0 else 0

    def take_up(self, saved: SavedBreaker, *, longest_s: float) -> float:
        """Go on with a pause of an earlier run; return what is left of it, seconds."""
        left_s = (saved.until_ns - self._clock.now_ns()) / _NS_PER_SECOND
        # The calendar may have been set back meanwhile.
        left_s = min(max(0.0, left_s), longest_s)
        self._due_ns = self._clock.monotonic_ns() + round(left_s * _NS_PER_SECOND)
        self.trips = max(0, saved.trips)
        return left_s
