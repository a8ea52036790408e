"""The audit log for services: added to and read in transactions short enough to hold up nobody."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection

from tradeassist_desktop.domain.audit import (
    AuditAct,
    AuditAnchor,
    AuditBreak,
    AuditEntry,
    AuditPick,
    RecordedEntry,
)
from tradeassist_desktop.storage import audit, audit_checks, audit_pruning
from tradeassist_desktop.storage.audit_chain import FIRST_LINK, values_of
from tradeassist_desktop.storage.audit_checks import Checkpoint

T = TypeVar("T")

_BEYOND_ALL: Final = 2**63 - 1
_FOLLOWED_ROWS: Final = 500
_PRUNED_ROWS: Final = 500


class Transactions(Protocol):
    """What runs them: the desk's ``Database``, or a ``LoneFile``."""

    async def run(self, work: Callable[[Connection], T], *, durable: bool) -> T:
        """Do ``work`` in one writing transaction."""
        ...

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do ``work``, which only reads, in one transaction."""
        ...


class AuditStore:
    """The audit log of one file. Each method may raise ``StorageFailed``."""

    def __init__(self, *, transactions: Transactions) -> None:
        self._transactions = transactions

    async def append(self, entries: Sequence[AuditEntry]) -> AuditAnchor:
        """Add entries in one transaction that waits for the disk; return where the log ends now."""
        return await self._transactions.run(
            lambda connection: audit.append(connection, entries), durable=True
        )

    async def page(
        self, pick: AuditPick, *, limit: int, below: int = _BEYOND_ALL, above: int = 0
    ) -> list[RecordedEntry]:
        """Return up to ``limit`` picked entries with numbers between the two, newest first.

        Looks through as many rows as it takes, a part in each transaction.
        """
        found: list[RecordedEntry] = []
        while len(found) < limit:
            top = await self._transactions.read(partial(audit.number_below, number=below))
            if top <= above:
                break
            bottom = max(top - audit.SCANNED_ROWS, above)
            found += await self._transactions.read(
                partial(audit.page, pick=pick, above=bottom, below=below, limit=limit - len(found))
            )
            below = bottom + 1
        return found

    async def following(self, pick: AuditPick, *, above: int, limit: int) -> tuple[list[RecordedEntry], int]:
        """Look at the next entries behind a number; as ``audit.following``."""
        return await self._transactions.read(partial(audit.following, pick=pick, above=above, limit=limit))

    async def count(self, pick: AuditPick) -> int:
        """Return how many entries are picked."""
        counted, below = 0, _BEYOND_ALL
        while (top := await self._transactions.read(partial(audit.number_below, number=below))) > 0:
            bottom = max(top - audit.SCANNED_ROWS, 0)
            counted += await self._transactions.read(
                partial(audit.count, pick=pick, above=bottom, below=below)
            )
            below = bottom + 1
        return counted

    async def last(
        self, whats: Iterable[str], acts: Iterable[AuditAct], *, except_who: Iterable[str] = ()
    ) -> dict[tuple[str, AuditAct], AuditEntry]:
        """Return the last entry that went well of each act about each, by nobody of ``except_who``."""
        wanted = tuple(whats), tuple(acts), tuple(except_who)
        return await self._transactions.read(lambda connection: audit.last(connection, *wanted))

    async def whos_and_whats(self) -> tuple[list[str], list[str]]:
        """Return who did something lately and what it was about, for choosing from."""
        return await self._transactions.read(audit.whos_and_whats)

    async def uses(self, source: str) -> bool:
        """Whether this place gave or took a secret lately."""
        return await self._transactions.read(partial(audit.uses, source=source))

    async def end(self) -> AuditAnchor:
        """Return where the log ends."""
        return await self._transactions.read(audit.newest)

    async def checkpoint(self) -> Checkpoint:
        """Return where checking begins."""
        return await self._transactions.read(audit_checks.checkpoint)

    async def kept(self, at: Checkpoint) -> tuple[int, AuditBreak | None]:
        """Return how many entries are kept beyond their time, and whether they are those that were."""
        count, seal = await self._sealed(at.through)
        return count, audit_checks.broken_kept(at, seal)

    async def accept(self, entry: AuditEntry) -> AuditAnchor:
        """Take the log as it is now, whatever was done to it; return where it ends with this entry."""
        end = await self.end()
        _, seal = await self._sealed(end.number)
        row = values_of(entry, through=end.number, seal=f"{end.chain} {seal}")
        return await self._transactions.run(partial(audit.append_rows, rows=[row]), durable=True)

    async def _sealed(self, through: int) -> tuple[int, str]:
        count, seal, above = 0, FIRST_LINK, 0
        while rows := await self._transactions.read(
            partial(audit_checks.kept_rows, through=through, above=above, limit=_FOLLOWED_ROWS)
        ):
            count, seal, above = count + len(rows), audit_checks.seal_of(rows, seal), rows[-1].number
        return count, seal

    async def follow(self, end: AuditAnchor) -> tuple[AuditAnchor, AuditBreak | None]:
        """Follow the chain a part of the way; return how far, and what is broken there."""
        return await self._transactions.read(partial(audit_checks.follow, end=end, limit=_FOLLOWED_ROWS))

    async def broken_anchor(self, anchor: AuditAnchor) -> AuditBreak | None:
        """Return why the log is not the one that led to this anchor, or ``None``."""
        return await self._transactions.read(partial(audit_checks.broken_anchor, anchor=anchor))

    async def prune(self, *, before_ns: int, now_ns: int, below: int = _BEYOND_ALL) -> int:
        """Remove the oldest entries in one transaction; as ``audit_pruning.prune``."""
        return await self._transactions.run(
            partial(audit_pruning.prune, before_ns=before_ns, now_ns=now_ns, below=below, limit=_PRUNED_ROWS),
            durable=True,
        )
