"""The demo's desk, as the program builds it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fakes import store_of
from tradeassist_desktop.app.desk import open_desk
from tradeassist_desktop.app.desk_lock import lock_and_settings
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.domain.audit import AuditTrail
from tradeassist_desktop.domain.channels import Channel
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.paths import resolve
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock, SystemClock
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.desk import Desk
from tradeassist_desktop.services.settings import Settings


def demo_launch(folder: Path, *, feed: str = "demo") -> Launch:
    """Return the launch of a desk in that folder, without a window."""
    return Launch(
        places=resolve(folder),
        feed=feed,
        speed=None,
        symbol=None,
        bar_label="start",
        rules_file=None,
        record_file=None,
        overrides=(),
        environment={},
        is_dev=False,
        is_headless=True,
        mask=SecretMask(),
    )


@asynccontextmanager
async def demo_desk(
    folder: Path,
    *,
    clock: Clock | None = None,
    channels: Mapping[str, Channel] | None = None,
    feed: str = "demo",
    trail: AuditTrail | None = None,
) -> AsyncIterator[Desk]:
    """Open it.

    Args:
        trail: Of the lock that people at it meet; ``None`` is a desk with nobody at it.
    """
    launch = demo_launch(folder, feed=feed)
    bus, clock = Bus(), clock or SystemClock()
    lock, settings = None, Settings(file=launch.places.settings, bus=bus)
    if trail is not None:
        lock, settings = lock_and_settings(launch, audit=trail, clock=clock, bus=bus)
    secrets = store_of(clock=clock)
    async with open_desk(
        launch=launch,
        settings=settings,
        channels=channels or {},
        secrets=secrets,
        channel_secrets=ChannelSecrets(store=secrets, clock=clock),
        clock=clock,
        bus=bus,
        audit=AuditLog(clock=clock, mask=launch.mask),
        reopen=lambda opening: None,
        lock=lock,
    ) as desk:
        yield desk
