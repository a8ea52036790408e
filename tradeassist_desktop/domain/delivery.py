"""How an alert leaves the program: messages, deliveries, channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority, Timing


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


@dataclass(frozen=True, slots=True)
class DigestLine:
    """Alerts of one title within a digest.

    Args:
        last_ns: Event time of the newest.
        alert_ids: Of all of them, oldest first; of those that are not known any more it has none.
    """

    title: str
    count: int
    priority: Priority
    last_ns: int
    alert_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """What one message stands for where many alerts go out as one. The counts of its lines add up.

    Args:
        alert_ids: Of all of them, oldest first: what "Acknowledge all" is about.
    """

    count: int
    lines: tuple[DigestLine, ...]
    alert_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is given: plain text, no markup, plus what it may want to show.

    Args:
        title: One line. ``body`` too is complete by itself, also for a digest.
        value_symbol: What ``value`` is of: empty for ``symbol``, ``None`` for several together.
        is_late: Of its sending: it was to go out earlier.
        timing: Of the market: it was found out after the fact, ``late_by_ns`` after ``event_ns``.
        idempotency_key: The same in every attempt at the same announcement.
        is_second_try: An earlier attempt may have arrived; channels mark it where they can.
        reply_to: Receipt of an earlier message about the same rule and symbol; empty for none.
        digest: The alerts it stands for, where that is more than one.
        is_test: Sent by the trader's "Send a test".
    """

    alert_id: str
    rule_uid: str
    title: str
    body: str
    symbol: str
    priority: Priority
    status: AlertStatus
    event_ns: int
    value: float | None
    is_late: bool = False
    is_saved: bool = True
    timing: Timing = Timing.LIVE
    late_by_ns: int = 0
    value_symbol: str | None = ""
    rule_name: str = ""
    condition: str = ""
    tags: tuple[str, ...] = ()
    idempotency_key: str = ""
    announcement: int = 0
    cause: Cause = Cause.FIRED
    is_second_try: bool = False
    reply_to: str = ""
    digest: Digest | None = None
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """A channel's word that it delivered.

    Args:
        detail: In words, for people.
        reference: The receiver's own, given back as ``Message.reply_to`` of a later message.
    """

    detail: str = ""
    reference: str = ""


class Undeliverable(Exception):
    """One attempt failed.

    Args:
        reason: In words: what is wrong, and what to do about it where that is known.
        retry: Whether another attempt may succeed.
    """

    def __init__(self, reason: str, *, retry: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry


class ChannelUnavailable(Undeliverable):
    """There is nothing to send to on this machine: recorded, not retried, not an error."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retry=False)


class RateLimited(Undeliverable):
    """The receiver asks to wait: no failure of its, and no attempt is counted.

    Args:
        retry_after_s: For how long nothing may be sent to it, seconds.
    """

    def __init__(self, reason: str, *, retry_after_s: float) -> None:
        super().__init__(reason, retry=True)
        self.retry_after_s = retry_after_s


class Uncertain(Undeliverable):
    """The message went out and no answer came: it may have arrived, or not."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retry=True)


class Misshapen(Undeliverable):
    """The receiver is well and did not take the message as it is built: the next attempt builds it anew."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retry=True)


class MessageRefused(Undeliverable):
    """The receiver is well and never takes this message, long or odd as it is: another it may take."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retry=False)


class ChannelBarred(Undeliverable):
    """The channel is useless until its trader does something: a token revoked, a password refused.

    Its messages wait; none is tried meanwhile.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retry=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTraits:
    """How a channel is to be treated.

    Args:
        is_local: It is this machine: no breaker, no pace, no secrets.
        interval_s: Seconds between two messages, at the least.
        digest_above: With more than this many waiting, they go out as one digest.
        expires_s: A message that has waited for longer is no longer worth sending, seconds;
            ``None`` is never.
        resends_uncertain: Whether what may have arrived is sent again (marked as such).
        attempt_s: Time for one attempt, seconds.
        is_transient: What it shows or plays ends with the program. After a kill there is nothing that
            could be repeated, so no attempt waits until it is written down.
    """

    is_local: bool = True
    interval_s: float = 0.0
    digest_above: int = 50
    expires_s: float | None = None
    resends_uncertain: bool = True
    attempt_s: float = 10.0
    is_transient: bool = False


class Channel(Protocol):
    """One way to reach the trader. An attempt ends in a receipt or in ``Undeliverable``."""

    @property
    def name(self) -> str:
        """The word rules use: ``toast``, ``tray``, ``sound`` …"""
        ...

    @property
    def traits(self) -> ChannelTraits:
        """How it is to be treated."""
        ...

    async def send(self, message: Message) -> Receipt:
        """Make one attempt; one call is one request.

        Raises:
            Undeliverable: it was not delivered; see its subclasses for what each kind does.
        """
        ...


class Illustrator(Protocol):
    """Draws what a message is about, for channels that can carry a picture."""

    async def illustrate(self, message: Message) -> bytes | None:
        """Return a PNG, or ``None`` where there is nothing to draw."""
        ...
