"""Values that change with updates: each kept once, whatever number of rules reads it."""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING

from tradeassist_desktop.engine.levels import Levels

if TYPE_CHECKING:
    from tradeassist_desktop.engine.instance import Instance


class Stream:
    """One value of one symbol, with who wants to know of which changes.

    ``low`` and ``high`` bound, exclusively, where the value may move without concerning any
    rule; an update inside them costs one comparison. They are NaN, so that no value is
    inside, while some rule must hear of every change. What is inside is also finite and above
    ``floor``, so that only values outside need a look at whether they can be believed.

    Args:
        floor: What values must be above.
    """

    __slots__ = ("_dependents", "_levels", "floor", "high", "low", "value")

    def __init__(self, *, floor: float = -inf) -> None:
        self.value: float | None = None
        self.floor = floor
        self.low = floor
        self.high = inf
        self._levels: Levels[Instance] = Levels()
        self._dependents: list[Instance] = []

    def watch(self, instance: Instance, level: float | None) -> None:
        """Have the instance touched when the value passes ``level``; ``None``: when it changes."""
        if level is None:
            self._dependents.append(instance)
        else:
            self._levels.add(level, instance)
        self.low = self.high = nan

    def unwatch(self, instance: Instance, level: float | None) -> None:
        """Undo one ``watch``."""
        if level is None:
            self._dependents.remove(instance)
        else:
            self._levels.remove(level, instance)
        self.low = self.high = nan

    def move(self, value: float, touched: list[Instance]) -> None:
        """Set a value that is not between ``low`` and ``high``."""
        levels = self._levels
        if not levels.is_sorted:
            levels.settle(self.value)
        levels.move(value, touched)
        if self._dependents:
            if value != self.value:
                touched += self._dependents
        else:
            self.low, self.high = max(levels.low, self.floor), levels.high
        self.value = value

    def set(self, value: float | None, touched: list[Instance]) -> None:
        """Set a derived value, which may have become unknown."""
        if value is None:
            if self.value is not None:
                self.value = None
                self.low = self.high = nan
                self._levels.forget(touched)
                touched += self._dependents
        elif self.low < value < self.high:
            self.value = value
        else:
            self.move(value, touched)
