"""The secrets of channels, at hand when an alert must go out."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

from tradeassist_desktop.domain.channels import Undeliverable
from tradeassist_desktop.domain.secret import (
    SLACK_BOT,
    SLACK_WEBHOOK,
    WEBHOOK,
    WEBHOOK_HEADERS,
    WEBHOOK_HMAC,
    KeeperError,
    KeptSecret,
    Secret,
)
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.secrets.os_keyring import KeyringKeeper
from tradeassist_desktop.secrets.store import SecretStore

_PATIENCE_S: Final = 3.0
_GOES_WITH: Final[Mapping[str, str]] = {
    WEBHOOK_HMAC: WEBHOOK,
    WEBHOOK_HEADERS: WEBHOOK,
    SLACK_BOT: SLACK_WEBHOOK,
}
"""What a channel can do without, and the secret it would be kept beside: an alert is not held back for
what most likely is not there."""


class ChannelSecrets:
    """Reads secrets for who must not wait.

    Keyrings are slow, and may wait for a person. An alert does not: while a keyring is silent, what
    answers at once answers in its place.
    """

    def __init__(self, *, store: SecretStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._asking: dict[str, asyncio.Task[KeptSecret | None]] = {}
        self._is_doubtful = False
        self._settled: set[str] = set()
        self._is_silent = False

    async def read(self, name: str) -> Secret | None:
        """Return a secret's texts, or ``None`` where nobody has it.

        Raises:
            Undeliverable: the keyring is silent or another keeper fails, and nobody else has it.
        """
        # As the audit log has it: "slack channel".
        found = await self.find(name, who=f"{name.partition('.')[0]} channel")
        return None if found is None else found.secret

    async def find(self, name: str, *, who: str) -> KeptSecret | None:
        """Return a secret and who has it; otherwise as ``read``."""
        if name not in self._asking:
            is_anew = self._is_doubtful and name not in self._settled
            reading = self._store.read(name, who=who, anew=is_anew)
            self._asking[name] = asyncio.create_task(reading, name=f"secret {name}")
            self._asking[name].add_done_callback(partial(self._answered, name))
        asking = self._asking[name]
        try:
            # Silent for one, a keyring is silent for all: only the first waits.
            if self._is_silent and not asking.done():
                raise TimeoutError
            return await within(self._clock, _PATIENCE_S, _shielded(asking))
        except TimeoutError:
            self._is_silent = True
            return await self._found_at_once(name, who)
        except KeeperError as error:
            if await self._does_without(name, error.keeper, who):
                return None
            raise Undeliverable(str(error), retry=True) from None

    def _answered(self, name: str, asking: asyncio.Task[KeptSecret | None]) -> None:
        if self._asking.get(name) is asking:
            del self._asking[name]  # the store remembers
        if asking.cancelled():
            return
        self._is_silent = False
        if asking.exception() is None:
            self._settled.add(name)

    async def _does_without(self, name: str, keeper: str, who: str) -> bool:
        """Return whether the secret this one goes with is known, and is not kept by who is silent."""
        if name not in _GOES_WITH:
            return False
        main = await self._store.read(_GOES_WITH[name], who=who, at_once=True)
        return main is not None and main.source != keeper

    async def _found_at_once(self, name: str, who: str) -> KeptSecret | None:
        try:
            found = await self._store.read(name, who=who, at_once=True)
        except KeeperError as error:
            if await self._does_without(name, error.keeper, who):
                return None
            raise Undeliverable(str(error), retry=True) from None
        if found is None and not await self._does_without(name, KeyringKeeper.name, who):
            raise Undeliverable("the keyring does not answer: unlock it", retry=True)
        return found

    async def write(self, name: str, fields: Mapping[str, str], *, who: str) -> KeptSecret | None:
        """Keep a secret and return it as kept, or with no fields take it out.

        Raises:
            KeeperError: its keeper lets nothing be changed, or could not be asked to take it out.
        """
        if fields:
            return await self._store.write(name, fields, who=who)
        await self._store.delete(name, who=who)
        return None

    def forget(self) -> None:
        """Ask for everything anew the next time: another program may have written it."""
        self._is_doubtful = True
        self._settled.clear()

    async def close(self) -> None:
        """Wait for no keyring any more."""
        tasks = tuple(self._asking.values())
        self._asking.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _shielded(asking: asyncio.Task[KeptSecret | None]) -> KeptSecret | None:
    return await asyncio.shield(asking)
