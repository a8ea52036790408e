"""The channels to other machines: one file and one line here add one. ``app`` joins them with the UI's.

A channel's file declares its ``ChannelKind``: its name, the fields of its form, its breaker. Its
name goes into ``domain.channel_names.CHANNEL_TITLES`` too, which the settings of routing are checked against.
"""

from collections.abc import Mapping
from typing import Final

from tradeassist_desktop.channels.discreet import DiscreetChannel
from tradeassist_desktop.channels.email import EMAIL
from tradeassist_desktop.channels.kind import ChannelContext, ChannelKind, RemoteChannel
from tradeassist_desktop.channels.slack import SLACK
from tradeassist_desktop.channels.webhook import WEBHOOK_KIND

CHANNELS: Final[Mapping[str, ChannelKind]] = {
    "slack": SLACK,
    "email": EMAIL,
    "webhook": WEBHOOK_KIND,
}


def build_channels(
    context: ChannelContext, *, table: Mapping[str, ChannelKind] = CHANNELS
) -> dict[str, RemoteChannel]:
    """Return every channel of the table, by name; none tells a secret in what it says."""
    return {name: DiscreetChannel(kind.build(context), masked=context.masked) for name, kind in table.items()}
