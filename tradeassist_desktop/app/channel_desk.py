"""Only the channels to other machines, for commands that set one up or test it without a desk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tradeassist_desktop.app.audit_trail import audit_trail
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.remote_channels import remote_channels
from tradeassist_desktop.app.secret_places import open_secrets
from tradeassist_desktop.channels import CHANNELS
from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.channels import Receipt
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.channel_setup import ChannelSetup
from tradeassist_desktop.services.settings import Settings


class NoPictures:
    """Draws nothing: there is no market here."""

    async def illustrate(self, message: Message) -> bytes | None:
        """Return ``None``."""
        return None


@asynccontextmanager
async def channel_desk(
    launch: Launch, *, access: Gate, is_claimed: bool = False
) -> AsyncIterator[ChannelSetup]:
    """Yield what sets channels up, with the settings and secrets of this launch.

    Args:
        access: Asked before a person's change.
        is_claimed: As of ``audit_trail``.
    """
    clock = SystemClock()
    settings = Settings(
        file=launch.places.settings,
        overrides=launch.overrides,
        environment=launch.environment,
        is_dev=launch.is_dev,
    )
    async with (
        audit_trail(launch, clock=clock, is_claimed=is_claimed) as trail,
        open_secrets(launch=launch, settings=settings, trail=trail, clock=clock) as secrets,
        remote_channels(
            launch=launch, settings=settings, secrets=secrets, clock=clock, illustrator=NoPictures()
        ) as remote,
    ):

        async def send_test(name: str, message: Message) -> Receipt:
            channel = remote.channels[name]
            return await within(clock, channel.traits.attempt_s, channel.send(message))

        yield ChannelSetup(
            channels=remote.channels,
            kinds=CHANNELS,
            send_test=send_test,
            settings=settings,
            secrets=remote.secrets,
            bus=Bus(),
            clock=clock,
            access=access,
        )
