"""The key of the secrets' copies on disk, in the system's keyring and nowhere else."""

import base64
import binascii
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

log = logging.getLogger(__name__)

KEY_BYTES: Final = 32
_ENTRY: Final = "cache.key"


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
    """Reads and writes the keys as one entry of the keyring. Each method may wait for a person."""

    def __init__(self, *, keyring: Keyring) -> None:
        self._keyring = keyring

    async def load(self) -> CacheKeys | None:
        """Return the keys; ``None`` where there are none, or none that can be read.

        Raises:
            KeeperSilent: the keyring failed, or stays locked.
        """
        text = await self._keyring.read_text(_ENTRY)
        if text is None:
            return None
        try:
            return _from_text(text)
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            log.warning("key of the secrets' copies cannot be read: they are fetched anew")
            return None

    async def save(self, keys: CacheKeys) -> bool:
        """Keep the keys, read back; ``False`` where there is no keyring that keeps them safely.

        Raises:
            KeeperSilent: the keyring failed, or stays locked.
        """
        document = {
            "current": keys.current,
            "keys": {id_: base64.b64encode(key).decode() for id_, key in keys.keys.items()},
            "floors": dict(keys.floors),
        }
        # For a copy alone nobody is asked to think of a keyring's first password.
        return await self._keyring.write_text(_ENTRY, json.dumps(document), may_make=False)


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
