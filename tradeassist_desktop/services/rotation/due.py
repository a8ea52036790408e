"""When a secret is due, and when a rotation that failed is tried again."""

from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.rotation import EXPIRES_FIELD, Rotation, RotationStep, WhoRotates
from tradeassist_desktop.domain.rotation_policy import RotationPolicy
from tradeassist_desktop.domain.secret import KeptSecret

_FIRST_WAIT_NS: Final = 60_000_000_000
_LONGEST_WAIT_NS: Final = 3_600_000_000_000
_FIRST_WAIT_UNKEPT_NS: Final = 5_000_000_000
_LONGEST_WAIT_UNKEPT_NS: Final = 60_000_000_000
_MOST_DOUBLINGS: Final = 20
_LEAST_APART_NS: Final = 600_000_000_000
"""Between two rotations of a secret, however soon the new one runs out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFacts:
    """What rotation needs to know of a secret, none of it a secret.

    Args:
        who: Who can replace it.
        lacking: Why the program's own rotator cannot, where there is one.
        expires_ns: When it runs out, UTC nanoseconds, where it says so.
        created_ns: When its keeper got it, where that knows.
        ends_unknown: It will run out, and nobody has said when.
        source: Who keeps it.
    """

    who: WhoRotates
    lacking: str = ""
    expires_ns: int | None = None
    created_ns: int | None = None
    ends_unknown: bool = False
    source: str = ""


def facts_of(kept: KeptSecret, *, who: WhoRotates, lacking: str = "", ends: bool = False) -> SecretFacts:
    """Return what is known of a kept secret.

    Args:
        ends: Whether secrets of its kind run out.
    """
    expires = kept.secret.get(EXPIRES_FIELD, "")
    expires_ns = int(expires) if expires.isascii() and expires.isdigit() else None
    return SecretFacts(
        who=who,
        lacking=lacking,
        expires_ns=expires_ns,
        created_ns=kept.version.created_ns,
        ends_unknown=ends and not lacking and expires_ns is None,
        source=kept.source,
    )


def due_ns(policy: RotationPolicy, rotation: Rotation, facts: SecretFacts) -> int | None:
    """Return when a secret is to be replaced; ``None`` for never."""
    is_given = rotation.finished_ns is None or rotation.seen_ns > rotation.finished_ns
    if facts.ends_unknown and policy.before_ns is not None and is_given:
        return rotation.seen_ns  # the first new one says when it ends
    since_ns = max(rotation.since_ns, facts.created_ns or 0)
    due = policy.due_ns(since_ns=since_ns, expires_ns=facts.expires_ns)
    if due is None or rotation.finished_ns is None:
        return due
    return max(due, rotation.finished_ns + _LEAST_APART_NS)


def retry_ns(rotation: Rotation, *, is_unkept: bool = False) -> int | None:
    """Return when to try again after failures; ``None`` where the last try did not fail.

    Args:
        is_unkept: A new secret waits in memory to be kept: then the waits are short.
    """
    if not rotation.failures:
        return None
    first_ns = _FIRST_WAIT_UNKEPT_NS if is_unkept else _FIRST_WAIT_NS
    longest_ns = _LONGEST_WAIT_UNKEPT_NS if is_unkept else _LONGEST_WAIT_NS
    doubled_ns = first_ns << min(rotation.failures - 1, _MOST_DOUBLINGS)
    return rotation.stepped_ns + min(doubled_ns, longest_ns)


def is_time(now_ns: int, rotation: Rotation, *, is_due: bool, retry_at_ns: int | None) -> bool:
    """Return whether something is to be done for a rotation now: begin it, go on with it, or end the old."""
    # A clock that was set back since the failure must not hold it up for longer.
    if retry_at_ns is not None and rotation.stepped_ns <= now_ns < retry_at_ns:
        return False
    if rotation.step.is_under_way or is_due:
        return True
    return rotation.step is not RotationStep.IDLE and now_ns >= (rotation.retire_ns or 0)
