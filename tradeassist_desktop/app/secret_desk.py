"""Only the store of secrets, for commands that work without a desk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tradeassist_desktop.app.audit_trail import audit_trail
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.secret_places import open_secrets
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.secret import KeeperError
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.settings import Settings


@asynccontextmanager
async def secret_desk(launch: Launch, *, is_claimed: bool) -> AsyncIterator[SecretStore]:
    """Yield the store, with the settings of this launch.

    Args:
        is_claimed: As of ``audit_trail``.

    Raises:
        TradeAssistError: what a keeper refused or could not do, in its words.
    """
    clock = SystemClock()
    settings = Settings(
        file=launch.places.settings,
        overrides=launch.overrides,
        environment=launch.environment,
        is_dev=launch.is_dev,
    )
    try:
        async with (
            audit_trail(launch, clock=clock, is_claimed=is_claimed) as trail,
            open_secrets(launch=launch, settings=settings, trail=trail, clock=clock) as secrets,
        ):
            yield secrets
    except KeeperError as error:
        raise TradeAssistError(str(error)) from None
