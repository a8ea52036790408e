"""How far a tick field has moved in a length of time."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.engine.streams import Stream

if TYPE_CHECKING:
    from tradeassist_desktop.engine.instance import Instance

_FORGOTTEN_AT_ONCE: Final = 1024


class Change(Stream):
    """Percent change of a field against its last value at or before ``duration_ns`` ago.

    Unknown until the field has been known that long, and where that value is 0. The change
    of a negative value counts upwards: from -10 to -5 is +50 %.
    """

    __slots__ = ("_history", "base", "duration_ns", "next_ns")

    def __init__(self, *, history: History, duration_ns: int) -> None:
        super().__init__()
        self._history = history
        self.duration_ns = duration_ns
        self.base = -1
        self.next_ns: float = inf

    def refresh(self, now_ns: int, touched: list[Instance]) -> None:
        """Go on to ``now_ns``."""
        times = self._history.times
        base, last = self.base, len(times) - 1
        then_ns = now_ns - self.duration_ns
        while base < last and times[base + 1] <= then_ns:
            base += 1
        self.base = base
        self.next_ns = times[base + 1] + self.duration_ns if base < last else inf
        value = self._history.change_since(base)
        if value != self.value:
            self.set(value, touched)

    def read(self, now_ns: int) -> float | None:
        """Return the change up to ``now_ns``, also where time has passed since the last update."""
        if now_ns < self.next_ns:
            return self.value
        times = self._history.times
        base, last = self.base, len(times) - 1
        then_ns = now_ns - self.duration_ns
        while base < last and times[base + 1] <= then_ns:
            base += 1
        return self._history.change_since(base)

    def missing_ns(self, now_ns: int) -> int | None:
        """Return how much longer the field must be known; ``None`` if it is not known at all."""
        times = self._history.times
        return max(0, times[0] + self.duration_ns - now_ns) if times else None


class History:
    """The past of one tick field, as far back as the longest change of it looks.

    ``latest`` and ``next_ns`` tell whether an update concerns it: only one that changes the
    field, or comes after a value has become old enough to be the base of a change.
    """

    __slots__ = ("changes", "field", "latest", "next_ns", "stream", "symbol", "times", "values")

    def __init__(self, *, symbol: str, field: str, stream: Stream) -> None:
        self.symbol = symbol
        self.field = field
        self.stream = stream
        self.times: list[int] = []
        self.values: list[float] = []
        self.changes: dict[int, Change] = {}
        self.latest: float | None = None
        self.next_ns: float = inf

    def change(self, duration_ns: int, now_ns: int) -> Change:
        """Return the change over a length of time, made if there was none."""
        change = self.changes.get(duration_ns)
        if change is None:
            change = self.changes[duration_ns] = Change(history=self, duration_ns=duration_ns)
            change.refresh(now_ns, [])
            self.next_ns = min(self.next_ns, change.next_ns)
        return change

    def forget_change(self, duration_ns: int) -> None:
        """Nobody reads the change any longer."""
        self.changes.pop(duration_ns, None)

    def step(self, now_ns: int, touched: list[Instance]) -> None:
        """Remember that the field has its present value since ``now_ns``, and go on to then."""
        value = self.stream.value
        if value is not None and value != self.latest:
            self.latest = value
            self.times.append(now_ns)
            self.values.append(value)
        next_ns = inf
        least = len(self.times)
        for change in self.changes.values():
            change.refresh(now_ns, touched)
            next_ns = min(next_ns, change.next_ns)
            least = min(least, change.base)
        self.next_ns = next_ns
        if least > _FORGOTTEN_AT_ONCE:
            self._forget(least)

    def change_since(self, base: int) -> float | None:
        """Return the change against the value of that index, in percent."""
        value = self.stream.value
        if base < 0 or value is None:
            return None
        before = self.values[base]
        return None if before == 0.0 else 100.0 * (value - before) / abs(before)

    def past(self) -> list[tuple[int, float]]:
        """Return what is remembered: since when, which value."""
        return list(zip(self.times, self.values, strict=True))

    def restore(self, past: Iterable[tuple[int, float]], now_ns: int) -> None:
        """Go on from what ``past`` returned."""
        self.times, self.values = [], []
        for time_ns, value in past:
            self.times.append(time_ns)
            self.values.append(value)
            self.latest = value
        self.next_ns = inf
        for change in self.changes.values():
            change.base = -1
            change.refresh(now_ns, [])
            self.next_ns = min(self.next_ns, change.next_ns)

    def _forget(self, count: int) -> None:
        del self.times[:count], self.values[:count]
        for change in self.changes.values():
            change.base -= count
