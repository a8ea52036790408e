"""The policies in force, and what follows from each."""

from typing import Final, Protocol

from tradeassist_desktop.domain.rotation import Rotation, Rotator
from tradeassist_desktop.domain.rotation_policy import RotationPolicy, parse_policy
from tradeassist_desktop.domain.settings import SETTINGS
from tradeassist_desktop.services.rotation.due import SecretFacts, due_ns
from tradeassist_desktop.services.rotation.rotators import Rotators

_PREFIX: Final = "rotate."


def is_policy_key(key: str) -> bool:
    """Return whether a setting is a policy."""
    return key.startswith(_PREFIX)


def secret_of(key: str) -> str:
    """Return the secret that a policy's setting is about."""
    return key.removeprefix(_PREFIX)


ROTATED: Final = tuple(secret_of(spec.key) for spec in SETTINGS if is_policy_key(spec.key))
"""The secrets that have a policy, in the order of the settings."""


class PolicySettings(Protocol):
    """The settings in force."""

    def text(self, key: str) -> str:
        """Return a text setting."""
        ...


class Policies:
    """Read anew each time: a change holds at once."""

    def __init__(self, *, settings: PolicySettings, rotators: Rotators) -> None:
        self._settings = settings
        self._rotators = rotators

    def of(self, secret: str) -> RotationPolicy:
        """Return a secret's policy; one that has none is never due."""
        return parse_policy(self._settings.text(_PREFIX + secret)) if secret in ROTATED else RotationPolicy()

    def rotator(self, secret: str) -> Rotator | None:
        """Return what makes a new one; ``None`` where only a person can."""
        return self._rotators.find(secret, self.of(secret))

    def due_ns(self, rotation: Rotation, facts: SecretFacts) -> int | None:
        """Return when a secret is to be replaced; ``None`` for never."""
        return due_ns(self.of(rotation.secret), rotation, facts)
