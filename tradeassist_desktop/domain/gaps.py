"""Stretches of time without data: what was not seen, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum


class GapState(StrEnum):
    """Where a gap stands.

    ``OPEN`` goes on, or is being looked into. Of the others ``REPAIRED`` has been told rules in
    bars, ``PARTLY`` some of it or too late for rules, ``MISSING`` could not be had. ``SILENT`` was
    no outage: the feed worked, and nothing came of the symbol.
    """

    OPEN = "open"
    REPAIRED = "repaired"
    PARTLY = "partly"
    MISSING = "missing"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One stretch ``[from_ns, until_ns)`` of event time of which nothing came.

    Args:
        number: 1, 2, 3 … in the order in which they were noticed.
        feed: The word of the feed that brought nothing.
        symbol: Empty where nothing came of all that feed's symbols.
        until_ns: ``None`` while it goes on.
        reason: As a trader reads it: ``the feed is down and reconnecting``.
        bars: Minute bars fetched for it.
        late_alerts: Alerts found in them.
        detail: What is still to say, as a trader reads it.
    """

    number: int
    feed: str
    symbol: str = ""
    from_ns: int
    until_ns: int | None = None
    reason: str
    state: GapState = GapState.OPEN
    bars: int = 0
    late_alerts: int = 0
    detail: str = ""
