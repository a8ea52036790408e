"""The circuit breakers of channels to other machines: which of their errors speak against them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tradeassist_desktop.channels import CHANNELS
from tradeassist_desktop.domain.channels import (
    Channel,
    ChannelBarred,
    ChannelUnavailable,
    Misshapen,
    RateLimited,
    Undeliverable,
)
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.runtime.breakers.outcomes import Outcome
from tradeassist_desktop.runtime.breakers.presets import PRESETS

_OTHERS: Final = "webhook"
"""The preset of a channel that is in no table."""


def judge(error: Exception) -> Outcome:
    """Count what retrying may mend, and time-outs; one that answers "no", "wait" or "not so" is well."""
    match error:
        case RateLimited() | ChannelBarred() | ChannelUnavailable() | Misshapen():
            return Outcome.NEUTRAL
        case Undeliverable(retry=True) | TimeoutError():
            return Outcome.FAILURE
        case _:
            return Outcome.NEUTRAL


def channel_guards(breakers: Breakers, channels: Mapping[str, Channel]) -> dict[str, Breaker]:
    """Return a breaker for each channel that is not this machine's, by the channel's name."""
    return {
        name: breakers.get(name, replace(PRESETS[_preset(name)], judge=judge))
        for name, channel in channels.items()
        if not channel.traits.is_local
    }


def _preset(name: str) -> str:
    return CHANNELS[name].breaker if name in CHANNELS else _OTHERS
