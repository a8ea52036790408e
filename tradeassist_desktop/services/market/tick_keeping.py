"""Has updates kept, many at a time."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.storage.tick_batches import TickBatch

log = logging.getLogger(__name__)

_TURNS: Final = 16
_MOST_GATHERED: Final = 100_000


class TickStore(Protocol):
    """Where updates are kept; may lag, never blocks the caller."""

    def keep_ticks(self, batches: Sequence[TickBatch]) -> bool:
        """Take what came of some symbols; return whether it was taken (a disk that cannot follow refuses)."""
        ...

    @property
    def ticks_lost(self) -> int:
        """How many updates were not kept: refused, or undone by a disk that failed."""
        ...


class TickKeeping:
    """Gathers what the engine has taken, and says when updates are lost, and how many it were.

    Symbols take turns, some at each of eight flushes a second: of each, two seconds of updates are one
    row then. What goes to the disk is mostly pages, one a row at least, and the next alert's commit waits
    for them: of all symbols' rows four times a second they were 12 MB a second at 10,000 updates.

    Args:
        is_wanted: Whether the trader wants updates kept.
    """

    def __init__(self, *, store: TickStore, is_wanted: Callable[[], bool]) -> None:
        self._store = store
        self._is_wanted = is_wanted
        self._gathered: dict[str, TickBatch] = {}
        self._turns: list[list[str]] = [[] for _ in range(_TURNS)]  # of which symbols there is something
        self._full: list[TickBatch] = []
        self._count = 0
        self._turn = 0
        self._lost = self._told_lost = 0

    def take(self, ticks: Sequence[Tick]) -> None:
        """Take updates, in order."""
        if not self._is_wanted():
            return
        gathered = self._gathered
        for tick in ticks:
            batch = gathered.get(tick[0])
            if batch is None or not batch.take(tick):
                if batch is None:
                    self._turns[hash(tick[0]) % _TURNS].append(tick[0])
                else:
                    self._full.append(batch)
                gathered[tick[0]] = TickBatch(tick)
        self._count += len(ticks)
        if self._count >= _MOST_GATHERED:
            self.flush_all()

    def flush(self) -> None:
        """Hand over what was gathered of the symbols whose turn it is, and what takes no more."""
        self._turn = (self._turn + 1) % _TURNS
        self._hand_over([self._turn])

    def flush_all(self) -> None:
        """Hand over all that was gathered."""
        self._hand_over(range(_TURNS))

    def _hand_over(self, turns: Iterable[int]) -> None:
        batches, self._full = self._full, []  # first: what else there is of their symbols came later
        for turn in turns:
            batches.extend(map(self._gathered.pop, self._turns[turn]))
            self._turns[turn].clear()
        self._count -= sum(map(len, batches))
        if not batches or not self._is_wanted():
            return
        self._store.keep_ticks(batches)
        before, self._lost = self._lost, self._store.ticks_lost
        if self._lost > before == self._told_lost:
            log.warning("disk cannot follow the market: updates are evaluated but not all kept")
        elif self._lost == before > self._told_lost:
            log.warning("updates are kept again", extra={"lost": self._lost - self._told_lost})
            self._told_lost = self._lost
