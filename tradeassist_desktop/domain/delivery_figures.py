"""How well alerts reach their trader: what the figures of deliveries are, each defined once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import AttemptOutcome, Delivery, DeliveryState, Muting
from tradeassist_desktop.domain.market import NS_PER_SECOND

_Z_95 = 1.959963984540054
_DAY_NS = 86_400 * NS_PER_SECOND

SENT_STATES = (
    DeliveryState.DELIVERED,
    DeliveryState.UNCERTAIN,
    DeliveryState.DEAD,
    DeliveryState.EXPIRED,
)
"""Of what was to go out and came to its end: only the first of them is a success."""


class Span(StrEnum):
    """How far back figures go, from now."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"

    @property
    def length_ns(self) -> int | None:
        """How long it is; ``None`` for all there is."""
        return {
            Span.HOUR: 3_600 * NS_PER_SECOND,
            Span.DAY: _DAY_NS,
            Span.WEEK: 7 * _DAY_NS,
            Span.MONTH: 30 * _DAY_NS,
        }.get(self)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with what that says of the long run."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """0 to 1; ``None`` of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The share that is likely in the long run, 95 %: from, to; ``None`` of nothing.

        Source: E. B. Wilson, Probable inference, the law of succession, and statistical
        inference, 1927.
        """
        if not self.whole:
            return None
        n, share, z2 = self.whole, self.part / self.whole, _Z_95**2
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Latencies:
    """Percentiles (nearest rank) of ``count`` durations, nanoseconds; ``None`` of none."""

    count: int = 0
    p50_ns: int | None = None
    p95_ns: int | None = None
    p99_ns: int | None = None


@dataclass(frozen=True, slots=True)
class LatencyPoint:
    """The latencies of what was delivered from ``from_ns`` on, before ``until_ns``."""

    from_ns: int
    until_ns: int
    latencies: Latencies


@dataclass(frozen=True, slots=True)
class FailureReason:
    """Why something did not arrive, in the same words each time.

    Args:
        outcome: Of the attempts; ``None`` where none was made in time: it expired.
        count: How many requests failed so (a digest is one), or how many announcements expired.
        last_ns: When that happened last, UTC nanoseconds.
    """

    channel: str
    outcome: AttemptOutcome | None
    words: str
    count: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """One channel over a span. An announcement is one of an alert on one channel: a repeat is another.

    All but ``attempts`` count announcements that came to their end in the span, whenever they were
    planned. What waits now is in none of them.

    Args:
        states: How many ended in which state.
        mutings: What suppressed those that were suppressed, with counts.
        retries: Attempts beyond the first of each. Being asked to wait is no attempt.
        latency: From when an announcement was planned (of one that fired: decided) until its
            channel took it, waiting included; of what was delivered.
        attempts: How long the request that delivered took; a digest is one.
        points: ``latency`` over time, oldest first; stretches without a delivery are left out.
    """

    channel: str
    states: Mapping[DeliveryState, int] = field(default_factory=dict)
    mutings: Mapping[Muting, int] = field(default_factory=dict)
    retries: int = 0
    latency: Latencies = Latencies()
    attempts: Latencies = Latencies()
    points: tuple[LatencyPoint, ...] = ()

    def count(self, state: DeliveryState) -> int:
        """Return how many ended in a state."""
        return self.states.get(state, 0)

    @property
    def sent(self) -> int:
        """How many were to go out and came to their end: delivered, uncertain, dead or expired."""
        return sum(self.count(state) for state in SENT_STATES)

    @property
    def success(self) -> Share:
        """How many of ``sent`` were delivered for certain. What expired counts against it."""
        return Share(self.count(DeliveryState.DELIVERED), self.sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPick:
    """Which deliveries a figure stands for.

    Args:
        states: Those in one of these; open ones are as of now, others within the span. Empty: any
            that ended.
        muting: Only what this suppressed.
        reason: Only those with an attempt that ended so, in these words.
        is_retried: Only those that took more than one attempt.
        least_latency_ns: Only what was delivered and took no less; the slowest first, not the newest.
    """

    channel: str
    states: tuple[DeliveryState, ...] = ()
    muting: Muting | None = None
    reason: FailureReason | None = None
    is_retried: bool = False
    least_latency_ns: int | None = None


@dataclass(frozen=True, slots=True)
class PickedDeliveries:
    """Deliveries with their alerts: the first of ``count`` that there are."""

    count: int
    rows: tuple[tuple[Alert, Delivery], ...]
