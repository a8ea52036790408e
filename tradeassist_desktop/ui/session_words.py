"""When an instrument's session opens or closes next, in words."""

from typing import Final, NamedTuple

from tradeassist_desktop.domain.durations import told_duration
from tradeassist_desktop.domain.market import Instrument, InstrumentKind
from tradeassist_desktop.engine.calendars.sessions import regular, whole
from tradeassist_desktop.ui import text

AROUND_THE_CLOCK: Final = (InstrumentKind.CRYPTO, InstrumentKind.UNKNOWN)
_WEEK_DAYS: Final = 7


class SessionEvent(NamedTuple):
    """An opening or a close.

    Args:
        what: ``RTH opens``, ``ETH closes``; ``Session closes`` of an instrument with one session.
        at_ns: UTC nanoseconds.
    """

    what: str
    at_ns: int

    def told(self, now_ns: int) -> str:
        """Return it with how long that is from now: ``RTH opens in 12 h 4 m``."""
        return f"{self.what} in {told_duration(self.at_ns - now_ns)}"


def next_event(instrument: Instrument, now_ns: int) -> SessionEvent | None:
    """Return what comes first of its regular and its extended session; ``None`` of what always trades."""
    if instrument.kind in AROUND_THE_CLOCK:
        return None
    rth, eth = (calendar(instrument.kind).at(now_ns) for calendar in (regular, whole))
    named = {"Session": rth} if rth == eth else {"RTH": rth, "ETH": eth}
    name, stretch = min(named.items(), key=lambda each: each[1].end_ns)  # of two at once the regular one
    return SessionEvent(f"{name} {'closes' if stretch.is_open else 'opens'}", stretch.end_ns)


def moment(at_ns: int, now_ns: int) -> str:
    """Return a moment in local time, with its day where that is another: ``15:30``, ``Mon 15:30``."""
    at = text.local(at_ns)
    days = (at.date() - text.local(now_ns).date()).days
    if not days:
        return f"{at:%H:%M}"
    return f"{at:%a %H:%M}" if 0 < days < _WEEK_DAYS else f"{at:%a %d %b %H:%M}"
