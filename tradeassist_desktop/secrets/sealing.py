"""A secret as it lies on disk: sealed by AES-256-GCM, so that it is whole and its own or nothing."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tradeassist_desktop.domain.secret import KeptSecret, Secret, SecretVersion

_MAGIC: Final = b"TradeAssist secret 1\n"
_NONCE_BYTES: Final = 12
_LENGTH_BYTES: Final = 4
_WRITTEN: Final = (
    "name", "version", "source", "scope", "key_id", "number", "asked_ns", "created_ns", "is_ahead",
)  # fmt: skip


class Damaged(Exception):
    """It is not what was sealed under this name, or not with this key. The message holds nothing of it."""


class KeyGone(Damaged):
    """It was sealed with another key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSecret:
    """A copy of a secret, and what is known of the copy.

    Args:
        asked_ns: When its keeper gave it, UTC nanoseconds.
        scope: What the keeper stood on: a project and more of it. Elsewhere the copy means nothing.
        number: Counts the different secrets of this name that were sealed on this computer.
        is_ahead: Whether it is newer than what the first keepers have, which were silent as it was written.
    """

    kept: KeptSecret
    asked_ns: int
    scope: str
    number: int
    is_ahead: bool = False


def seal(sealed: SealedSecret, *, key_id: str, key: bytes) -> bytes:
    """Return the bytes to be kept.

    All that is not secret stands before in plain text and is bound to it: with another name, version or
    time, or in another's place, it cannot be opened. The nonce is random; a key seals far fewer than the
    2**32 texts that this is good for.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    kept = sealed.kept
    header: dict[str, Any] = {
        "name": kept.name,
        "version": kept.version.version,
        "source": kept.source,
        "scope": sealed.scope,
        "key_id": key_id,
        "number": sealed.number,
        "asked_ns": sealed.asked_ns,
        "created_ns": kept.version.created_ns,
        "is_ahead": sealed.is_ahead,
    }
    plain = json.dumps(header, ensure_ascii=True).encode()
    nonce = os.urandom(_NONCE_BYTES)
    texts = json.dumps(dict(kept.secret)).encode()
    return b"".join(
        (
            _MAGIC,
            len(plain).to_bytes(_LENGTH_BYTES, "big"),
            plain,
            nonce,
            AESGCM(key).encrypt(nonce, texts, _bound(header)),
        )
    )


def labels_of(content: bytes) -> tuple[str, str]:
    """Return whose it is and with which key it was sealed, as it says itself.

    Raises:
        Damaged: it does not say.
    """
    header = _parted(content)[0]
    return str(header["name"]), str(header["key_id"])


def unseal(content: bytes, name: str, keys: Mapping[str, bytes]) -> SealedSecret:
    """Return what was sealed under that name.

    Raises:
        Damaged: it is anything else.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header, nonce, sealed = _parted(content)
    if header["name"] != name:
        raise Damaged("it is another secret's")
    key = keys.get(str(header["key_id"]))
    if key is None:
        raise KeyGone("its key is gone")
    try:
        texts = json.loads(AESGCM(key).decrypt(nonce, sealed, _bound(header)))
    except InvalidTag:
        raise Damaged("it was changed") from None
    return SealedSecret(
        kept=KeptSecret(
            name=name,
            secret=Secret(texts),
            source=header["source"],
            version=SecretVersion(version=header["version"], created_ns=header["created_ns"]),
        ),
        asked_ns=header["asked_ns"],
        scope=header["scope"],
        number=header["number"],
        is_ahead=header["is_ahead"],
    )


def _parted(content: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    start = len(_MAGIC) + _LENGTH_BYTES
    if not content.startswith(_MAGIC) or len(content) < start:
        raise Damaged("it is cut off or none of ours")
    end = start + int.from_bytes(content[len(_MAGIC) : start], "big")
    try:
        header = json.loads(content[start:end])
    except (ValueError, RecursionError):
        raise Damaged("its beginning was changed") from None
    if not isinstance(header, dict) or set(header) != set(_WRITTEN):
        raise Damaged("its beginning was changed")
    nonce, sealed = content[end : end + _NONCE_BYTES], content[end + _NONCE_BYTES :]
    if len(nonce) < _NONCE_BYTES or not sealed:
        raise Damaged("it is cut off")
    return header, nonce, sealed


def _bound(header: Mapping[str, Any]) -> bytes:
    """Return the associated data: each value with its length before it, so that none runs into the next."""
    values = [_MAGIC, *(json.dumps(header[key]).encode() for key in _WRITTEN)]
    return b"".join(len(value).to_bytes(_LENGTH_BYTES, "big") + value for value in values)
