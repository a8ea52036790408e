"""A store over a Secret Manager, a keyring and an environment, on a clock that stands still."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import DictKeyring, ListTrail, ManualClock, MemoryKeeper, store_of
from tradeassist_desktop.domain.secret import KeptSecret
from tradeassist_desktop.secrets.cache import SecretCache
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.secrets.store import SecretStore

WHO = "a test"


class Shelf:
    """Who keeps secrets at this desk, and a store that asks them; ``begin_anew`` is the next start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "copies"
        self.clock = ManualClock()
        self.trail = ListTrail()
        self.manager = MemoryKeeper("secret manager", is_prompt=True, is_remote=True)
        self.keyring = MemoryKeeper("keyring")
        self.variables: dict[str, str] = {}
        self.order: tuple[str, ...] = ("secret manager", "keyring", "environment")
        self.keys = DictKeyring()
        self.project = "a project"
        self.offline_hours = 24.0
        self.seen: list[str] = []
        self.stores: list[SecretStore] = []
        self.begin_anew()

    def begin_anew(self) -> None:
        """Make another store, with nothing in memory."""
        self.cache = SecretCache(
            folder=self.folder, keyring=self.keys, clock=self.clock, scope=lambda: self.project
        )
        self.store = store_of(
            self.manager,
            self.keyring,
            EnvironmentKeeper(environment=self.variables),
            clock=self.clock,
            trail=self.trail,
            order=lambda: self.order,
            copies=self.cache,
            mask=self.seen.extend,
            grace_s=lambda: self.offline_hours * 3_600,
        )
        self.stores.append(self.store)

    async def restart(self) -> None:
        """End the store, its copies written, and make another."""
        await self.store.close()
        self.begin_anew()

    async def read(self, name: str, **how: Any) -> KeptSecret | None:
        return await self.store.read(name, who=WHO, **how)

    async def write(self, name: str, texts: Mapping[str, str]) -> KeptSecret:
        return await self.store.write(name, texts, who=WHO)

    def told(self) -> list[tuple[str, str, str]]:
        """Return what the audit log was told since it was asked last: act, source, result."""
        entries, self.trail.entries = self.trail.entries, []
        return [(str(entry.act), entry.source, str(entry.result)) for entry in entries]

    def file(self, name: str) -> Path:
        return self.folder / f"{name}.sealed"


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    for keeper in (made.manager, made.keyring):
        keeper.is_open.set()
    made.keys.is_open.set()
    for store in made.stores:
        await store.close()
