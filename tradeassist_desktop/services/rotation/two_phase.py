"""Replaces a secret: a new one is put aside and verified by use before anybody gets it.

Each step is written down before it is done, and may be done again: a kill anywhere leaves the old secret
in use, or the new one verified.
"""

from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.rotation import (
    EXPIRES_FIELD,
    Rotation,
    RotationFailed,
    RotationStep,
    Rotator,
)
from tradeassist_desktop.domain.secret import NOBODY, KeptSecret, Secret
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.rotation.journal import Journal
from tradeassist_desktop.services.rotation.keeping import Copies, RotatedSecrets
from tradeassist_desktop.services.rotation.retiring import Retiring

GRACE_NS: Final = 2 * 3_600_000_000_000
"""How long an old secret stays valid: another desk may remember it for an hour."""

_COPY_GONE: Final = "what it had put aside is gone"
_CHANGED: Final = "it was changed by someone else meanwhile, and stays so"


class TwoPhase:
    """Takes rotations of secrets from step to step."""

    def __init__(self, *, secrets: RotatedSecrets, journal: Journal, clock: Clock) -> None:
        self._secrets = secrets
        self._copies = Copies(secrets)
        self._journal = journal
        self._clock = clock
        self._retiring = Retiring(secrets=secrets, copies=self._copies, clock=clock)
        self._unkept: dict[tuple[str, int], Secret] = {}
        self._steps = {
            RotationStep.KEEP: self._keep,
            RotationStep.MAKE: self._make,
            RotationStep.VERIFY: self._verify,
            RotationStep.SWITCH: self._switch,
            RotationStep.RETIRE: self._retiring.retire,
            RotationStep.DESTROY: self._retiring.destroy,
            RotationStep.ROLL_BACK: self._retiring.roll_back,
        }

    def is_unkept(self, rotation: Rotation) -> bool:
        """Return whether a new secret is there that could not be kept yet: it is in memory only."""
        is_made = rotation.step in (RotationStep.MAKE, RotationStep.VERIFY, RotationStep.SWITCH)
        return is_made and (rotation.secret, rotation.started_ns) in self._unkept

    async def begin(self, rotation: Rotation) -> Rotation:
        """Write down that a rotation begins."""
        # Later than the last, also by a clock that was set back: it tells the copies of the two apart.
        number_ns = max(self._clock.now_ns(), rotation.started_ns + 1)
        return await self._journal.enter(
            replace(
                rotation,
                step=RotationStep.KEEP,
                started_ns=number_ns,
                old_version="",
                new_version="",
                retire_ns=None,
            )
        )

    async def advance(self, rotation: Rotation, rotator: Rotator | None) -> Rotation:
        """Do the step written down, and all after it that may be done now; return where it has come to.

        Args:
            rotator: ``None`` where there is none any more: an old secret can still be put away.

        Raises:
            RotationFailed, KeeperError, StorageFailed: the step written down could not be done.
        """
        while (step := self._steps.get(rotation.step)) is not None:
            if rotation.retire_ns is not None and self._clock.now_ns() < rotation.retire_ns:
                break
            rotation = await self._journal.enter(await step(rotation, rotator))
        return rotation

    # --- the steps: each returns what is to be written down next

    async def _keep(self, rotation: Rotation, rotator: Rotator | None) -> Rotation:
        current = await self._current(rotation)
        _refuse_offline(current)
        if await self._copies.is_begun_elsewhere(rotation, current.secret):
            raise RotationFailed("another desk is replacing it just now", retry=True)
        kept = await self._copies.put_old(rotation, current.secret)
        if kept.source == NOBODY and current.source != NOBODY:
            # To make a new one may end the old, and it would be lost with the program.
            raise RotationFailed(
                f"it comes from the {current.source}, and no place on this computer could keep a new one",
                retry=True,
            )
        return replace(rotation, step=RotationStep.MAKE, old_version=current.version.version)

    async def _make(self, rotation: Rotation, rotator: Rotator | None) -> Rotation:
        number = rotation.secret, rotation.started_ns
        old, new = await self._copies.old(rotation), await self._copies.new(rotation)
        if old is None:
            raise RotationFailed(_COPY_GONE, retry=False)
        await self._refuse_changed(rotation, old)
        if new is None or not _lasts(new, as_=old):
            if number not in self._unkept:
                made = new.secret if new is not None else await _present(rotator).make(old.secret)
                self._unkept[number] = _checked(made, old.secret)
            # Kept before anybody uses it, the check included: what made it may have ended the old one.
            kept = await self._copies.put_new(rotation, self._unkept[number])
            if not _lasts(kept, as_=old):
                # Rather none that lasts than none that works: once the old one has run out, it is used.
                if not _has_ended(old.secret, self._clock.now_ns()):
                    raise RotationFailed("no place on this computer could keep it", retry=True)
                return replace(rotation, step=RotationStep.VERIFY)
        self._unkept.pop(number, None)
        return replace(rotation, step=RotationStep.VERIFY)

    async def _verify(self, rotation: Rotation, rotator: Rotator | None) -> Rotation:
        old, new = await self._old(rotation), await self._copies.new(rotation)
        if old is None or new is None:
            raise RotationFailed(_COPY_GONE, retry=False)
        await self._refuse_changed(rotation, old)
        await _present(rotator).verify(new.secret)
        return replace(rotation, step=RotationStep.SWITCH)

    async def _switch(self, rotation: Rotation, rotator: Rotator | None) -> Rotation:
        old, new = await self._old(rotation), await self._copies.new(rotation)
        current = await self._current(rotation)
        if old is None or (new is None and current.secret == old.secret):
            raise RotationFailed(_COPY_GONE, retry=False)
        if not _has_ended(old.secret, self._clock.now_ns()):
            _refuse_offline(current)
        if new is not None and current.secret not in (old.secret, new.secret):
            raise RotationFailed(_CHANGED, retry=False)
        # Without a copy of the new one the old one was replaced already, and then the copy was dropped.
        if new is not None:
            if current.secret != new.secret or not _lasts(current, as_=old):
                current = await self._given(rotation, new.secret, old)
            await self._copies.drop_new(rotation)
        self._unkept.pop((rotation.secret, rotation.started_ns), None)
        now_ns = self._clock.now_ns()
        return replace(
            rotation,
            step=RotationStep.RETIRE,
            new_version=current.version.version,
            retire_ns=now_ns + GRACE_NS,
            finished_ns=now_ns,
            failures=0,
            detail="",
        )

    async def _old(self, rotation: Rotation) -> KeptSecret | None:
        """Return the old secret, or ``None``: another desk may have put its copy in the place of ours."""
        old = await self._copies.old(rotation)
        if old is not None or not rotation.old_version:
            return old
        current = await self._current(rotation)
        return current if current.version.version == rotation.old_version else None

    async def _given(self, rotation: Rotation, new: Secret, old: KeptSecret) -> KeptSecret:
        """Give the new secret to all who read, and return what they read now."""
        written = await self._secrets.write(rotation.secret, new)
        if not _lasts(written, as_=old):
            raise RotationFailed("no place on this computer could keep the new one", retry=True)
        current = await self._current(rotation)
        if current.secret != new:
            raise RotationFailed(
                f"the new one was kept ({written.source}), but the {current.source} is asked first and "
                "still has the old one: change the order of the places, or take the old one out there",
                retry=True,
            )
        return current

    async def _refuse_changed(self, rotation: Rotation, old: KeptSecret) -> None:
        if (await self._current(rotation)).secret != old.secret:
            raise RotationFailed(_CHANGED, retry=False)

    async def _current(self, rotation: Rotation) -> KeptSecret:
        current = await self._secrets.read(rotation.secret)
        if current is None or not current.secret:
            raise RotationFailed("nobody keeps it any more", retry=False)
        return current


def _refuse_offline(current: KeptSecret) -> None:
    """Refuse what only stands in for its keeper: another may have changed it there."""
    if current.offline_since_ns is not None:
        raise RotationFailed(f"the {current.source} cannot be asked", retry=True)


def _lasts(kept: KeptSecret, *, as_: KeptSecret) -> bool:
    """Whether a secret outlives the program, if the other does."""
    return kept.source != NOBODY or as_.source == NOBODY


def _has_ended(secret: Secret, now_ns: int) -> bool:
    expires = secret.get(EXPIRES_FIELD, "")
    return expires.isascii() and expires.isdigit() and int(expires) <= now_ns


def _present(rotator: Rotator | None) -> Rotator:
    if rotator is None:
        raise RotationFailed("nothing can make a new one any more: its policy was changed", retry=False)
    return rotator


def _checked(new: object, old: Secret) -> Secret:
    if not isinstance(new, Secret) or not new or not all(isinstance(text, str) for text in new.values()):
        raise RotationFailed("what was made is no secret", retry=False)
    if new == old:
        raise RotationFailed("what was made is the old one", retry=False)
    return new
