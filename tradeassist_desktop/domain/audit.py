"""The audit log's entries: who did what with a secret or a right, and how it went."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol


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
    VERIFY = "verify"
    ACCEPT = "accept"
    """The audit log was changed, and goes on from what it is now."""
    PRUNE = "prune"
    LOST = "lost"
    """Entries that could not be kept, as many as ``count``: the disk was full for too long."""
    UNKNOWN = "unknown"
    """What this program does not know: written by another version, or not by this program at all."""


class AuditResult(StrEnum):
    """How it went."""

    OK = "ok"
    ABSENT = "absent"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """As of ``AuditAct``."""


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


AUDIT_LOG: Final = "audit log"
"""What entries about the audit log itself are about, and who wrote them."""


class AuditTrail(Protocol):
    """Where entries go."""

    def record(self, entry: AuditEntry) -> None:
        """Take an entry; never blocks and never raises. It is on disk soon after.

        To be called on the loop's thread.
        """
        ...


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """An entry and its place in the log, counted from 1."""

    number: int
    entry: AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPick:
    """Which entries are wanted; an empty criterion is met by all.

    Args:
        text: What stands anywhere in an entry, upper or lower case.
        or_whats: Where there is a text: secrets and rights whose entries are wanted too, since people know
            them by a title that has it; ``or_acts`` and ``or_results`` likewise.
        since_ns: From this time on, UTC nanoseconds.
        until_ns: Up to but not including this time.
    """

    who: str = ""
    what: str = ""
    acts: frozenset[AuditAct] = frozenset()
    results: frozenset[AuditResult] = frozenset()
    text: str = ""
    or_whats: frozenset[str] = frozenset()
    or_acts: frozenset[AuditAct] = frozenset()
    or_results: frozenset[AuditResult] = frozenset()
    since_ns: int | None = None
    until_ns: int | None = None


@dataclass(frozen=True, slots=True)
class AuditAnchor:
    """The newest entry at some moment, remembered outside of the log: what came before it is fixed.

    Args:
        chain: Its link, as it stands in the log.
    """

    number: int
    chain: str


class AuditFault(StrEnum):
    """What was done to the log by whoever did not go through the program."""

    CHANGED = "changed"
    """An entry is not as it was written; or the one before it is not, or one between them was taken out."""
    REMOVED = "removed"
    INSERTED = "inserted"
    MOVED = "moved"
    """Two entries have changed places."""
    KEPT_CHANGED = "kept changed"
    """Entries kept beyond their time are not those that were."""
    CUT = "cut"
    """The newest entries are gone: the anchor is beyond the end."""
    REWRITTEN = "rewritten"
    """All links are in order, but are not those that led to the anchor."""
    UNTOLD = "untold"
    """Only an entry behind the anchor says that older ones were pruned or accepted: whoever can write the
    file can say so of what he has changed himself."""


@dataclass(frozen=True, slots=True)
class AuditBreak:
    """The first place where the log is not what was written.

    Args:
        number: Of the entry; of the first missing one where some are gone.
        at_ns: That entry's time as it says, UTC nanoseconds; of the next one where it is gone, or
            ``None`` where there is none.
        missing: How many are gone, where that is known.
    """

    fault: AuditFault
    number: int
    at_ns: int | None
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerdict:
    """What looking through the whole log came to.

    Args:
        checked: How many entries were looked at.
        end: The number of the newest of them.
        accepted: By whom it was last taken as it was then, changed or not; ``None`` where it never was.
        anchored: The number up to which the anchor vouches for it; 0 where there is none.
    """

    checked: int
    end: int
    anchored: int = 0
    accepted: AuditEntry | None = None
    broken: AuditBreak | None = None
