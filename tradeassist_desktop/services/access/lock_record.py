"""What is kept of a lock: a check of each role's PIN, its one-time codes, and the wrong tries."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.domain.secret import Secret
from tradeassist_desktop.services.access.one_time_codes import OneTimeCodes
from tradeassist_desktop.services.access.pins import PinCheck
from tradeassist_desktop.services.access.tries import Tries

_FORMAT: Final = "1"
_DEAREST: Final = 20
"""No check of ours costs more; a greater one would only keep the program from answering."""


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """What opens the desk for one role: a PIN, and a one-time code where the role has them."""

    pin: PinCheck
    codes: OneTimeCodes | None = None


@dataclass(frozen=True, slots=True, repr=False)
class LockRecord:
    """The lock's entry in the keyring. Shows itself to nobody.

    Args:
        keys: Of the roles that have a PIN; the admin always has one.
    """

    keys: Mapping[Role, Key] = field(default_factory=lambda: MappingProxyType({}))
    tries: Tries = Tries()  # noqa: RUF009 - frozen

    def with_key(self, role: Role, key: Key | None) -> "LockRecord":
        """Return the record with another key for a role, or with none."""
        keys = {each: kept for each, kept in self.keys.items() if each is not role}
        if key is not None:
            keys[role] = key
        return replace(self, keys=keys)


def to_secret(record: LockRecord) -> Secret:
    """Return the texts to be kept."""
    texts = {"format": _FORMAT}
    for role, key in record.keys.items():
        document: dict[str, Any] = {
            "salt": b64encode(key.pin.salt).decode(),
            "check": b64encode(key.pin.check).decode(),
            "cost_log2": key.pin.cost_log2,
        }
        if key.codes is not None:
            document["codes"] = {
                "key": key.codes.key,
                "last_step": key.codes.last_step,
                "recovery": key.codes.recovery,
            }
        texts[role.value] = json.dumps(document)
    texts["tries"] = json.dumps({"wrong": record.tries.wrong, "until_ns": record.tries.until_ns})
    return Secret(texts)


def from_secret(secret: Mapping[str, str]) -> LockRecord:
    """Read what ``to_secret`` has written.

    Raises:
        ValueError: it is something else, or has no admin.
    """
    if secret.get("format") != _FORMAT:
        raise ValueError("it is of another format")
    try:
        keys = {role: _key(json.loads(secret[role.value])) for role in Role if role.value in secret}
        tries = json.loads(secret["tries"])
        record = LockRecord(
            keys=keys, tries=Tries(wrong=int(tries["wrong"]), until_ns=int(tries["until_ns"]))
        )
    except (KeyError, TypeError) as error:
        raise ValueError("something is missing in it") from error
    if Role.ADMIN not in record.keys:
        raise ValueError("it has no admin")
    return record


def _key(document: Any) -> Key:
    if not isinstance(document, dict):
        raise ValueError("a role in it is no object")
    codes = document.get("codes")
    cost_log2 = int(document["cost_log2"])
    if not 1 <= cost_log2 <= _DEAREST:
        raise ValueError("its cost is none of ours")
    return Key(
        pin=PinCheck(
            salt=b64decode(document["salt"]), check=b64decode(document["check"]), cost_log2=cost_log2
        ),
        codes=None
        if codes is None
        else OneTimeCodes(
            key=str(codes["key"]),
            last_step=int(codes["last_step"]),
            recovery=tuple(str(each) for each in codes["recovery"]),
        ),
    )
