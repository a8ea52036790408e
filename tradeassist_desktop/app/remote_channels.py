"""Builds the channels to other machines, for a desk with and without a window."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.channels import build_channels
from tradeassist_desktop.channels.kind import ChannelContext, RemoteChannel
from tradeassist_desktop.domain.channels import Illustrator
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """Every channel of ``CHANNELS``, by name, and where their secrets are."""

    channels: dict[str, RemoteChannel]
    secrets: ChannelSecrets


@asynccontextmanager
async def remote_channels(
    *, launch: Launch, settings: Settings, secrets: SecretStore, clock: Clock, illustrator: Illustrator
) -> AsyncIterator[Remote]:
    """Yield the channels; they are closed on leaving."""
    asked = ChannelSecrets(store=secrets, clock=clock)
    channels = build_channels(
        ChannelContext(
            settings=settings,
            read_secret=asked.read,
            clock=clock,
            mask=launch.mask.learn,
            masked=launch.mask,
            is_dev=launch.is_dev,
            illustrator=illustrator,
        )
    )
    try:
        yield Remote(channels=channels, secrets=asked)
    finally:
        for channel in channels.values():
            await channel.close()
        await asked.close()
