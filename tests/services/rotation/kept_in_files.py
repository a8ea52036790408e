"""A keeper and an issuer whose state is in files: what they did stands, whoever is killed meanwhile."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.services.rotation.desk import OLD
from tradeassist_desktop.domain.rotation import RotationFailed
from tradeassist_desktop.domain.secret import SMTP, KeptSecret, Secret, SecretVersion, VersionState

FIRST = MappingProxyType({SMTP: OLD})


class _File:
    def __init__(self, path: Path, first: Any) -> None:
        self._path = path
        if not path.exists():
            self.write(first)

    def read(self) -> Any:
        return json.loads(self._path.read_text())

    def write(self, content: Any) -> None:
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(content))
        part.replace(self._path)


class FileKeeper:
    """Keeps versions, as Secret Manager does; readers are given the newest that is enabled."""

    name = "file"
    is_prompt = True
    is_remote = False

    def __init__(self, folder: Path, *, first: Mapping[str, Mapping[str, str]] = FIRST) -> None:
        kept = {name: [{"state": "enabled", "texts": dict(texts)}] for name, texts in first.items()}
        self._file = _File(folder / "kept.json", kept)

    def names(self) -> set[str]:
        return set(self._file.read())

    def states(self, name: str) -> list[str]:
        """Return the states of a secret's versions, oldest first."""
        return [version["state"] for version in self._file.read()[name]]

    async def read(self, name: str, *, version: str = "") -> KeptSecret | None:
        for number, each in reversed(list(enumerate(self._file.read().get(name, []), start=1))):
            if each["state"] == "enabled":
                return KeptSecret(
                    name=name,
                    secret=Secret(each["texts"]),
                    source=self.name,
                    version=SecretVersion(version=str(number)),
                )
        return None

    async def write(self, name: str, secret: Secret) -> SecretVersion | None:
        kept = self._file.read()
        kept.setdefault(name, []).append({"state": "enabled", "texts": dict(secret)})
        self._file.write(kept)
        return SecretVersion(version=str(len(kept[name])))

    async def delete(self, name: str) -> bool:
        kept = self._file.read()
        had_it = kept.pop(name, None) is not None
        self._file.write(kept)
        return had_it

    async def versions(self, name: str) -> tuple[SecretVersion, ...]:
        found = enumerate(self._file.read().get(name, []), start=1)
        return tuple(
            SecretVersion(version=str(number), state=VersionState(each["state"])) for number, each in found
        )[::-1]

    async def set_state(self, name: str, version: SecretVersion, state: VersionState) -> SecretVersion | None:
        kept = self._file.read()
        kept[name][int(version.version) - 1]["state"] = state.value
        self._file.write(kept)
        return SecretVersion(version=version.version, state=state)

    async def absence(self) -> str:
        return ""

    async def asks_first(self) -> bool:
        return False

    async def close(self) -> None:
        """Nothing is open."""


class FileIssuer:
    """Issues passwords as ``desk.Issuer`` does."""

    ends = False

    def __init__(self, folder: Path) -> None:
        self._file = _File(folder / "issued.json", {"count": 1, "valid": [OLD["password"]]})

    @property
    def valid(self) -> set[str]:
        return set(self._file.read()["valid"])

    def lacks(self, secret: Mapping[str, str]) -> str:
        return ""

    async def make(self, secret: Secret) -> Secret:
        issued = self._file.read()
        password = f"password-{issued['count'] + 1}"
        self._file.write({"count": issued["count"] + 1, "valid": [*issued["valid"], password]})
        return Secret({**secret, "password": password})

    async def verify(self, secret: Secret) -> None:
        if secret["password"] not in self.valid:
            raise RotationFailed("the server refused the password", retry=False)

    async def retire(self, secret: Secret) -> None:
        issued = self._file.read()
        left = [each for each in issued["valid"] if each != secret["password"]]
        self._file.write({**issued, "valid": left})
