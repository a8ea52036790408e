"""The audit log for who reads it: pages, whether it is whole, and files of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.access import Act, Gate
from tradeassist_desktop.domain.audit import (
    AUDIT_LOG,
    AuditAct,
    AuditEntry,
    AuditPick,
    AuditResult,
    AuditVerdict,
    RecordedEntry,
)
from tradeassist_desktop.domain.errors import TradeAssistError, UsageError
from tradeassist_desktop.domain.secret import KeeperError
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.audit.anchoring import Anchoring
from tradeassist_desktop.services.audit.exporting import export
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.audit.verifying import in_words, verify
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.faults import StorageFailed

PAGE_ROWS: Final = 200
_KEYRING_S: Final = 10.0
_NOT_YET: Final = "no keyring remembers it yet"

Progress = Callable[[int, int], None]
"""Told how far something is, and how far it has to go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What looking through the log came to.

    Args:
        words: The same as sentences.
    """

    verdict: AuditVerdict
    words: str


class AuditBook:
    """Reads the audit log. Each method may raise ``StorageFailed``, and ``Denied`` where somebody asks.

    Args:
        access: Asked whether who is at the desk may see it.
        who: Returns who is at the desk.
        trail: Told of what is done to the log itself.
        anchoring: Knows where the log ended, as the keyring remembers it.
    """

    def __init__(
        self,
        *,
        access: Gate,
        who: Callable[[], str],
        store: AuditStore,
        trail: AuditLog,
        anchoring: Anchoring,
        clock: Clock,
    ) -> None:
        self._access = access
        self._who = who
        self._store = store
        self._trail = trail
        self._anchoring = anchoring
        self._clock = clock

    @property
    def may_read(self) -> bool:
        """Whether who is at the desk may read and verify it."""
        return self._access.may(Act.READ_AUDIT)

    @property
    def trouble(self) -> str | None:
        """Why entries cannot be kept at present, or ``None``: they wait in memory."""
        return self._trail.trouble

    @property
    def may_accept(self) -> bool:
        """Whether they may accept it as it is."""
        return self._access.may(Act.ACCEPT_AUDIT)

    @property
    def may_export(self) -> bool:
        """Whether they may write files of it."""
        return self._access.may(Act.EXPORT_AUDIT)

    async def older(self, pick: AuditPick, *, below: int | None = None) -> list[RecordedEntry]:
        """Return the next page of picked entries under a number, or the newest ones; newest first."""
        self._access.require(Act.READ_AUDIT)
        if below is None:
            return await self._store.page(pick, limit=PAGE_ROWS)
        return await self._store.page(pick, limit=PAGE_ROWS, below=below)

    async def newer(self, pick: AuditPick, *, above: int) -> list[RecordedEntry]:
        """Return picked entries over a number, newest first: of many, the newest."""
        self._access.require(Act.READ_AUDIT)
        return await self._store.page(pick, limit=PAGE_ROWS, above=above)

    async def count(self, pick: AuditPick) -> int:
        """Return how many entries are picked."""
        self._access.require(Act.READ_AUDIT)
        return await self._store.count(pick)

    async def whos_and_whats(self) -> tuple[list[str], list[str]]:
        """Return who did something lately and what it was about, for choosing from."""
        self._access.require(Act.READ_AUDIT)
        return await self._store.whos_and_whats()

    async def last(
        self, whats: Iterable[str], acts: Iterable[AuditAct], *, except_who: Iterable[str] = ()
    ) -> Mapping[tuple[str, AuditAct], AuditEntry]:
        """Return the last entry that went well of each of these acts about each of these.

        Args:
            except_who: Whose entries do not count, such as those of who only shows what is known.
        """
        return await self._store.last(whats, acts, except_who=except_who)

    async def verify(self, *, when: Callable[[int], str], on_progress: Progress) -> Verified:
        """Look through the whole log; that it was done is an entry too.

        Args:
            when: Shows a time, UTC nanoseconds, as the reader knows it.
        """
        self._access.require(Act.READ_AUDIT)
        await self._trail.flush()
        anchor, why = None, _NOT_YET
        try:
            anchor = await within(self._clock, _KEYRING_S, self._anchoring.read())
        except (KeeperError, TimeoutError) as error:
            why = str(error) if isinstance(error, KeeperError) else "the keyring does not answer"
        verdict = await verify(self._store, anchor=anchor, on_progress=on_progress)
        words = in_words(verdict, when=when, why_unanchored=why)
        result = AuditResult.OK if verdict.broken is None else AuditResult.FAILED
        self._tell(AuditAct.VERIFY, result, words)
        return Verified(verdict=verdict, words=words)

    async def accept(self, reason: str) -> None:
        """Take the log as it is, changed or not, and go on from there; why is an entry that stays.

        Raises:
            UsageError: there is no reason.
            TradeAssistError: the keyring still remembers another log.
        """
        self._access.require(Act.ACCEPT_AUDIT)
        if not reason.strip():
            raise UsageError("Say why the log is accepted as it is: that is written down.")
        await self._trail.flush()
        entry = AuditEntry(
            at_ns=self._clock.now_ns(),
            who=self._who(),
            act=AuditAct.ACCEPT,
            what=AUDIT_LOG,
            detail=reason.strip(),
        )
        end = await self._store.accept(self._trail.cleaned(entry))
        self._trail.tell_grown(end.number)
        try:
            await within(self._clock, _KEYRING_S, self._anchoring.begin_anew(end))
        except (KeeperError, TimeoutError) as error:
            why = str(error) if isinstance(error, KeeperError) else "it does not answer"
            text = f"The keyring still remembers another log: {why}. Accept it again then."
            raise TradeAssistError(text) from error

    async def export(self, pick: AuditPick, file: Path, *, on_progress: Progress) -> int:
        """Write picked entries to a file; return how many. That it was done, or tried, is an entry too.

        Raises:
            TradeAssistError: the file cannot be written.
        """
        self._access.require(Act.EXPORT_AUDIT)
        await self._trail.flush()
        try:
            count = await export(self._store, pick, file, on_progress=on_progress)
        except (TradeAssistError, StorageFailed) as error:
            self._tell(AuditAct.EXPORT, AuditResult.FAILED, str(error))
            raise
        self._tell(AuditAct.EXPORT, AuditResult.OK, f"{count:,} entries to {file}")
        return count

    def _tell(self, act: AuditAct, result: AuditResult, detail: str) -> None:
        self._trail.record(
            AuditEntry(
                at_ns=self._clock.now_ns(),
                who=self._who(),
                act=act,
                what=AUDIT_LOG,
                result=result,
                detail=detail,
            )
        )
