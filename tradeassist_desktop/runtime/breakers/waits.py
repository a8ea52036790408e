"""How long a breaker stays open."""

from dataclasses import dataclass
from typing import Final

_MOST_POWER: Final = 1_000  # beyond that a power only overflows; every cap is long reached


@dataclass(frozen=True, slots=True)
class Trip:
    """What a wait may depend on.

    Args:
        count: Trips in a row, this one included.
        failures: In a row.
        failure_rate: Of the window; ``None`` where there is none.
    """

    count: int
    failures: int
    failure_rate: float | None


@dataclass(frozen=True, slots=True)
class Exponential:
    """A wait that grows with every trip in a row: ``base_s · multiplier^(count - 1)``."""

    base_s: float = 5.0
    multiplier: float = 2.0

    def __post_init__(self) -> None:
        if not 0 < self.base_s < float("inf") or not 1 <= self.multiplier <= 100:
            raise ValueError(
                "A growing wait needs base_s > 0 and a multiplier of 1 to 100, "
                f"was {self.base_s} and {self.multiplier}"
            )

    def __call__(self, trip: Trip) -> float:
        """Return the wait, seconds; infinite where it is too large for a number."""
        try:
            return float(self.base_s * self.multiplier ** min(trip.count - 1, _MOST_POWER))
        except OverflowError:
            return float("inf")
