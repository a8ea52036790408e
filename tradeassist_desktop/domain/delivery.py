"""How an alert leaves the program: messages, deliveries, channels."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tradeassist_desktop.domain.alerts import AlertStatus, Priority, Timing


class DeliveryState(StrEnum):
    """Where one alert stands on one channel.

    ``PENDING`` waits its turn, ``SENDING`` is under way, ``UNCERTAIN`` was cut off between
    the two ends, ``UNAVAILABLE`` had nothing to send to (no tray, no sound device),
    ``DEAD`` was given up.
    """

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    UNCERTAIN = "uncertain"
    SUPPRESSED = "suppressed"
    UNAVAILABLE = "unavailable"
    EXPIRED = "expired"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert to one channel, as the outbox keeps it.

    ``next_attempt_ns`` is when it is due; ``finished_ns`` when it reached a final state.
    """

    alert_id: str
    channel: str
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    next_attempt_ns: int = 0
    finished_ns: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is given: plain text, no markup, plus what it may want to show.

    ``value_symbol`` is what ``value`` is of: empty for ``symbol``, ``None`` for several together.
    ``is_late`` is of its sending: it was to go out earlier. ``timing`` is of the market: it was found
    out after the fact, ``late_by_ns`` after ``event_ns``.
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


@dataclass(frozen=True, slots=True)
class Receipt:
    """A channel's word that it delivered; ``detail`` is its reference, if it gives one."""

    detail: str = ""


class Undeliverable(Exception):
    """One attempt failed; ``retry`` says whether another may succeed."""

    def __init__(self, reason: str, *, retry: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry


class ChannelUnavailable(Undeliverable):
    """There is nothing to send to on this machine: recorded, not retried, not an error."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retry=False)


class Channel(Protocol):
    """One way to reach the trader. An attempt ends in a receipt or in ``Undeliverable``."""

    @property
    def name(self) -> str:
        """The word rules use: ``toast``, ``tray``, ``sound`` …"""
        ...

    async def send(self, message: Message) -> Receipt:
        """Make one attempt.

        Raises:
            Undeliverable: it was not delivered.
            ChannelUnavailable: this machine has nothing to deliver to.
        """
        ...
