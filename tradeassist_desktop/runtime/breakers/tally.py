"""A breaker's running totals."""

from tradeassist_desktop.domain.breakers import BreakerTotals


class Tally:
    """Counts; ``totals`` makes a value of it."""

    __slots__ = ("failures", "ignored", "rejected", "slow", "successes", "trips")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin at 0."""
        self.successes = self.failures = self.ignored = self.slow = self.rejected = self.trips = 0

    def totals(self) -> BreakerTotals:
        """Return them as they are now."""
        return BreakerTotals(
            calls=self.successes + self.failures + self.ignored,
            successes=self.successes,
            failures=self.failures,
            ignored=self.ignored,
            slow=self.slow,
            rejected=self.rejected,
            trips=self.trips,
        )
