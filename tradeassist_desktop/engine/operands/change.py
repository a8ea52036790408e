"""How far a tick field has moved in a length of time."""

from collections import deque
from typing import Final

from tradeassist_desktop.engine.operands.specification import Form, Length, OperandSpec, TickField, Unit

CHANGE: Final = OperandSpec(
    name="change",
    form=Form.HISTORY,
    unit=Unit.PERCENT,
    doc="Percent change of a tick field against its value that long ago",
    group="Tick fields",
    parameters=(TickField(), Length()),
)


class Change:
    """Percent change against the last value at or before ``duration_ns`` ago.

    Unknown until the field has been known that long, and where that value is 0. The change
    of a negative value counts upwards: from -10 to -5 is +50 %.
    """

    __slots__ = ("_duration_ns", "_past")

    def __init__(self, *, duration_ns: int) -> None:
        self._duration_ns = duration_ns
        self._past: deque[tuple[int, float]] = deque()

    def take(self, now_ns: int, value: float) -> None:
        """Remember that the field has had ``value`` since ``now_ns``."""
        if not self._past or self._past[-1][1] != value:
            self._past.append((now_ns, value))
        self._forget(now_ns)

    def read(self, now_ns: int) -> float | None:
        """Return the change up to ``now_ns``, which must not go back between calls."""
        past = self._past
        if not past:
            return None
        self._forget(now_ns)
        since_ns, base = past[0]
        if since_ns > now_ns - self._duration_ns or base == 0.0:
            return None
        return 100.0 * (past[-1][1] - base) / abs(base)

    def _forget(self, now_ns: int) -> None:
        past, then_ns = self._past, now_ns - self._duration_ns
        while len(past) > 1 and past[1][0] <= then_ns:
            past.popleft()
