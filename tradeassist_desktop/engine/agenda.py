"""What falls due between updates: bars that end, holds that are served, ages that are reached."""

import heapq
from collections.abc import Sequence
from math import inf

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.market.bars import Series

_Timer = tuple[int, bool, int, str, int, Instance]


class Agenda:
    """Two heaps and the recorded bars of one instant, in event time.

    ``due_ns`` is when an update must look here first; most updates compare with it and go on.
    """

    __slots__ = ("_bars", "_count", "_recorded", "_recorded_ns", "_timers", "due_ns")

    def __init__(self) -> None:
        self._bars: list[tuple[int, int, int, Series]] = []
        self._timers: list[_Timer] = []
        self._recorded: list[Bar] = []
        self._recorded_ns: int | None = None
        self._count = 0
        self.due_ns: float = -inf

    @property
    def recorded_ns(self) -> int | None:
        """Instant at which the collected recorded bars close; ``None`` if there are none."""
        return self._recorded_ns

    def add_bar(self, series: Series) -> None:
        """Note the end of a bar that has begun."""
        self._count += 1
        heapq.heappush(self._bars, (series.end_ns, series.length_ns, self._count, series))
        self.due_ns = min(self.due_ns, series.end_ns)

    def add_recorded(self, bar: Bar, at_ns: int) -> None:
        """Collect a recorded bar that closes at ``at_ns``, which all collected ones share."""
        self._recorded.append(bar)
        self._recorded_ns = at_ns
        self.due_ns = min(self.due_ns, at_ns)

    def add_timer(self, due_ns: int, instance: Instance, *, is_hold: bool) -> None:
        """Note the end of a hold, or an age at which a comparison turns."""
        self._count += 1
        # An age reached at an instant is evaluated before the holds that end there.
        entry = due_ns, is_hold, instance.place, instance.symbol, self._count, instance
        heapq.heappush(self._timers, entry)
        # A timer runs after the updates of its instant, so only a later one brings it up.
        self.due_ns = min(self.due_ns, due_ns + 1)

    def next_bars_ns(self) -> float:
        """Return the next instant at which bars close."""
        ends = inf if not self._bars else self._bars[0][0]
        return ends if self._recorded_ns is None else min(ends, self._recorded_ns)

    def next_timer_ns(self) -> float:
        """Return the next instant at which a timer is due."""
        return self._timers[0][0] if self._timers else inf

    @property
    def recorded(self) -> Sequence[Bar]:
        """The collected recorded bars."""
        return tuple(self._recorded)

    def take_recorded(self, now_ns: int) -> list[Bar]:
        """Return the recorded bars that close at ``now_ns``, in the order in which they came."""
        if self._recorded_ns != now_ns:
            return []
        recorded, self._recorded, self._recorded_ns = self._recorded, [], None
        return recorded

    def take_bar(self, now_ns: int) -> Series | None:
        """Return the shortest series whose bar ends by ``now_ns``; ``None`` when all are closed."""
        while self._bars and self._bars[0][0] <= now_ns:
            end_ns, _, _, series = heapq.heappop(self._bars)
            if series.is_open and series.end_ns == end_ns:
                return series
        return None

    def take_timer(self) -> tuple[int, bool, Instance]:
        """Return the next timer: when, whether it is a hold's, whose."""
        due_ns, is_hold, _, _, _, instance = heapq.heappop(self._timers)
        return due_ns, is_hold, instance

    def settle(self) -> None:
        """Find out when the next update must look here."""
        self.due_ns = min(self.next_bars_ns(), self.next_timer_ns() + 1)
