"""What is kept of a lock: a check of each role's PIN, its one-time codes, and the wrong tries."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.domain.secret import Secret
from tradeassist_desktop.services.access.one_time_codes import OneTimeCodes
from tradeassist_desktop.services.access.pins import PinCheck
from tradeassist_desktop.services.access.tries import Tries

_FORMAT: Final = "1"
_TRIES: Final = "tries"
_LATEST: Final = "latest"
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
        latest: Who has opened the desk last; ``None`` where that is not known.
    """

    keys: Mapping[Role, Key] = field(default_factory=lambda: MappingProxyType({}))
    tries: Tries = Tries()  # noqa: RUF009 - frozen
    latest: Role | None = None

    def with_key(self, role: Role, key: Key | None) -> "LockRecord":
        """Return the record with another key for a role, or with none."""
        keys = {each: kept for each, kept in self.keys.items() if each is not role}
        if key is not None:
            keys[role] = key
        return replace(self, keys=keys)

    def spent_as(self, later: "LockRecord") -> "LockRecord":
        """Return the record with a later one's tries, and without the codes that it has taken."""
        spent = replace(self, tries=later.tries)
        for role, key in self.keys.items():
            after = later.keys.get(role)
            if key.codes is not None and after is not None and after.codes is not None:
                spent = spent.with_key(role, replace(key, codes=key.codes.spent_as(after.codes)))
        return spent


def to_secret(record: LockRecord) -> Secret:
    """Return the texts to be kept.

    They are short: Windows keeps 1,280 characters of an entry, and no more.
    """
    texts = {"format": _FORMAT}
    for role, key in record.keys.items():
        pin, codes = key.pin, key.codes
        texts[role.value] = f"{pin.cost_log2} {b64encode(pin.salt).decode()} {b64encode(pin.check).decode()}"
        if codes is not None:
            texts[_codes_of(role)] = " ".join((codes.key, str(codes.last_step), *codes.recovery))
    texts[_TRIES] = f"{record.tries.wrong} {record.tries.until_ns}"
    if record.latest is not None:
        texts[_LATEST] = record.latest.value
    return Secret(texts)


def from_secret(secret: Mapping[str, str]) -> LockRecord:
    """Read what ``to_secret`` has written.

    Raises:
        ValueError: it is something else, or has no admin.
    """
    if secret.get("format") != _FORMAT:
        raise ValueError("it is of another format")
    if Role.ADMIN.value not in secret or _TRIES not in secret:
        raise ValueError("something is missing in it")
    keys = {
        role: Key(_pin(secret[role.value]), _codes(secret.get(_codes_of(role))))
        for role in Role
        if role.value in secret
    }
    wrong, until_ns = secret[_TRIES].split()
    # Only a convenience: entries of older versions have none, and no entry is bad for one of another.
    latest = next((role for role in Role if role == secret.get(_LATEST)), None)
    return LockRecord(keys=keys, tries=Tries(wrong=int(wrong), until_ns=int(until_ns)), latest=latest)


def _pin(text: str) -> PinCheck:
    cost, salt, check = text.split()
    if not 1 <= int(cost) <= _DEAREST:
        raise ValueError("its cost is none of ours")
    return PinCheck(
        salt=b64decode(salt, validate=True), check=b64decode(check, validate=True), cost_log2=int(cost)
    )


def _codes(text: str | None) -> OneTimeCodes | None:
    if text is None:
        return None
    key, last_step, *recovery = text.split()
    return OneTimeCodes(key=key, last_step=int(last_step), recovery=tuple(recovery))


def _codes_of(role: Role) -> str:
    return f"{role.value}.codes"
