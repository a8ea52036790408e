"""The secrets of channels, at hand when an alert must go out."""

import asyncio
from collections.abc import Mapping
from typing import Final

from tradeassist_desktop.domain.delivery import Undeliverable
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.secrets.store import FoundSecret, SecretStore

_PATIENCE_S: Final = 3.0


class ChannelSecrets:
    """Asks for each secret once, and for one that is absent once too; a change comes through ``write``.

    Keyrings are slow, and may wait for a person. An alert does not: while a keyring is silent, what
    answers at once answers in its place.
    """

    def __init__(self, *, store: SecretStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[str, FoundSecret | None] = {}
        self._asking: dict[str, asyncio.Task[FoundSecret | None]] = {}
        self._is_silent = False

    async def read(self, name: str) -> Mapping[str, str] | None:
        """Return a secret's fields, or ``None`` where nobody has it.

        Raises:
            Undeliverable: the keyring is silent, and nobody else has it.
        """
        found = await self.find(name)
        return None if found is None else found.fields

    async def find(self, name: str) -> FoundSecret | None:
        """Return a secret and who has it; otherwise as ``read``."""
        if name in self._known:
            return self._known[name]
        if name not in self._asking:
            self._asking[name] = asyncio.create_task(self._store.read(name, anew=True), name=f"secret {name}")
        asking = self._asking[name]
        try:
            # Silent for one, a keyring is silent for all: only the first waits.
            if self._is_silent and not asking.done():
                raise TimeoutError
            found = await within(self._clock, _PATIENCE_S, _shielded(asking))
        except TimeoutError:
            if name in self._known:  # written meanwhile, which says nothing of the keyring
                return self._known[name]
            self._is_silent = True
            return await self._found_at_once(name)
        except Exception:
            self._asking.pop(name, None)  # to be asked anew
            raise
        self._is_silent = False
        if self._asking.get(name) is asking:  # else something was written meanwhile
            del self._asking[name]
            self._known[name] = found
        return self._known.get(name, found)

    async def _found_at_once(self, name: str) -> FoundSecret:
        found = await self._store.read(name, at_once=True)
        if found is None:
            raise Undeliverable("the keyring does not answer: unlock it", retry=True)
        return found

    async def write(self, name: str, fields: Mapping[str, str]) -> str:
        """Keep a secret, or with no fields take it out of use; return where, as the store does."""
        where = await self._store.write(name, dict(fields))
        self._known[name] = FoundSecret(fields=dict(fields), source=where) if fields else None
        if (asking := self._asking.pop(name, None)) is not None:
            asking.cancel()
        return where

    def forget(self) -> None:
        """Ask for everything anew the next time: another program may have written it."""
        self._known.clear()

    async def close(self) -> None:
        """Wait for no keyring any more."""
        tasks = tuple(self._asking.values())
        self._asking.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _shielded(asking: asyncio.Task[FoundSecret | None]) -> FoundSecret | None:
    return await asyncio.shield(asking)
