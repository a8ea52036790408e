"""Where this installation keeps its secrets."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.domain.audit import AuditTrail
from tradeassist_desktop.domain.events import SettingChanged
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.cache import SecretCache
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.secrets.os_keyring import KeyringKeeper
from tradeassist_desktop.secrets.secret_manager.failures import NAME, SECRET_MANAGER_BREAKER
from tradeassist_desktop.secrets.secret_manager.keeper import SecretManagerKeeper
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.settings import Settings


def keyring_keeper(launch: Launch, clock: Clock) -> KeyringKeeper:
    """Return the keyring, under the name of the folder this run works in."""
    service = "tradeassist" if launch.places.is_default else f"tradeassist:{launch.places.data}"
    return KeyringKeeper(service=service, clock=clock)


def secret_manager_breaker(clock: Clock) -> Breaker:
    """Return what keeps Secret Manager from being asked while it fails; made before the desk's others."""
    return Breaker(name=NAME, config=SECRET_MANAGER_BREAKER, clock=clock, rng=random.Random())


@asynccontextmanager
async def open_secrets(
    *,
    launch: Launch,
    settings: Settings,
    trail: AuditTrail,
    clock: Clock,
    bus: Bus | None = None,
    breaker: Breaker | None = None,
) -> AsyncIterator[SecretStore]:
    """Yield the store of the folder this run works in; it asks nobody until it is asked.

    Args:
        bus: Tells of settings that change; ``None`` for a command, which ends once it is done.
        breaker: Of Secret Manager; by default one of its own.
    """
    manager_breaker = breaker or secret_manager_breaker(clock)

    def place() -> SecretManagerPlace:
        return SecretManagerPlace.of(settings.text)

    keyring = keyring_keeper(launch, clock)
    store = SecretStore(
        keepers=(
            SecretManagerKeeper(place=place, breaker=manager_breaker, clock=clock),
            keyring,
            EnvironmentKeeper(environment=launch.environment),
        ),
        mask=launch.mask.learn,
        trail=trail,
        clock=clock,
        order=lambda: settings.names("secrets.order"),
        copies=SecretCache(
            folder=launch.places.secrets, keyring=keyring, clock=clock, scope=lambda: _scope(place())
        ),
        own=launch.own_secrets,
        fresh_s=lambda: settings.number("secrets.memory_minutes") * 60,
        grace_s=lambda: settings.number("secrets.offline_hours") * 3_600,
        is_brief=bus is None,
    )

    def on_setting(changed: SettingChanged) -> None:
        if changed.key.startswith("secrets.gcp."):
            manager_breaker.reset()  # what failed was another place, or with other credentials
            store.forget(NAME)
        elif changed.key == "secrets.order":
            store.forget()

    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        if bus is not None:
            stack.callback(bus.subscribe(SettingChanged, on_setting))
        yield store


def _scope(place: SecretManagerPlace) -> str:
    return f"{place.parent}/{place.prefix}" if place.is_set else ""
