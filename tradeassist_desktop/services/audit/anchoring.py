"""Remembers in the keyring where the audit log ends, so that a cut or a log written anew shows.

The chain alone shows changes by whoever does not know how links are made. Who does can make all of
them anew, or cut the end off; but the newest link, remembered where the database's file is not, tells.
It protects what came before it from all who can write the file and not the keyring, and nothing from
who can do both.
"""

import contextlib
import logging
from collections.abc import Callable
from typing import Final

from tradeassist_desktop.domain.audit import (
    AUDIT_LOG,
    AuditAct,
    AuditAnchor,
    AuditBreak,
    AuditEntry,
    AuditFault,
    AuditResult,
)
from tradeassist_desktop.domain.secret import KeeperError, Secret, SecretKeeper
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.storage.audit_checks import Checkpoint, untold
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

ANCHOR_NAME: Final = "audit.anchor"
"""The keyring's entry, with the fields ``number`` and ``chain``."""

_EVERY_S: Final = 60.0
_FEW: Final = 100
"""Fewer new entries than this wait for ``_LONG_NS``: a keyring is not to be written to all the time."""
_LONG_NS: Final = 300 * 1_000_000_000
_CLOSE_S: Final = 2.0


async def read_anchor(keeper: SecretKeeper) -> AuditAnchor | None:
    """Return what the keyring remembers; may wait for a person who opens it.

    Raises:
        KeeperError: it could not be asked.
    """
    kept = await keeper.read(ANCHOR_NAME)
    if kept is None:
        return None
    number, chain = kept.secret.get("number", ""), kept.secret.get("chain", "")
    if not number.isascii() or not number.isdigit() or not chain:
        log.warning("audit anchor is none", extra={"keeper": keeper.name})
        return None
    return AuditAnchor(int(number), chain)


class Anchoring:
    """Moves the anchor on as the log grows, but never over a break.

    The keyring is asked for it only once it has given or taken a secret in this run: it is open then,
    and asks nobody for a password. Nobody ever waits for it.

    Args:
        store: The log on disk.
        trail: The log's entries, told of a break.
        keeper: The keyring.
        tell: Told once of a break.
    """

    def __init__(
        self,
        *,
        store: AuditStore,
        trail: AuditLog,
        keeper: SecretKeeper,
        clock: Clock,
        tell: Callable[[AuditBreak], None],
    ) -> None:
        self._store = store
        self._trail = trail
        self._keeper = keeper
        self._clock = clock
        self._tell = tell
        self._anchor: AuditAnchor | None = None
        self._is_read = False
        self._broken: AuditBreak | None = None
        self._moved_ns = 0
        self._pruned = 0
        self._doubted: AuditBreak | None = None
        self._failure = ""

    @property
    def is_broken(self) -> bool:
        """Whether the log was found not to be what was written; its anchor stays where it is then."""
        return self._broken is not None

    async def oldest_needed(self) -> int | None:
        """Return the number from which entries must stay for the anchor's sake.

        0 while that is not known, ``None`` where there is no anchor.

        Raises:
            StorageFailed: the log cannot be read.
        """
        if self._anchor is not None:
            is_sure = not self._failure and self._untold(await self._store.checkpoint(), self._anchor) is None
            return self._anchor.number if is_sure else 0
        return 0 if not self._is_read and await self._store.uses(self._keeper.name) else None

    async def pruned(self) -> None:
        """Have the keyring vouch for what pruning has just left: else anybody could have pruned."""
        self._pruned = (await self._store.checkpoint()).number
        await self._move(at_once=True)

    async def run(self) -> None:
        """Keep the anchor close to the end of the log, until cancelled."""
        while True:
            await self._clock.sleep(_EVERY_S)
            await self._move(at_once=False)

    async def read(self) -> AuditAnchor | None:
        """Return what the keyring remembers now; as ``read_anchor``."""
        return await read_anchor(self._keeper)

    async def begin_anew(self, end: AuditAnchor) -> None:
        """Have the keyring remember this end in place of what it did.

        Raises:
            KeeperError: it did not take it.
        """
        before = await self.read()
        if before is not None or self._keeper.name in self._trail.sources:
            self._anchor = await self._remember(end) or before
        self._is_read, self._broken = True, None

    async def close(self) -> None:
        """Move the anchor to the end for the last time, within 2 s."""
        with contextlib.suppress(TimeoutError):
            await within(self._clock, _CLOSE_S, self._close())

    async def _close(self) -> None:
        await self._trail.flush()
        await self._move(at_once=True)

    async def _move(self, *, at_once: bool) -> None:
        if self.is_broken or self._keeper.name not in self._trail.sources:
            return
        try:
            if not self._is_read:
                self._anchor = await read_anchor(self._keeper)
                self._is_read = True
            await self._move_to_end(at_once=at_once)
        except (KeeperError, StorageFailed) as error:
            if str(error) != self._failure:  # once, then on change
                log.warning("audit anchor not moved", extra={"reason": str(error)})
            self._failure = str(error)
        else:
            self._failure = ""

    async def _move_to_end(self, *, at_once: bool) -> None:
        anchor = self._anchor
        if anchor is None:
            start = await self._store.checkpoint()
            begin = AuditAnchor(start.through, start.chain)
        else:
            begin = anchor
            broken = await self._store.broken_anchor(anchor)
            if broken := broken or self._untold(await self._store.checkpoint(), anchor):
                await self._doubt(broken, anchor)
                return
        end = await self._store.end()
        is_due = end.number - begin.number >= _FEW or self._clock.monotonic_ns() - self._moved_ns >= _LONG_NS
        if end == begin or not (is_due or at_once):
            return
        while True:
            reached, broken = await self._store.follow(begin)
            if broken is not None:
                # Without an anchor it may have been pruned meanwhile: to be looked at again in a minute.
                if anchor is not None or await self._store.checkpoint() == start:
                    self._note(broken)
                return
            if reached == begin:
                break
            begin = reached
        self._anchor = await self._remember(reached) or self._anchor

    def _untold(self, at: Checkpoint, anchor: AuditAnchor) -> AuditBreak | None:
        return None if at.number == self._pruned else untold(at, anchor)

    async def _doubt(self, broken: AuditBreak, anchor: AuditAnchor) -> None:
        # Another program on this folder may have moved the anchor meanwhile, or be about to.
        self._anchor = await read_anchor(self._keeper) or anchor
        if self._anchor == anchor and (broken.fault is not AuditFault.UNTOLD or broken == self._doubted):
            self._note(broken)
        self._doubted = broken

    async def _remember(self, end: AuditAnchor) -> AuditAnchor | None:
        fields = {"number": str(end.number), "chain": end.chain}
        if await self._keeper.write(ANCHOR_NAME, Secret(fields)) is None:
            return None
        self._moved_ns = self._clock.monotonic_ns()
        return end

    def _note(self, broken: AuditBreak) -> None:
        self._broken = broken
        log.warning("audit log is broken", extra={"number": broken.number, "fault": broken.fault.value})
        self._trail.record(
            AuditEntry(
                at_ns=self._clock.now_ns(),
                who=AUDIT_LOG,
                act=AuditAct.VERIFY,
                what=AUDIT_LOG,
                result=AuditResult.FAILED,
                detail=f"{broken.fault.value} at number {broken.number:,}",
            )
        )
        self._tell(broken)
