"""Hears from the audit log's entries of secrets that are there, and of those given another text."""

from typing import Final

from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult, AuditTrail
from tradeassist_desktop.domain.events import SecretFound, SecretWritten
from tradeassist_desktop.runtime.bus import Bus

_CHANGES: Final = (AuditAct.WRITE, AuditAct.DELETE)


class TellingTrail:
    """An audit trail that also publishes which secret was written or deleted, and first found."""

    def __init__(self, *, trail: AuditTrail, bus: Bus) -> None:
        self._trail = trail
        self._bus = bus
        self._found: set[str] = set()

    def record(self, entry: AuditEntry) -> None:
        """Take an entry."""
        self._trail.record(entry)
        if entry.result is not AuditResult.OK:
            return
        if entry.act in _CHANGES:
            self._bus.publish(SecretWritten(secret=entry.what, who=entry.who))
        elif entry.act is AuditAct.READ and entry.what not in self._found:
            self._found.add(entry.what)
            self._bus.publish(SecretFound(secret=entry.what))
