"""What is done with secrets, told to the audit log."""

from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult, AuditTrail
from tradeassist_desktop.domain.secret import KeeperError, KeeperRefused, KeptSecret
from tradeassist_desktop.runtime.clock import Clock


class Acts:
    """Writes entries; none holds a secret's text."""

    def __init__(self, *, trail: AuditTrail, clock: Clock) -> None:
        self._trail = trail
        self._clock = clock

    def read(self, name: str, kept: KeptSecret | None, *, who: str, given_by: str) -> None:
        """Tell of an answer: ``memory``, ``cache`` or a keeper gave it, or nobody has the secret."""
        self._trail.record(
            AuditEntry(
                at_ns=self._clock.now_ns(),
                who=who,
                act=AuditAct.READ,
                what=name,
                version="" if kept is None else kept.version.version,
                source=given_by,
                result=AuditResult.ABSENT if kept is None else AuditResult.OK,
            )
        )

    def failed(self, act: AuditAct, name: str, error: KeeperError, *, who: str, version: str = "") -> None:
        """Tell that a keeper could not, or would not."""
        is_refusal = isinstance(error, KeeperRefused)
        result = AuditResult.REFUSED if is_refusal else AuditResult.FAILED
        self.did(act, name, who=who, source=error.keeper, version=version, result=result, detail=str(error))

    def did(
        self,
        act: AuditAct,
        name: str,
        *,
        who: str,
        source: str = "",
        version: str = "",
        result: AuditResult = AuditResult.OK,
        detail: str = "",
    ) -> None:
        """Tell of an act."""
        self._trail.record(
            AuditEntry(
                at_ns=self._clock.now_ns(),
                who=who,
                act=act,
                what=name,
                version=version,
                source=source,
                result=result,
                detail=detail,
            )
        )
