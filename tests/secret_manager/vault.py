"""What Secret Manager keeps and by which rules: secrets, versions, states, etags, checksums, schedules.

Etags, states and the meaning of ``latest`` are as https://cloud.google.com/secret-manager/docs has them.
"""

import itertools
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import google_crc32c
import grpc
from google.cloud.secretmanager_v1.types import resources, service
from google.protobuf import timestamp_pb2
from proto.datetime_helpers import DatetimeWithNanoseconds

from tests.secret_manager.refusals import Refusal, invalid, not_found, unmet

MOST_BYTES = 65_536
PROJECT = "desk-project"
PROJECT_NUMBER = "482913337105"
ENABLED, DISABLED, DESTROYED = (
    resources.SecretVersion.State.ENABLED,
    resources.SecretVersion.State.DISABLED,
    resources.SecretVersion.State.DESTROYED,
)
_PARENT = re.compile(r"projects/([a-z0-9\-]+)(/locations/[a-z0-9\-]+)?")
_SECRET = re.compile(rf"({_PARENT.pattern})/secrets/([A-Za-z0-9_\-]{{1,255}})")
_VERSION = re.compile(rf"({_SECRET.pattern})/versions/([A-Za-z0-9_\-]{{1,63}})")


@dataclass
class _Kept:
    secret: resources.Secret
    versions: list[resources.SecretVersion] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)


