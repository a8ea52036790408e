"""What time it is in the market, between updates."""

from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.clock import Clock

_WINDOW_NS: Final = 30 * NS_PER_SECOND


class EventTime:
    """The stamp of the least delayed recent update, plus the time since it came.

    Measured on the monotonic clock, so that a step of the wall clock ends no hold early. "Recent"
    is the last half to whole minute: a source whose time runs otherwise is believed soon.

    Args:
        runs_on: Whether time passes between updates; in a replay it does not.
    """

    def __init__(self, *, clock: Clock, runs_on: bool) -> None:
        self._clock = clock
        self._runs_on = runs_on
        self._newest_ns = 0
        self._window_ends_ns = 0
        self._lead_ns: int | None = None
        self._lead_before_ns: int | None = None

    def see(self, event_ns: int) -> None:
        """Take the stamp of an update that came just now."""
        now_ns = self._clock.monotonic_ns()
        self._newest_ns = max(self._newest_ns, event_ns)
        lead_ns = event_ns - now_ns
        if now_ns >= self._window_ends_ns:
            self._window_ends_ns = now_ns + _WINDOW_NS
            self._lead_before_ns, self._lead_ns = self._lead_ns, lead_ns
        elif self._lead_ns is None or lead_ns > self._lead_ns:
            self._lead_ns = lead_ns

    def present_ns(self) -> int:
        """Return the present in event time: the newest stamp, plus the time since it came.

        Before the first update it is what this machine's clock says.
        """
        now_ns = self.now_ns()
        if now_ns is None:
            return self._clock.now_ns()
        return now_ns if self._runs_on else self._newest_ns

    def instant_ns(self, monotonic_ns: int) -> int:
        """Return what time it was in the market at an instant, by this machine's clock if need be."""
        event_ns = self.at_ns(monotonic_ns)
        if event_ns is not None:
            return event_ns
        return self._clock.now_ns() - (self._clock.monotonic_ns() - monotonic_ns)

    def now_ns(self) -> int | None:
        """Return the present in event time, UTC nanoseconds; ``None`` before the first update."""
        return self.at_ns(self._clock.monotonic_ns())

    def at_ns(self, monotonic_ns: int) -> int | None:
        """Return what time it was in the market at an instant of the monotonic clock."""
        if self._lead_ns is None:
            return None
        lead_ns = self._lead_ns if self._lead_before_ns is None else max(self._lead_ns, self._lead_before_ns)
        return monotonic_ns + lead_ns
