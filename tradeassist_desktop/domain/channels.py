"""The ways to reach the trader, and how an attempt at one ends."""

from dataclasses import dataclass
from typing import Protocol

from tradeassist_desktop.domain.messages import Message


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