class Vault:
    """Answers each request as Secret Manager would, or raises a ``Refusal``.

    Args:
        location: The region it serves; empty for the global service.
        most_per_page: As many as a page of a list has, whatever is asked for.
        now_ns: UTC nanoseconds.
    """

    def __init__(
        self,
        *,
        location: str = "",
        most_per_page: int = 25_000,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.location = location
        self.most_per_page = most_per_page
        self.now_ns = now_ns
        self.published: list[str] = []
        """Names of secrets a SECRET_ROTATE was published for: all that a rotation schedule ever does."""
        self._kept: dict[str, _Kept] = {}
        self._etags = itertools.count(0x16151A2F0E8B3F)

    def put(self, secret_id: str, text: str) -> str:
        """Keep a text as a person does in the console, with a secret made for it; return its version."""
        parent = f"projects/{PROJECT}" + (f"/locations/{self.location}" if self.location else "")
        secret = resources.Secret()
        if not self.location:
            secret.replication = resources.Replication(automatic=resources.Replication.Automatic())
        with suppress(Refusal):  # it is there
            self.create_secret(service.CreateSecretRequest(parent=parent, secret_id=secret_id, secret=secret))
        added = service.AddSecretVersionRequest(
            parent=f"{parent}/secrets/{secret_id}", payload=resources.SecretPayload(data=text.encode())
        )
        return str(self.add_secret_version(added).name).rpartition("/")[2]

    # --- secrets

    def create_secret(self, request: service.CreateSecretRequest) -> resources.Secret:
        parent = self._parent(request.parent)
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", request.secret_id):
            raise invalid(f"The provided Secret ID [{request.secret_id}] does not match the expected format")
        secret = resources.Secret(request.secret)
        if ("replication" in secret) == bool(self.location):
            raise invalid("Secret.replication must be provided." if not self.location else "No replication.")
        name = f"{parent}/secrets/{request.secret_id}"
        if name in self._kept:
            raise Refusal(grpc.StatusCode.ALREADY_EXISTS, f"Secret [{name}] already exists.")
        _check_rotation(secret)
        secret.name, secret.create_time, secret.etag = name, self._now(), self._etag()
        self._kept[name] = _Kept(secret)
        return secret

    def get_secret(self, request: service.GetSecretRequest) -> resources.Secret:
        return self._secret(request.name).secret

    def list_secrets(self, request: service.ListSecretsRequest) -> service.ListSecretsResponse:
        parent = self._parent(request.parent)
        label = re.fullmatch(r"labels\.([a-z0-9_\-]+)=([a-z0-9_\-]+)", request.filter or "labels.a=b")
        if label is None:
            raise invalid("Invalid filter.")
        found = [
            kept.secret
            for name, kept in self._kept.items()
            if name.startswith(f"{parent}/secrets/")
            and (not request.filter or kept.secret.labels.get(label[1]) == label[2])
        ]
        page, token = self._page(found, request.page_size, request.page_token)
        return service.ListSecretsResponse(secrets=page, next_page_token=token, total_size=len(found))

    def update_secret(self, request: service.UpdateSecretRequest) -> resources.Secret:
        secret = self._secret(request.secret.name).secret
        _check_etag(request.secret.etag, secret.etag)
        for path in request.update_mask.paths:
            if path not in ("labels", "annotations", "version_aliases", "rotation", "topics", "expire_time"):
                raise invalid(f"Field [{path}] cannot be updated.")
            setattr(secret, path, getattr(request.secret, path))
        _check_rotation(secret)
        secret.etag = self._etag()
        return secret

    def delete_secret(self, request: service.DeleteSecretRequest) -> None:
        kept = self._secret(request.name)
        _check_etag(request.etag, kept.secret.etag)
        del self._kept[kept.secret.name]

    # --- versions

    def add_secret_version(self, request: service.AddSecretVersionRequest) -> resources.SecretVersion:
        kept, payload = self._secret(request.parent), request.payload
        has_checksum = "data_crc32c" in payload
        if has_checksum and payload.data_crc32c != google_crc32c.value(payload.data):
            raise invalid("The provided data_crc32c does not match the checksum of the data received.")
        if not payload.data or len(payload.data) > MOST_BYTES:
            raise invalid(f"Secret Payload must have 1 to {MOST_BYTES} bytes.")
        version = resources.SecretVersion(
            name=f"{kept.secret.name}/versions/{len(kept.versions) + 1}",
            create_time=self._now(),
            state=ENABLED,
            etag=self._etag(),
            client_specified_payload_checksum=has_checksum,
        )
        kept.versions.append(version)
        kept.payloads.append(payload.data)
        return version

    def get_secret_version(self, request: service.GetSecretVersionRequest) -> resources.SecretVersion:
        return self._version(request.name)[0]

    def access_secret_version(
        self, request: service.AccessSecretVersionRequest
    ) -> service.AccessSecretVersionResponse:
        version, payload = self._version(request.name)
        if version.state is not ENABLED:
            raise unmet(f"Secret Version [{version.name}] is in {version.state.name} state.")
        return service.AccessSecretVersionResponse(
            name=version.name,
            payload=resources.SecretPayload(data=payload, data_crc32c=google_crc32c.value(payload)),
        )

    def list_secret_versions(
        self, request: service.ListSecretVersionsRequest
    ) -> service.ListSecretVersionsResponse:
        state = re.fullmatch(r"state[:=](\w+)", request.filter or "state:any")
        if state is None:
            raise invalid("Invalid filter.")
        newest_first = [
            version
            for version in reversed(self._secret(request.parent).versions)
            if not request.filter or version.state.name == state[1]
        ]
        page, token = self._page(newest_first, request.page_size, request.page_token)
        return service.ListSecretVersionsResponse(
            versions=page, next_page_token=token, total_size=len(newest_first)
        )

    def enable_secret_version(self, request: service.EnableSecretVersionRequest) -> resources.SecretVersion:
        return self._move(request.name, request.etag, ENABLED)

    def disable_secret_version(self, request: service.DisableSecretVersionRequest) -> resources.SecretVersion:
        return self._move(request.name, request.etag, DISABLED)

    def destroy_secret_version(self, request: service.DestroySecretVersionRequest) -> resources.SecretVersion:
        version = self._move(request.name, request.etag, DESTROYED)
        version.destroy_time = self._now()
        kept = self._secret(version.name.rpartition("/versions/")[0])
        kept.payloads[kept.versions.index(version)] = b""
        return version

    def publish_what_is_due(self) -> None:
        """Do what a rotation schedule does: tell the topic, and count on. No version comes of it."""
        now = self._now()
        for kept in self._kept.values():
            rotation = kept.secret.rotation
            if "next_rotation_time" in rotation and rotation.next_rotation_time <= now:
                self.published.append(kept.secret.name)
                if "rotation_period" in rotation:
                    rotation.next_rotation_time = now + rotation.rotation_period

    # --- finding

    def _parent(self, name: str) -> str:
        match = _PARENT.fullmatch(name)
        if match is None or (match[2] or "") != (f"/locations/{self.location}" if self.location else ""):
            raise invalid(f"The resource [{name}] is not in the location of this endpoint.")
        if match[1] not in (PROJECT, PROJECT_NUMBER):
            raise Refusal(
                grpc.StatusCode.PERMISSION_DENIED, f"Permission denied on resource project {match[1]}."
            )
        # Answers name a project by its number, whatever the request said.
        return f"projects/{PROJECT_NUMBER}{match[2] or ''}"

    def _secret(self, name: str) -> _Kept:
        match = _SECRET.fullmatch(name)
        if match is None:
            raise invalid(f"The provided name [{name}] does not match the expected format")
        full = f"{self._parent(match[1])}/secrets/{match[4]}"
        if full not in self._kept:
            raise not_found(full)
        return self._kept[full]

    def _version(self, name: str) -> tuple[resources.SecretVersion, bytes]:
        match = _VERSION.fullmatch(name)
        if match is None:
            raise invalid(f"The provided name [{name}] does not match the expected format")
        secret_name, wanted = match[1], match[6]
        kept = self._secret(secret_name)
        if wanted == "latest":  # the newest, whatever its state
            number = len(kept.versions)
        elif wanted.isdigit():
            number = int(wanted)
        else:
            number = kept.secret.version_aliases.get(wanted, 0)
        if not kept.versions:
            raise not_found(kept.secret.name, versions=True)
        if not 1 <= number <= len(kept.versions):
            raise not_found(f"{kept.secret.name}/versions/{wanted}")
        return kept.versions[number - 1], kept.payloads[number - 1]

    def _move(self, name: str, etag: str, state: resources.SecretVersion.State) -> resources.SecretVersion:
        version, _ = self._version(name)
        _check_etag(etag, version.etag)
        if version.state is DESTROYED:
            raise unmet(f"Secret Version [{version.name}] is in DESTROYED state.")
        version.state, version.etag = state, self._etag()
        return version

    def _page(self, found: list, size: int, token: str) -> tuple[list, str]:
        start = int(token or 0)
        end = start + min(size or self.most_per_page, self.most_per_page)
        return found[start:end], str(end) if end < len(found) else ""

    def _etag(self) -> str:
        return f'"{next(self._etags):x}"'

    def _now(self) -> DatetimeWithNanoseconds:
        seconds, nanos = divmod(self.now_ns(), 1_000_000_000)
        stamp = timestamp_pb2.Timestamp(seconds=seconds, nanos=nanos)
        return DatetimeWithNanoseconds.from_timestamp_pb(stamp)


def _check_etag(given: str, current: str) -> None:
    if given and given != current:
        raise unmet("The provided etag does not match the current etag of the resource.")


def _check_rotation(secret: resources.Secret) -> None:
    if "rotation" in secret and not secret.topics:
        raise invalid("Topics must be set to configure rotation.")
