"""The audit log's entries: who did what with a secret or a right, and how it went."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class AuditAct(StrEnum):
    """What was done, or tried."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    ENABLE = "enable"
    DISABLE = "disable"
    DESTROY = "destroy"
    ROTATE = "rotate"
    TEST = "test"
    UNLOCK = "unlock"
    LOCK = "lock"
    DENIED = "denied"
    EXPORT = "export"
    PRUNE = "prune"


class AuditResult(StrEnum):
    """How it went."""

    OK = "ok"
    ABSENT = "absent"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One act. Never holds a secret's text, nor a hash of one.

    Args:
        at_ns: UTC nanoseconds.
        who: The component: ``slack channel``, ``schwab sign-in``, ``rotation``; or a role, as ``trader``.
        what: The secret's name, or what a right is about (``rules``).
        version: As its keeper names it; empty where it has none.
        source: Who answered: ``memory``, ``cache``, a keeper's name; empty where nobody did.
        detail: Why it failed, or what step of a rotation it was; for people, 500 characters at the most.
        count: How many alike in a row this stands for: reads of one minute are counted in one entry.
    """

    at_ns: int
    who: str
    act: AuditAct
    what: str
    version: str = ""
    source: str = ""
    result: AuditResult = AuditResult.OK
    detail: str = ""
    count: int = 1


class AuditTrail(Protocol):
    """Where entries go."""

    def record(self, entry: AuditEntry) -> None:
        """Take an entry; never blocks and never raises. It is on disk soon after."""
        ...
