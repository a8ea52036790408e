"""The key of the secrets' copies on disk, in the system's keyring and nowhere else."""

import asyncio
import base64
import binascii
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from tradeassist_desktop.domain.secret import KeeperSilent
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

log = logging.getLogger(__name__)

KEY_BYTES: Final = 32
_ENTRY: Final = "cache.key"
_PATIENCE_S: Final = 0.5
_AGAIN_S: Final = 60.0
_NS_PER_S: Final = 1_000_000_000
NO_KEYRING: Final = (
    "there is no keyring to keep their key in: secrets of Secret Manager are kept in memory only, "
    "and asked for anew at the next start"
)


class Keyring(Protocol):
    """Where one text can be kept, as a ``KeyringKeeper`` does."""

    async def read_text(self, name: str) -> str | None:
        """Return an entry, or ``None`` where there is none or no keyring."""
        ...

    async def write_text(self, name: str, text: str, *, may_make: bool = True) -> bool:
        """Keep an entry, and read it back; ``False`` where there is no keyring."""
        ...


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class CacheKeys:
    """The key, and while it is being renewed the one before it.

    Args:
        current: The id of the key that seals.
        keys: By id; all of them open.
        floors: By secret's name, the lowest number whose copy may be opened: an older file that was put
            back in place of a newer one is below.
    """

    current: str
    keys: Mapping[str, bytes]
    floors: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_renewing(self) -> bool:
        """Whether there is more than one."""
        return len(self.keys) > 1

    def with_new(self) -> "CacheKeys":
        """Return these and a new key, which seals from now on."""
        id_ = secrets.token_hex(4)
        return replace(self, current=id_, keys={**self.keys, id_: secrets.token_bytes(KEY_BYTES)})

    def only_current(self) -> "CacheKeys":
        """Return them without what no longer seals."""
        return replace(self, keys={self.current: self.keys[self.current]})

    def with_floor(self, name: str, number: int) -> "CacheKeys":
        """Return them with another floor for a secret."""
        return replace(self, floors={**self.floors, name: number})


class KeptCacheKeys:
    """The keys as one entry of the keyring, and as they were known last."""

    def __init__(self, *, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock
        self._loading: asyncio.Task[None] | None = None
        self._load_from_ns: int | None = 0
        self._is_slow = False
        self.known: CacheKeys | None = None
        """As read or written last; ``None`` where there are none, as far as is known."""
        self.trouble = ""
        """Why they could not be read, in words."""

    async def soon(self) -> CacheKeys | None:
        """Return the keys; ``None`` too while the keyring waits for a person, which this does not."""
        if self._load_from_ns is None or self._clock.monotonic_ns() < self._load_from_ns:
            return self.known
        if self._loading is None:
            self._loading = asyncio.create_task(self._load_soon(), name="key of the secrets' copies")
            self._loading.add_done_callback(self._loaded)
        if self._is_slow:
            return self.known
        try:
            await within(self._clock, _PATIENCE_S, _ended(self._loading))
        except TimeoutError:
            self._is_slow = True  # the others need not wait for that
        return self.known

    def doubt(self) -> None:
        """Read them anew the next time: another process may have renewed them."""
        self._load_from_ns = 0

    async def load(self) -> CacheKeys | None:
        """Return the keys; ``None`` where there are none, or none that can be read. May wait for a person.

        Raises:
            KeeperSilent: the keyring failed, or stays locked.
        """
        text = await self._keyring.read_text(_ENTRY)
        self.known, self._load_from_ns = None, None
        if text is not None:
            try:
                self.known = _from_text(text)
            except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
                log.warning("key of the secrets' copies cannot be read: they are fetched anew")
        return self.known

    async def save(self, keys: CacheKeys) -> None:
        """Keep the keys, read back. May wait for a person.

        Raises:
            KeeperSilent: there is no keyring that keeps them safely, it failed, or stays locked.
        """
        document = {
            "current": keys.current,
            "keys": {id_: base64.b64encode(key).decode() for id_, key in keys.keys.items()},
            "floors": dict(keys.floors),
        }
        # For a copy alone nobody is asked to think of a keyring's first password.
        if not await self._keyring.write_text(_ENTRY, json.dumps(document), may_make=False):
            raise KeeperSilent(NO_KEYRING, keeper="keyring")
        self.known, self._load_from_ns = keys, None

    async def close(self) -> None:
        """Wait for no keyring any more."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)

    async def _load_soon(self) -> None:
        try:
            await self.load()
            self.trouble = ""
        except KeeperSilent as silence:
            self.trouble = str(silence)
            self._load_from_ns = self._clock.monotonic_ns() + round(_AGAIN_S * _NS_PER_S)

    def _loaded(self, loading: asyncio.Task[None]) -> None:
        self._loading, self._is_slow = None, False


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait([task])


def new_keys() -> CacheKeys:
    """Return one new key."""
    return CacheKeys(current="", keys={}).with_new()


def _from_text(text: str) -> CacheKeys:
    document: dict[str, Any] = json.loads(text)
    keys = {str(id_): base64.b64decode(key, validate=True) for id_, key in document["keys"].items()}
    if document["current"] not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise ValueError("no usable key")
    floors = {str(name): int(number) for name, number in document["floors"].items()}
    return CacheKeys(current=document["current"], keys=keys, floors=floors)
