"""How an alert leaves the program: its deliveries, and the attempts at them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tradeassist_desktop.domain.alerts import Alert


class DeliveryState(StrEnum):
    """Where one announcement of one alert stands on one channel.

    ``PENDING`` waits its turn, ``SENDING`` is under way, ``UNCERTAIN`` was cut off between
    the two ends, ``SUPPRESSED`` was muted (a silence, quiet hours), ``UNAVAILABLE`` had nothing to
    send to (no tray, no sound device), ``EXPIRED`` came too late to be worth sending, ``DEAD`` was
    given up.
    """

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    UNCERTAIN = "uncertain"
    SUPPRESSED = "suppressed"
    UNAVAILABLE = "unavailable"
    EXPIRED = "expired"
    DEAD = "dead"


class Cause(StrEnum):
    """Why an alert is announced on a channel: it fired, or what has happened (or not) since."""

    FIRED = "fired"
    REPEAT = "repeat"
    ESCALATION = "escalation"
    SILENCE_ENDED = "silence_ended"
    RESENT = "resent"


class Muting(StrEnum):
    """What suppressed a delivery.

    ``INHIBITED`` is a consequence of something that was told, ``DUPLICATE`` the same as what has just
    been told, ``REPLAY`` of the past and not to leave this machine.
    """

    SILENCE = "silence"
    SNOOZE = "snooze"
    ACKNOWLEDGED = "acknowledged"
    QUIET_HOURS = "quiet_hours"
    INHIBITED = "inhibited"
    DUPLICATE = "duplicate"
    REPLAY = "replay"


class DeliveryKey(NamedTuple):
    """Which announcement of which alert, on which channel."""

    alert_id: str
    channel: str
    announcement: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One announcement of one alert on one channel, as the outbox keeps it.

    Args:
        announcement: 0 for the first on this channel, then 1, 2 … for repeats of it.
        created_ns: When it was planned; ``next_attempt_ns`` when it is due; ``finished_ns`` when it
            reached a final state. UTC nanoseconds.
        detail: In words: why it was muted or failed, or who took it.
        receipt: The receiver's own reference, which later messages may answer to; empty for none.
        muting: What suppressed it; ``None`` if nothing did.
    """

    alert_id: str
    channel: str
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    next_attempt_ns: int = 0
    finished_ns: int | None = None
    detail: str = ""
    announcement: int = 0
    cause: Cause = Cause.FIRED
    created_ns: int = 0
    receipt: str = ""
    muting: Muting | None = None

    @property
    def key(self) -> DeliveryKey:
        """What it is found by."""
        return DeliveryKey(self.alert_id, self.channel, self.announcement)

    @property
    def idempotency_key(self) -> str:
        """The same in every attempt, so that a receiver can tell a repeat from a second alert."""
        return f"{self.alert_id}-{self.channel}-{self.announcement}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be sent."""
        return self.state in (DeliveryState.PENDING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Announcement:
    """That an alert is to be announced once more, on these channels, and why."""

    alert: Alert
    channels: tuple[str, ...]
    cause: Cause


def announcements_after(
    last: Mapping[str, int], announcement: Announcement, *, now_ns: int
) -> tuple[Delivery, ...]:
    """Return the next delivery of an alert on each channel; ``last`` has the numbers there are."""
    return tuple(
        Delivery(
            alert_id=announcement.alert.id,
            channel=channel,
            announcement=last.get(channel, -1) + 1,
            cause=announcement.cause,
            created_ns=now_ns,
        )
        for channel in dict.fromkeys(announcement.channels)
    )


class AttemptOutcome(StrEnum):
    """How one attempt ended; ``SENDING`` has not ended, or nobody lived to see it.

    ``FAILED`` may work later, ``REFUSED`` will not; ``POSTPONED``: the receiver asked to wait.
    """

    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    POSTPONED = "postponed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send one delivery. ``number`` counts from 1; times are UTC nanoseconds."""

    key: DeliveryKey
    number: int
    started_ns: int
    finished_ns: int | None = None
    outcome: AttemptOutcome = AttemptOutcome.SENDING
    detail: str = ""
