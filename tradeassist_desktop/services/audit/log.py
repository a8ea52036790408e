"""Takes entries of the audit log without ever waiting, and has them on disk within a second."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from tradeassist_desktop.domain.audit import AUDIT_LOG, AuditAct, AuditAnchor, AuditEntry, AuditResult
from tradeassist_desktop.domain.events import AuditGrew
from tradeassist_desktop.domain.one_line import one_line
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.audit.repeats import Repeats
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

MOST_WAITING: Final = 10_000
_MOST_AT_ONCE: Final = 500
_SOON_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 30.0
_MOST_SOURCES: Final = 50
_FINISH_S: Final = 2.0
_LARGEST: Final = 2**63 - 1
_LONGEST_NAME: Final = 100
_LONGEST_DETAIL: Final = 500
_MOST_MASKED: Final = 100_000


class Appending(Protocol):
    """Where entries are kept, as an ``AuditStore`` does."""

    async def append(self, entries: list[AuditEntry]) -> AuditAnchor:
        """Add entries; each is on disk when this returns."""
        ...


class AuditLog:
    """An ``AuditTrail``. What is recorded before there is a file, or while its disk is full, waits in memory.

    At most ``MOST_WAITING`` entries do: beyond, the oldest are given up, and an entry tells how many.

    Args:
        mask: Takes secrets out of a text. None should be in an entry; this is the second line of defence.
        bus: Told when the log has grown.
    """

    def __init__(self, *, clock: Clock, mask: Callable[[str], str], bus: Bus | None = None) -> None:
        self._clock = clock
        self._mask = mask
        self._bus = bus
        self._repeats = Repeats()
        self._waiting: deque[AuditEntry] = deque()
        self._sources: set[str] = set()
        self._lost = 0
        self._trouble: str | None = None
        self._store: Appending | None = None
        self._writing: asyncio.Task[bool] | None = None

    def record(self, entry: AuditEntry) -> None:
        """Take an entry; never blocks and never raises. Repeated reads of one minute become one entry."""
        if entry.act is AuditAct.READ and self._repeats.takes(entry):
            return
        self._put(entry)

    @property
    def waiting(self) -> int:
        """How many entries are not on disk yet, repeated reads of this minute left out."""
        return len(self._waiting)

    @property
    def sources(self) -> frozenset[str]:
        """Who has given or taken a secret since this log was opened."""
        return frozenset(self._sources)

    @property
    def has_more(self) -> bool:
        """Whether anything recorded is not on disk yet."""
        return bool(self._waiting) or bool(self._lost) or bool(self._repeats)

    @property
    def trouble(self) -> str | None:
        """Why entries cannot be kept at present, or ``None``."""
        return self._trouble

    def open(self, store: Appending) -> None:
        """Write there from now on."""
        self._store = store

    async def run(self) -> None:
        """Write what was recorded every second, less often while that fails; until cancelled."""
        pause_s = _SOON_S
        while True:
            await self._clock.sleep(pause_s)
            self._put_all(self._repeats.ended(self._clock.now_ns()))
            is_written = not self._waiting or await self._write()
            pause_s = _SOON_S if is_written else min(pause_s * 2, _LONGEST_PAUSE_S)

    async def flush(self) -> bool:
        """Write everything recorded so far; return whether it is on disk."""
        self._put_all(self._repeats.all())
        return await self._write()

    async def close(self) -> None:
        """Write what is left, for at most 2 s, and write no more; what could not be written waits on."""
        with contextlib.suppress(TimeoutError):
            await within(self._clock, _FINISH_S, self.flush())
        self._store = None

    def tell_grown(self, number: int) -> None:
        """Tell who listens that there are entries up to this number."""
        if self._bus is not None:
            self._bus.publish(AuditGrew(number=number))

    def cleaned(self, entry: AuditEntry) -> AuditEntry:
        """Return an entry as it is kept: no secret in it, each text one line of bounded length."""
        return replace(
            entry,
            at_ns=_within_limits(entry.at_ns),
            who=self._tamed(entry.who, _LONGEST_NAME),
            what=self._tamed(entry.what, _LONGEST_NAME),
            version=self._tamed(entry.version, _LONGEST_NAME),
            source=self._tamed(entry.source, _LONGEST_NAME),
            detail=self._tamed(entry.detail, _LONGEST_DETAIL),
            count=_within_limits(entry.count),
        )

    def _put_all(self, entries: list[AuditEntry]) -> None:
        for entry in entries:
            self._put(entry)

    def _put(self, entry: AuditEntry) -> None:
        if entry.result is AuditResult.OK and len(self._sources) < _MOST_SOURCES:
            self._sources.add(entry.source)
        self._waiting.append(entry)
        if len(self._waiting) > MOST_WAITING:
            self._lost += self._waiting.popleft().count

    async def _write(self) -> bool:
        # In a task of its own: whoever waits may be cancelled, and nobody would know what was written.
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="audit log")
        return await asyncio.shield(self._writing)

    async def _write_all(self) -> bool:
        while self._waiting or self._lost:
            if self._store is None:
                return False
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_AT_ONCE))]
            lost, self._lost = self._lost, 0
            try:
                end = await self._store.append([*self._tell_lost(lost), *map(self.cleaned, batch)])
            except StorageFailed as failure:
                self._waiting.extendleft(reversed(batch))
                self._lost += lost
                while len(self._waiting) > MOST_WAITING:
                    self._lost += self._waiting.popleft().count
                self._note(str(failure))
                return False
            except Exception:  # our own mistake: the same entries would fail again, for ever
                log.exception("audit entries cannot be kept")
                self._lost += lost + sum(entry.count for entry in batch)
                if not self._waiting:
                    return False
                continue
            self._note(None)
            self.tell_grown(end.number)
        return True

    def _tell_lost(self, count: int) -> list[AuditEntry]:
        if count == 0:
            return []
        return [
            AuditEntry(
                at_ns=self._clock.now_ns(),
                who=AUDIT_LOG,
                act=AuditAct.LOST,
                what=AUDIT_LOG,
                result=AuditResult.FAILED,
                detail=self._trouble or "they could not be written",
                count=count,
            )
        ]

    def _tamed(self, text: str, most: int) -> str:
        # Masked before it is cut, which could leave half a secret.
        return one_line(self._mask(text[:_MOST_MASKED]), most) if text else text

    def _note(self, trouble: str | None) -> None:
        if trouble == self._trouble:
            return
        if trouble is None:
            log.info("audit log is written again")
        else:
            log.warning("audit log cannot be written", extra={"reason": trouble})
        self._trouble = trouble


def _within_limits(number: int) -> int:
    return max(0, min(number, _LARGEST))
