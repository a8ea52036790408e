"""The program's store of secrets, as rotations ask it."""

from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from tradeassist_desktop.domain.secret import KeeperSilent, KeptSecret, Secret, VersionState
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.rotation.journal import WHO

T = TypeVar("T")

_PERSON_S: Final = 60.0
"""How long a person may take to unlock a keyring."""


class KeptSecrets:
    """A ``RotatedSecrets``: asks the store, in the name of rotation.

    A keyring that waits for a person for too long is one that does not answer: else nobody would be told.
    """

    def __init__(self, *, store: SecretStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def read(self, name: str) -> KeptSecret | None:
        """Return what its keeper has now; ``None`` where nobody has it."""
        return await self._in_time(self._store.read(name, who=WHO, anew=True))

    async def known(self, name: str, *, at_once: bool) -> KeptSecret | None:
        """Return what is remembered, or else what its keeper has, if need be one that answers at once."""
        return await self._store.read(name, who=WHO, at_once=at_once)

    async def write(self, name: str, secret: Secret) -> KeptSecret:
        """Keep a secret; return who keeps it, without texts."""
        return (await self._in_time(self._store.write(name, secret, who=WHO))).without_texts()

    async def delete(self, name: str) -> None:
        """Forget a secret, if there is one."""
        await self._in_time(self._store.delete(name, who=WHO))

    async def set_state(self, name: str, version: str, state: VersionState) -> None:
        """Disable or destroy a version, but never the one that readers are given."""
        keeper, versions = await self._in_time(self._store.versions(name, who=WHO))
        enabled = [each.version for each in versions if each.state is VersionState.ENABLED]
        for each in versions:
            if each.version == version and each.state is not state and enabled[:1] != [version]:
                await self._store.set_state(name, each, state, source=keeper, who=WHO)

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await within(self._clock, _PERSON_S, work)
        except TimeoutError:
            raise KeeperSilent("the keyring does not answer: unlock it", keeper="keyring") from None
