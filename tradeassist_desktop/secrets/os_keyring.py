"""Secrets in the operating system's keyring."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tradeassist_desktop.domain.secret import (
    KeeperSilent,
    KeptSecret,
    Secret,
    SecretVersion,
    VersionState,
)
from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.runtime.clock import Clock

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = logging.getLogger(__name__)

T = TypeVar("T")

# Anything else (plaintext files, the null and fail back ends) is no safe place.
_TRUSTED: Final = ("SecretService", "libsecret", "kwallet", "Windows", "macOS")
_OPEN_WITH_THE_SESSION: Final = ("Windows", "macOS")
_KEPT: Final = "kept_ns"
"""Beside a secret's texts: when they were kept. Few keyrings tell, and it says which of two is later."""
_DISMISSED_S: Final = 120.0
"""For how long nobody is asked for a password who has just been asked for it."""
_NS_PER_S: Final = 1_000_000_000


class KeyringKeeper:
    """Keeps each secret as one JSON entry under ``service``; without a trusted back end it has nothing.

    One at a time, beside the loop: a locked keyring asks a person, and once is enough.
    """

    name = "keyring"
    is_prompt = False
    is_remote = False

    def __init__(self, *, service: str, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def read(self, name: str, *, version: str = "") -> KeptSecret | None:
        """Return the secret, or ``None`` if it is not there, is none of ours, or there is no keyring.

        Raises:
            KeeperSilent: the keyring failed, or stays locked.
        """
        fields = _fields(await self.read_text(name))
        if not fields:
            return None
        kept = fields.pop(_KEPT, "")
        if not fields:
            return None
        is_ours = kept.isascii() and kept.isdigit()
        since = SecretVersion(version="", created_ns=int(kept) if is_ours else await self._changed_ns(name))
        return KeptSecret(name=name, secret=Secret(fields), source=self.name, version=since)

    async def write(self, name: str, secret: Mapping[str, str]) -> SecretVersion | None:
        """Keep the secret; ``None`` where there is no keyring.

        Raises:
            KeeperSilent: the keyring failed, stays locked, or gives something else back.
        """
        now_ns = self._clock.now_ns()
        is_kept = await self.write_text(name, json.dumps({**secret, _KEPT: str(now_ns)}))
        return SecretVersion(version="", created_ns=now_ns) if is_kept else None

    async def delete(self, name: str) -> bool:
        """Forget the secret; return whether there was one.

        Raises:
            KeeperSilent: the keyring failed, or stays locked.
        """

        def work(keyring: "KeyringBackend") -> bool:
            if _is_unmade(keyring) or keyring.get_password(self._service, name) is None:
                return False
            keyring.delete_password(self._service, name)
            return True

        return await self._with_keyring(work, absent=False)

    async def versions(self, name: str) -> tuple[SecretVersion, ...]:
        """Return the one version there is, if there is one; otherwise as ``read``."""
        kept = await self.read(name)
        return () if kept is None else (kept.version,)

    async def set_state(self, name: str, version: SecretVersion, state: VersionState) -> SecretVersion | None:
        """Return ``None``: there are no versions."""
        return None

    async def absence(self) -> str:
        """Return whether this computer has no keyring that can be trusted, in words."""
        return await self._with_keyring(lambda keyring: "", absent="there is no keyring here")

    async def asks_first(self) -> bool:
        """Return whether it is locked, or has yet to be made; also where nobody can tell."""
        return await self._with_keyring(_asks_first, absent=False)

    async def close(self) -> None:
        """Nothing is held."""

    async def read_text(self, name: str) -> str | None:
        """Return an entry as it is; otherwise as ``read``."""

        def work(keyring: "KeyringBackend") -> str | None:
            return None if _is_unmade(keyring) else keyring.get_password(self._service, name)

        return await self._with_keyring(work, absent=None)

    async def write_text(self, name: str, text: str, *, may_make: bool = True) -> bool:
        """Keep an entry as it is, and read it back; ``False`` where there is no keyring.

        Args:
            may_make: Whether a person may be asked for the first password of a keyring yet to be made.

        Raises:
            KeeperSilent: as ``write``.
        """

        def work(keyring: "KeyringBackend") -> bool:
            if not may_make and _is_unmade(keyring):
                return False
            keyring.set_password(self._service, name, text)
            if keyring.get_password(self._service, name) != text:
                raise KeeperSilent("the keyring did not keep what it was given", keeper=self.name)
            return True

        return await self._with_keyring(work, absent=False)

    async def _changed_ns(self, name: str) -> int | None:
        def work(keyring: Any) -> int | None:
            return _changed_ns(keyring, self._service, name)

        return await self._with_keyring(work, absent=None)

    async def _with_keyring(self, work: "Callable[[KeyringBackend], T]", *, absent: T) -> T:
        def guarded() -> T:
            keyring = _trusted()
            if keyring is None:
                return absent
            try:
                return work(keyring)
            except KeeperSilent:
                raise
            except Exception as error:  # back ends raise what their buses and vaults give them
                raise _failure(error) from None

        async with self._one_at_a_time:
            return await aside(guarded, name=self.name)


def _failure(error: Exception) -> KeeperSilent:
    kind = type(error).__name__
    log.warning("keyring failed", extra={"reason": kind})
    if kind == "KeyringLocked":
        return KeeperSilent(
            "the keyring is locked: unlock it", keeper=KeyringKeeper.name, retry_after_s=_DISMISSED_S
        )
    return KeeperSilent(f"the keyring failed: {kind}", keeper=KeyringKeeper.name)


def _trusted() -> "KeyringBackend | None":
    import keyring

    try:
        backend = keyring.get_keyring()
    except Exception as error:  # whatever the back end that this machine's settings name raises
        log.warning("keyring cannot be used", extra={"reason": f"{type(error).__name__}: {error}"})
        return None
    candidates: list[KeyringBackend] = getattr(backend, "backends", [backend])  # the chainer asks several
    for candidate in candidates:
        if any(word in type(candidate).__module__ for word in _TRUSTED):
            return candidate
    return None


def _is_unmade(keyring: "KeyringBackend") -> bool:
    """Whether this desktop's keyring has yet to be made: to read from it would ask for a new password.

    keyring (25) makes the default collection also to read; remove this once it no longer does.
    """
    if "SecretService" not in type(keyring).__module__ or hasattr(keyring, "preferred_collection"):
        return False
    import secretstorage

    with contextlib.closing(secretstorage.dbus_init()) as bus:
        try:
            secretstorage.Collection(bus)
        except secretstorage.exceptions.ItemNotFoundException:
            return True
    return False


def _asks_first(keyring: "KeyringBackend") -> bool:
    kind = type(keyring).__module__
    if "SecretService" not in kind:
        return not any(word in kind for word in _OPEN_WITH_THE_SESSION)
    import secretstorage

    path = getattr(keyring, "preferred_collection", secretstorage.collection.DEFAULT_COLLECTION)
    try:
        with contextlib.closing(secretstorage.dbus_init()) as bus:
            return bool(secretstorage.Collection(bus, path).is_locked())
    except Exception:  # not made yet, or out of reach: whoever insists is told why
        return True


def _changed_ns(keyring: Any, service: str, name: str) -> int | None:
    """Return when an entry was changed last, as the desktop's keyring knows to the second; else ``None``."""
    if "SecretService" not in type(keyring).__module__:
        return None
    collection = keyring.get_preferred_collection()
    with contextlib.closing(collection.connection):
        found = collection.search_items({"service": service, "username": name})
        changed_s = max((item.get_modified() for item in found), default=None)
    # The end of that second: what another program wrote in it counts as later, and is not written over.
    return None if changed_s is None else (changed_s + 1) * _NS_PER_S - 1


def _fields(text: str | None) -> dict[str, str] | None:
    if not text:
        return None
    try:
        document = json.loads(text)
    except ValueError:
        return None
    if not isinstance(document, dict) or not document:
        return None
    return {str(key): str(value) for key, value in document.items()}
