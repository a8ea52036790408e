"""Removes entries of the audit log that are older than the trader keeps them, once a day."""

import logging
from collections.abc import Callable
from typing import Final

from tradeassist_desktop.domain.audit import AUDIT_LOG, AuditAct, AuditEntry, AuditResult, AuditTrail
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.audit.anchoring import Anchoring
from tradeassist_desktop.storage.audit_pruning import AuditBroken
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_FIRST_S: Final = 600.0
_EVERY_S: Final = 24 * 3_600.0
_BETWEEN_S: Final = 1.0
_DAY_NS: Final = 24 * 3_600 * 1_000_000_000


class AuditRetention:
    """Prunes in short transactions; never what the anchor stands on, and nothing that was changed.

    Args:
        keep_days: How many days entries are kept.
    """

    def __init__(
        self,
        *,
        store: AuditStore,
        anchoring: Anchoring,
        trail: AuditTrail,
        clock: Clock,
        keep_days: Callable[[], float],
    ) -> None:
        self._store = store
        self._anchoring = anchoring
        self._trail = trail
        self._clock = clock
        self._keep_days = keep_days

    async def run(self) -> None:
        """Prune ten minutes from now, when the start is over, and once a day; until cancelled."""
        await self._clock.sleep(_FIRST_S)
        while True:
            await self.prune()
            await self._clock.sleep(_EVERY_S)

    async def prune(self) -> None:
        """Remove all entries that are too old."""
        if self._anchoring.is_broken:
            return  # evidence
        now_ns = self._clock.now_ns()
        before_ns = now_ns - int(self._keep_days() * _DAY_NS)
        try:
            while await self._prune_some(before_ns, now_ns) > 0:
                await self._clock.sleep(_BETWEEN_S)
        except AuditBroken as error:
            self._tell(now_ns, str(error))
        except StorageFailed as failure:
            log.warning("audit log not pruned", extra={"reason": str(failure)})

    async def _prune_some(self, before_ns: int, now_ns: int) -> int:
        oldest_needed = await self._anchoring.oldest_needed()
        if oldest_needed is None:
            return await self._store.prune(before_ns=before_ns, now_ns=now_ns)
        count = await self._store.prune(before_ns=before_ns, now_ns=now_ns, below=oldest_needed)
        if count > 0:
            await self._anchoring.pruned()
        return count

    def _tell(self, now_ns: int, reason: str) -> None:
        log.warning("audit log not pruned", extra={"reason": reason})
        self._trail.record(
            AuditEntry(
                at_ns=now_ns,
                who=AUDIT_LOG,
                act=AuditAct.PRUNE,
                what=AUDIT_LOG,
                result=AuditResult.REFUSED,
                detail=reason,
            )
        )
