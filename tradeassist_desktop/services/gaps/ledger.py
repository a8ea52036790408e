"""The ledger of stretches without data: the newest in memory, all on disk."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

from tradeassist_desktop.domain.events import GapsChanged
from tradeassist_desktop.domain.gaps import Gap, GapState
from tradeassist_desktop.runtime.bus import Bus

KEPT: Final = 200


class GapStore(Protocol):
    """Where gaps are kept."""

    async def load(self, limit: int) -> tuple[list[Gap], list[Gap], int]:
        """Return the newest, newest first; those that are unfinished; and the highest number."""
        ...

    def keep(self, gap: Gap) -> None:
        """Keep a gap as it stands now; may lag, never blocks."""
        ...


class GapLedger:
    """Writes down each gap as it begins and whenever it stands elsewhere.

    A program that is killed meanwhile leaves it open on disk; the next start finds it in ``unfinished``.
    """

    def __init__(self, *, store: GapStore, bus: Bus) -> None:
        self._store = store
        self._bus = bus
        self._gaps: dict[int, Gap] = {}
        self._last_number = 0
        self.unfinished: tuple[Gap, ...] = ()
        """Those that the run before this one left open, oldest first."""

    async def start(self) -> None:
        """Read what was kept.

        Raises:
            StorageFailed: it cannot be read.
        """
        newest, unfinished, self._last_number = await self._store.load(KEPT)
        self._gaps = {gap.number: gap for gap in sorted([*newest, *unfinished], key=lambda gap: gap.number)}
        self.unfinished = tuple(unfinished)

    def newest(self) -> Sequence[Gap]:
        """Return the newest gaps, newest first."""
        return tuple(reversed(self._gaps.values()))

    def note(
        self,
        *,
        feed: str,
        symbol: str = "",
        from_ns: int,
        until_ns: int | None = None,
        reason: str,
        state: GapState = GapState.OPEN,
        detail: str = "",
    ) -> Gap:
        """Write down a gap that was not there before."""
        self._last_number += 1
        gap = Gap(
            number=self._last_number,
            feed=feed,
            symbol=symbol,
            from_ns=from_ns,
            until_ns=until_ns,
            reason=reason,
            state=state,
            detail=detail,
        )
        self._gaps[gap.number] = gap
        while len(self._gaps) > KEPT:
            del self._gaps[next(iter(self._gaps))]
        self._keep(gap)
        return gap

    def change(self, gap: Gap, **changes: Any) -> Gap:
        """Write down what has become of a gap, and return it as it is now."""
        changed = replace(gap, **changes)
        if changed != gap:
            if changed.number in self._gaps:  # else it is too long ago to be among the newest
                self._gaps[changed.number] = changed
            self._keep(changed)
        return changed

    def _keep(self, gap: Gap) -> None:
        self._store.keep(gap)
        self._bus.publish(GapsChanged())
