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


class Remedy(StrEnum):
    """What the trader can do about a feed that was refused."""

    NONE = "none"
    SIGN_IN = "sign_in"
    TAKE_OVER = "take_over"


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """The feed now. ``detail`` is a sentence for the trader; ages are derived by who shows it.

    Args:
        heartbeat_ns: The last heartbeat's arrival, UTC nanoseconds.
        remedy: What mends a ``REFUSED`` feed; the button beside it does just that.
        discarded: Symbols that were asked for and that the venue does not stream to us, sorted.
        delayed: Symbols whose updates the venue holds back for a while, a quarter of an hour say; what it
            answers to single requests it may not.
        retry_ns: When a feed that is down tries again, UTC nanoseconds; ``None`` while it does not wait.
        is_silence_proven: Whether the venue confirms, symbol by symbol, that nothing has happened: a
            quiet symbol is then not a stale one. It tells by ``on_missed`` what it cannot confirm.
    """

    state: FeedState = FeedState.STOPPED
    name: str = ""
    detail: str = ""
    heartbeat_ns: int | None = None
    connects: int = 0
    bad_frames: int = 0
    remedy: Remedy = Remedy.NONE
    discarded: tuple[str, ...] = ()
    delayed: frozenset[str] = frozenset()
    retry_ns: int | None = None
    is_silence_proven: bool = False


@dataclass(frozen=True, slots=True)
class RequestLoad:
    """Single requests to a venue, apart from its stream.

    Args:
        used: Of the last minute; ``limit`` is how many a minute are allowed.
        waiting: How many wait for their turn.
        held_s: Seconds for which the venue asked us to send none.
        pause_s: Seconds for which it is left alone, since it did not answer; ``failure`` says how.
    """

    used: int
    limit: int
    waiting: int = 0
    held_s: float = 0.0
    pause_s: float = 0.0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of a set of durations, in milliseconds; ``count`` is how many they are of."""

    count: int = 0
    p50_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something a gate did not believe as it came.

    Args:
        field: Which part of the update; empty for all of it.
        reference: What it was judged by, where there is such a number.
    """

    reason: str
    symbol: str
    field: str
    value: float | None
    event_ns: int
    received_ns: int
    reference: float | None = None


@dataclass(frozen=True, slots=True)
class HealthReport:
    """One second's reading.

    ``rejected`` counts what the gates did not take as it came, by reason (``late``,
    ``not_finite``, ``bad_print`` …).
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
