"""How far a tick field has moved in a length of time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from math import inf, isnan, nan
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.engine.market.streams import Stream

if TYPE_CHECKING:
    from tradeassist_desktop.engine.instance import Instance

_FORGOTTEN_AT_ONCE: Final = 1024
_AHEAD: Final = (64, 8, 0)
"""How many coming bases a change is calm against, the most that holds."""
_ROUNDING: Final = 1e-12


class Change(Stream):
    """Percent change of a field against its last value at or before ``duration_ns`` ago.

    Unknown until the field has been known that long, and where that value is 0. The change
    of a negative value counts upwards: from -10 to -5 is +50 %.

    ``value`` is on the same side of every level as the change; ``read`` gives the change itself.
    Until ``calm_until_ns``, and while the field stays between ``calm_low`` and ``calm_high``,
    exclusively, it stays so, whichever of the values of the coming while it is measured against.
    """

    __slots__ = ("_history", "base", "calm_high", "calm_low", "calm_until_ns", "duration_ns")

    def __init__(self, *, history: History, duration_ns: int) -> None:
        super().__init__()
        self._history = history
        self.duration_ns = duration_ns
        self.base = -1
        self.calm_until_ns: float = inf
        self.calm_low = self.calm_high = nan

    def refresh(self, now_ns: int, touched: list[Instance]) -> None:
        """Go on to ``now_ns``."""
        self.base = self._base_at(now_ns)
        value = self._history.change_since(self.base)
        if value != self.value:
            self.set(value, touched)
        self._look_ahead(now_ns)

    def read(self, now_ns: int) -> float | None:
        """Return the change up to ``now_ns``, also where time has passed since the last update."""
        return self._history.change_since(self._base_at(now_ns))

    def missing_ns(self, now_ns: int) -> int | None:
        """Return how much longer the field must be known; ``None`` if it is not known at all."""
        times = self._history.times
        return max(0, times[0] + self.duration_ns - now_ns) if times else None

    def _base_at(self, now_ns: int) -> int:
        times = self._history.times
        return bisect_right(times, now_ns - self.duration_ns, max(0, self.base)) - 1

    def _bound(self) -> None:
        super()._bound()
        self.calm_low = self.calm_high = nan
        self._history.unsettle()

    def _look_ahead(self, now_ns: int) -> None:
        """Find out how long, and within which values of the field, nothing can be touched."""
        times, values = self._history.times, self._history.values
        field = self._history.stream.value
        base = self.base
        if base < 0:  # unknown, and so it stays until then, whatever the field does
            self.calm_until_ns = (times[0] if times else now_ns) + self.duration_ns
            self.calm_low, self.calm_high = -inf, inf
            return
        for ahead in _AHEAD:
            end = base + ahead + 1
            # What comes after now is no base before then.
            self.calm_until_ns = (times[end] if end < len(times) else now_ns) + self.duration_ns
            bases = values[base:end]
            least, most = min(bases), max(bases)
            if least <= 0.0 or field is None:
                break
            low, high = 1.0 + self.low / 100.0, 1.0 + self.high / 100.0
            calm_low, calm_high = max(least * low, most * low), min(least * high, most * high)
            margin = _ROUNDING * (abs(field) + most)
            self.calm_low, self.calm_high = calm_low + margin, calm_high - margin
            if self.calm_low < field < self.calm_high:
                return
        self.calm_low = self.calm_high = nan


class History:
    """The past of one tick field, as far back as the longest change of it looks.

    ``calm_low``, ``calm_high`` and ``calm_until_ns`` bound, over all changes of the field, when
    an update can concern one; others are only remembered.
    """

    __slots__ = (
        "calm_high",
        "calm_low",
        "calm_until_ns",
        "changes",
        "field",
        "latest",
        "stream",
        "symbol",
        "times",
        "values",
    )

    def __init__(self, *, symbol: str, field: str, stream: Stream) -> None:
        self.symbol = symbol
        self.field = field
        self.stream = stream
        self.times: list[int] = []
        self.values: list[float] = []
        self.changes: dict[int, Change] = {}
        self.latest: float | None = None
        self.calm_until_ns: float = inf
        self.calm_low = self.calm_high = nan

    def change(self, duration_ns: int, now_ns: int) -> Change:
        """Return the change over a length of time, made if there was none."""
        change = self.changes.get(duration_ns)
        if change is None:
            change = self.changes[duration_ns] = Change(history=self, duration_ns=duration_ns)
            change.refresh(now_ns, [])
            self.unsettle()
        return change

    def forget_change(self, duration_ns: int) -> None:
        """Nobody reads the change any longer."""
        self.changes.pop(duration_ns, None)

    def unsettle(self) -> None:
        """Have the next update looked at: who watches a change is another."""
        self.calm_low = self.calm_high = nan

    def look_back(self) -> None:
        """Have every change find its base anew: what comes next is of an earlier time."""
        for change in self.changes.values():
            change.base = -1
            change.calm_until_ns = -inf
        self.calm_until_ns = -inf

    def step(self, now_ns: int, touched: list[Instance]) -> None:
        """Take an update of a symbol that some rule reads the field with."""
        value = self.stream.value
        if value is not None and value != self.latest:
            self.latest = value
            self.times.append(now_ns)
            self.values.append(value)
        if value is not None and now_ns < self.calm_until_ns and self.calm_low < value < self.calm_high:
            return
        calm_until_ns = inf
        low, high = -inf, inf
        least = len(self.times)
        is_calm = True
        for change in self.changes.values():
            if value is None or not (
                now_ns < change.calm_until_ns and change.calm_low < value < change.calm_high
            ):
                change.refresh(now_ns, touched)
            calm_until_ns = min(calm_until_ns, change.calm_until_ns)
            low, high = max(low, change.calm_low), min(high, change.calm_high)
            least = min(least, change.base)
            is_calm = is_calm and not isnan(change.calm_low)
        self.calm_until_ns = calm_until_ns
        self.calm_low, self.calm_high = (low, high) if is_calm else (nan, nan)
        if least > _FORGOTTEN_AT_ONCE:
            self._forget()

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
        for change in self.changes.values():
            change.base = -1
            change.refresh(now_ns, [])
        self.unsettle()

    def _forget(self) -> None:
        count = min(change.base for change in self.changes.values())
        del self.times[:count], self.values[:count]
        for change in self.changes.values():
            change.base -= count
