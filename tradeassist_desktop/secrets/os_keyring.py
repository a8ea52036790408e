"""Secrets in the operating system's keyring."""

import contextlib
import json
import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = logging.getLogger(__name__)

# Anything else (plaintext files, the null and fail back ends) is no safe place.
_TRUSTED: Final = ("SecretService", "libsecret", "kwallet", "Windows", "macOS")


class KeyringKeeper:
    """Keeps each secret as one JSON entry under ``service``; without a trusted back end it has nothing."""

    name = "keyring"
    is_prompt = False

    def __init__(self, *, service: str) -> None:
        self._service = service

    def read(self, secret: str) -> dict[str, str] | None:
        """Return the secret, or ``None`` if it is not there, unreadable, or there is no keyring."""
        keyring = self._trusted()
        if keyring is None:
            return None
        try:
            if _is_unmade(keyring):
                return None
            text = keyring.get_password(self._service, secret)
        except Exception as error:  # back ends raise what their buses and vaults give them
            log.warning("keyring refused to read", extra={"secret": secret, "reason": type(error).__name__})
            return None
        return _fields(text)

    def write(self, secret: str, fields: dict[str, str]) -> bool:
        """Keep the secret; return whether the keyring has it now, read back."""
        keyring = self._trusted()
        if keyring is None:
            return False
        try:
            keyring.set_password(self._service, secret, json.dumps(fields))
            return _fields(keyring.get_password(self._service, secret)) == fields
        except Exception as error:  # back ends raise what their buses and vaults give them
            log.warning("keyring refused to write", extra={"secret": secret, "reason": type(error).__name__})
            return False

    def _trusted(self) -> "KeyringBackend | None":
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


def _fields(text: str | None) -> dict[str, str] | None:
    if not text:
        return None
    try:
        document = json.loads(text)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    return {str(key): str(value) for key, value in document.items()}
