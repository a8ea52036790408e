"""What Secret Manager knows of a secret besides its versions, typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

LABELS: Final[Mapping[str, str]] = MappingProxyType({"app": "tradeassist"})
"""Of every secret that this program makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretMetadata:
    """A secret without its versions.

    Args:
        created_ns: UTC nanoseconds; likewise the others. ``None`` where there is none.
        etag: For changes that must not overwrite another's.
        next_rotation_ns: When Google tells a Pub/Sub topic that a rotation is due. That is all it does:
            no version comes of it.
        rotation_period_s: How often it does so, seconds.
        expires_ns: When Google deletes the secret.
    """

    labels: Mapping[str, str]
    etag: str
    created_ns: int | None = None
    next_rotation_ns: int | None = None
    rotation_period_s: float | None = None
    expires_ns: int | None = None


def metadata_of(secret: Any) -> SecretMetadata:
    """Return what a ``Secret`` of Google's says."""
    rotation = secret.rotation
    return SecretMetadata(
        labels=MappingProxyType(dict(secret.labels)),
        etag=secret.etag,
        created_ns=stamp_ns(secret.create_time),
        next_rotation_ns=stamp_ns(rotation.next_rotation_time),
        rotation_period_s=rotation.rotation_period.total_seconds() if rotation.rotation_period else None,
        expires_ns=stamp_ns(secret.expire_time),
    )


def stamp_ns(stamp: Any) -> int | None:
    """Return one of Google's time stamps as UTC nanoseconds; ``None`` where there is none."""
    return None if stamp is None else int(stamp.timestamp_pb().ToNanoseconds())
