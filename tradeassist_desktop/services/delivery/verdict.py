"""What follows from how an attempt ended."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    ChannelUnavailable,
    MessageRefused,
    RateLimited,
    Uncertain,
    Undeliverable,
)
from tradeassist_desktop.domain.delivery import AttemptOutcome

LOCAL_ATTEMPTS: Final = 5
REMOTE_ATTEMPTS: Final = 20
"""More: a network can be away for an hour, and what fails there says little of the message."""

LONGEST_WAIT_S: Final = 3_600.0
"""For how long a channel is left alone at the most, whatever its receiver asks for."""


class Then(Enum):
    """What becomes of the message, and of those behind it.

    ``RETRY``: both wait. ``ASIDE``: only it waits, or where it is a digest its halves are tried.
    ``PACE``: both wait as long as the receiver wants. ``BAR``: both wait for the trader. ``REFUSE``: it is
    the end of it, or where it is a digest its halves are tried. ``UNAVAILABLE`` and ``GIVE_UP`` are the
    end of it.
    """

    RETRY = auto()
    ASIDE = auto()
    PACE = auto()
    BAR = auto()
    REFUSE = auto()
    UNAVAILABLE = auto()
    GIVE_UP = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an attempt failed, in words and for the record.

    Args:
        counts: Whether it is one of the attempts a message has.
    """

    then: Then
    outcome: AttemptOutcome
    reason: str
    counts: bool = True
    wait_s: float = 0.0


def verdict_on(error: Exception) -> Verdict:
    """Return what an attempt's error means; what is no ``Undeliverable`` is our own mistake."""
    match error:
        case ChannelUnavailable():
            return Verdict(Then.UNAVAILABLE, AttemptOutcome.UNAVAILABLE, error.reason)
        case RateLimited():
            # Whatever a channel has read: not a number is none, and for ever is not meant.
            wait_s = min(max(0.0, error.retry_after_s), LONGEST_WAIT_S)
            return Verdict(Then.PACE, AttemptOutcome.POSTPONED, error.reason, counts=False, wait_s=wait_s)
        case ChannelBarred():
            return Verdict(Then.BAR, AttemptOutcome.REFUSED, error.reason, counts=False)
        case Uncertain():
            return Verdict(Then.RETRY, AttemptOutcome.UNCERTAIN, error.reason)
        case MessageRefused():
            return Verdict(Then.REFUSE, AttemptOutcome.REFUSED, error.reason)
        case Undeliverable(retry=True):
            return Verdict(Then.RETRY, AttemptOutcome.FAILED, error.reason)
        case Undeliverable():
            return Verdict(Then.GIVE_UP, AttemptOutcome.REFUSED, error.reason)
        case TimeoutError():
            return Verdict(Then.RETRY, AttemptOutcome.UNCERTAIN, str(error) or "no answer")
        case _:
            return Verdict(Then.ASIDE, AttemptOutcome.FAILED, f"{type(error).__name__}: {error}")
