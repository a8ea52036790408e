"""What of the market's word is not believed: counted by reason, never evaluated."""

from math import inf, isfinite
from typing import Final

from tradeassist_desktop.domain.market import Bar

LATE: Final = "late"
NOT_FINITE: Final = "not_finite"
NOT_POSITIVE: Final = "not_positive"
NEGATIVE_SIZE: Final = "negative_size"
IMPOSSIBLE_BAR: Final = "impossible_bar"


class Gates:
    """Counts refused values by reason. The cheap tests themselves stand where values are read."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def count(self, reason: str) -> None:
        """Count one refusal."""
        self.counts[reason] = self.counts.get(reason, 0) + 1

    def refuse_price(self, price: float) -> None:
        """Count a price that is not finite, or not above 0 where it must be."""
        self.count(NOT_POSITIVE if isfinite(price) else NOT_FINITE)

    def refuse_size(self, size: float) -> None:
        """Count a size or volume that is not finite or below 0."""
        self.count(NEGATIVE_SIZE if isfinite(size) else NOT_FINITE)

    def passes_bar(self, bar: Bar, floor: float, newest_end_ns: int) -> bool:
        """Return whether a recorded bar can be believed; count it if not.

        Args:
            bar: Its volume may be NaN: not recorded.
            floor: What prices must be above.
            newest_end_ns: End of the symbol's newest bar; a bar beginning earlier is late.
        """
        prices = bar.open, bar.high, bar.low, bar.close
        if (
            floor < bar.low <= bar.open <= bar.high < inf
            and bar.low <= bar.close <= bar.high
            and not (bar.volume < 0.0 or bar.volume == inf)  # NaN: not recorded
            and newest_end_ns <= bar.start_ns < bar.end_ns
        ):
            return True
        if not all(floor < price < inf for price in prices):
            self.refuse_price(next(price for price in prices if not floor < price < inf))
        elif bar.volume < 0.0 or bar.volume == inf:
            self.refuse_size(bar.volume)
        elif bar.high < max(prices) or bar.low > min(prices) or bar.end_ns <= bar.start_ns:
            self.count(IMPOSSIBLE_BAR)
        elif bar.start_ns < newest_end_ns:
            self.count(LATE)
        return False
