"""What is in the audit log, for people."""

from typing import TYPE_CHECKING, Final

from tradeassist_desktop.domain.audit import AuditAct, AuditResult
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.services.rotation.words import TITLES
from tradeassist_desktop.ui import text

if TYPE_CHECKING:
    from tradeassist_desktop.domain.audit import AuditEntry

ACTS: Final = {
    AuditAct.READ: "Read",
    AuditAct.WRITE: "Write",
    AuditAct.DELETE: "Remove",
    AuditAct.ENABLE: "Enable",
    AuditAct.DISABLE: "Disable",
    AuditAct.DESTROY: "Destroy",
    AuditAct.ROTATE: "Rotate",
    AuditAct.TEST: "Test",
    AuditAct.UNLOCK: "Unlock",
    AuditAct.LOCK: "Lock",
    AuditAct.DENIED: "Denied",
    AuditAct.EXPORT: "Export",
    AuditAct.VERIFY: "Verify",
    AuditAct.ACCEPT: "Accept as it is",
    AuditAct.PRUNE: "Remove by age",
    AuditAct.LOST: "Not recorded",
    AuditAct.UNKNOWN: "Unknown",
}
RESULTS: Final = {
    AuditResult.OK: "OK",
    AuditResult.ABSENT: "not there",
    AuditResult.FAILED: "failed",
    AuditResult.REFUSED: "refused",
    AuditResult.UNKNOWN: "unknown",
}
_HOUR_NS: Final = 3_600 * NS_PER_SECOND
SPANS: Final = {
    "": ("Any time", None),
    "hour": ("Last hour", _HOUR_NS),
    "day": ("Last 24 hours", 24 * _HOUR_NS),
    "week": ("Last 7 days", 7 * 24 * _HOUR_NS),
    "month": ("Last 30 days", 30 * 24 * _HOUR_NS),
}
"""Titles, and how far back each goes."""


def about(what: str) -> str:
    """Return what an entry is about as people know it: ``Slack bot token`` for ``slack.bot``."""
    return TITLES.get(what, what) or text.UNKNOWN


def titled(words: str) -> tuple[frozenset[str], frozenset[AuditAct], frozenset[AuditResult]]:
    """Return the secrets, acts and results that are shown by a title with these words in it."""
    wanted = words.casefold()
    if not wanted:
        return frozenset(), frozenset(), frozenset()
    return (
        frozenset(name for name, title in TITLES.items() if wanted in title.casefold()),
        frozenset(act for act, title in ACTS.items() if wanted in title.casefold()),
        frozenset(result for result, title in RESULTS.items() if wanted in title.casefold()),
    )


def when(at_ns: int, *, now_ns: int) -> str:
    """Return a time of the log, local; a time that is none (others may have changed it) is unknown."""
    try:
        moment = text.local(at_ns)
        is_this_year = moment.year == text.local(now_ns).year
    except (OverflowError, OSError, ValueError):
        return text.UNKNOWN
    return text.clock_time(at_ns, now_ns=now_ns) if is_this_year else f"{moment:%d %b %Y %H:%M}"


def utc(at_ns: int) -> str:
    """Return the same in UTC, for tooltips."""
    try:
        return text.utc_time(at_ns)
    except (OverflowError, OSError, ValueError):
        return text.UNKNOWN


def whole(number: int, entry: "AuditEntry") -> str:
    """Return an entry in a few lines."""
    lines = [
        f"Entry {number:,} · {utc(entry.at_ns)}",
        f"{ACTS[entry.act]}: {_about_in_full(entry.what)} · {RESULTS[entry.result]}",
        f"By {entry.who or text.UNKNOWN}",
    ]
    if entry.source:
        version = f", version {entry.version}" if entry.version else ""
        lines.append(f"Answered by {entry.source}{version}")
    if entry.count > 1:
        lines.append(f"{entry.count:,} times in one minute")
    if entry.detail:
        lines.append(entry.detail)
    return "\n".join(lines)


def _about_in_full(what: str) -> str:
    # The log itself, its export and the command line know a secret by its name only.
    return f"{TITLES[what]} ({what})" if what in TITLES else about(what)
