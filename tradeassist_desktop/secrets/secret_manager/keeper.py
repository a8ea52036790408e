"""Keeps secrets in Google Cloud Secret Manager, one secret with versions each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from tradeassist_desktop.domain.secret import (
    KeeperConflict,
    KeeperCorrupt,
    KeeperRefused,
    KeeperSilent,
    KeptSecret,
    Secret,
    SecretVersion,
    VersionState,
)
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.secret_manager.failures import NAME, Unfit
from tradeassist_desktop.secrets.secret_manager.line import Errand, Line
from tradeassist_desktop.secrets.secret_manager.metadata import LABELS, SecretMetadata, metadata_of, stamp_ns
from tradeassist_desktop.secrets.secret_manager.payload import MOST_BYTES, is_whole, packed, unpacked
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace

READ_S: Final = 2.5
"""Within which a read ends."""
_ERRAND_S: Final = 5.0
_PAGE: Final = 100
_MOVES: Final[Mapping[VersionState, str]] = MappingProxyType(
    {
        VersionState.ENABLED: "enable_secret_version",
        VersionState.DISABLED: "disable_secret_version",
        VersionState.DESTROYED: "destroy_secret_version",
    }
)
_STATES: Final[Mapping[str, VersionState]] = MappingProxyType({state.name: state for state in VersionState})


class SecretManagerKeeper:
    """A ``SecretKeeper``. Where no project is set it has nothing, and Google's library stays out.

    Args:
        place: The settings in force; asked at each errand, so that a change holds at once.
        breaker: Of ``SECRET_MANAGER_BREAKER``.
    """

    name = NAME
    is_prompt = True
    is_remote = True

    def __init__(self, *, place: Callable[[], SecretManagerPlace], breaker: Breaker, clock: Clock) -> None:
        self._place = place
        self._line = Line(breaker=breaker, clock=clock)

    async def read(self, name: str, *, version: str = "") -> KeptSecret | None:
        """Return the newest enabled version, or the one named; ``None`` where there is none.

        Raises:
            KeeperCorrupt: what came is not what was kept, twice; or it is no secret of ours.
            KeeperRefused: it may not be read, or the version named is disabled or destroyed.
            KeeperSilent: there was no answer.
        """
        place = self._place()
        if not place.is_set:
            return None
        errand = self._line.errand(place, seconds=READ_S)
        try:
            answer = await self._access(errand, place.version(name, version or "latest"))
        except Unfit as unfit:
            if unfit.code == "NOT_FOUND":
                return None
            if version:
                raise KeeperRefused(
                    f"version {version} of {place.secret_id(name)} is disabled or destroyed", keeper=NAME
                ) from None
            # ``latest`` is the newest whatever its state.
            newest = await self._newest_enabled(errand, place.secret(name))
            if newest is None:
                return None
            answer = await self._access(errand, newest)
        number = _last_part(answer.name)
        secret = unpacked(answer.payload.data)
        if secret is None:
            raise KeeperCorrupt(
                f"version {number} of {place.secret_id(name)} is no JSON object of texts, such as "
                '{"token": "…"}: save it anew here, or correct it in the Google Cloud console',
                keeper=NAME,
            )
        return KeptSecret(name=name, secret=secret, source=NAME, version=SecretVersion(version=number))

    async def write(self, name: str, secret: Secret) -> SecretVersion | None:
        """Add a version, to a secret made for it where there is none; return it, read back.

        Raises:
            KeeperCorrupt: what can be read back is not what was written.
            KeeperRefused: it may not be written, or is too large.
            KeeperSilent: there was no answer; whether it was kept is not known.
        """
        place = self._place()
        if not place.is_set:
            return None
        payload = packed(secret)
        if len(payload["data"]) > MOST_BYTES:
            raise KeeperRefused(
                f"Secret Manager keeps {MOST_BYTES:,} bytes at the most, and {name} has "
                f"{len(payload['data']):,}",
                keeper=NAME,
            )
        errand = self._line.errand(place, seconds=_ERRAND_S)
        try:
            added = await self._add(errand, name, payload)
        except Unfit as unfit:
            if unfit.code != "NOT_FOUND":
                raise
            await self._create(errand, name)
            added = await self._add(errand, name, payload)
        number = _last_part(added.name)
        kept = await self._access(errand, place.version(name, number))
        if kept.payload.data != payload["data"]:
            raise KeeperCorrupt(
                f"version {number} of {place.secret_id(name)} is not what was written", keeper=NAME
            )
        return _version(added)

    async def delete(self, name: str) -> bool:
        """Forget a secret with all its versions; return whether there was one.

        Raises:
            KeeperConflict: another changed it meanwhile.
            KeeperError: it may not, or there was no answer.
        """
        place = self._place()
        if not place.is_set:
            return False
        errand = self._line.errand(place, seconds=_ERRAND_S)
        full = place.secret(name)
        try:
            secret = await self._line.ask(errand, "get_secret", {"name": full})
            await self._line.ask(errand, "delete_secret", {"name": full, "etag": secret.etag})
        except Unfit as unfit:
            if unfit.code == "NOT_FOUND":
                return False
            raise KeeperConflict(
                f"another changed {place.secret_id(name)} meanwhile: it was not deleted", keeper=NAME
            ) from unfit
        return True

    async def versions(self, name: str) -> tuple[SecretVersion, ...]:
        """Return the versions, newest first; empty where there are none."""
        place = self._place()
        if not place.is_set:
            return ()
        errand = self._line.errand(place, seconds=_ERRAND_S)
        request: dict[str, Any] = {"parent": place.secret(name), "page_size": _PAGE}
        found: list[SecretVersion] = []
        while True:
            try:
                page = await self._line.ask(errand, "list_secret_versions", request)
            except Unfit as unfit:
                if unfit.code == "NOT_FOUND":
                    return ()
                raise
            found += [_version(version) for version in page.versions]
            if not page.next_page_token:
                return tuple(found)
            request["page_token"] = page.next_page_token

    async def set_state(self, name: str, version: SecretVersion, state: VersionState) -> SecretVersion | None:
        """Enable, disable or destroy a version, unless it has changed since its etag was read.

        Raises:
            KeeperConflict: it has, or it is destroyed for good, or there is no such version.
            KeeperError: it may not, or there was no answer.
        """
        place = self._place()
        if not place.is_set:
            return None
        errand = self._line.errand(place, seconds=_ERRAND_S)
        request = {"name": place.version(name, version.version), "etag": version.etag}
        try:
            moved = await self._line.ask(errand, _MOVES[state], request)
        except Unfit as unfit:
            what = f"version {version.version} of {place.secret_id(name)}"
            if unfit.code == "NOT_FOUND":
                raise KeeperConflict(f"there is no {what}", keeper=NAME) from unfit
            raise KeeperConflict(
                f"{what} was changed meanwhile, or is destroyed: look at the versions anew", keeper=NAME
            ) from unfit
        return _version(moved)

    async def metadata(self, name: str) -> SecretMetadata | None:
        """Return what is known of a secret besides its versions; ``None`` where there is none.

        Raises:
            KeeperError: it may not be looked at, or there was no answer.
        """
        place = self._place()
        if not place.is_set:
            return None
        errand = self._line.errand(place, seconds=_ERRAND_S)
        try:
            return metadata_of(await self._line.ask(errand, "get_secret", {"name": place.secret(name)}))
        except Unfit as unfit:
            if unfit.code == "NOT_FOUND":
                return None
            raise

    async def relabel(self, name: str, labels: Mapping[str, str], *, etag: str) -> SecretMetadata:
        """Give a secret other labels, unless it has changed since its etag was read.

        Raises:
            KeeperConflict: it has, or is not there.
            KeeperError: it may not be changed, or there was no answer.
        """
        place = self._place()
        errand = self._line.errand(place, seconds=_ERRAND_S)
        secret = {"name": place.secret(name), "labels": dict(labels), "etag": etag}
        request = {"secret": secret, "update_mask": {"paths": ["labels"]}}
        try:
            return metadata_of(await self._line.ask(errand, "update_secret", request))
        except Unfit as unfit:
            raise KeeperConflict(
                f"{place.secret_id(name)} was changed meanwhile, or is gone: look at it anew", keeper=NAME
            ) from unfit

    async def absence(self) -> str:
        """Return whether no project is set, in words."""
        return "" if self._place().is_set else "is not set up"

    async def asks_first(self) -> bool:
        """Return ``False``: it knows no person."""
        return False

    async def close(self) -> None:
        """Hang up."""
        await self._line.close()

    # --- calls

    async def _access(self, errand: Errand, version: str) -> Any:
        for _ in range(2):
            answer = await self._line.ask(errand, "access_secret_version", {"name": version})
            if is_whole(answer.payload):
                return answer
        raise KeeperCorrupt(
            f"{version.rpartition('/secrets/')[2]} came damaged from Secret Manager twice: its checksum is "
            "missing or wrong",
            keeper=NAME,
        )

    async def _newest_enabled(self, errand: Errand, secret: str) -> str | None:
        request = {"parent": secret, "page_size": 1, "filter": "state:ENABLED"}
        page = await self._line.ask(errand, "list_secret_versions", request)
        return f"{secret}/versions/{_last_part(page.versions[0].name)}" if page.versions else None

    async def _add(self, errand: Errand, name: str, payload: Mapping[str, Any]) -> Any:
        request = {"parent": errand.place.secret(name), "payload": payload}
        try:
            return await self._line.ask(errand, "add_secret_version", request)
        except KeeperSilent as silence:
            if silence.retry_after_s is not None:  # it was not sent
                raise
            raise KeeperSilent(f"{silence}; whether {name} was kept is not known", keeper=NAME) from silence

    async def _create(self, errand: Errand, name: str) -> None:
        place = errand.place
        secret: dict[str, Any] = {"labels": dict(LABELS)}
        if not place.location:
            secret["replication"] = {"automatic": {}}
        request = {"parent": place.parent, "secret_id": place.secret_id(name), "secret": secret}
        try:
            await self._line.ask(errand, "create_secret", request)
        except Unfit as unfit:
            if unfit.code != "ALREADY_EXISTS":  # another made it meanwhile
                raise


def _version(version: Any) -> SecretVersion:
    return SecretVersion(
        version=_last_part(version.name),
        state=_STATES.get(version.state.name, VersionState.DISABLED),
        created_ns=stamp_ns(version.create_time),
        etag=version.etag,
    )


def _last_part(name: str) -> str:
    return name.rpartition("/")[2]
