"""Hears from the audit log's entries when somebody gives a secret another text."""

from typing import Final

from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult, AuditTrail
from tradeassist_desktop.domain.events import SecretWritten
from tradeassist_desktop.runtime.bus import Bus

_CHANGES: Final = (AuditAct.WRITE, AuditAct.DELETE)


class TellingTrail:
    """An audit trail that also publishes which secret was written or deleted, and by whom."""

    def __init__(self, *, trail: AuditTrail, bus: Bus) -> None:
        self._trail = trail
        self._bus = bus

    def record(self, entry: AuditEntry) -> None:
        """Take an entry."""
        self._trail.record(entry)
        if entry.act in _CHANGES and entry.result is AuditResult.OK:
            self._bus.publish(SecretWritten(secret=entry.what, who=entry.who))
