"""What a rotation wants of whoever keeps secrets, and the copies it puts aside while it goes on."""

import logging
from dataclasses import dataclass, replace
from typing import Final, Protocol

from tradeassist_desktop.domain.rotation import Rotation
from tradeassist_desktop.domain.secret import KeeperRefused, KeptSecret, Secret, VersionState

log = logging.getLogger(__name__)

_STAMP: Final = "rotation_ns"
_AT_WORK_NS: Final = 600_000_000_000
"""For how long another desk that has put a secret aside is taken to be at work on it."""


class RotatedSecrets(Protocol):
    """The secrets of this program. Each method may raise a ``KeeperError``, and then changed nothing."""

    async def read(self, name: str) -> KeptSecret | None:
        """Return what its keeper has now, whatever is remembered; ``None`` where nobody has it."""
        ...

    async def known(self, name: str, *, at_once: bool) -> KeptSecret | None:
        """Return what is remembered, or else what its keeper has.

        Args:
            at_once: Ask nobody who may ask a person for a password first.
        """
        ...

    async def write(self, name: str, secret: Secret) -> KeptSecret:
        """Keep a secret, and give it to all who read from now on; return who keeps it, without texts.

        Where no keeper could, its source is ``NOBODY``.
        """
        ...

    async def delete(self, name: str) -> None:
        """Forget a secret, if there is one."""
        ...

    async def set_state(self, name: str, version: str, state: VersionState) -> None:
        """Disable or destroy a version; nothing where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Copies:
    """The old secret and the new one as a rotation has put them aside: under names that nobody else reads.

    They bear the rotation's number, so that what an earlier one has left is never taken for this one's.
    So it is the same with every keeper, and no reader can come upon a new secret before it is verified.
    """

    secrets: RotatedSecrets

    async def old(self, rotation: Rotation) -> KeptSecret | None:
        """Return the old secret and who keeps its copy; ``None`` where none was put aside."""
        return await self._taken(old_name(rotation.secret), rotation)

    async def new(self, rotation: Rotation) -> KeptSecret | None:
        """Return the new secret and who keeps its copy; ``None`` where none was put aside, or is any more."""
        return await self._taken(new_name(rotation.secret), rotation)

    async def is_begun_elsewhere(self, rotation: Rotation, current: Secret) -> bool:
        """Return whether another desk with the same places has put this secret aside just now."""
        kept = await self.secrets.read(old_name(rotation.secret))
        stamp = "" if kept is None else kept.secret.get(_STAMP, "")
        if kept is None or not stamp.isdigit() or _without_stamp(kept.secret) != current:
            return False
        return 0 < abs(rotation.started_ns - int(stamp)) < _AT_WORK_NS  # its clock may be ahead of ours

    async def put_old(self, rotation: Rotation, secret: Secret) -> KeptSecret:
        """Put the old secret aside; return who keeps it."""
        return await self.secrets.write(old_name(rotation.secret), _stamped(secret, rotation))

    async def put_new(self, rotation: Rotation, secret: Secret) -> KeptSecret:
        """Put the new secret aside; return who keeps it."""
        return await self.secrets.write(new_name(rotation.secret), _stamped(secret, rotation))

    async def drop_old(self, rotation: Rotation) -> None:
        """Forget the old secret's copy."""
        await self._drop(old_name(rotation.secret), rotation)

    async def drop_new(self, rotation: Rotation) -> None:
        """Forget the new secret's copy."""
        await self._drop(new_name(rotation.secret), rotation)

    async def _drop(self, name: str, rotation: Rotation) -> None:
        kept = await self.secrets.read(name)
        if kept is not None and kept.secret.get(_STAMP) != str(rotation.started_ns):
            return  # another desk's, which may need it yet
        try:
            await self.secrets.delete(name)
        except KeeperRefused as refusal:
            # Its number keeps it from being taken for a later one's, and it is kept as safely as the secret.
            log.warning("copy of a secret is left", extra={"secret": name, "reason": str(refusal)})

    async def _taken(self, name: str, rotation: Rotation) -> KeptSecret | None:
        kept = await self.secrets.read(name)
        if kept is None or kept.secret.get(_STAMP) != str(rotation.started_ns):
            return None
        return replace(kept, secret=_without_stamp(kept.secret))


def new_name(secret: str) -> str:
    """Return the name under which a new secret waits for its verification."""
    return f"{secret}.next"


def old_name(secret: str) -> str:
    """Return the name under which the old secret waits for its end."""
    return f"{secret}.previous"


def _without_stamp(secret: Secret) -> Secret:
    return Secret({field: text for field, text in secret.items() if field != _STAMP})


def _stamped(secret: Secret, rotation: Rotation) -> Secret:
    return Secret({**secret, _STAMP: str(rotation.started_ns)})
