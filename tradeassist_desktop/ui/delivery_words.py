"""Channels, deliveries and attempts as people say them."""

from typing import Final

from tradeassist_desktop.domain.channel_names import CHANNEL_TITLES
from tradeassist_desktop.domain.delivery import AttemptOutcome, Cause, DeliveryState, Muting

STATES: Final = {
    DeliveryState.PENDING: "waits",
    DeliveryState.SENDING: "being sent",
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.UNCERTAIN: "uncertain, it may have arrived",
    DeliveryState.SUPPRESSED: "muted",
    DeliveryState.UNAVAILABLE: "not available",
    DeliveryState.EXPIRED: "expired, it came too late to be sent",
    DeliveryState.DEAD: "given up",
}

MUTINGS: Final = {
    Muting.SILENCE: "a silence",
    Muting.SNOOZE: "a snooze",
    Muting.ACKNOWLEDGED: "being acknowledged",
    Muting.QUIET_HOURS: "quiet hours",
    Muting.INHIBITED: "what was told already",
    Muting.DUPLICATE: "being a duplicate",
    Muting.REPLAY: "being a replay",
}
"""What suppressed it: to be read after ``muted by``."""

OUTCOMES: Final = {
    AttemptOutcome.SENDING: "under way",
    AttemptOutcome.DELIVERED: "delivered",
    AttemptOutcome.FAILED: "failed",
    AttemptOutcome.UNCERTAIN: "uncertain",
    AttemptOutcome.UNAVAILABLE: "not available",
    AttemptOutcome.REFUSED: "refused",
    AttemptOutcome.POSTPONED: "asked to wait",
}

CAUSES: Final = {
    Cause.FIRED: "it fired",
    Cause.REPEAT: "repeated, as nobody acknowledged it",
    Cause.ESCALATION: "escalated, as nobody acknowledged it",
    Cause.SILENCE_ENDED: "told as its silence ended, still true",
    Cause.RESENT: "sent again by hand",
}


def channel_title(name: str) -> str:
    """Return a channel's name as a title has it; one that is not known is its own."""
    words = CHANNEL_TITLES.get(name, name).removeprefix("the ")
    return words[:1].upper() + words[1:]
