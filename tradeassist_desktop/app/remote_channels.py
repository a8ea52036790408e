"""Builds the channels to other machines, for a desk with and without a window."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.channels import build_channels
from tradeassist_desktop.channels.kind import ChannelContext, RemoteChannel
from tradeassist_desktop.domain.delivery import Illustrator
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.settings import Settings


@asynccontextmanager
async def remote_channels(
    *, launch: Launch, settings: Settings, secrets: SecretStore, clock: Clock, illustrator: Illustrator
) -> AsyncIterator[dict[str, RemoteChannel]]:
    """Yield every channel of ``CHANNELS``, by name; they are closed on leaving."""

    async def read_secret(name: str) -> Mapping[str, str] | None:
        found = await secrets.read(name)
        return None if found is None else found.fields

    channels = build_channels(
        ChannelContext(
            settings=settings,
            read_secret=read_secret,
            clock=clock,
            mask=launch.mask.learn,
            is_dev=launch.is_dev,
            illustrator=illustrator,
        )
    )
    try:
        yield channels
    finally:
        for channel in channels.values():
            await channel.close()
