"""The ends of secrets: of an old one after a grace, of a new one that is not going to be used."""

import logging
from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.rotation import Rotation, RotationFailed, RotationStep, Rotator
from tradeassist_desktop.domain.secret import KeeperRefused, KeptSecret, VersionState
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.rotation.keeping import Copies, RotatedSecrets

log = logging.getLogger(__name__)

DISABLED_NS: Final = 7 * 86_400_000_000_000
"""How long an old version is only disabled: it can be enabled again by hand."""


class Retiring:
    """The steps after a switch, and the one back."""

    def __init__(self, *, secrets: RotatedSecrets, copies: Copies, clock: Clock) -> None:
        self._secrets = secrets
        self._copies = copies
        self._clock = clock

    async def retire(self, rotation: Rotation, rotator: Rotator | None) -> Rotation:
        """End the old secret where it was issued, and disable its version where it is kept."""
        old = await self._copies.old(rotation)
        if old is not None and rotator is not None and not await self._is_used(rotation, old):
            await rotator.retire(old.secret)
        detail = await self._set_state(rotation, VersionState.DISABLED)
        await self._copies.drop_old(rotation)
        if not rotation.old_version or detail:
            return _ended(rotation, detail)
        return replace(
            rotation,
            step=RotationStep.DESTROY,
            retire_ns=self._clock.now_ns() + DISABLED_NS,
            failures=0,
            detail="",
        )

    async def destroy(self, rotation: Rotation, rotator: Rotator | None) -> Rotation:
        """Destroy the old version where it is kept."""
        return _ended(rotation, await self._set_state(rotation, VersionState.DESTROYED))

    async def roll_back(self, rotation: Rotation, rotator: Rotator | None) -> Rotation:
        """Forget the new secret; the old one goes on. Its failure stays to be read."""
        new = await self._copies.new(rotation)
        if new is not None and rotator is not None and not await self._is_used(rotation, new):
            try:
                await rotator.retire(new.secret)
            except RotationFailed as error:  # it is used nowhere: no reason to go on with it
                log.warning(
                    "unused new secret was not ended", extra={"secret": rotation.secret, "reason": str(error)}
                )
        await self._copies.drop_new(rotation)
        await self._copies.drop_old(rotation)
        return replace(rotation, step=RotationStep.IDLE, old_version="", new_version="")

    async def _is_used(self, rotation: Rotation, other: KeptSecret) -> bool:
        """Return whether it is what readers are given: somebody may have put it back by hand."""
        current = await self._secrets.read(rotation.secret)
        return current is not None and current.secret == other.secret

    async def _set_state(self, rotation: Rotation, state: VersionState) -> str:
        """Return why it may not be done; empty where it is done."""
        if not rotation.old_version:
            return ""
        try:
            await self._secrets.set_state(rotation.secret, rotation.old_version, state)
        except KeeperRefused as refusal:
            # The new one is in use; the same question each hour would be answered the same.
            return f"the old version {rotation.old_version} is left as it is: {refusal}"
        return ""


def _ended(rotation: Rotation, detail: str) -> Rotation:
    return replace(rotation, step=RotationStep.IDLE, retire_ns=None, failures=0, detail=detail)
