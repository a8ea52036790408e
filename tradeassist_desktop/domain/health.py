"""How the desk is: the feed's state and the figures the health panel shows."""

from dataclasses import dataclass, field
from enum import StrEnum


class FeedState(StrEnum):
    """What the feed is doing; only ``LIVE`` means that silence can be trusted."""

    STOPPED = "stopped"
    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    RECONNECTING = "reconnecting"
    REFUSED = "refused"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """The feed now. ``detail`` is a sentence for the trader; ages are derived by who shows it.

    ``heartbeat_ns`` is the last heartbeat's arrival, UTC nanoseconds.
    """

    state: FeedState = FeedState.STOPPED
    name: str = ""
    detail: str = ""
    heartbeat_ns: int | None = None
    connects: int = 0
    bad_frames: int = 0


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of a set of durations, in milliseconds; ``count`` is how many they are of."""

    count: int = 0
    p50_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None


@dataclass(frozen=True, slots=True)
class HealthReport:
    """One second's reading.

    ``rejected`` counts updates the engine's gates refused, by reason (``late``,
    ``not_finite``, ``not_positive`` …).
    """

    taken_ns: int
    feed: FeedStatus
    ticks_per_second: float
    ticks_total: int
    loop_lag: Percentiles
    tick_to_alert: Percentiles
    tick_to_saved: Percentiles
    outbox_pending: int
    storage_queue: int
    storage_error: str | None
    database_bytes: int
    memory_bytes: int
    cpu_percent: float
    rejected: dict[str, int] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
