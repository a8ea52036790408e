"""Looks through the audit log from its beginning to its end, and says in words what came of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.audit import (
    AUDIT_LOG,
    AuditAct,
    AuditAnchor,
    AuditBreak,
    AuditEntry,
    AuditFault,
    AuditVerdict,
)
from tradeassist_desktop.storage.audit_checks import untold
from tradeassist_desktop.storage.audit_store import AuditStore

_FAULTS: Final = {
    AuditFault.CHANGED: "Entry {number} ({when}) is not as it was written: it or the one before it was "
    "changed, or entries between them were taken out.",
    AuditFault.INSERTED: "Entry {number} ({when}) was put in afterwards, or moved there from another place.",
    AuditFault.MOVED: "Entry {number} ({when}) and the next one have changed places.",
    AuditFault.REWRITTEN: "The entries up to {number} were written anew: the keyring remembers others.",
}


async def verify(
    store: AuditStore, *, anchor: AuditAnchor | None, on_progress: Callable[[int, int], None]
) -> AuditVerdict:
    """Return what the log is worth.

    Args:
        anchor: What is remembered of it elsewhere, or ``None``.
        on_progress: Told, every so many entries, how far it is and how far it has to go.

    Raises:
        StorageFailed: it cannot be read.
    """
    while True:
        start = await store.checkpoint()
        verdict = await _from(store, start.through, start.chain, on_progress)
        kept, broken_kept = await store.kept(start)
        verdict = replace(verdict, checked=verdict.checked + kept, broken=broken_kept or verdict.broken)
        if verdict.broken is None and anchor is not None:
            broken = await store.broken_anchor(anchor) or untold(start, anchor)
            verdict = replace(verdict, anchored=anchor.number, broken=broken)
        # Had it been pruned meanwhile, what was looked for might have gone by right.
        if verdict.broken is None or await store.checkpoint() == start:
            accepted = await store.last([AUDIT_LOG], [AuditAct.ACCEPT])
            return replace(verdict, accepted=accepted.get((AUDIT_LOG, AuditAct.ACCEPT)))


async def _from(
    store: AuditStore, number: int, chain: str, on_progress: Callable[[int, int], None]
) -> AuditVerdict:
    end = (await store.end()).number
    at = AuditAnchor(number, chain)
    while True:
        reached, broken = await store.follow(at)
        if broken is not None or reached == at:
            return AuditVerdict(checked=reached.number - number, end=reached.number, broken=broken)
        at = reached
        on_progress(at.number - number, max(end, at.number) - number)


_UNTOLD: Final = (
    "Entry {number:,} says that older ones were removed or accepted, and the keyring was not told: the "
    "program was ended in that moment, or somebody else wrote it. Nothing vouches for what was before."
)


def in_words(verdict: AuditVerdict, *, when: Callable[[int], str], why_unanchored: str) -> str:
    """Return a verdict as sentences.

    Args:
        when: Shows a time, UTC nanoseconds, as the reader knows it.
        why_unanchored: Why there was no anchor to compare with, where there was none.
    """
    if verdict.broken is not None and verdict.broken.fault is AuditFault.UNTOLD:
        return _UNTOLD.format(number=verdict.broken.number)
    if verdict.broken is not None:
        return f"The audit log was changed outside of the program. {_told(verdict.broken, when)}"
    if verdict.end == 0:
        return "Nothing has been recorded yet."
    return _told_whole(verdict, why_unanchored) + _told_accepted(verdict.accepted, when)


def _told_whole(verdict: AuditVerdict, why_unanchored: str) -> str:
    count = f"{verdict.checked:,} entries" if verdict.checked != 1 else "1 entry"
    whole = f"The audit log is whole: {count}, each as it was written."
    if verdict.anchored:
        since = verdict.end - verdict.anchored
        rest = "" if since <= 0 else f"; the {since:,} after it by their chain alone"
        return f"{whole} The keyring vouches for all up to number {verdict.anchored:,}{rest}."
    return f"{whole} Whether its end is missing, or all was written anew, cannot be told: {why_unanchored}."


def _told_accepted(accepted: AuditEntry | None, when: Callable[[int], str]) -> str:
    if accepted is None:
        return ""
    return f" As it was on {when(accepted.at_ns)}, {accepted.who} accepted it: {accepted.detail}"


def _told(broken: AuditBreak, when: Callable[[int], str]) -> str:
    shown = "time unknown" if not broken.at_ns else when(broken.at_ns)
    if broken.fault is AuditFault.REMOVED:
        last = broken.number + broken.missing - 1
        gone = (
            f"Entry {broken.number:,} is"
            if broken.missing == 1
            else f"Entries {broken.number:,} to {last:,} are"
        )
        return f"{gone} missing, before the one of {shown}."
    if broken.fault is AuditFault.CUT:
        last = broken.number + broken.missing - 1
        gone = (
            f"entry {broken.number:,} is"
            if broken.missing == 1
            else f"entries {broken.number:,} to {last:,} are"
        )
        return f"Its end was cut off: {gone} missing."
    if broken.fault is AuditFault.KEPT_CHANGED:
        return "Of the entries kept beyond their time, one was changed or taken out."
    return _FAULTS[broken.fault].format(number=f"{broken.number:,}", when=shown)
