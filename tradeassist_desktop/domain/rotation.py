"""Replacing a secret by a new one: its steps, who can make one, and how each secret stands."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from tradeassist_desktop.domain.secret import Secret

CACHE_KEY: Final = "cache.key"
"""What the program's own copies of secrets are encrypted with; a rotation renews it."""

EXPIRES_FIELD: Final = "expires_ns"
"""The field of a secret that says when it runs out, UTC nanoseconds."""


class RotationStep(StrEnum):
    """What a rotation is about to do, or does; each is written down before it is begun.

    ``KEEP``: put a copy of the old one aside, which shows that one can be kept. ``MAKE``: have a new one
    made, and put it aside. ``VERIFY``: use the new one, while everybody else uses the old. ``SWITCH``:
    give the new one to everybody. ``RETIRE``: after a grace, end the old one; where its keeper has
    versions its version is disabled, and at ``DESTROY`` destroyed. ``ROLL_BACK``: forget the new one.
    ``IDLE``: nothing.
    """

    IDLE = "idle"
    KEEP = "keep"
    MAKE = "make"
    VERIFY = "verify"
    SWITCH = "switch"
    RETIRE = "retire"
    DESTROY = "destroy"
    ROLL_BACK = "roll back"

    @property
    def is_under_way(self) -> bool:
        """Whether the old one is still to be replaced, or the new one to be forgotten."""
        return self in _UNDER_WAY


_UNDER_WAY: Final = (
    RotationStep.KEEP,
    RotationStep.MAKE,
    RotationStep.VERIFY,
    RotationStep.SWITCH,
    RotationStep.ROLL_BACK,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How far the rotation of one secret is, and what is left of earlier ones. All times are UTC nanoseconds.

    Args:
        secret: Its name.
        seen_ns: Since when the secret is known as it is; it is no younger.
        old_version: As its keeper names it; empty where it has no versions, as is ``new_version``.
        started_ns: When this rotation began; 0 before the first.
        stepped_ns: When it came to its step, or failed in it last.
        retire_ns: When the step ``RETIRE`` or ``DESTROY`` may be done.
        finished_ns: When the secret was last replaced.
        failures: In a row.
        detail: The last failure, for people; empty since the last success.
        snoozed_until_ns: Until when nobody is reminded.
    """

    secret: str
    seen_ns: int
    step: RotationStep = RotationStep.IDLE
    old_version: str = ""
    new_version: str = ""
    started_ns: int = 0
    stepped_ns: int = 0
    retire_ns: int | None = None
    finished_ns: int | None = None
    failures: int = 0
    detail: str = ""
    snoozed_until_ns: int | None = None

    @property
    def since_ns(self) -> int:
        """Since when the secret is what it is, as far as is known."""
        return max(self.seen_ns, self.finished_ns or 0)


class RotationFailed(Exception):
    """A step could not be done. The message is for people and holds no secret.

    Args:
        retry: Whether another try may do; else the new secret is forgotten, and the old one goes on.
    """

    def __init__(self, message: str, *, retry: bool) -> None:
        super().__init__(message)
        self.retry = retry


class Rotator(Protocol):
    """Makes new secrets of one kind. Each method may be called again after a kill in the middle of it.

    Whatever it raises, the old secret goes on; a ``RotationFailed`` says why in words.
    """

    async def make(self, secret: Secret) -> Secret:
        """Return a new secret; the one given stays valid until ``retire``, or at least for a while."""
        ...

    async def verify(self, secret: Secret) -> None:
        """Use a new secret, so that it shows whether it works; raise where it does not."""
        ...

    async def retire(self, secret: Secret) -> None:
        """End an old secret, or a new one that is not going to be used."""
        ...


class WhoRotates(StrEnum):
    """Who replaces a secret."""

    PROGRAM = "program"
    PERSON = "person"
    SIGN_IN = "sign-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationStanding:
    """How one secret stands with rotation, as it is shown. All times are UTC nanoseconds.

    Args:
        policy: As the setting has it: ``before 2h``; for ``SIGN_IN`` in words.
        is_present: Whether anybody keeps the secret; nothing is due otherwise.
        since_ns: Since when the secret is what it is, as far as is known.
        expires_ns: When it runs out, where it says so.
        due_ns: When it is due next; ``None`` for never.
        rotated_ns: When it was replaced last, by the program.
        step: What is under way; ``IDLE`` for nothing.
        failure: Why it failed last, for people; empty for not.
        retry_ns: When it is tried again after a failure.
        is_unkept: A new one came, is in memory only, and would be lost with the program.
        hint: What a person has to do; empty where the program does it.
    """

    name: str
    who: WhoRotates
    policy: str
    is_present: bool = True
    since_ns: int | None = None
    expires_ns: int | None = None
    due_ns: int | None = None
    rotated_ns: int | None = None
    step: RotationStep = RotationStep.IDLE
    failures: int = 0
    failure: str = ""
    retry_ns: int | None = None
    snoozed_until_ns: int | None = None
    is_unkept: bool = False
    hint: str = ""

    def is_reminded_of(self, now_ns: int) -> bool:
        """Whether a person is being asked to replace it, and has not put that off."""
        is_persons = self.who is WhoRotates.PERSON and self.step is RotationStep.IDLE
        return (
            is_persons and self.due_ns is not None and now_ns >= max(self.due_ns, self.snoozed_until_ns or 0)
        )

    @property
    def can_rotate_now(self) -> bool:
        """Whether the program can do it at once."""
        return self.who is WhoRotates.PROGRAM and self.is_present
