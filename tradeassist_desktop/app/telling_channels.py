"""Tells channels of secrets that are others now."""

from tradeassist_desktop.channels import CHANNELS
from tradeassist_desktop.domain.events import ChannelSetUp
from tradeassist_desktop.runtime.bus import Bus


def tell_channels(bus: Bus, secret: str) -> None:
    """Tell those that use a secret that it is another: what barred them may be mended."""
    for kind in CHANNELS.values():
        if any(field.secret == secret for field in kind.fields):
            bus.publish(ChannelSetUp(channel=kind.name))
