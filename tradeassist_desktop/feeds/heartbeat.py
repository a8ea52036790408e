"""How long a stream may be silent before it counts as dead."""

from collections import deque
from statistics import median
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND

_LEARNED_GAPS: Final = 20
_GAPS_ALLOWED: Final = 3.0


class HeartbeatWatch:
    """Learns how often heartbeats come and says how much silence is left.

    The limit is the larger of ``minimum_s`` and three times the median gap between heartbeats.
    Anything heard, not only a heartbeat, ends a silence.

    Args:
        minimum_s: Never call the stream dead before this many seconds; above 0.
    """

    def __init__(self, *, minimum_s: float) -> None:
        self._minimum_s = minimum_s
        self._gaps_s: deque[float] = deque(maxlen=_LEARNED_GAPS)
        self._heartbeat_ns: int | None = None
        self._heard_ns = 0

    @property
    def limit_s(self) -> float:
        """The silence allowed now, seconds."""
        if not self._gaps_s:
            return self._minimum_s
        return max(self._minimum_s, _GAPS_ALLOWED * median(self._gaps_s))

    def on_open(self, monotonic_ns: int) -> None:
        """Begin with a new connection; what was learned of the gaps is kept."""
        self._heard_ns = monotonic_ns
        self._heartbeat_ns = None

    def on_frame(self, monotonic_ns: int) -> None:
        """Note that something was heard."""
        self._heard_ns = monotonic_ns

    def on_heartbeat(self, monotonic_ns: int) -> None:
        """Note a heartbeat."""
        if self._heartbeat_ns is not None:
            self._gaps_s.append((monotonic_ns - self._heartbeat_ns) / NS_PER_SECOND)
        self._heartbeat_ns = self._heard_ns = monotonic_ns

    def left_s(self, monotonic_ns: int) -> float:
        """Return the seconds of silence left; 0 or less means the stream is dead."""
        return self.limit_s - (monotonic_ns - self._heard_ns) / NS_PER_SECOND
