"""Values that change with updates and closing bars: each kept once, whoever reads it."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, nan
from typing import TYPE_CHECKING

from tradeassist_desktop.engine.market.levels import Levels

if TYPE_CHECKING:
    from tradeassist_desktop.engine.instance import Instance

Read = Callable[[int], float | None]
"""Return a value at an instant, event time; ``None`` where it is not known."""


class Stream:
    """One value, with who wants to know of which changes.

    ``low`` and ``high`` bound, exclusively, where the value may move without concerning any
    rule; an update inside them costs one comparison. They are NaN, so that no value is
    inside, while some rule must hear of every change. What is inside is also finite and above
    ``floor``, so that only values outside need a look at whether they can be believed.

    Args:
        floor: What values must be above.
    """

    __slots__ = ("_dependents", "_is_moved", "_levels", "_movers", "_moving", "floor", "high", "low", "value")

    def __init__(self, *, floor: float = -inf) -> None:
        self.value: float | None = None
        self.floor = floor
        self.low = floor
        self.high = inf
        self._levels: Levels[Instance] | None = None
        self._moving: Levels[MovingLevel] | None = None
        self._movers: dict[MovingLevel, None] = {}
        self._is_moved = False
        self._dependents: dict[Instance, None] = {}

    def watch(self, instance: Instance, level: float | None) -> None:
        """Have the instance touched when the value passes ``level``; ``None``: when it changes."""
        if level is None:
            self._dependents[instance] = None
        else:
            if self._levels is None:
                self._levels = Levels()
            self._levels.add(level, instance, self.value)
        self._bound()

    def unwatch(self, instance: Instance, level: float | None) -> None:
        """Undo ``watch``."""
        if level is None:
            del self._dependents[instance]
        elif self._levels is not None:
            self._levels.remove(level, instance, self.value)
        self._bound()

    def add_moving(self, level: MovingLevel) -> None:
        """Compare the value with a level that moves, from the next ``put_moving`` on."""
        self._movers[level] = None

    def drop_moving(self, level: MovingLevel) -> None:
        """Undo ``add_moving``."""
        del self._movers[level]
        self.put_moving()

    def put_moving(self) -> None:
        """Note that levels have moved, or have become known or unknown: the next value finds them sorted."""
        self._is_moved = True
        self._bound()

    def _sort_moving(self) -> None:
        if self._moving is None:
            self._moving = Levels()
        known = [(level.level, level) for level in self._movers if level.level is not None]
        self._moving.replace_all(known, self.value)
        self._is_moved = False

    def move(self, value: float, touched: list[Instance]) -> None:
        """Set a value that is not between ``low`` and ``high``."""
        if self._is_moved:
            self._sort_moving()
        low, high = self.floor, inf
        levels = self._levels
        if levels is not None:
            levels.move(value, touched)
            low, high = max(low, levels.low), levels.high
        moving = self._moving
        if moving is not None:
            passed: list[MovingLevel] = []
            moving.move(value, passed)
            for level in passed:
                touched += level.watchers
            low, high = max(low, moving.low), min(high, moving.high)
        if self._dependents:
            if value != self.value:
                touched += self._dependents
        else:
            self.low, self.high = low, high
        self.value = value

    def set(self, value: float | None, touched: list[Instance]) -> None:
        """Set a derived value, which may have become unknown."""
        if value is not None and isfinite(value):
            if self.low < value < self.high:
                self.value = value
            else:
                self.move(value, touched)
        elif self.value is not None:
            self.value = None
            if self._levels is not None:
                self._levels.forget(touched)
            if self._moving is not None:
                self._moving.forget([])
            for level in self._movers:
                touched += level.watchers
            touched += self._dependents
            self._bound()

    def _bound(self) -> None:
        """Find out how far the value may move unheard."""
        levels, moving = self._levels, self._moving
        low, high = self.floor, inf
        if self._dependents or self._is_moved or (self.value is None and (levels or moving)):
            low = high = nan
        else:
            if levels is not None:
                low, high = max(low, levels.low), levels.high
            if moving is not None:
                low, high = max(low, moving.low), min(high, moving.high)
        self.low, self.high = low, high


class Derived(Stream):
    """A value computed of other streams: a field no feed brings, or arithmetic of several.

    Args:
        read: Computes it.
    """

    __slots__ = ("read",)

    def __init__(self, *, read: Read) -> None:
        super().__init__()
        self.read = read

    def refresh(self, now_ns: int, touched: list[Instance]) -> None:
        """Compute it anew."""
        value = self.read(now_ns)
        if value != self.value:
            self.set(value, touched)


class MovingLevel:
    """A level made of closed bars, which a tick value is compared with: still until a bar closes.

    Args:
        stream: What is compared with it.
        read: Computes the level.
    """

    __slots__ = ("_read", "level", "stream", "watchers")

    def __init__(self, *, stream: Stream, read: Read) -> None:
        self._read = read
        self.stream = stream
        self.level: float | None = None
        self.watchers: dict[Instance, None] = {}

    def move(self, now_ns: int, touched: list[Instance]) -> bool:
        """Go to where the level is now; the watchers are touched if that passes the value.

        Returns whether it has moved: then the stream must be told, once for all its levels.
        """
        before, now = self.level, self._read(now_ns)
        if before == now:
            return False
        self.level = now
        value = self.stream.value
        if before is not None and now is not None and value is not None:
            side_before = (value > before) - (value < before)
            if side_before == (value > now) - (value < now):
                return True
        touched += self.watchers
        return True
