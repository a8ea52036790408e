"""What of the market's word is not believed: counted by reason, the newest kept to be looked into."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final

from tradeassist_desktop.domain.health import Refusal
from tradeassist_desktop.domain.market import Bar, Tick

LATE: Final = "late"
NOT_FINITE: Final = "not_finite"
NOT_POSITIVE: Final = "not_positive"
NEGATIVE_SIZE: Final = "negative_size"
IMPOSSIBLE_BAR: Final = "impossible_bar"
VOLUME_RESET: Final = "volume_reset"
BAD_PRINT: Final = "bad_print"
BORNE_OUT: Final = "borne_out"
FUTURE: Final = "future"
WRONG_UNIT: Final = "wrong_unit"
CLOCK_APART: Final = "clock_apart"
DUPLICATE: Final = "duplicate"
HALT: Final = "halt"

_KEPT: Final = 50


@dataclass(frozen=True, slots=True)
class Gate:
    """What one gate is called, and what it does, for the trader.

    Args:
        is_refusal: Whether something is kept from the rules; other gates mend, or only take note.
    """

    title: str
    doc: str
    is_refusal: bool = True


GATES: Final[Mapping[str, Gate]] = {
    BAD_PRINT: Gate(
        "Bad prints",
        "A trade far from the last price and from bid and ask waits until a second trade or the quote "
        "bears it out. What nothing bears out is never evaluated.",
    ),
    BORNE_OUT: Gate(
        "Believed after all",
        "A trade that waited as a bad print, until a second one or the quote bore it out: evaluated then.",
        is_refusal=False,
    ),
    LATE: Gate("Out of order", "Older than the symbol's newest update: recorded, not evaluated."),
    DUPLICATE: Gate("Duplicates", "Came once before, to the last digit: dropped."),
    FUTURE: Gate("From the future", "Stamped more than a minute ahead of its arrival: refused."),
    CLOCK_APART: Gate(
        "Clock apart",
        "For ten seconds everything was stamped a minute ahead or more: this computer's clock may be slow. "
        "The time of arrival stands in, so that nobody is blind.",
        is_refusal=False,
    ),
    WRONG_UNIT: Gate(
        "Wrong unit of time",
        "Seconds for milliseconds or the reverse: the stamp is mended.",
        is_refusal=False,
    ),
    NOT_FINITE: Gate("No number", "NaN or infinity for a price or a size: that field is refused."),
    NOT_POSITIVE: Gate("Not above zero", "A share cannot cost nothing or less: that field is refused."),
    NEGATIVE_SIZE: Gate("Negative sizes", "Nothing trades less than nothing: that field is refused."),
    IMPOSSIBLE_BAR: Gate("Impossible bars", "High below low, or an end before the beginning: refused."),
    VOLUME_RESET: Gate(
        "Volume resets",
        "The session's volume fell: it counts anew from there, and no bar gets the fall.",
        is_refusal=False,
    ),
    HALT: Gate(
        "Halts",
        "Trading stopped, or goes on: silence is right meanwhile, and the next price is believed.",
        is_refusal=False,
    ),
}
"""Every gate there is, by the reason it counts under, in the order in which they are shown."""


class Gates:
    """Counts by reason. The cheap tests themselves stand where values are read."""

    __slots__ = ("_refusals", "counts")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self._refusals: dict[str, deque[Refusal]] = {}

    def note(self, refusal: Refusal) -> None:
        """Count one refusal, and keep it for a while."""
        reason = refusal.reason
        if reason not in self.counts:
            self.counts[reason] = 0
            self._refusals[reason] = deque(maxlen=_KEPT)
        self.counts[reason] += 1
        self._refusals[reason].append(refusal)

    def withdraw(self, refusal: Refusal) -> None:
        """Take back what ``note`` was told: it was true."""
        self.counts[refusal.reason] -= 1
        kept = self._refusals[refusal.reason]
        if refusal in kept:
            kept.remove(refusal)

    def rejected(self) -> dict[str, int]:
        """Return how much was kept from the rules, by reason."""
        return {reason: count for reason, count in self.counts.items() if count and GATES[reason].is_refusal}

    def refusals(self) -> dict[str, tuple[Refusal, ...]]:
        """Return the newest 50 of each reason, oldest first."""
        return {reason: tuple(kept) for reason, kept in self._refusals.items()}

    def refuse(
        self, reason: str, tick: Tick, field: str, value: float | None, reference: float | None = None
    ) -> None:
        """Count a field of an update, or all of it.

        Args:
            reference: What the value was judged by.
        """
        self.note(Refusal(reason, tick.symbol, field, value, tick.event_ns, tick.received_ns, reference))

    def refuse_price(self, tick: Tick, field: str, price: float) -> None:
        """Count a price that is not finite, or not above 0 where it must be."""
        self.refuse(NOT_POSITIVE if isfinite(price) else NOT_FINITE, tick, field, price)

    def refuse_size(self, tick: Tick, field: str, size: float) -> None:
        """Count a size or volume that is not finite or below 0."""
        self.refuse(NEGATIVE_SIZE if isfinite(size) else NOT_FINITE, tick, field, size)

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
            field, price = next(
                (field, price)
                for field, price in zip(("open", "high", "low", "close"), prices, strict=True)
                if not floor < price < inf
            )
            self._refuse_bar(NOT_POSITIVE if isfinite(price) else NOT_FINITE, bar, field, price)
        elif bar.volume < 0.0 or bar.volume == inf:
            reason = NEGATIVE_SIZE if isfinite(bar.volume) else NOT_FINITE
            self._refuse_bar(reason, bar, "volume", bar.volume)
        elif bar.high < max(prices) or bar.low > min(prices) or bar.end_ns <= bar.start_ns:
            self._refuse_bar(IMPOSSIBLE_BAR, bar, "high", bar.high)
        elif bar.start_ns < newest_end_ns:
            self._refuse_bar(LATE, bar, "close", bar.close)
        return False

    def _refuse_bar(self, reason: str, bar: Bar, field: str, value: float) -> None:
        self.note(Refusal(reason, bar.symbol, field, value, bar.end_ns, bar.end_ns))
