"""When a tone is played and when it would be noise."""

from collections.abc import Sequence
from typing import Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.market import NS_PER_SECOND

_KEPT: Final = 1_000


class TonePace:
    """Remembers when tones were played. Times are monotonic nanoseconds."""

    def __init__(self) -> None:
        self._played_ns: dict[Priority, int] = {}

    def note(self, priority: Priority, now_ns: int) -> None:
        """Take down that a tone is played."""
        self._played_ns[priority] = now_ns

    def forget(self, priority: Priority) -> None:
        """Take down that it was not heard after all."""
        self._played_ns.pop(priority, None)

    def covered_ns(self, priority: Priority, now_ns: int, *, interval_s: float) -> int | None:
        """Return how long ago the tone was played that speaks for this one; ``None`` where none does.

        It is at least as loud, and was played less than ``interval_s`` ago.
        """
        as_loud = (ns for each, ns in self._played_ns.items() if each.loudness >= priority.loudness)
        newest_ns = max(as_loud, default=None)
        if newest_ns is None or now_ns - newest_ns >= interval_s * NS_PER_SECOND:
            return None
        return now_ns - newest_ns


class UrgentTones:
    """Which urgent alerts still wait to be acknowledged, and when their tone is due again."""

    def __init__(self) -> None:
        # A dictionary for its order: beyond the limit the oldest goes.
        self._waiting: dict[str, None] = {}
        self._last_ns = 0

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """The alerts whose tone is repeated, oldest first."""
        return tuple(self._waiting)

    def add(self, alert_ids: Sequence[str], now_ns: int) -> None:
        """Repeat the tone for these, whose own is played now."""
        self._last_ns = now_ns
        self._waiting.update(dict.fromkeys(alert_ids))
        for alert_id in self.alert_ids[:-_KEPT]:
            del self._waiting[alert_id]

    def remove(self, alert_ids: Sequence[str]) -> None:
        """Repeat it no more for these."""
        for alert_id in alert_ids:
            self._waiting.pop(alert_id, None)

    def take_due(self, now_ns: int, *, repeat_s: float) -> bool:
        """Whether the tone is due again; if so it counts as played now. 0 is never."""
        if not self._waiting or not repeat_s or now_ns - self._last_ns < repeat_s * NS_PER_SECOND:
            return False
        self._last_ns = now_ns
        return True
