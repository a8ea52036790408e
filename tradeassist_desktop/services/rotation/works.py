"""One rotation at work: what is written down is gone on with, and what fails is written down and told."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from tradeassist_desktop.domain.rotation import (
    CACHE_KEY,
    Rotation,
    RotationFailed,
    RotationStep,
    Rotator,
)
from tradeassist_desktop.domain.secret import KeeperError
from tradeassist_desktop.services.rotation.due import SecretFacts
from tradeassist_desktop.services.rotation.journal import Journal
from tradeassist_desktop.services.rotation.key_rotation import KeyRotation
from tradeassist_desktop.services.rotation.telling import RotationNotices
from tradeassist_desktop.services.rotation.two_phase import TwoPhase
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_BEFORE_THE_SWITCH: Final = (
    RotationStep.KEEP,
    RotationStep.MAKE,
    RotationStep.VERIFY,
    RotationStep.SWITCH,
)
_AFTER_THE_SWITCH: Final = (RotationStep.RETIRE, RotationStep.DESTROY)


@dataclass(frozen=True, slots=True)
class RotationOutcome:
    """How a rotation went, in words."""

    is_done: bool
    words: str


class Works:
    """Goes on with a rotation as far as it can.

    Args:
        key: ``None`` where there are no copies on this computer.
        on_replaced: Told the name of each secret that is another now.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        two_phase: TwoPhase,
        key: KeyRotation | None,
        notices: RotationNotices,
        on_replaced: Callable[[str], None],
    ) -> None:
        self._journal = journal
        self._two_phase = two_phase
        self._key = key
        self._notices = notices
        self._on_replaced = on_replaced

    def is_unkept(self, rotation: Rotation) -> bool:
        """Return whether a new secret waits in memory to be kept."""
        return self._two_phase.is_unkept(rotation)

    async def go_on(
        self,
        rotation: Rotation,
        rotator: Rotator | None,
        *,
        begins: bool,
        facts: Callable[[], SecretFacts | None],
    ) -> RotationOutcome:
        """Go on with what is under way, or else begin anew if asked to.

        Args:
            begins: Whether it is due; what is left of the last one is ended first, its grace over or not.
            facts: What is known of the secret now.
        """
        finished_ns = rotation.finished_ns
        try:
            rotation = await self._advanced(rotation, rotator, begins=begins)
        except Exception as error:  # whatever it is, the old secret goes on
            await self._failed(rotation.secret, rotator, error, facts=facts)
        after = self._journal.get(rotation.secret)
        assert after is not None
        if after.finished_ns != finished_ns:
            log.info("secret replaced", extra={"secret": after.secret, "version": after.new_version})
            self._on_replaced(after.secret)
            await _quietly(self._notices.settle(after.secret))
            return RotationOutcome(True, "Replaced; the new one is in use.")
        if after.failures:
            return RotationOutcome(False, after.detail)
        return RotationOutcome(True, "Nothing was to be done.")

    async def _advanced(self, rotation: Rotation, rotator: Rotator | None, *, begins: bool) -> Rotation:
        if rotation.secret == CACHE_KEY:
            return await self._key_advanced(rotation, begins=begins)
        if begins and rotation.step in _AFTER_THE_SWITCH:
            rotation = await self._ended(rotation, rotator)
        if begins and rotation.step is RotationStep.IDLE:
            rotation = await self._two_phase.begin(rotation)
        return await self._two_phase.advance(rotation, rotator)

    async def _key_advanced(self, rotation: Rotation, *, begins: bool) -> Rotation:
        if self._key is None:
            raise RotationFailed("there are no copies on this computer", retry=True)
        if begins and rotation.step is RotationStep.IDLE:
            rotation = await self._key.begin(rotation)
        return await self._key.advance(rotation)

    async def _ended(self, rotation: Rotation, rotator: Rotator | None) -> Rotation:
        """End what is left of the last rotation before the next begins; what cannot be ended is left."""
        try:
            while rotation.step in _AFTER_THE_SWITCH:
                rotation = await self._two_phase.advance(replace(rotation, retire_ns=None), rotator)
        except (RotationFailed, KeeperError) as error:
            log.warning(
                "an old secret was not ended", extra={"secret": rotation.secret, "reason": str(error)}
            )
        return replace(rotation, step=RotationStep.IDLE)

    async def _failed(
        self,
        name: str,
        rotator: Rotator | None,
        error: Exception,
        *,
        facts: Callable[[], SecretFacts | None],
    ) -> None:
        rotation = self._journal.get(name)
        assert rotation is not None
        gives_up = isinstance(error, RotationFailed) and not error.retry
        if gives_up and rotation.step in _BEFORE_THE_SWITCH:
            rotation = replace(rotation, step=RotationStep.ROLL_BACK)
        rotation = await self._noted(rotation, _reason(name, error), refused=gives_up)
        if rotation.step is RotationStep.ROLL_BACK and gives_up:
            try:
                await self._two_phase.advance(rotation, rotator)
            except Exception as more:  # it is written down, and gone on with
                log.warning(
                    "rotation not rolled back yet", extra={"secret": name, "reason": _reason(name, more)}
                )
        if self._two_phase.is_unkept(rotation):
            log.error("a new secret cannot be kept", extra={"secret": name, "reason": rotation.detail})
            self._notices.tell_unkept(rotation)
        else:
            self._notices.tell_failed(rotation, facts())

    async def _noted(self, rotation: Rotation, reason: str, *, refused: bool) -> Rotation:
        log.warning(
            "rotation failed",
            extra={"secret": rotation.secret, "step": rotation.step.value, "reason": reason},
        )
        try:
            return await self._journal.fail(rotation, reason, refused=refused)
        except StorageFailed:  # the database tells of that itself
            kept = self._journal.get(rotation.secret)
            assert kept is not None
            return kept


async def _quietly(work: Awaitable[None]) -> None:
    try:
        await work
    except StorageFailed as error:
        log.warning("notices of a rotation still stand", extra={"reason": str(error)})


def _reason(name: str, error: Exception) -> str:
    if isinstance(error, RotationFailed | KeeperError | StorageFailed):
        return str(error)
    # Only its type: nobody knows what is in the text of what was not foreseen.
    log.error("rotation broke", extra={"secret": name, "error": type(error).__name__})
    return f"it broke: {type(error).__name__}"
