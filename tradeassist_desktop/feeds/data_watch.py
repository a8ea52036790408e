"""When it is strange that heartbeats come and no prices."""

from collections import deque
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND

_LEARNED_GAPS: Final = 100
_GAPS_ALLOWED: Final = 10.0


class DataWatch:
    """Learns how often prices come and says how much longer they may stay away.

    A subscription is answered with what is known of each symbol, so a connection that has brought
    nothing yet is allowed ``first_s``. After that the limit is the larger of ``minimum_s`` and ten
    times the longest of the last 100 pauses: who watches one quiet option must not be reconnected
    for ever. Either is doubled with every connection that was given up in vain, the first up to
    ``minimum_s`` only: without any price the stream is down, and tried again each minute.

    Args:
        first_s: Above 0, at most ``minimum_s``.
        minimum_s: Above 0.
    """

    def __init__(self, *, first_s: float, minimum_s: float) -> None:
        self._first_s = first_s
        self._minimum_s = minimum_s
        self._gaps_s: deque[float] = deque(maxlen=_LEARNED_GAPS)
        self._heard_ns: int | None = None
        self._waiting_since_ns = 0
        self._in_vain = 0
        self._heard_since_open = 0

    @property
    def limit_s(self) -> float:
        """The pause allowed now, seconds."""
        patience = 2.0 ** min(self._in_vain, 10)
        if self._heard_ns is None:
            return min(self._first_s * patience, self._minimum_s)
        return max(self._minimum_s, _GAPS_ALLOWED * max(self._gaps_s, default=0.0)) * patience

    @property
    def is_doubtful(self) -> bool:
        """Whether the last connection was given up and this one has brought nothing either."""
        return self._in_vain > 0 and self._heard_ns is None

    def on_open(self, monotonic_ns: int) -> None:
        """Begin with a new connection; what was learned is kept."""
        self.wait_from(monotonic_ns)
        self._heard_ns = None
        self._heard_since_open = 0

    def wait_from(self, monotonic_ns: int) -> None:
        """Count the pause from now on: until now no prices were due."""
        self._waiting_since_ns = monotonic_ns

    def on_data(self, monotonic_ns: int) -> None:
        """Note a frame with prices."""
        if self._heard_ns is not None:
            self._gaps_s.append((monotonic_ns - self._heard_ns) / NS_PER_SECOND)
        self._heard_ns = self._waiting_since_ns = monotonic_ns
        self._heard_since_open += 1
        if self._heard_since_open == _LEARNED_GAPS:
            self._in_vain = 0

    def on_given_up(self) -> None:
        """Note that a connection is given up for want of prices."""
        self._in_vain += 1

    def left_s(self, monotonic_ns: int) -> float:
        """Return the seconds left; 0 or less means that something is wrong."""
        return self.limit_s - (monotonic_ns - self._waiting_since_ns) / NS_PER_SECOND
