"""Where this installation keeps its secrets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.domain.audit import AuditTrail
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.secrets.os_keyring import KeyringKeeper
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.access.lock_place import LockKeeper
from tradeassist_desktop.services.settings import Settings


def keyring_keeper(launch: Launch) -> KeyringKeeper:
    """Return the keyring, under the name of the folder this run works in."""
    return KeyringKeeper(service=_service(launch))


@asynccontextmanager
async def open_secrets(
    *, launch: Launch, settings: Settings, trail: AuditTrail, clock: Clock
) -> AsyncIterator[SecretStore]:
    """Yield the store of the folder this run works in; it asks nobody until it is asked."""
    store = SecretStore(
        keepers=(keyring_keeper(launch), EnvironmentKeeper(environment=launch.environment)),
        mask=launch.mask.learn,
        trail=trail,
        clock=clock,
        order=lambda: settings.names("secrets.order"),
        fresh_s=lambda: settings.number("secrets.memory_minutes") * 60,
        grace_s=lambda: settings.number("secrets.offline_hours") * 3_600,
    )
    try:
        yield store
    finally:
        await store.close()


def lock_keeper(launch: Launch) -> LockKeeper:
    """Return where the lock of this folder is kept: its keyring entries, and nowhere else."""
    return KeyringKeeper(service=_service(launch))


def _service(launch: Launch) -> str:
    return "tradeassist" if launch.places.is_default else f"tradeassist:{launch.places.data}"
