"""A keeper on a Secret Manager of its own, over TLS, with time that stands still."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.fakes import ManualClock
from tests.secret_manager.server import SecretManagerServer, key_file, secret_manager
from tests.secret_manager.trust import trusted_authority
from tests.secret_manager.vault import PROJECT
from tradeassist_desktop.domain.breakers import BreakerReading
from tradeassist_desktop.domain.secret import Secret
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.secret_manager.failures import NAME, SECRET_MANAGER_BREAKER
from tradeassist_desktop.secrets.secret_manager.keeper import SecretManagerKeeper
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace

TOKEN = Secret({"token": "xoxb-the-words-of-the-bot"})


@dataclass
class SecretManagerDesk:
    """``place`` may be set to another at any time, as by a change of the settings."""

    server: SecretManagerServer
    clock: ManualClock
    place: SecretManagerPlace
    breakers: Breakers

    def __post_init__(self) -> None:
        breaker = self.breakers.get(NAME, SECRET_MANAGER_BREAKER)
        self.keeper = SecretManagerKeeper(place=lambda: self.place, breaker=breaker, clock=self.clock)

    @property
    def breaker(self) -> BreakerReading:
        return self.breakers.readings()[0]

    def change(self, **settings: str) -> None:
        self.place = replace(self.place, **settings)


@asynccontextmanager
async def secret_manager_desk(
    folder: Path, *, location: str = "", most_per_page: int = 25_000, clock: Clock | None = None
) -> AsyncIterator[SecretManagerDesk]:
    clock = clock or ManualClock()
    with secret_manager(trusted_authority(), location=location, most_per_page=most_per_page) as server:
        place = SecretManagerPlace(
            project=PROJECT,
            location=location,
            endpoint=server.endpoint,
            credentials=str(key_file(server, folder)),
        )
        desk = SecretManagerDesk(
            server=server, clock=clock, place=place, breakers=Breakers(clock=clock, rng=random.Random(7))
        )
        try:
            yield desk
        finally:
            await desk.keeper.close()
