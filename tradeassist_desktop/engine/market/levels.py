"""Levels that one stream is compared with, sorted, so that a move finds those it passes."""

from bisect import bisect_left
from math import inf, nextafter
from typing import Generic, TypeVar

Watcher = TypeVar("Watcher")


class Levels(Generic[Watcher]):
    """Sorted levels with their watchers and the place of the present value among them.

    The place is ``2 * i`` between level ``i - 1`` and level ``i``, ``2 * i + 1`` exactly on
    level ``i``, ``None`` while the value is not known. ``low`` and ``high`` bound, exclusively,
    where a value can move without passing, reaching or leaving a level.
    """

    __slots__ = ("_groups", "_levels", "_place", "high", "low")

    def __init__(self) -> None:
        self._levels: list[float] = []
        self._groups: list[dict[Watcher, None]] = []
        self._place: int | None = None
        self.low = -inf
        self.high = inf

    def __len__(self) -> int:
        return len(self._levels)

    def add(self, level: float, watcher: Watcher, value: float | None) -> None:
        """Watch one level while standing at ``value``; nobody is told."""
        levels = self._levels
        index = bisect_left(levels, level)
        if index == len(levels) or levels[index] != level:
            levels.insert(index, level)
            self._groups.insert(index, {})
        self._groups[index][watcher] = None
        self._place = None if value is None else self._stand_at(value)

    def remove(self, level: float, watcher: Watcher, value: float | None) -> None:
        """Stop watching one level while standing at ``value``."""
        index = bisect_left(self._levels, level)
        group = self._groups[index]
        del group[watcher]
        if not group:
            del self._levels[index], self._groups[index]
            self._place = None if value is None else self._stand_at(value)

    def replace_all(self, pairs: list[tuple[float, Watcher]], value: float | None) -> None:
        """Watch these levels, and no others, while standing at ``value``."""
        pairs.sort(key=_level)
        self._levels, self._groups = [], []
        for level, watcher in pairs:
            if self._levels and self._levels[-1] == level:
                self._groups[-1][watcher] = None
            else:
                self._levels.append(level)
                self._groups.append({watcher: None})
        self._place = None if value is None else self._stand_at(value)

    def move(self, value: float, passed: list[Watcher]) -> None:
        """Go to ``value``; put the watchers of every level passed, reached or left into ``passed``."""
        before = self._place
        place = self._place = self._stand_at(value)
        if before is None:
            for watchers in self._groups:
                passed += watchers
        elif place > before:
            for watchers in self._groups[before // 2 : (place + 1) // 2]:
                passed += watchers
        elif place < before:
            for watchers in self._groups[place // 2 : (before + 1) // 2]:
                passed += watchers

    def forget(self, passed: list[Watcher]) -> None:
        """The value is no longer known: every watcher is told."""
        self._place = None
        for watchers in self._groups:
            passed += watchers

    def _stand_at(self, value: float) -> int:
        levels = self._levels
        index = bisect_left(levels, value)
        if index < len(levels) and levels[index] == value:
            # So that the same value again is found to lie between the bounds.
            self.low, self.high = nextafter(value, -inf), nextafter(value, inf)
            return 2 * index + 1
        self.low = levels[index - 1] if index else -inf
        self.high = levels[index] if index < len(levels) else inf
        return 2 * index


def _level(pair: tuple[float, object]) -> float:
    return pair[0]
