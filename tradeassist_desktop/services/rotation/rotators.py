"""Who can make a new one of each secret."""

from collections.abc import Mapping
from typing import Protocol

from tradeassist_desktop.domain.rotation import Rotator, WhoRotates
from tradeassist_desktop.domain.rotation_policy import RotationPolicy
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.rotation.installed import InstalledRotator


class OwnRotator(Rotator, Protocol):
    """One of the program's own."""

    @property
    def ends(self) -> bool:
        """Whether secrets of its kind run out."""
        ...

    def lacks(self, secret: Mapping[str, str]) -> str:
        """Return in words why it cannot replace this secret; empty where it can."""
        ...


class Rotators:
    """The program's own by the secrets they are for, and those that settings name.

    Args:
        own: By the names of secrets.
    """

    def __init__(self, *, own: Mapping[str, OwnRotator], clock: Clock) -> None:
        self._own = dict(own)
        self._clock = clock
        self._installed: dict[str, InstalledRotator] = {}

    def find(self, secret: str, policy: RotationPolicy) -> Rotator | None:
        """Return what makes a new one under this policy; ``None`` where only a person can."""
        if not policy.rotator:
            return self._own.get(secret)
        if policy.rotator not in self._installed:
            self._installed[policy.rotator] = InstalledRotator(name=policy.rotator, clock=self._clock)
        return self._installed[policy.rotator]

    def who(self, secret: str, policy: RotationPolicy, texts: Mapping[str, str]) -> tuple[WhoRotates, str]:
        """Return who can replace a secret, and why the program's own rotator cannot, where there is one."""
        if policy.rotator:
            return WhoRotates.PROGRAM, ""
        own = self._own.get(secret)
        lacking = "" if own is None else own.lacks(texts)
        return (WhoRotates.PERSON if own is None or lacking else WhoRotates.PROGRAM), lacking

    def ends(self, secret: str, policy: RotationPolicy) -> bool:
        """Return whether the program's own rotator makes secrets that run out."""
        own = self._own.get(secret)
        return own is not None and own.ends and not policy.rotator
