"""The constants that rules compare one stream with, sorted, so that a move finds those it passes."""

from bisect import bisect_left
from math import inf, nextafter
from typing import Generic, TypeVar

Watcher = TypeVar("Watcher")


class Levels(Generic[Watcher]):
    """Sorted levels with their watchers and the place of the present value among them.

    The place is ``2 * i`` between level ``i - 1`` and level ``i``, ``2 * i + 1`` exactly on
    level ``i``. ``low`` and ``high`` bound, exclusively, where a value can move without
    passing, reaching or leaving a level.
    """

    __slots__ = ("_by_level", "_is_sorted", "_levels", "_place", "_watchers", "high", "low")

    def __init__(self) -> None:
        self._by_level: dict[float, list[Watcher]] = {}
        self._levels: list[float] = []
        self._watchers: list[list[Watcher]] = []
        self._place: int | None = None
        self._is_sorted = True
        self.low = -inf
        self.high = inf

    def __len__(self) -> int:
        return len(self._by_level)

    @property
    def is_sorted(self) -> bool:
        """Whether no level was added or removed since the last ``settle``."""
        return self._is_sorted

    def add(self, level: float, watcher: Watcher) -> None:
        """Watch one level; takes effect with the next ``settle``."""
        self._by_level.setdefault(level, []).append(watcher)
        self._is_sorted = False

    def remove(self, level: float, watcher: Watcher) -> None:
        """Stop watching one level; takes effect with the next ``settle``."""
        watchers = self._by_level[level]
        watchers.remove(watcher)
        if not watchers:
            del self._by_level[level]
        self._is_sorted = False

    def settle(self, value: float | None) -> None:
        """Sort what was added and stand at ``value``, telling nobody."""
        self._levels = sorted(self._by_level)
        self._watchers = [self._by_level[level] for level in self._levels]
        self._is_sorted = True
        self._place = None if value is None else self._stand_at(value)

    def move(self, value: float, touched: list[Watcher]) -> None:
        """Go to ``value``; put the watchers of every level passed, reached or left into ``touched``."""
        before = self._place
        place = self._place = self._stand_at(value)
        if before is None:
            for watchers in self._watchers:
                touched += watchers
        elif place > before:
            for watchers in self._watchers[before // 2 : (place + 1) // 2]:
                touched += watchers
        elif place < before:
            for watchers in self._watchers[place // 2 : (before + 1) // 2]:
                touched += watchers

    def forget(self, touched: list[Watcher]) -> None:
        """The value is no longer known: every watcher is touched."""
        self._place = None
        for watchers in self._watchers:
            touched += watchers

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
