"""Has updates kept, many at a time."""

import logging
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from tradeassist_desktop.domain.market import Tick

log = logging.getLogger(__name__)

TICKS_A_BATCH: Final = 4_000
"""Ticks handed to the store at once; of half as many each costs half as much again."""


class TickStore(Protocol):
    """Where updates are kept; may lag, never blocks the caller."""

    def keep_ticks(self, ticks: Sequence[Tick]) -> bool:
        """Take a batch; return whether it was taken (a disk that cannot follow refuses)."""
        ...

    @property
    def ticks_lost(self) -> int:
        """How many updates were not kept: refused, or undone by a disk that failed."""
        ...


class TickKeeping:
    """Gathers what the engine has taken, and says when updates are lost, and how many it were.

    Args:
        is_wanted: Whether the trader wants updates kept.
    """

    def __init__(self, *, store: TickStore, is_wanted: Callable[[], bool]) -> None:
        self._store = store
        self._is_wanted = is_wanted
        self._pending: list[Tick] = []
        self._lost = self._told_lost = 0

    def take(self, ticks: Sequence[Tick]) -> None:
        """Take updates, in order."""
        self._pending.extend(ticks)
        if len(self._pending) >= TICKS_A_BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand over what was gathered."""
        if not self._pending:
            return
        ticks, self._pending = self._pending, []
        if not self._is_wanted():
            return
        self._store.keep_ticks(ticks)
        before, self._lost = self._lost, self._store.ticks_lost
        if self._lost > before == self._told_lost:
            log.warning("disk cannot follow the market: updates are evaluated but not all kept")
        elif self._lost == before > self._told_lost:
            log.warning("updates are kept again", extra={"lost": self._lost - self._told_lost})
            self._told_lost = self._lost
