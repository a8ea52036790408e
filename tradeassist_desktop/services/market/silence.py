"""Tells which symbols have gone quiet although they should not be."""

from collections.abc import Callable, Iterable

from tradeassist_desktop.domain.market import NS_PER_SECOND, Instrument
from tradeassist_desktop.engine.calendars.sessions import Calendar, regular


class _Heard:
    """When a symbol's count of updates was last seen to grow, on the monotonic clock."""

    __slots__ = ("calendar", "count", "is_stale", "since_ns")

    def __init__(self, *, calendar: Calendar, count: int, since_ns: int) -> None:
        self.calendar = calendar
        self.count = count
        self.since_ns = since_ns
        self.is_stale = False


class Silence:
    """Watches subscribed symbols on a live feed.

    A symbol is stale once nothing has come of it for a while within its regular session; outside
    of it silence is no news. It is told once, until it is heard again.

    Args:
        instruments: Returns what is known of a symbol.
        updates: Returns how many updates of a symbol there were.
        limit_s: The longest silence that is normal; 0 takes every silence as normal.
    """

    def __init__(
        self,
        *,
        instruments: Callable[[str], Instrument],
        updates: Callable[[str], int],
        limit_s: Callable[[], float],
    ) -> None:
        self._instruments = instruments
        self._updates = updates
        self._limit_s = limit_s
        self._heard: dict[str, _Heard] = {}

    def forget(self, symbols: Iterable[str]) -> None:
        """Begin anew with these: their feed was down, and its silence says nothing."""
        for symbol in symbols:
            self._heard.pop(symbol, None)

    def newly_stale(self, symbols: Iterable[str], *, monotonic_ns: int, event_ns: int) -> list[str]:
        """Return the symbols that have become stale since the last call.

        Args:
            event_ns: The present in event time: whether sessions are on.
        """
        limit_ns = int(self._limit_s() * NS_PER_SECOND)
        if limit_ns == 0:
            return []
        found = []
        for symbol in symbols:
            count = self._updates(symbol)
            heard = self._heard.get(symbol)
            if heard is None:
                calendar = regular(self._instruments(symbol).kind)
                self._heard[symbol] = _Heard(calendar=calendar, count=count, since_ns=monotonic_ns)
            elif count != heard.count or not heard.calendar.is_open(event_ns):
                heard.count, heard.since_ns, heard.is_stale = count, monotonic_ns, False
            elif not heard.is_stale and monotonic_ns - heard.since_ns >= limit_ns:
                heard.is_stale = True
                found.append(symbol)
        return found
