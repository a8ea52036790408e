"""Renews the key of the secrets' copies on this computer: one act, which is whole or not done."""

from dataclasses import replace
from typing import Protocol

from tradeassist_desktop.domain.rotation import Rotation, RotationStep
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.rotation.journal import Journal


class KeyHolder(Protocol):
    """What has a key of its own, and can renew it."""

    @property
    def has_key(self) -> bool:
        """Whether there is a key: there is none before the first copy, or without a keyring."""
        ...

    async def rotate_key(self) -> None:
        """Make a new key, encrypt all anew with it, and forget the old one.

        Broken off anywhere, everything can be read with the old key or with the new one, or counts as
        absent and is fetched anew.

        Raises:
            KeeperError: it cannot be kept; the old key goes on.
        """
        ...


class KeyRotation:
    """Takes the rotation of a key through its one step."""

    def __init__(self, *, holder: KeyHolder, journal: Journal, clock: Clock) -> None:
        self._holder = holder
        self._journal = journal
        self._clock = clock

    async def begin(self, rotation: Rotation) -> Rotation:
        """Write down that it begins."""
        return await self._journal.enter(
            replace(rotation, step=RotationStep.SWITCH, started_ns=self._clock.now_ns())
        )

    async def advance(self, rotation: Rotation) -> Rotation:
        """Renew the key, if that is what is written down; return where it has come to.

        Raises:
            KeeperError, StorageFailed: it could not be done.
        """
        if rotation.step is not RotationStep.SWITCH:
            return rotation
        await self._holder.rotate_key()
        return await self._journal.enter(
            replace(
                rotation,
                step=RotationStep.IDLE,
                finished_ns=self._clock.now_ns(),
                failures=0,
                detail="",
            )
        )
