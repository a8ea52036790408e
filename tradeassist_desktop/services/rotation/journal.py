"""Where each rotation is: on the disk before it goes on, in the audit log, and on the bus."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, Protocol

from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult, AuditTrail
from tradeassist_desktop.domain.events import RotationStepped
from tradeassist_desktop.domain.rotation import Rotation, RotationStep
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock

WHO: Final = "rotation"
"""The component, as the audit log names it."""

_DETAIL_LENGTH: Final = 500


class KeptRotations(Protocol):
    """Keeps rotations over restarts."""

    async def load(self) -> Iterable[Rotation]:
        """Return all of them."""
        ...

    async def keep(self, rotation: Rotation) -> None:
        """Keep one as it stands; it is safe when this returns."""
        ...


class Journal:
    """The rotations of this program. What cannot be written down is not done: it raises ``StorageFailed``.

    Args:
        masked: Takes known secrets out of a reason: whoever refuses a new one may quote it.
    """

    def __init__(
        self,
        *,
        store: KeptRotations,
        audit: AuditTrail,
        bus: Bus,
        clock: Clock,
        masked: Callable[[str], str] = str,
    ) -> None:
        self._masked = masked
        self._store = store
        self._audit = audit
        self._bus = bus
        self._clock = clock
        self._rotations: dict[str, Rotation] = {}

    async def load(self) -> None:
        """Take up what an earlier run has left."""
        self._rotations = {rotation.secret: rotation for rotation in await self._store.load()}

    def get(self, secret: str) -> Rotation | None:
        """Return a secret's rotation; ``None`` for one that was never seen."""
        return self._rotations.get(secret)

    async def note(self, rotation: Rotation) -> Rotation:
        """Keep what is no step: since when a secret is known, that reminders rest."""
        await self._store.keep(rotation)
        self._rotations[rotation.secret] = rotation
        return rotation

    async def enter(self, rotation: Rotation) -> Rotation:
        """Write down that a rotation has come to its step, before that is begun."""
        rotation = replace(rotation, stepped_ns=self._clock.now_ns())
        await self.note(rotation)
        self._record(rotation, AuditResult.OK, "done" if rotation.step is RotationStep.IDLE else "")
        self._bus.publish(RotationStepped(secret=rotation.secret, step=rotation.step))
        return rotation

    async def fail(self, rotation: Rotation, reason: str, *, refused: bool = False) -> Rotation:
        """Write down that a step failed; ``rotation`` says which is to be done next.

        Args:
            refused: Whether somebody said no, and another try will hear the same.
        """
        reason = self._masked(reason)[:_DETAIL_LENGTH]
        rotation = replace(
            rotation, failures=rotation.failures + 1, detail=reason, stepped_ns=self._clock.now_ns()
        )
        self._rotations[rotation.secret] = rotation  # also where the disk is what failed
        self._record(rotation, AuditResult.REFUSED if refused else AuditResult.FAILED, reason)
        self._bus.publish(RotationStepped(secret=rotation.secret, step=rotation.step, failure=reason))
        await self._store.keep(rotation)
        return rotation

    def _record(self, rotation: Rotation, result: AuditResult, reason: str) -> None:
        words = rotation.step.value if rotation.step is not RotationStep.IDLE else ""
        self._audit.record(
            AuditEntry(
                at_ns=self._clock.now_ns(),
                who=WHO,
                act=AuditAct.ROTATE,
                what=rotation.secret,
                version=rotation.new_version or rotation.old_version,
                result=result,
                detail=": ".join(part for part in (words, reason) if part)[:_DETAIL_LENGTH],
            )
        )
