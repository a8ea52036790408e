"""How a channel stands, as the window says and marks it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState
from tradeassist_desktop.domain.delivery import Delivery, DeliveryState
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.widgets.gauge import Level

SWITCHES: Final = {"tray": "tray.enabled", "sound": "sound.enabled"}
"""Settings that switch a channel of this machine off."""
_WELL: Final = ("ready", "ok", "idle")


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel is: in a word or two, and in a sentence; ``level`` is its mark."""

    word: str
    sentence: str
    level: Level


UNKNOWN: Final = ChannelState("…", "Being looked at.", Level.QUIET)


def channel_state(*, missing: str, is_on: bool, lane: str, breaker: BreakerReading | None) -> ChannelState:
    """Return a channel's state; what the trader can mend comes first.

    Args:
        missing: What has to be given before it can send, in words.
        is_on: Whether it is not switched off.
        lane: What its last attempt came to: ``failing: no answer``.
        breaker: Of the service behind it, if it has one.
    """
    if missing:
        return ChannelState("not set up", _sentence(missing), Level.QUIET)
    if not is_on:
        return ChannelState("off", "It is switched off: nothing is sent there.", Level.QUIET)
    if breaker is not None and breaker.state in (BreakerState.OPEN, BreakerState.FORCED_OPEN):
        return ChannelState("failing", _left_alone(breaker), Level.BAD)
    if lane in _WELL:
        return ChannelState("ready", "Ready.", Level.GOOD)
    word, _, reason = lane.partition(": ")
    if word == "asked to wait":
        return ChannelState("waiting", f"It asked us to wait: {reason or 'too many messages'}.", Level.WARN)
    if word == "needs you":
        return ChannelState("needs you", f"Nothing is sent until you act: {reason}.", Level.BAD)
    if word == "unavailable":
        return ChannelState("not here", _sentence(reason or lane), Level.WARN)
    return ChannelState("failing", _sentence(f"The last message did not arrive: {reason or lane}"), Level.BAD)


def last_delivery(records: Iterable[AlertRecord], channel: str) -> Delivery | None:
    """Return the newest delivery that arrived on a channel.

    Args:
        records: The newest first.
    """
    arrived = (
        delivery
        for record in records
        for delivery in record.deliveries
        if delivery.channel == channel and delivery.state is DeliveryState.DELIVERED
    )
    return max(arrived, key=lambda delivery: delivery.finished_ns or 0, default=None)


def last_in_words(delivery: Delivery | None, now_ns: int) -> str:
    """Return when something last arrived."""
    if delivery is None or delivery.finished_ns is None:
        return "Nothing delivered yet"
    age = text.age(now_ns - delivery.finished_ns)
    return "Last delivery just now" if age == "now" else f"Last delivery {age} ago"


def _left_alone(breaker: BreakerReading) -> str:
    why = f" ({breaker.last_failure})" if breaker.last_failure else ""
    if breaker.state is BreakerState.FORCED_OPEN:
        return "Left alone by hand; Health, Services ends that. Alerts wait meanwhile."
    wait = text.duration(round(-(-breaker.retry_after_s // 1) * NS_PER_SECOND))
    return f"It failed too often and is left alone; next try in {wait}{why}. Alerts wait meanwhile."


def _sentence(words: str) -> str:
    ended = words.rstrip(".")
    return f"{ended[:1].upper()}{ended[1:]}{'' if ended.endswith('?') else '.'}"
